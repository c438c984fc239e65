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
        answers = (table.take(self.asked.ravel(), axis=1) > self.cuts.ravel()).view(np.uint8)
        pattern = np.zeros((len(table), trees), dtype=np.uint8)
        for level in range(depth):
            pattern <<= 1
            pattern |= answers[:, level * trees : (level + 1) * trees]
        places = pattern + np.arange(0, self.leaves.size, 1 << depth)
        odds = self.bias + self.leaves.take(places).sum(axis=1)
        likely: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        return likely


def tabled(column: Mapping[str, int], pages: Sequence[tuple[Evidence, Sequence[Evidence]]]) -> NDArray[np.float64]:
    """Candidates by features, page after page; a candidate's own evidence goes before that of its page."""
    width = len(column)
    table = np.full((sum(len(candidates) for _, candidates in pages), width), ABSENT)
    at = 0
    for page, candidates in pages:
        shared = [(column[name], value) for name, value in page.items() if name in column]
        if shared:
            places, values = zip(*shared, strict=True)
            table[at : at + len(candidates), places] = values
        own = [
            ((at + row) * width + column[name], value)
            for row, evidence in enumerate(candidates)
            for name, value in evidence.items()
            if name in column
        ]
        if own:
            places, values = zip(*own, strict=True)
            table.put(places, values)
        at += len(candidates)
    return table


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
