"""The block classifier: a small net over blocks, the containers around them, and the page; numpy alone (pure).

Layer 1 sees a block's own features, those of its enclosing containers and of the page. Layer 2 sees what layer 1
made of the block, its neighbours, its containers (means) and the whole page. The file holds one net a fold of the
cross-validation, each trained without that fold. Two are averaged; evaluation uses the one that did not see a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from workers.parse.features import LEVELS, Features
from workers.parse.stats import Floats, Ints

WEIGHTS = Path(__file__).parent / "model" / "blocks.npz"
AVERAGED = 2  # of the nets in the file, one a fold: each costs about 0.3 ms a page
WINDOW = 3  # blocks on either side that a block's neighbourhood has
Net = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Pools:
    """Where layer 2 looks, as ranges of blocks: each container of `Features`, and the window around each block."""

    first: Ints
    last: Ints
    low: Ints
    high: Ints


def pools(found: Features) -> Pools:
    """The ranges of one page."""
    index = np.arange(len(found.own))
    high = np.minimum(index + WINDOW + 1, len(index))
    return Pools(found.first, found.last, np.maximum(index - WINDOW, 0), high)


@cache
def trained() -> tuple[Net, ...]:
    """The nets that are averaged. Limits numpy to one thread in this process: its matrices are small."""
    threadpool_limits(limits=1, user_api="blas")
    return load(WEIGHTS)[:AVERAGED]


def load(path: Path) -> tuple[Net, ...]:
    """The nets of a file written by `save`."""
    with np.load(path) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    count = 1 + max(int(name.split("/")[0]) for name in arrays)
    return tuple(
        {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"{net}/")}
        for net in range(count)
    )


def save(path: Path, nets: Sequence[Net]) -> None:
    """Half precision: the choice of blocks does not change, the file halves."""
    stored = {f"{i}/{name}": value.astype(np.float16) for i, net in enumerate(nets) for name, value in net.items()}
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **stored)


def probabilities(found: Features, nets: tuple[Net, ...] | None = None) -> NDArray[np.float32]:
    """For each block, how likely its words belong to the main text."""
    nets = nets or trained()
    where = pools(found)
    total = sum(_probability(found, where, net) for net in nets)
    return np.asarray(total / len(nets), dtype=np.float32)


def _probability(found: Features, where: Pools, net: Net) -> Floats:
    hidden = found.own @ net["own"] + (found.page @ net["page"] + net["bias1"])
    for level in range(LEVELS):
        hidden += (found.containers @ net[f"level{level}"])[found.at[level]]
    np.maximum(hidden, 0, out=hidden)
    around = np.maximum(_around(hidden, found, where, net["deep"]) + net["bias2"], 0)
    odds = (around @ net["out"])[:, 0] + net["bias3"][0]
    result: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return result


def _around(hidden: Floats, found: Features, where: Pools, deep: Floats) -> Floats:
    """What layer 2 makes of each block's hidden row and those of its neighbours, window, containers and page.

    `deep` has a square for each of these, one below the other. Containers are multiplied before they are spread over
    their blocks: there are fewer.
    """
    blocks, width = hidden.shape
    sums = np.zeros((blocks + 1, width), np.float32)
    np.cumsum(hidden, axis=0, out=sums[1:])
    own, before, after, window, *levels, whole = deep.reshape(LEVELS + 5, width, -1)
    out: Floats = hidden @ own
    out[1:] += hidden[:-1] @ before
    out[:-1] += hidden[1:] @ after
    out += mean(sums, where.low, where.high) @ window
    pooled = mean(sums, where.first, where.last)
    for at, square in zip(found.at, levels, strict=True):
        out += (pooled @ square)[at]
    out += (sums[-1] / np.float32(blocks)) @ whole
    return out


def mean(sums: Floats, first: Ints, last: Ints) -> Floats:
    """The mean row of each range, from prefix sums."""
    result: Floats = (sums[last] - sums[first]) / np.maximum(last - first, 1)[:, None].astype(np.float32)
    return result


def choose(probability: Floats, units: Floats) -> tuple[NDArray[np.bool_], float]:
    """The blocks to keep, and the F1 to expect of them: the set with the highest expected F1, not p > 0.5.

    F1 of a choice is about 2 * sum(p * n) / (sum of n chosen + expected size of the truth); taking blocks by falling
    p, its maximum over prefixes is the best set.
    """
    keep = np.zeros(len(probability), dtype=np.bool_)
    if not len(probability):
        return keep, 0.0
    order = np.argsort(-probability, kind="stable")
    gain = (probability * units).astype(np.float64)
    score = np.cumsum(gain[order]) / np.maximum(np.cumsum(units[order], dtype=np.float64) + gain.sum(), 1e-9)
    best = int(np.argmax(score))
    keep[order[: best + 1]] = True
    return keep, min(1.0, 2 * float(score[best]))
