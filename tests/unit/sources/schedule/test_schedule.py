"""When a source is polled next, and what is said of its silence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmill.sources.schedule.rhythm import DAY_S, HOUR_S, Rhythm, expected, observe
from newsmill.sources.schedule.schedule import (
    DEAD_AFTER_S,
    RETRY_LONGEST_S,
    Bounds,
    Failures,
    State,
    Wishes,
    health,
    next_poll,
    next_try,
    spread_of,
)

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
WIDE = Bounds(1, 30 * DAY_S)


def every(hours: float, days: float = 14, end: datetime = NOW) -> list[datetime]:
    """Items at even distances up to `end`."""
    return [end - timedelta(hours=hours * n) for n in range(int(days * 24 / hours))]


def watched(dates: list[datetime], now: datetime = NOW) -> Rhythm:
    return observe(Rhythm(), dates, 0, now=now)


def wait(rhythm: Rhythm, asked: Wishes = Wishes(), bounds: Bounds = WIDE, now: datetime = NOW) -> float:  # noqa: B008
    return next_poll(rhythm, asked, bounds, now=now, spread=0.5).wait_s


def test_the_busier_the_sooner() -> None:
    waits = [wait(watched(every(hours))) for hours in (0.1, 0.25, 1, 4.3, 11.7, 47)]
    assert waits == sorted(waits)
    assert waits[0] < 240
    assert 150 < waits[1] < 600
    assert waits[-1] > 6 * HOUR_S


def test_the_rate_is_learned_from_the_dates_in_one_document() -> None:
    assert watched(every(1)).per_day == pytest.approx(24, rel=0.1)
    assert watched(every(12)).per_day == pytest.approx(2, rel=0.3)


def test_a_dead_source_is_polled_at_the_ceiling() -> None:
    rhythm = watched([NOW - timedelta(days=300)])
    for day in range(60):
        rhythm = observe(rhythm, [], 0, now=NOW + timedelta(days=day))
    assert wait(rhythm, bounds=Bounds()) == Bounds().longest_s


def test_nights_are_left_out() -> None:
    days = [NOW.replace(hour=0) - timedelta(days=n) for n in range(14)]
    rhythm = watched([day + timedelta(hours=hour) for day in days for hour in range(6, 12)])
    assert wait(rhythm, now=NOW.replace(hour=9)) < 1.5 * HOUR_S
    assert wait(rhythm, now=NOW.replace(hour=21)) > 6 * HOUR_S


def test_after_a_burst_comes_more() -> None:
    calm = watched(every(6))
    burst = observe(calm, [NOW + timedelta(minutes=n) for n in range(5)], 0, now=NOW + timedelta(minutes=5))
    assert wait(burst, now=NOW + timedelta(minutes=5)) < wait(calm) / 5


def test_undated_items_count_when_they_are_found() -> None:
    rhythm = observe(Rhythm(), [], 30, now=NOW)  # of any age
    assert rhythm.items == 0
    for hour in range(1, 200):
        rhythm = observe(rhythm, [], 2, now=NOW + timedelta(hours=hour))
    assert rhythm.per_day == pytest.approx(48, rel=0.1)


def test_the_same_document_again_counts_nothing() -> None:
    once = watched(every(1))
    twice = observe(once, every(1), 0, now=NOW + timedelta(seconds=1))
    assert twice.items == pytest.approx(once.items, rel=1e-4)


ASKED = [
    (Wishes(), "publishes about", None),
    (Wishes(ttl_s=1800), "asks to be left alone for 30m", 1800),
    (Wishes(fresh_s=1200), "asks to be left alone for 20m", 1200),
    (Wishes(ttl_s=10 * DAY_S), "asks to be left alone for 1h", HOUR_S),  # a template's, not an editor's
    (Wishes(retry_after_s=2 * DAY_S), "Retry-After of 2d", 2 * DAY_S),
    (Wishes(retry_after_s=1e9), "Retry-After of 1w", RETRY_LONGEST_S),
    (Wishes(period_s=3600), "publishes about", None),
]


@pytest.mark.parametrize(("asked", "why", "wait_s"), ASKED)
def test_what_the_server_asks(asked: Wishes, why: str, wait_s: float | None) -> None:
    found = next_poll(watched(every(0.2)), asked, Bounds(), now=NOW, spread=0.5)
    assert found.why.startswith(why)
    assert wait_s is None or found.wait_s == wait_s


def test_a_period_tells_of_a_source_that_nothing_else_is_known_of() -> None:
    found = next_poll(observe(Rhythm(), [], 0, now=NOW), Wishes(period_s=3600), Bounds(), now=NOW, spread=0.5)
    assert found.wait_s == 1800
    assert found.why == "says it is updated every 1h"


RHYTHMS = st.builds(lambda hours, days: watched(every(hours, days)), st.floats(0.05, 100), st.floats(1, 30)) | st.just(
    Rhythm()
)
SECONDS = st.floats(0, 1e7)


@given(
    RHYTHMS,
    st.builds(Wishes, SECONDS, SECONDS, SECONDS, SECONDS),
    st.floats(1, 1e5),
    st.floats(1, 1e5),
    st.integers(0, 10**7),
    st.floats(0, 1),
)
def test_always_within_the_operators_bounds(
    rhythm: Rhythm, asked: Wishes, one: float, other: float, later: int, spread: float
) -> None:
    bounds = Bounds(min(one, other), max(one, other))
    found = next_poll(rhythm, asked, bounds, now=NOW + timedelta(seconds=later), spread=spread)
    assert found.wait_s >= bounds.shortest_s
    assert found.wait_s <= max(bounds.longest_s, min(asked.retry_after_s, RETRY_LONGEST_S))
    assert found.wait_s >= min(asked.retry_after_s, RETRY_LONGEST_S)


@settings(max_examples=30)
@given(RHYTHMS, st.floats(0, 1), st.floats(0, 1))
def test_spread_is_small(rhythm: Rhythm, one: float, other: float) -> None:
    waits = sorted(next_poll(rhythm, Wishes(), WIDE, now=NOW, spread=spread).wait_s for spread in (one, other))
    assert waits[1] <= waits[0] * 1.25


@settings(max_examples=30)
@given(RHYTHMS)
def test_a_rhythm_comes_back_from_the_ledger(rhythm: Rhythm) -> None:
    again = Rhythm.load(rhythm.dump())
    assert Rhythm.load(again.dump()) == again
    assert again.per_day == pytest.approx(rhythm.per_day, rel=0.01)
    assert len(rhythm.dump()) < 400


def test_expected_adds_up() -> None:
    rhythm = watched(every(1))
    at = NOW.timestamp()
    whole = expected(rhythm, at, at + DAY_S)
    assert whole == pytest.approx(expected(rhythm, at, at + 5000) + expected(rhythm, at + 5000, at + DAY_S))
    assert expected(rhythm, at, at + 7 * DAY_S) == pytest.approx(7 * rhythm.per_day, rel=0.05)


def test_failures_back_off_to_a_day() -> None:
    waits = [next_try(fails, 600, Wishes(), bounds=Bounds(), spread=0.5).wait_s for fails in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[:4] == [150, 150, 240, 480]
    assert waits[-1] == DAY_S


def test_a_busy_source_is_tried_again_at_its_own_pace_first() -> None:
    assert next_try(1, 30, Wishes(), bounds=Bounds(10, DAY_S), spread=0.5).wait_s == 30
    assert next_try(1, 30, Wishes(retry_after_s=900), bounds=Bounds(10, DAY_S), spread=0.5).wait_s == 900


@given(st.text(max_size=20), st.integers(0, 10**9))
def test_spread_is_a_share(name: str, poll: int) -> None:
    assert 0 <= spread_of(name, poll) < 1
    assert spread_of(name, poll) == spread_of(name, poll)


def states(rhythm: Rhythm, *hours: float) -> list[State]:
    return [health(rhythm, Failures(), NOW + timedelta(hours=h)).state for h in hours]


def test_silence_is_what_is_unusual_for_the_source() -> None:
    assert states(watched(every(1.2)), 1, 5, 10, 14, 48) == [State.OK, State.OK, State.OK, State.SILENT, State.SILENT]
    assert states(watched(every(24)), 24, 7 * 24, 13 * 24) == [State.OK, State.OK, State.SILENT]
    assert states(watched(every(0.1)), 2, 7) == [State.OK, State.SILENT]
    assert states(watched([]), 1000) == [State.NEW]


def test_a_source_that_often_pauses_is_given_longer() -> None:
    rhythm = watched(every(1))
    moment = NOW
    for _ in range(3):  # publishes hourly, and then pauses for two days, again and again
        moment += timedelta(days=2)
        for _ in range(24):
            moment += timedelta(hours=1)
            rhythm = observe(rhythm, [moment], 0, now=moment)
    assert health(rhythm, Failures(), moment + timedelta(hours=40)).state is State.OK
    assert health(rhythm, Failures(), moment + timedelta(days=12)).state is State.SILENT


def test_silence_says_what_is_missing() -> None:
    found = health(watched(every(1)), Failures(), NOW + timedelta(days=2))
    assert found.reason == "nothing new for 2d, in which about 47 items were to be expected"


def since(days: float, count: int, status: int) -> Failures:
    return Failures(count, NOW.timestamp() - days * DAY_S, status, "not found" if status == 404 else "timed out")


@pytest.mark.parametrize(
    ("failures", "state", "reason"),
    [
        (since(0, 1, 410), State.DEAD, "gone for good (410)"),
        (since(1, 20, 404), State.FAILING, "not found; for 1d, 20 polls"),
        (since(DEAD_AFTER_S / DAY_S + 1, 20, 404), State.DEAD, "not found (404) for 3w"),
        (since(DEAD_AFTER_S / DAY_S + 1, 2, 404), State.FAILING, "not found; for 3w, 2 polls"),
        (since(100, 100, 0), State.FAILING, "timed out; for 14w, 100 polls"),
    ],
)
def test_death(failures: Failures, state: State, reason: str) -> None:
    found = health(watched(every(1)), failures, NOW)
    assert (found.state, found.reason) == (state, reason)
