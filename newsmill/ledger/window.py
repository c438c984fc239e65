"""Backpressure (pure): how many pages may be in progress, and why.

The window follows what the later stages get done, so that a page never waits long behind others once it is fetched:
by Little's law a backlog of `rate × TARGET_WAIT_S` pages is about TARGET_WAIT_S of waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TARGET_WAIT_S = 2.0  # a fresh item is to be searchable in seconds, also while a backfill runs
SMALLEST = (
    50  # two batches of the pipeline: keeps every stage busy with whole batches; below it the pipeline starves itself
)
SHRINK, GROW = 0.7, 1.3  # a step a second: from 1,000 to SMALLEST in 9 s, back in 12 s
SMOOTHING = 0.3  # weight of the newest rate; three to four ticks of memory


@dataclass(frozen=True, slots=True)
class Window:
    """size: pages that may be in progress. rate: pages settled a second, smoothed. settled, at: when last looked.

    free_mb: what the disk had left then; None when the raw pages are on no disk of ours.
    """

    size: int
    reason: str = ""
    rate: float = 0.0
    settled: int = 0
    at: float = 0.0
    free_mb: float | None = None


def window_of(kept: Mapping[str, str], most: int) -> Window:
    """As it is kept in the ledger; `most` where none was decided."""
    return Window(
        int(kept.get("size", most)),
        kept.get("reason", ""),
        float(kept.get("rate", 0)),
        int(kept.get("settled", 0)),
        float(kept.get("at", 0)),
        float(kept["free_mb"]) if kept.get("free_mb") else None,
    )


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """What is seen now. behind: pages waiting in parse and index. settled: pages settled ever. free_mb: on the disk."""

    behind: dict[str, int]
    settled: int
    free_mb: float | None = None  # None: the stores are not on a disk of ours


def decide(last: Window, facts: WindowFacts, most: int, *, min_free_mb: int, now: float) -> Window:
    """The next window, at most `most`."""
    passed = now - last.at
    rate = last.rate
    if last.at and passed > 0:
        rate += SMOOTHING * (max(facts.settled - last.settled, 0) / passed - rate)
    size, reason = last.size if last.size > 0 else most, ""
    behind = sum(facts.behind.values())
    if facts.free_mb is not None and facts.free_mb < min_free_mb:
        size, reason = 0, f"disk: {facts.free_mb:.0f} MB free, less than frontier.min_free_mb = {min_free_mb}"
    elif behind > SMALLEST and behind > rate * TARGET_WAIT_S:
        slowest = max(facts.behind, key=lambda stage: facts.behind[stage])
        size = max(SMALLEST, int(size * SHRINK))
        reason = f"{slowest}: {facts.behind[slowest]} pages wait, {rate:.0f} done a second"
    else:
        size = int(size * GROW) + 1
    return Window(min(size, most), reason, round(rate, 3), facts.settled, now, facts.free_mb)
