"""When a source is polled next, and whether it has fallen silent or died (pure: recorded facts and `now`)."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsmill.sources.durations import in_words
from newsmill.sources.schedule.rhythm import DAY_S, HOUR_S, Rhythm, due, expected

SHORTEST_S = 150.0  # default floor; an operator's poll_min may be below
LONGEST_S = 12 * HOUR_S  # default ceiling: a source that publishes next to nothing is looked at twice a day
FAIL_FIRST_S = 60.0  # pause after a first failure; doubled with each further one
FAIL_LONGEST_S = DAY_S
SPREAD = 0.1  # each pause varies by this share either way, so that polls do not gather
CACHE_LONGEST_S = HOUR_S  # a longer max-age or TTL is how a CDN or a template was set up, not what an editor does
RETRY_LONGEST_S = 7 * DAY_S  # Retry-After beyond this is taken as a mistake
SILENT_ITEMS = 10.0  # items that failed to come: with steady publishing an accident once in e^10 gaps
SILENT_TIMES = 2.0  # ... and this many times what failed to come in the source's own longest pause
SILENT_LEAST_S = 6 * HOUR_S  # nobody is told of a shorter pause
KNOWN_ITEMS = 5.0  # items (fading) without which nothing can be said of a source's pauses
DEAD_AFTER_S = 21 * DAY_S  # of nothing but 404: sites are rebuilt in a weekend, not in three weeks
DEAD_CRASHES = 5  # a quarter of an hour of tries, each of which costs five seconds of CPU
DEAD_POLLS = 8  # 404 at least this often: a source that was paused meanwhile has not been asked


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the server asked for with its last answer, in seconds; 0 where it did not.

    ttl_s: RSS <ttl>. fresh_s: Cache-Control max-age less Age, or Expires. retry_after_s: Retry-After.
    period_s: sy:updatePeriod over sy:updateFrequency; tells how often the source publishes where nothing else does,
    and binds nobody: WordPress writes "hourly" into each of its feeds.
    """

    ttl_s: float = 0.0
    fresh_s: float = 0.0
    retry_after_s: float = 0.0
    period_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """An operator's floor and ceiling, seconds."""

    shortest_s: float = SHORTEST_S
    longest_s: float = LONGEST_S


@dataclass(frozen=True, slots=True)
class Next:
    """The next poll: in how many seconds, and why then."""

    wait_s: float
    why: str


def next_poll(rhythm: Rhythm, asked: Wishes, bounds: Bounds, *, now: datetime, spread: float) -> Next:
    """The next poll after one that went well.

    spread: 0 to 1, differs between sources and polls (`spread_of`). The wait is never below the operator's floor,
    nor above the ceiling but for Retry-After, which is obeyed like an order.
    """
    worth = due(rhythm, now.timestamp(), bounds.longest_s)
    why = f"publishes about {_number(rhythm.per_day)} a day"
    if rhythm.items < 1 and asked.period_s:
        worth, why = asked.period_s / 2, f"says it is updated every {in_words(asked.period_s)}"
    wait_s = worth * (1 + SPREAD * (2 * spread - 1))
    cached_s = min(max(asked.ttl_s, asked.fresh_s), CACHE_LONGEST_S)
    if cached_s > wait_s:
        wait_s, why = cached_s, f"asks to be left alone for {in_words(cached_s)}"
    if wait_s <= bounds.shortest_s:
        wait_s, why = bounds.shortest_s, f"{why}; floor"
    if wait_s >= bounds.longest_s:
        wait_s, why = bounds.longest_s, f"{why}; ceiling"
    if min(asked.retry_after_s, RETRY_LONGEST_S) > wait_s:
        wait_s = min(asked.retry_after_s, RETRY_LONGEST_S)
        why = f"Retry-After of {in_words(wait_s)}"
    return Next(wait_s, why)


def next_try(fails: int, usual_s: float, asked: Wishes, *, bounds: Bounds, spread: float) -> Next:
    """The next poll after one that failed for the `fails`th time in a row (from 1).

    usual_s: the pause before the failure. The first tries come sooner than that, the later ones later.
    """
    pause = min(FAIL_FIRST_S * 2.0 ** min(fails - 1, 30), FAIL_LONGEST_S)
    if fails <= 2:
        pause = min(pause, max(usual_s, bounds.shortest_s))
    pause = max(pause, min(bounds.shortest_s, FAIL_LONGEST_S)) * (1 + SPREAD * (2 * spread - 1))
    retry_s = min(asked.retry_after_s, RETRY_LONGEST_S)
    if retry_s > pause:
        return Next(retry_s, f"Retry-After of {in_words(retry_s)}")
    return Next(pause, f"failed {fails} times in a row")


def spread_of(name: str, poll: int) -> float:
    """0 to 1, the same for the same poll of the same source."""
    return zlib.crc32(f"{name}:{poll}".encode()) / 2**32


class State(StrEnum):
    """How a source does."""

    OK = "ok"
    NEW = "new"  # too little is known of it
    SILENT = "silent"  # answers, but lists nothing new for longer than it ever does
    FAILING = "failing"  # the last poll failed
    DEAD = "dead"  # to be retired: gone for good


@dataclass(frozen=True, slots=True)
class Health:
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed polls in a row. since: the first, seconds since the epoch. status: the last one's HTTP status, or 0.

    crashes: the last ones of them in a row whose document could not be read within the limits.
    """

    count: int = 0
    since: float = 0.0
    status: int = 0
    reason: str = ""
    crashes: int = 0


def health(rhythm: Rhythm, failures: Failures, now: datetime) -> Health:
    """What an operator should know of a source."""
    at = now.timestamp()
    if failures.count:
        for_s = at - failures.since
        if failures.status == 410:
            return Health(State.DEAD, "gone for good (410)")
        if failures.status == 404 and for_s >= DEAD_AFTER_S and failures.count >= DEAD_POLLS:
            return Health(State.DEAD, f"not found (404) for {in_words(for_s)}")
        if failures.crashes >= DEAD_CRASHES:
            return Health(State.DEAD, f"{failures.reason}, {failures.crashes} polls in a row")
        return Health(State.FAILING, f"{failures.reason}; for {in_words(for_s)}, {failures.count} polls")
    if rhythm.items < KNOWN_ITEMS or not rhythm.newest:
        return Health(State.NEW)
    pause_s = at - rhythm.newest
    missing = expected(rhythm, rhythm.newest, at) if pause_s >= SILENT_LEAST_S else 0.0
    if missing > max(SILENT_ITEMS, SILENT_TIMES * rhythm.longest):
        return Health(
            State.SILENT,
            f"nothing new for {in_words(pause_s)}, in which about {_number(missing)} items were to be expected",
        )
    return Health(State.OK)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"
