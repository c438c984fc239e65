"""A week of 1,000 sources in fast-forward through the pure scheduler, against fixed intervals.

    python bench/schedule.py [--sources N] [--seed N] [--markdown]

Rates are spread as those of news feeds are: most publish little, a few a lot (log-normal, median 2 items a day,
sigma 2). Four rhythms: steady (Poisson), day and night with quiet weekends, bursts of about eight, and sources that
fall silent within the week or were silent from its beginning. Each policy sees the same items. The measured week is
the third in which the scheduler polls these sources; of the time before it knows the 20 newest dates in each feed.
Delay: publication to poll.
"""

import argparse
import bisect
import math
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from newsmill.sources.schedule.rhythm import Rhythm, observe
from newsmill.sources.schedule.schedule import Bounds, Wishes, next_poll, spread_of

WEEK_S = 7 * 86400.0
WARM_S = 14 * 86400.0  # the scheduler has known its sources for two weeks when the measured one begins
HISTORY_S = 60 * 86400.0  # before the week: what the feeds list at its beginning
LISTED = 20  # items a feed lists
BEGIN = datetime(2026, 11, 16, tzinfo=UTC).timestamp()  # a Monday
ASKED = Wishes()
BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    kind: str
    items: tuple[float, ...]  # publication times from HISTORY_S before the week to its end


def _activity(kind: str, moment: float, zone_h: int) -> float:
    """Share of the highest rate at `moment`."""
    if kind != "nights":
        return 1.0
    local = datetime.fromtimestamp(moment + zone_h * 3600, UTC)
    day = 0.04 if not 6 <= local.hour < 22 else 0.5 + 0.5 * math.sin(math.pi * (local.hour - 6) / 16)
    return day * (0.5 if local.weekday() >= 5 else 1.0)


def _source(number: int, rng: random.Random) -> Source:
    kind = rng.choices(("steady", "nights", "bursts", "silent"), (25, 45, 15, 15))[0]
    per_day = min(600.0, rng.lognormvariate(math.log(2.0), 2.0))
    zone_h = rng.randrange(-8, 10)
    size = 8.0 if kind == "bursts" else 1.0
    peak = per_day / size / (0.36 if kind == "nights" else 1.0)
    end = BEGIN + WEEK_S
    if kind == "silent":
        end = BEGIN + (rng.random() * WEEK_S if rng.random() < 0.5 else -rng.random() * HISTORY_S)
    items = []
    moment = BEGIN - HISTORY_S
    while (moment := moment + rng.expovariate(peak / 86400)) < end:
        if rng.random() > _activity(kind, moment, zone_h):
            continue
        count = 1 if size == 1 else 1 + int(rng.expovariate(1 / (size - 1)))
        items += [moment + rng.random() * 300 * (count > 1) for _ in range(count)]
    return Source(f"{kind}-{number}", kind, tuple(sorted(i for i in items if i < BEGIN + WEEK_S)))


Policy = Callable[[Source, float, Rhythm, int], float]  # seconds until the next poll


def adaptive(source: Source, now: float, rhythm: Rhythm, poll: int) -> float:
    moment = datetime.fromtimestamp(now, UTC)
    return next_poll(rhythm, ASKED, BOUNDS, now=moment, spread=spread_of(source.name, poll)).wait_s


def fixed(interval_s: float) -> Policy:
    return lambda source, now, rhythm, poll: interval_s


@dataclass
class Result:
    name: str
    delays: dict[str, list[float]]
    polls: dict[str, int]


def _week(source: Source, policy: Policy, learns: bool, result: Result) -> None:
    now = BEGIN - WARM_S * learns + spread_of(source.name, 0) * 300
    rhythm = Rhythm()
    seen = bisect.bisect_right(source.items, BEGIN)
    poll = 0
    while now < BEGIN + WEEK_S:
        upto = bisect.bisect_right(source.items, now)
        if now >= BEGIN:
            result.polls[source.kind] += 1
            result.delays[source.kind] += [now - item for item in source.items[seen:upto]]
        seen = max(seen, upto)
        if learns:
            listed = source.items[max(0, upto - LISTED) : upto]
            dates = [datetime.fromtimestamp(item, UTC) for item in listed]
            rhythm = observe(rhythm, dates, 0, now=datetime.fromtimestamp(now, UTC))
        now += policy(source, now, rhythm, poll)
        poll += 1


def simulate(sources: list[Source], name: str, policy: Policy, learns: bool) -> Result:
    kinds = sorted({source.kind for source in sources})
    result = Result(name, {kind: [] for kind in kinds}, dict.fromkeys(kinds, 0))
    for source in sources:
        _week(source, policy, learns, result)
    return result


def _row(result: Result, kind: str | None) -> tuple[str, ...]:
    kinds = [kind] if kind else list(result.delays)
    delays = sorted(delay for kind in kinds for delay in result.delays[kind])
    polls = sum(result.polls[kind] for kind in kinds)
    if not delays:
        return (kind or "all", result.name, "0", f"{polls}", "-", "-", "-", "-")
    return (
        kind or "all",
        result.name,
        f"{len(delays)}",
        f"{polls}",
        f"{polls / len(delays):.2f}",
        f"{statistics.median(delays):.0f}",
        f"{delays[int(0.95 * len(delays))]:.0f}",
        f"{statistics.fmean(delays):.0f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    sources = [_source(number, rng) for number in range(options.sources)]
    began = time.process_time()
    ours = simulate(sources, "adaptive", adaptive, True)
    took = time.process_time() - began
    results = [
        ours,
        simulate(sources, "every 5 min", fixed(300), False),
        simulate(sources, "every 60 min", fixed(3600), False),
    ]
    print("| rhythm | policy | items | polls | polls an item | median delay s | p95 s | mean s |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for kind in (None, *sorted(ours.polls)):
        for result in results:
            print("| " + " | ".join(_row(result, kind)) + " |")
    polls = sum(ours.polls.values())
    print(f"\nScheduler: {1e6 * took / max(1, polls):.0f} µs of CPU a poll.")


if __name__ == "__main__":
    main()
