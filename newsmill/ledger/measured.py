"""How long the stages take and what servers answer, counted in the ledger for all workers together (pure).

Field names of the hash `measured`: "<stage> <upper bound in ms>", "<stage> sum_ms", "answers <class>", "bytes".
"""

from collections import Counter
from collections.abc import Iterable, Mapping

# Upper bounds in milliseconds: of a request and of a stage's work alike, from a cached page to a task's end.
BOUNDS_MS = (25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 75_000)
BEYOND = "inf"


def tally(stage: str, facts: Iterable[tuple[int, int, int]], asked: bool) -> Counter[str]:
    """What is added for these addresses of a stage: (status, bytes, ms) each. asked: the stage asks the web."""
    added: Counter[str] = Counter()
    for status, size, ms in facts:
        bound = next((str(bound) for bound in BOUNDS_MS if ms <= bound), BEYOND)
        added[f"{stage} {bound}"] += 1
        added[f"{stage} sum_ms"] += ms
        if asked:
            added[f"answers {status // 100}xx" if status else "answers none"] += 1
            added["bytes"] += size
    return added


def histogram(kept: Mapping[str, int], stage: str) -> tuple[list[tuple[str, int]], float]:
    """Cumulative counts by upper bound in seconds, as Prometheus has them, and the sum in seconds."""
    total, found = 0, []
    for bound in (*map(str, BOUNDS_MS), BEYOND):
        total += kept.get(f"{stage} {bound}", 0)
        found.append(("+Inf" if bound == BEYOND else f"{int(bound) / 1000:g}", total))
    return found, kept.get(f"{stage} sum_ms", 0) / 1000
