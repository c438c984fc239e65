"""A forest of oblivious trees: how likely a value is right, given what speaks for and against it (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABSENT = -1e9  # stands for a feature that a candidate does not have: below every cut
Evidence = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Forest:
    """features: names in the order of columns. asked, cuts: by level and tree, the column and the value it must
    exceed for a one. leaves: by tree, the log-odds added for each pattern of answers, first level highest bit."""

    features: tuple[str, ...]
    asked: NDArray[np.int64]
    cuts: NDArray[np.float64]
    leaves: NDArray[np.float64]
    bias: float
    column: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {name: at for at, name in enumerate(self.features)})

    def probabilities(self, page: Evidence, candidates: Sequence[Evidence]) -> NDArray[np.float64]:
        """How likely each candidate is right. Features that the forest does not know weigh nothing."""
        return self.judge(tabled(self.column, [(page, candidates)]))

    def judge(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely each row of a table is right."""
        depth, trees = self.asked.shape
        pattern: NDArray[np.int64] = np.zeros((len(table), trees), dtype=np.int64)
        for level in range(depth):
            pattern *= 2
            pattern += table.take(self.asked[level], axis=1) > self.cuts[level]
        pattern += np.arange(0, self.leaves.size, 1 << depth)
        odds = self.bias + self.leaves.take(pattern).sum(axis=1)
        likely: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        return likely


def tabled(column: Mapping[str, int], pages: Sequence[tuple[Evidence, Sequence[Evidence]]]) -> NDArray[np.float64]:
    """Candidates by features, page after page; a candidate's own evidence goes before that of its page."""
    rows = []
    for page, candidates in pages:
        base = _laid([ABSENT] * len(column), column, page)
        rows += [_laid(base.copy(), column, own) for own in candidates]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(column))


def _laid(row: list[float], column: Mapping[str, int], evidence: Evidence) -> list[float]:
    for name, value in evidence.items():
        at = column.get(name)
        if at is not None:
            row[at] = value
    return row


def to_json(forest: Forest) -> dict[str, Any]:
    """As it is kept in `model/arbiter.json`."""
    return {
        "features": list(forest.features),
        "bias": round(forest.bias, 4),
        "asked": forest.asked.tolist(),
        "cuts": [[float(f"{cut:.6g}") for cut in row] for row in forest.cuts],
        "leaves": [[round(float(leaf), 3) for leaf in row] for row in forest.leaves],
    }


def from_json(kept: dict[str, Any]) -> Forest:
    """The forest of `to_json`."""
    return Forest(
        tuple(kept["features"]),
        np.array(kept["asked"], dtype=np.int64),
        np.array(kept["cuts"], dtype=np.float64),
        np.array(kept["leaves"], dtype=np.float64),
        float(kept["bias"]),
    )
