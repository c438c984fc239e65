"""From publication to search, as quantiles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.ledger.freshness import STEPS, Freshness, freshness


def counted(delays: list[float]) -> dict[str, str]:
    """What finish.lua counts."""
    counts: dict[str, str] = {}
    for delay in delays:
        bucket = str(math.floor(STEPS * math.log2(max(delay, 1.0))))
        counts[bucket] = str(int(counts.get(bucket, "0")) + 1)
    return counts


def test_nothing_counted() -> None:
    assert freshness([[], {}]) == Freshness()


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=300))
def test_quantiles_are_within_a_tenth(delays: list[float]) -> None:
    found = freshness([counted(delays[::2]), counted(delays[1::2])])
    ordered = sorted(delays)
    assert found.articles == len(delays)
    assert found.p50_s == pytest.approx(ordered[math.ceil(0.5 * len(delays)) - 1], rel=0.11, abs=0.11)
    assert found.p95_s == pytest.approx(ordered[math.ceil(0.95 * len(delays)) - 1], rel=0.11, abs=0.11)


def test_in_words() -> None:
    assert str(freshness([counted([10.0] * 90 + [600.0] * 10)])) == "half within 10 s, 95 % within 9 min (100 articles)"
