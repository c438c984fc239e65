"""What a source may bring in."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from newsmill.sources.durations import in_words, seconds
from newsmill.sources.scope import Scope, refuse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://www.news.example/world/a.html?page=2"


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        (Scope(), None),
        (Scope(include=("/world/*",)), None),
        (Scope(include=("/sport/*",)), "no include pattern fits"),
        (Scope(include=("/sport/*", "*.example/world/*")), None),
        (Scope(include=("https://www.news.example/*",)), None),
        (Scope(include=("news.example/*",)), "no include pattern fits"),
        (Scope(exclude=("/world/*",)), "an exclude pattern fits"),
        (Scope(exclude=("*page=[0-9]",)), "an exclude pattern fits"),
        (Scope(include=("/world/*",), exclude=("*.html*",)), "an exclude pattern fits"),
        (Scope(exclude=("/worl?/*",)), "an exclude pattern fits"),
        (Scope(exclude=("/WORLD/*",)), None),
        (Scope(sites=("news.example",)), None),
        (Scope(sites=("ews.example",)), "another site: www.news.example"),
        (Scope(sites=("other.example", "www.news.example")), None),
    ],
)
def test_addresses(scope: Scope, reason: str | None) -> None:
    assert refuse(scope, URL, NOW) == reason


def test_facts_of_the_item() -> None:
    scope = Scope(max_age_s="2d", max_depth=1, languages=("uk", "en"))
    assert refuse(scope, URL, NOW) is None
    assert refuse(scope, URL, NOW, depth=1) is None
    assert refuse(scope, URL, NOW, depth=2) == "deeper than 1 links"
    assert refuse(scope, URL, NOW, published=NOW - timedelta(days=1)) is None
    assert refuse(scope, URL, NOW, published=NOW - timedelta(days=3)) == "older than 2d"
    assert refuse(scope, URL, NOW, language="uk") is None
    assert refuse(scope, URL, NOW, language="de") == "in another language: de"


@pytest.mark.parametrize(
    "wrong",
    [
        {"include": (" ",)},
        {"exclude": ("x" * 501,)},
        {"sites": ("https://news.example/",)},
        {"sites": ("news.example/a",)},
        {"languages": ("english",)},
        {"max_age_s": "yesterday"},
        {"max_depth": 11},
        {"inclde": ()},
    ],
)
def test_wrong_scopes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Scope.model_validate(wrong)


def test_hostile_patterns_end() -> None:
    assert refuse(Scope(include=("*a" * 200 + "b",)), "https://news.example/" + "a" * 2000, NOW) is not None


@pytest.mark.parametrize(
    ("text", "length_s", "words"),
    [("90s", 90, "90s"), ("15m", 900, "15m"), ("2 H", 7200, "2h"), ("7d", 604800, "1w"), ("36h", 129600, "36h")],
)
def test_lengths_of_time(text: str, length_s: int, words: str) -> None:
    assert seconds(text) == length_s
    assert in_words(length_s) == words
