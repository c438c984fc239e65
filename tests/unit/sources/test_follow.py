"""Which links of an article are followed."""

from datetime import UTC, datetime

import pytest

from newsmill.sources.address_filters import traps
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.follow import MAX_FOLLOWED, followed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRAPS = {"traps": traps}
PAGE = "https://www.news.example/a-story-of-the-day"
LINKS = [
    PAGE + "#comments",
    "/another-story-of-the-day?utm_source=inside",
    "/another-story-of-the-day",
    "/sport",
    "/tag/harbour",
    "mailto:desk@news.example",
    "https://other.example/a-story-of-another-site",
    "/2026/11/22/sport/the-match-of-the-day",
]


def source(**more: object) -> SourceConfig:
    given = {"name": "a", "kind": SourceKind.FEED, "url": "https://news.example/feed", "follow": 2}
    return SourceConfig.model_validate(given | more)


HERE = "https://www.news.example"
BOTH = [f"{HERE}/another-story-of-the-day", f"{HERE}/2026/11/22/sport/the-match-of-the-day"]


@pytest.mark.parametrize(
    ("more", "depth", "found"),
    [
        ({}, 0, BOTH),
        ({}, 1, BOTH),
        ({}, 2, []),
        ({"follow": 0}, 0, []),
        ({"exclude": ["*/sport/*"]}, 0, BOTH[:1]),
        ({"same_site": True}, 0, BOTH),
        ({"sites": ["other.example"]}, 0, [BOTH[0], "https://other.example/a-story-of-another-site", BOTH[1]]),
    ],
)
def test_followed(more: dict[str, object], depth: int, found: list[str]) -> None:
    assert followed(source(**more), PAGE, LINKS, depth=depth, now=NOW, filters=TRAPS) == found


def test_link_farms_are_cut() -> None:
    many = [f"/a-story-of-the-day-{n}" for n in range(5000)]
    assert len(followed(source(), PAGE, many, depth=0, now=NOW, filters=TRAPS)) == MAX_FOLLOWED
