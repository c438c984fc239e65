"""When an article is looked at again, for corrections (pure).

News is corrected in its first hours and hardly ever after its first weeks. So the first look comes soon, the
next ones at intervals that grow while nothing changes, and from some age on there is none. An interval is
also never shorter than a part of the page's age: a page that differs on every look (a clock, a counter)
is looked at about twenty times in all, not every two hours for a month.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecrawlOptions:
    """All in seconds but the factors."""

    first_s: float = 2 * 3600.0  # most corrections come within hours of publication
    growth: float = 3.0  # 2 h, 6 h, 18 h, 2 d, 7 d: five looks in the first two weeks
    longest_s: float = 7 * 86400.0
    stop_age_s: float = 30 * 86400.0  # after a month a look costs more than it finds
    age_part: float = 0.25  # of the page's age: the least interval


@dataclass(frozen=True, slots=True)
class Look:
    """What is known after a look. age_s: since publication, or since the first fetch where no date is known.

    unchanged: looks in a row, this one included, that found what the one before had found; 0 after the first
    fetch and after a change.
    """

    age_s: float
    unchanged: int = 0


def next_look_s(look: Look, options: RecrawlOptions | None = None) -> float | None:
    """Seconds until the next look, or None if there is to be none."""
    options = options or RecrawlOptions()
    age_s = max(0.0, look.age_s)
    # float("inf") ages (no date, never fetched) end here as well
    if age_s >= options.stop_age_s:
        return None
    grown_s = options.first_s * options.growth ** min(look.unchanged, 30)
    wait_s = min(max(grown_s, age_s * options.age_part), options.longest_s)
    return wait_s if age_s + wait_s <= options.stop_age_s else None
