"""Where the mill waits, in words, and what would help (pure)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MANY_S = 10.0  # seconds of work that wait before a stage is called the bottleneck
MANY = 50  # and so many pages at least: two batches
CAUGHT_UP_S = 600.0  # in which the advice would work off what waits
WORDS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True)
class Flow:
    """A stage as it was over the last minute. into, out: pages a second. workers: alive, 0 if that is not known."""

    name: str
    waiting: int
    active: int
    into: float
    out: float
    workers: int = 0


def advice(
    flows: Sequence[Flow],
    *,
    stalls: Sequence[str] = (),
    window_reason: str = "",
    hosts_due: int = 0,
    trouble: str = "",
) -> str:
    """One or two sentences. stalls, window_reason: as the status has them. hosts_due: that may be asked now.

    trouble: why the search store takes no writes.
    """
    if stalls:
        return f"It stalls: {stalls[0]}."
    if trouble:
        return f"Search takes no writes, so pages wait: {trouble}."
    if window_reason.startswith("disk"):
        remedy = "Free some space, or keep raw pages for fewer days (stores.raw_days)"
        return f"Nothing new is fetched: {window_reason}. {remedy}."
    slow = [f for f in flows if f.name in ("parse", "index") and f.waiting > max(MANY, f.out * MANY_S)]
    if slow:
        return _too_slow(max(slow, key=lambda f: f.waiting / max(f.out, 0.1)))
    fetch = next((f for f in flows if f.name == "fetch"), None)
    if fetch and fetch.waiting:
        return _fetching(fetch, hosts_due)
    if any(f.active for f in flows):
        return "Every stage keeps up."
    return "Nothing waits: the mill has done all it knows of."


def _too_slow(flow: Flow) -> str:
    said = f"{flow.name}: {flow.waiting:,} waiting, {_rate(flow.into)} in, {_rate(flow.out)} out"
    if flow.out <= 0:
        return f"{said}. Nothing leaves it: does a worker of {flow.name} run?"
    each = flow.out / max(flow.workers, 1)
    more = math.ceil((max(flow.into - flow.out, 0) + flow.waiting / CAUGHT_UP_S) / each)
    return (
        f"{said}: {_number(more)} more {flow.name} worker{'' if more == 1 else 's'} would work it off in ten minutes."
    )


def _fetching(fetch: Flow, hosts_due: int) -> str:
    said = f"{fetch.waiting:,} addresses wait for their hosts"
    if hosts_due > 4 * max(fetch.active, 25) and fetch.out > 0:
        return f"{said}, and {hosts_due:,} hosts may be asked now: more fetch workers, or a larger window, would help."
    return f"{said}, which are asked one at a time, with a pause: more workers would not help."


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}/s" if per_s >= 10 else f"{per_s:.1f}/s"


def _number(n: int) -> str:
    return WORDS[n] if n < len(WORDS) else str(n)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the ledger counted at a moment. moved: by stage, ever. backlog: waiting and active, by stage."""

    at: float
    moved: Mapping[str, int]
    backlog: Mapping[str, int]
    settled: Mapping[str, int]


def rates(older: Sample, newer: Sample, stage: str) -> tuple[float, float]:
    """Pages a second into a stage and out of it, between two samples."""
    passed = newer.at - older.at
    if passed <= 0:
        return 0.0, 0.0
    out = max(newer.moved.get(stage, 0) - older.moved.get(stage, 0), 0) / passed
    grown = (newer.backlog.get(stage, 0) - older.backlog.get(stage, 0)) / passed
    return max(out + grown, 0.0), out
