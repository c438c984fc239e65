"""New articles before backfill."""

from datetime import UTC, datetime, timedelta

import pytest

from newsmill.sources.config import Priority, SourceKind
from newsmill.sources.priority import priority_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FEED, SITEMAP, LIST = SourceKind.FEED, SourceKind.SITEMAP, SourceKind.LIST


@pytest.mark.parametrize(
    ("kind", "days_old", "first_poll", "priority"),
    [
        (FEED, 0, False, Priority.FRESH),
        (FEED, 10, False, Priority.NORMAL),
        (FEED, 100, False, Priority.BACKFILL),
        (FEED, None, False, Priority.FRESH),
        (FEED, None, True, Priority.NORMAL),
        (SITEMAP, 0, True, Priority.FRESH),
        (SITEMAP, 400, False, Priority.BACKFILL),
        (SITEMAP, None, True, Priority.BACKFILL),
        (SITEMAP, None, False, Priority.FRESH),
        (LIST, None, False, Priority.NORMAL),
    ],
)
def test_priority(kind: SourceKind, days_old: int | None, first_poll: bool, priority: Priority) -> None:
    published = None if days_old is None else NOW - timedelta(days=days_old)
    assert priority_of(kind, NOW, published=published, first_poll=first_poll) is priority


def test_the_operators_word_counts() -> None:
    assert priority_of(FEED, NOW, published=NOW, override=Priority.BACKFILL) is Priority.BACKFILL
