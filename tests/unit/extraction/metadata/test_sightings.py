"""The dates that readers see, and what is told of where they stand."""

from collections import Counter

import pytest

from newsmill.extraction.metadata.sightings import describe, sightings
from tests.unit.extraction.made import view_of

PROSE = "The council met to discuss the bridge, which has been closed since the flood of 1998, for a long time. " * 5


def seen(before: str, language: str = "en") -> list[tuple[str, str]]:
    """Place and day of each date."""
    view = view_of(f"<article><h1>Bridge opens</h1>{before}<p>{PROSE}</p></article>")
    return [(one.place, f"{one.stamp.at:%Y-%m-%d}") for one in sightings(view, month_first=False, language=language)]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<time datetime=2026-11-20T09:30:00Z>Friday</time>", [("time", "2026-11-20")]),
        ("<time class=entry-date>20 November 2026</time>", [("time:published", "2026-11-20"), ("text", "2026-11-20")]),
        ("<time class=updated datetime=2026-11-21>x</time>", [("time:modified", "2026-11-21")]),
        ("<time pubdate datetime=2026-11-20>x</time>", [("time:published", "2026-11-20")]),
        ("<div>20.11.2026</div>", [("text", "2026-11-20")]),
        ("<div>20.11.26</div>", [("text", "2026-11-20")]),
        ("<div>Published 20 Nov 2026, updated 21 Nov 2026</div>", [("text", "2026-11-20"), ("text", "2026-11-21")]),
        ("<div>Section 20</div>", []),
        ("", []),  # a year in prose is the story's
    ],
)
def test_dates_in_the_page(markup: str, found: list[tuple[str, str]]) -> None:
    assert seen(markup) == found


def test_a_paragraph_may_begin_with_the_day() -> None:
    assert seen(f"<p>Berlin, 25 January 2022 - The mayor said. {PROSE}</p>") == [("lead", "2022-01-25")]


def test_the_nearest_to_the_headline_comes_first() -> None:
    far = "".join(f"<div>box {n}</div>" for n in range(5)) + "<div>1 November 2026</div>"
    assert [day for _, day in seen(f"<div>2 November 2026</div>{far}")] == ["2026-11-02", "2026-11-01"]


def test_what_is_told_of_a_date() -> None:
    view = view_of(
        f"<article><h1>Bridge opens</h1><div class=byline>Published: 20 November 2026</div><p>{PROSE}</p></article>"
        "<footer>Updated 21 November 2026 © The Paper</footer>"
    )
    first, second = list(sightings(view, month_first=False, language="en"))
    looks = Counter([first.look, second.look])
    shown, foot = describe(view, first, looks), describe(view, second, looks)
    assert shown["offset"] == 1
    assert shown["says published"] == shown["in byline"] == shown["in <article>"] == 1
    assert "says modified" not in shown
    assert foot["says modified"] == foot["says copyright"] == foot["in <footer>"] == 1
    assert "in <article>" not in foot
    assert foot["chars after headline"] > shown["chars after headline"]
