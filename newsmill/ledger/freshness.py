"""How long articles took from publication to search (pure): what the ledger counted, as quantiles."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict

STEPS = 4  # buckets an octave, as finish.lua counts them: a bucket is a fifth wide


class Freshness(BaseModel):
    """articles: those of the last one to two days that turned up between two polls. Seconds, within a tenth."""

    model_config = ConfigDict(frozen=True)

    articles: int = 0
    p50_s: float = 0.0
    p95_s: float = 0.0

    def __str__(self) -> str:
        return f"half within {_long(self.p50_s)}, 95 % within {_long(self.p95_s)} ({self.articles:,} articles)"


def freshness(days: Iterable[Mapping[str, str] | list[object]]) -> Freshness:
    """Quantiles of the counts of some days. Lua gives an empty map as an empty list."""
    counts: Counter[int] = Counter()
    for day in days:
        for bucket, articles in day.items() if isinstance(day, Mapping) else ():
            counts[int(bucket)] += int(articles)
    total = counts.total()
    if not total:
        return Freshness()
    return Freshness(articles=total, p50_s=_quantile(counts, 0.5 * total), p95_s=_quantile(counts, 0.95 * total))


def _quantile(counts: Counter[int], rank: float) -> float:
    """The middle of the bucket that holds this rank."""
    below = 0
    for bucket in sorted(counts):
        below += counts[bucket]
        if below >= rank:
            return round(2 ** ((bucket + 0.5) / STEPS), 1)
    return 0.0


def _long(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
