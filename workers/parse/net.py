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
# Nets trained for F1 are surer than they are right: their log-odds are shrunk and shifted before the choice.
# Cross-validated F1 on the development pages: .8557 without, .8599 with; flat around these values.
CALM, SHIFT = 0.4, -0.4
WINDOW = 3  # blocks on either side that a block's neighbourhood has
Net = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Nets:
    """Several nets, run at once: their first layers side by side. deep: layer 2 of each, its squares side by side."""

    own: Floats
    levels: tuple[Floats, ...]
    page: Floats
    bias: Floats
    deep: tuple[Floats, ...]
    each: tuple[Net, ...]


def join(nets: Sequence[Net]) -> Nets:
    """The nets as one; their answers are averaged."""

    def beside(name: str) -> Floats:
        return np.concatenate([net[name] for net in nets], axis=-1)

    levels = tuple(beside(f"level{level}") for level in range(LEVELS))
    deep = tuple(np.concatenate(np.split(net["deep"], LEVELS + 5), axis=1) for net in nets)
    return Nets(beside("own"), levels, beside("page"), beside("bias1"), deep, tuple(nets))


@cache
def trained() -> Nets:
    """The nets that are averaged. Limits numpy to one thread in this process: its matrices are small."""
    threadpool_limits(limits=1, user_api="blas")
    return join(load(WEIGHTS)[:AVERAGED])


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


def probabilities(found: Features, nets: Nets | None = None) -> Floats:
    """For each block, how likely its words belong to the main text."""
    nets = nets or trained()
    hidden = found.own @ nets.own + (found.page @ nets.page + nets.bias)
    for at, level in zip(found.at, nets.levels, strict=True):
        hidden += (found.containers @ level)[at]
    np.maximum(hidden, 0, out=hidden)
    sums = np.zeros((len(hidden) + 1, hidden.shape[1]), np.float32)
    np.cumsum(hidden, axis=0, out=sums[1:])
    index = np.arange(len(hidden))
    window = mean(sums, np.maximum(index - WINDOW, 0), np.minimum(index + WINDOW + 1, len(index)))
    whole = mean(sums, index[:1], index[-1:] + 1)
    tables = hidden, window, mean(sums, found.first, found.last), whole
    total = np.zeros(len(hidden), np.float32)
    for at_net, (net, deep) in enumerate(zip(nets.each, nets.deep, strict=True)):
        width = len(deep)
        part = slice(at_net * width, (at_net + 1) * width)
        inner = np.maximum(_around(found, deep, *(table[:, part] for table in tables)) + net["bias2"], 0)
        odds = CALM * ((inner @ net["out"])[:, 0] + net["bias3"][0]) + SHIFT
        total += 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    result: Floats = total / np.float32(len(nets.each))
    return result


def _around(found: Features, deep: Floats, hidden: Floats, window: Floats, containers: Floats, whole: Floats) -> Floats:
    """What layer 2 makes of each block's hidden row and those of its neighbours, window, containers and page.

    Containers are multiplied before they are spread over their blocks: there are fewer.
    """
    size = deep.shape[1] // (LEVELS + 5)
    near = hidden @ deep[:, : 3 * size]
    out: Floats = near[:, :size]
    out[1:] += near[:-1, size : 2 * size]
    out[:-1] += near[1:, 2 * size :]
    out += window @ deep[:, 3 * size : 4 * size]
    wide = containers @ deep[:, 4 * size : -size]
    for level, at in enumerate(found.at):
        out += wide[:, level * size : (level + 1) * size][at]
    out += whole @ deep[:, -size:]
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
