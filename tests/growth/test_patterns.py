"""No regular expression over foreign text costs more than linear time, whatever its own tokens make of it."""

import re
from typing import Any

import pytest

from tests.growth import alphabets, derived
from tests.growth.measure import MOST, Growth, TooLong, growth, limit

pytestmark = pytest.mark.slow

LENGTH = 2500  # characters; what is quadratic takes more than FLOOR_S for four times that, on a quick machine too
# Patterns that may grow faster, with the reason why nothing comes of it.
EXCEPTIONS = {
    "newsmill.extraction.blocks.labels._NETWORKS": "label_of gives it the last 150 characters: at most 0.1 ms",
    "newsmill.text.dates._YEAR_LAST": "parse_moment gives it at most 100 characters: at most 0.2 ms",
}
# Functions with a pattern of their own, which is therefore not measured.
INLINE = {
    "newsmill.policy.robots_rules._cut": "two characters at the end",
    "newsmill.policy.robots_rules._pattern": "a row of one character",
    "newsmill.redaction.hidden": "single characters; a setting",
    "newsmill.search.marking.wanted": "escaped words of a query",
    "newsmill.search.marking._units": "made once, of tables",
    "newsmill.sources.formats.lists._lines": "single characters",
    "newsmill.sources.scope._compiled": "the operator's patterns, without nesting: fnmatch",
    "newsmill.sources.scope._languages": "a setting",
    "newsmill.text.orthography._nasals": "made once, of tables",
    "newsmill.text.tokens.words_pattern": "made once, of tables",
    "newsmill.text.tokens._unspaced": "made once, of tables",
    "newsmill.text.tokens._scripts": "made once, of tables",
    "newsmill.text.tokens._token": "made once, of tables",
}
PATTERNS = [pytest.param(*found, id=f"{found[0]}-{n}") for n, found in enumerate(derived.patterns())]


def worst(pattern: "re.Pattern[Any]", anchored: bool = False) -> tuple[float, str]:
    """The worst growth of a pattern, and by what. anchored: it is never searched for."""
    found = (0.0, "")
    for name, make in alphabets.inputs_of(alphabets.of_pattern(pattern)):
        grown = _growth(pattern, make, anchored)
        found = max(found, (grown.time, name))
        if not grown.linear:
            break
    return found


def _growth(pattern: "re.Pattern[Any]", make: alphabets.Make, anchored: bool) -> Growth:
    def read(text: "str | bytes") -> None:
        asked: Any = (
            text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) and isinstance(text, str) else text
        )
        for _ in () if anchored else pattern.finditer(asked):
            pass
        pattern.match(asked)
        pattern.fullmatch(asked)

    try:
        with limit(2.0):  # a short one first: what grows exponentially never comes back from a long one
            read(make(60))
    except TooLong:
        return Growth(float("inf"), 0.0)
    return growth(read, make, LENGTH, with_memory=False, limit_s=2.0)


@pytest.mark.parametrize(("name", "pattern", "anchored"), PATTERNS)
def test_a_pattern_is_linear(name: str, pattern: "re.Pattern[Any]", anchored: bool) -> None:
    if name in EXCEPTIONS:
        return
    times, by = worst(pattern, anchored)
    print(f"growth {times:5.1f}      {name} {by}")
    assert times <= MOST, f"{times:.1f} times for four times the length, by {by}: {pattern.pattern[:200]!r}"


def test_there_are_patterns_of_every_kind() -> None:
    names = {param.values[0] for param in PATTERNS}
    assert len(names) > 60
    assert {name.split(".")[1] for name in names} >= {
        "sources",
        "http",
        "extraction",
        "text",
        "urls",
        "policy",
        "stores",
    }
    assert EXCEPTIONS.keys() <= names, "an exception that is none any more"


def test_every_pattern_is_where_it_can_be_measured() -> None:
    assert set(derived.inline_patterns()) == set(INLINE)


@pytest.mark.parametrize(
    ("planted", "anchored"),
    [
        (r"(?:<!--.{0,2000}?-->\s*)*<html", False),
        (r"charset\s*=\s*[\"']?\s*([\w]+)", False),
        (r"(?:%20|%09)+$", False),
        (r"(?m)^\s*sitemap\s*:", False),
        (r"(a|aa)+b", True),
        (r"\s*-?\s*\d", True),
    ],
)
def test_a_planted_pattern_turns_this_red(planted: str, anchored: bool) -> None:
    times, _ = worst(re.compile(planted, re.DOTALL), anchored)
    assert times > MOST
