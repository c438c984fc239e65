"""How often a source publishes, learned from what it published (pure).

Counts that fade with time, spread over the hours of the day and the days of the week. From them follows how many
items are to be expected in any stretch of time: the schedule polls when that is worth it, and a source is silent
when far more were to be expected than came.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

DAY_S = 86400.0
HOUR_S = 3600.0
FADE_S = 14 * DAY_S  # what happened this long ago counts 1/e: two weeks hold each weekday twice
PRIOR_ITEMS = 0.5  # what is assumed of a source that nothing is known of: half an item ...
PRIOR_S = 0.25 * DAY_S  # ... in six hours
HOUR_PRIOR = 0.5  # items an hour of the day is taken to have had before any were seen, so that few say little
WEEKDAY_PRIOR = 5.0  # the same for a day of the week
QUIET_SHARE = 0.05  # of the mean rate; no hour is taken as quieter than this
# The next four weigh delay against polls; bench/README.md says what others did.
RECENT_S = 600.0  # what happened this long ago says 1/e of what happens now: news comes in bursts
RECENT_WEIGHT = 0.3  # how much of what came lately above the usual rate is taken to go on
REFERENCE_PER_DAY, REFERENCE_S = 100.0, 360.0
STEEPNESS = 1.6


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a source's publishing. Times are seconds since the epoch; 0 where nothing is known yet.

    items, span_s: items seen, and the time in which they came, both fading. hours, weekdays: the items by hour of
    the day (UTC) and by weekday. recent: items, fading with RECENT_S. newest: publication of the newest item.
    longest: the most items that were ever to be expected between two that came, fading.
    """

    at: float = 0.0
    items: float = 0.0
    span_s: float = 0.0
    hours: tuple[float, ...] = (0.0,) * 24
    weekdays: tuple[float, ...] = (0.0,) * 7
    recent: float = 0.0
    newest: float = 0.0
    longest: float = 0.0

    def dump(self) -> str:
        """A short text for the ledger (about 200 bytes)."""
        rounded = [round(self.at), _short(self.items), round(self.span_s), _all_short(self.hours)]
        return json.dumps(
            [*rounded, _all_short(self.weekdays), _short(self.recent), round(self.newest, 3), _short(self.longest)],
            separators=(",", ":"),
        )

    @classmethod
    def load(cls, text: str) -> "Rhythm":
        """The rhythm that `dump` wrote; an empty one for an empty text. Raises ValueError."""
        if not text:
            return cls()
        at, items, span_s, hours, weekdays, recent, newest, longest = json.loads(text)
        return cls(at, items, span_s, tuple(hours), tuple(weekdays), recent, newest, longest)

    @property
    def per_day(self) -> float:
        """Items a day, all hours together."""
        return DAY_S * (self.items + PRIOR_ITEMS) / (self.span_s + PRIOR_S)


def observe(rhythm: Rhythm, published: Sequence[datetime], undated_new: int, *, now: datetime) -> Rhythm:
    """The rhythm after a poll at `now`.

    published: the dates of all dated items the document lists, known or not; those after the newest one known are
    new. undated_new: new items without a date, which count as published now. On a first poll the dates of what the
    document still lists tell the past.
    """
    at = now.timestamp()
    times = sorted(moment.timestamp() for moment in published)
    first = rhythm.at == 0.0
    begin = rhythm.at
    if first:
        times = [moment for moment in times if moment > at - FADE_S]
        begin = times[0] if times else at
        undated_new = 0  # a first document's undated items are of any age
    new = [moment for moment in times if rhythm.newest < moment <= at] + [at] * undated_new
    longest = rhythm.longest * _fade(at - begin, 4 * FADE_S)
    if not first and new and rhythm.newest:
        longest = max(longest, expected(rhythm, rhythm.newest, new[0]))
    faded = _faded(rhythm, at, begin)
    return replace(
        faded,
        items=faded.items + sum(_fade(at - moment, FADE_S) for moment in new),
        hours=_added(faded.hours, [datetime.fromtimestamp(moment, UTC).hour for moment in new]),
        weekdays=_added(faded.weekdays, [datetime.fromtimestamp(moment, UTC).weekday() for moment in new]),
        recent=faded.recent + sum(_fade(at - moment, RECENT_S) for moment in new),
        newest=max([rhythm.newest, *new]),
        longest=longest,
    )


def _faded(rhythm: Rhythm, at: float, begin: float) -> Rhythm:
    """`rhythm` with all counts as they weigh at `at`, having watched since `begin`."""
    passed = max(0.0, at - begin)
    fade = _fade(passed, FADE_S)
    return replace(
        rhythm,
        at=at,
        items=rhythm.items * fade,
        span_s=rhythm.span_s * fade + FADE_S * (1 - fade),
        hours=tuple(count * fade for count in rhythm.hours),
        weekdays=tuple(count * fade for count in rhythm.weekdays),
        recent=rhythm.recent * _fade(passed, RECENT_S),
    )


def rate(rhythm: Rhythm, moment: float) -> float:
    """Items a second to be expected at `moment` (seconds since the epoch) by hour and weekday alone."""
    when = datetime.fromtimestamp(moment, UTC)
    return rhythm.per_day / DAY_S * _shape(rhythm, when.hour, when.weekday())


def expected(rhythm: Rhythm, begin: float, end: float) -> float:
    """Items to be expected between two moments, by hour and weekday alone."""
    total, moment = 0.0, begin
    while moment < end:
        step = min(end, _next_hour(moment))
        total += rate(rhythm, moment) * (step - moment)
        moment = step
    return total


def due(rhythm: Rhythm, begin: float, horizon_s: float) -> float:
    """Seconds from `begin` until a poll is worth its cost, at most `horizon_s`.

    That is at the latest when one item is to be expected. The busier a source is, now and at this hour, the sooner: at
    REFERENCE_PER_DAY items a day every REFERENCE_S, at other rates by the power STEEPNESS of theirs.
    """
    gained, moment = 0.0, begin
    lately = rhythm.recent * _fade(begin - rhythm.at, RECENT_S) / RECENT_S
    while moment < begin + horizon_s:
        usual = rate(rhythm, moment)
        burst = max(0.0, lately * _fade(moment - begin, RECENT_S) - usual)
        step = min(begin + horizon_s, _next_hour(moment), moment + RECENT_S / 2 if burst else math.inf)
        present = usual + RECENT_WEIGHT * burst
        gain = max(present, math.pow(DAY_S * present / REFERENCE_PER_DAY, STEEPNESS) / REFERENCE_S)
        if gained + gain * (step - moment) >= 1.0:
            return moment + (1.0 - gained) / gain - begin
        gained += gain * (step - moment)
        moment = step
    return horizon_s


def _shape(rhythm: Rhythm, hour: int, weekday: int) -> float:
    """How this hour of the week compares with the mean one."""
    hours = sum(rhythm.hours) + 24 * HOUR_PRIOR
    # Neighbouring hours count too: a rhythm is not cut at the full hour.
    near = sum(rhythm.hours[(hour + shift) % 24] * weight for shift, weight in ((-1, 0.25), (0, 0.5), (1, 0.25)))
    by_hour = 24 * (near + HOUR_PRIOR) / hours
    days = sum(rhythm.weekdays) + 7 * WEEKDAY_PRIOR
    by_day = 7 * (rhythm.weekdays[weekday] + WEEKDAY_PRIOR) / days
    return max(QUIET_SHARE, by_hour * by_day)


def _next_hour(moment: float) -> float:
    return (moment // HOUR_S + 1) * HOUR_S


def _fade(passed_s: float, fade_s: float) -> float:
    return math.exp(-max(0.0, passed_s) / fade_s)


def _added(counts: tuple[float, ...], places: Sequence[int]) -> tuple[float, ...]:
    if not places:
        return counts
    added = list(counts)
    for place in places:
        added[place] += 1.0
    return tuple(added)


def _short(number: float) -> float | int:
    rounded = round(number, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def _all_short(numbers: tuple[float, ...]) -> list[float | int]:
    return [_short(number) for number in numbers]
