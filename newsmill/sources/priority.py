"""Which candidates come first: new articles before backfill (pure)."""

from datetime import datetime, timedelta

from newsmill.sources.config import Priority, SourceKind

NEWS_AGE = timedelta(days=2)  # an article this young is news
RECENT = timedelta(days=30)  # older ones are backfill


def priority_of(
    kind: str,
    now: datetime,
    *,
    published: datetime | None = None,
    modified: datetime | None = None,
    first_poll: bool = False,
    override: Priority | None = None,
) -> Priority:
    """The priority of one candidate.

    An item of unknown age is fresh where it turned up between two polls, and backfill where a sitemap or a list is
    read for the first time. `override`: the operator's own word for the source.
    """
    if override is not None:
        return override
    moment = published or modified
    if moment is None:
        if not first_poll and kind is not SourceKind.LIST:
            return Priority.FRESH
        return Priority.BACKFILL if kind is SourceKind.SITEMAP else Priority.NORMAL
    age = now - moment
    if age <= NEWS_AGE:
        return Priority.FRESH
    return Priority.NORMAL if age <= RECENT else Priority.BACKFILL
