import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.search.query import parse
from newsmill.search.snippets import WIDTH, snippet
from newsmill.search.tree import BadQuery

LONG = "One two three four. " * 100 + "The harbour master spoke. " + "Five six seven. " * 100


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("", "x", ""),
        ("The Größe is\n\n huge.", "grosse", "The [Größe] is huge."),
        ("A ship, ships, shipping.", "ship*", "A [ship], [ships], [shipping]."),
        ("Only this", "-this only", "[Only] this"),
        ("No such word here", "zebra", "No such word here"),
        ("日本語のニュースです", "ニュース", "日本語の[ニュース]です"),
        ("新しい駅が開く", "駅", "新しい[駅]が開く"),
        ("jane wrote", "author:jane", "jane wrote"),
    ],
)
def test_snippet(text: str, query: str, expected: str) -> None:
    assert snippet(text, parse(query), ("[", "]")) == expected


def test_the_window_shows_most_of_the_words() -> None:
    shown = snippet("harbour far away. " + LONG, parse("harbour master"), ("[", "]"))
    assert "[harbour] [master] spoke" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= WIDTH + 40


WORDS = st.lists(
    st.sampled_from(["Ship", "ships", "shipping,", "(harbour)", "a-ship", "SHIP's", "x", "naïve"]), max_size=40
)


@given(WORDS, st.sampled_from(["ship", "ship*", "harbour ship", '"a ship"', "s x*", "-ship"]))
def test_marks_are_the_same_whether_the_text_is_ascii_or_not(words: list[str], query: str) -> None:
    text = " ".join(word for word in words if word.isascii())
    plain = snippet(text, parse(query), ("[", "]"), width=10_000)
    assert snippet(f"{text} é".strip(), parse(query), ("[", "]"), width=10_000) == f"{plain} é".strip()


@given(st.text(max_size=400), st.text('ab日本 *"', max_size=10))
def test_a_snippet_is_short_and_of_the_text(text: str, query: str) -> None:
    try:
        tree = parse(query)
    except BadQuery:
        return
    shown = snippet(text, tree, width=50)
    assert len(shown) <= 50 + 42 + max((len(word) for word in text.split()), default=0)
    assert set(shown) <= set(text) | {" ", "…"}


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Vor Gericht … die Maße des Hauses", "masse", "Vor Gericht … die [Maße] des Hauses"),
        ("Der Schlossgarten an der Hauptstraße", "strasse", "Der Schlossgarten an der Hauptstraße"),
        ("un e\u0301te\u0301 a\u0300 la plage", "été", "un [e\u0301te\u0301] a\u0300 la plage"),
        ("½ cup of flour, or flourish", "flour", "½ cup of [flour], or flourish"),
        ("an unflour and flour", "flour", "an unflour and [flour]"),
        ("in«flour»and(flour)", "flour", "in«[flour]»and([flour])"),
    ],
)
def test_words_are_marked_whatever_is_folded_around_them(text: str, query: str, shown: str) -> None:
    assert snippet(text, parse(query), ("[", "]")) == shown
