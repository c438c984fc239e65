"""No regular expression over foreign text costs more than linear time, whatever its own tokens make of it."""

import re
from typing import Any

import pytest

from tests.growth import alphabets, derived
from tests.growth.measure import LIMIT_S, Growth, TooLong, growth, limit

pytestmark = pytest.mark.slow

LENGTH = 2000  # characters; what is quadratic takes a tenth of a second for four times that
# Patterns that may grow faster, with the reason why nothing comes of it.
EXCEPTIONS = {
    "newsmill.extraction.blocks.labels._MORE_FROM": "tried at the beginning of a line only",
    "newsmill.extraction.metadata.naming._CUT": "white space is one space by then",
    "newsmill.extraction.metadata.naming._SEVERAL": "white space is one space by then",
    "newsmill.extraction.blocks.labels._NETWORKS": "open: only lines that end in a network's name; parse has its limit",
    "newsmill.extraction.blocks.boilerplate._CUT_OFF": "open: only what follows an ellipsis; parse has its limit",
}
PATTERNS = [
    pytest.param(name, pattern, id=f"{name}-{number}")
    for module in derived.modules()
    for number, (name, pattern) in enumerate(dict(enumerate(derived.patterns(module))).values())
]


def worst(pattern: "re.Pattern[Any]") -> tuple[float, str]:
    """The worst growth of a pattern, and by what."""
    found = (0.0, "")
    for name, make in alphabets.inputs_of(alphabets.of_pattern(pattern)):
        grown = _growth(pattern, make)
        found = max(found, (grown.time, name))
        if not grown.linear:
            break
    return found


def _growth(pattern: "re.Pattern[Any]", make: alphabets.Make) -> Growth:
    def read(text: "str | bytes") -> None:
        asked: Any = (
            text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) and isinstance(text, str) else text
        )
        for _ in pattern.finditer(asked):
            pass
        pattern.fullmatch(asked)

    try:
        with limit(2.0):  # a short one first: what grows exponentially never comes back from a long one
            read(make(60))
    except TooLong:
        return Growth(float("inf"), 0.0)
    return growth(read, make, LENGTH, with_memory=False)


@pytest.mark.parametrize(("name", "pattern"), PATTERNS)
def test_a_pattern_is_linear(name: str, pattern: "re.Pattern[Any]") -> None:
    if name in EXCEPTIONS:
        return
    times, by = worst(pattern)
    assert times < 9, f"{times:.1f} times for four times the length, by {by}: {pattern.pattern[:200]!r}"


def test_there_are_patterns_of_every_kind() -> None:
    names = {param.values[0] for param in PATTERNS}
    assert len(names) > 60
    assert {name.split(".")[1] for name in names} >= {"sources", "http", "extraction", "text", "urls"}
    assert EXCEPTIONS.keys() <= names, "an exception that is none any more"


@pytest.mark.parametrize(
    "planted",
    [
        r"(?:<!--.{0,2000}?-->\s*)*<html",
        r"charset\s*=\s*[\"']?\s*([\w]+)",
        r"(?:%20|%09)+$",
        r"(?m)^\s*sitemap\s*:",
        r"(a|aa)+b",
    ],
)
def test_a_planted_pattern_turns_this_red(planted: str) -> None:
    times, _ = worst(re.compile(planted, re.DOTALL))
    assert times > 9
    assert LIMIT_S
