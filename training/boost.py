"""Gradient boosting of oblivious trees, for the metadata arbiter: a hundred lines of numpy, seeded, no dependency.

All nodes of one level of an oblivious tree ask the same question. Such trees fit little noise and are judged in a few
numpy operations (`metadata/forest.py`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.metadata.forest import Forest

SEED = 1
MAX_BINS = 24  # cuts of a feature that are tried
NEVER = 1e12  # above every value


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to grow. columns, rows: the share of features a tree sees, and of candidates; ridge: towards small leaves."""

    trees: int = 240
    depth: int = 4
    rate: float = 0.08
    ridge: float = 4.0
    columns: float = 0.3
    rows: float = 0.8


def grow(
    names: list[str],
    table: NDArray[np.float64],
    right: NDArray[np.float64],
    recipe: Recipe,
) -> Forest:
    """A forest that tells how likely a row is right. table: candidates by features."""
    rng = np.random.default_rng(SEED)
    cuts, bins = _binned(table)
    count, width = bins.shape
    share = float(np.clip(right.mean(), 1e-3, 1 - 1e-3))
    bias = float(np.log(share / (1 - share)))
    odds = np.full(count, bias)
    asked, levels, leaves = [], [], []
    for _ in range(recipe.trees):
        probability = 1 / (1 + np.exp(-odds))
        drawn = rng.random(count) < recipe.rows
        slope, curve = (right - probability) * drawn, probability * (1 - probability) * drawn
        columns = np.sort(rng.choice(width, max(1, int(width * recipe.columns)), replace=False))
        tree = _tree(bins, slope, curve, columns, recipe)
        leaf = _leaf_of(bins, tree)
        value = recipe.rate * _values(leaf, slope, curve, 1 << recipe.depth, recipe.ridge)
        odds += value[leaf]
        asked.append([feature for feature, _ in tree])
        levels.append([cuts[feature][at] if at < len(cuts[feature]) else NEVER for feature, at in tree])
        leaves.append(value)
    return Forest(tuple(names), np.array(asked).T.copy(), np.array(levels).T.copy(), np.array(leaves), bias)


def _binned(table: NDArray[np.float64]) -> tuple[list[NDArray[np.float64]], NDArray[np.int64]]:
    """The cuts of every feature, and for every value how many of them lie below it."""
    cuts = []
    bins = np.zeros(table.shape, dtype=np.int64)
    for feature in range(table.shape[1]):
        values = np.unique(table[:, feature])
        if len(values) > MAX_BINS:
            values = np.unique(np.quantile(table[:, feature], np.linspace(0, 1, MAX_BINS + 1)))
        between = (values[:-1] + values[1:]) / 2
        cuts.append(between)
        bins[:, feature] = np.searchsorted(between, table[:, feature], side="left")
    return cuts, bins


_Tree = list[tuple[int, int]]  # by level: the feature, and which of its cuts


def _tree(
    bins: NDArray[np.int64],
    slope: NDArray[np.float64],
    curve: NDArray[np.float64],
    columns: NDArray[np.int64],
    recipe: Recipe,
) -> _Tree:
    """The questions, each the best for all leaves of its level together."""
    few = bins[:, columns]
    width, size = len(columns), MAX_BINS + 1
    place = np.arange(width) * size + few
    leaf = np.zeros(len(bins), dtype=np.int64)
    tree: _Tree = []
    for level in range(recipe.depth):
        shape = (1 << level, width, size)
        at = (leaf[:, None] * (width * size) + place).ravel()
        total = int(np.prod(shape))
        slopes = np.bincount(at, np.repeat(slope, width), total).reshape(shape).cumsum(axis=2)
        curves = np.bincount(at, np.repeat(curve, width), total).reshape(shape).cumsum(axis=2)
        rest, bent = slopes[:, :, -1:] - slopes, curves[:, :, -1:] - curves
        gain = (slopes**2 / (curves + recipe.ridge) + rest**2 / (bent + recipe.ridge)).sum(axis=0)[:, :-1]
        feature, cut = divmod(int(gain.argmax()), size - 1)
        column = int(columns[feature])
        tree.append((column, cut))
        leaf = leaf * 2 + (bins[:, column] > cut)
    return tree


def _leaf_of(bins: NDArray[np.int64], tree: _Tree) -> NDArray[np.int64]:
    leaf = np.zeros(len(bins), dtype=np.int64)
    for feature, cut in tree:
        leaf = leaf * 2 + (bins[:, feature] > cut)
    return leaf


def _values(
    leaf: NDArray[np.int64], slope: NDArray[np.float64], curve: NDArray[np.float64], count: int, ridge: float
) -> NDArray[np.float64]:
    value: NDArray[np.float64] = np.bincount(leaf, slope, count) / (np.bincount(leaf, curve, count) + ridge)
    return value
