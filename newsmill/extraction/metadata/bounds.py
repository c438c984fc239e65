"""Which days a page can have been published on (pure)."""

from datetime import datetime, timedelta

from newsmill.text.dates import EARLIEST, Stamp

CLOCK_SKEW = timedelta(days=1)  # a page dated a little after `now` comes from a time zone ahead, or a wrong clock


def in_bounds(stamp: Stamp | None, now: datetime | None) -> bool:
    """Whether a page can have been published then: since the web began, and not after it was fetched."""
    if stamp is None or stamp.at.year < EARLIEST.year:
        return False
    return now is None or stamp.at <= now + CLOCK_SKEW
