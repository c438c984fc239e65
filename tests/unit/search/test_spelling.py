import pytest

from newsmill.search.spelling import distance, nearest, replaced

WORDS = {"parliament": 9, "parliaments": 2, "harbour": 5, "harbours": 7, "kastrenko": 1, "wind": 3, "wine": 4}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("parliment", "parliament"),
        ("parlaiment", "parliament"),
        ("kastrenco", "kastrenko"),
        ("harbuor", "harbour"),
        ("winf", "wine"),
        ("win", ""),
        ("zeppelin", ""),
    ],
)
def test_the_nearest_word(typed: str, meant: str) -> None:
    assert nearest(typed, WORDS.items()) == meant


@pytest.mark.parametrize(("a", "b", "wrong"), [("", "", 0), ("ab", "ba", 1), ("abc", "abd", 1), ("abcd", "xyzw", 3)])
def test_distance(a: str, b: str, wrong: int) -> None:
    assert distance(a, b, 2) == wrong


def test_the_query_that_was_meant() -> None:
    assert replaced("parliment site:x.org", ["parliment"], ["parliament"]) == "parliament site:x.org"
