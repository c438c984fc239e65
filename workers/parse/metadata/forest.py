"""A forest of oblivious trees: how likely a value is right, given what speaks for and against it (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABSENT = -1e9  # stands for a feature that a candidate does not have: below every cut


@dataclass(frozen=True, slots=True)
class Forest:
    """features: names in the order of columns. asked, cuts: by tree and level, the column and the value it must
    exceed for a one. leaves: by tree, the log-odds added for each pattern of answers, first level highest bit."""

    features: tuple[str, ...]
    asked: NDArray[np.int64]
    cuts: NDArray[np.float64]
    leaves: NDArray[np.float64]
    bias: float

    def table(self, evidence: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
        """Candidates by features."""
        return tabled(self.features, evidence)

    def probabilities(self, evidence: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
        """How likely each candidate is right. Features that the forest does not know weigh nothing."""
        return self.judge(self.table(evidence))

    def judge(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely each row of a table is right."""
        trees, depth = self.asked.shape
        answers = table[:, self.asked] > self.cuts
        pattern = answers @ (1 << np.arange(depth)[::-1])
        odds = self.bias + self.leaves[np.arange(trees), pattern].sum(axis=1)
        likely: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        return likely


def tabled(features: Sequence[str], evidence: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
    """Candidates by features."""
    return np.array([[found.get(name, ABSENT) for name in features] for found in evidence], dtype=np.float64)


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
