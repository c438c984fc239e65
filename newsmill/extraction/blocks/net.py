"""The block classifier: a small net over blocks, the containers around them, and the page; numpy alone (pure).

Layer 1 sees a block's own features, those of its enclosing containers and of the page. Layer 2 sees what layer 1
made of the block, its neighbours, its containers (means) and the whole page. Two nets judge together: one learned on
WCXB, which has pages of all kinds, the other on news of all sets and ages too. The file holds a pair a fold of the
cross-validation, each trained without that fold, for evaluation, and last the pair in use, trained on all pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.blocks.containers import LEVELS
from newsmill.extraction.blocks.features import Features, feature_names
from newsmill.extraction.blocks.one_thread import one_thread
from newsmill.extraction.blocks.statistics import Floats
from newsmill.extraction.page.columns import Ints

WEIGHTS = Path(__file__).parent.parent / "model" / "blocks.npz"
# Nets trained for F1 are surer than they are right: their log-odds are shrunk and shifted before the choice.
# Cross-validated F1 on the development pages: .8557 without, .8599 with; flat around these values.
CALM, SHIFT = 0.4, -0.4
# How much the net of all sets counts, on modern pages and on others. F1 of blocks, cross-validated (three folds),
# WCXB / WADDLE: 0, 1: .8630 / .9024; .3, 1: .8638 / .9051; .5, 1: .8630 / .9076. That net
# alone .8593 / .9156, WCXB's alone .8638 / .7740.
SHARE_MODERN, SHARE_OLD = 0.3, 1.0
TABLES = ("own", "containers", "page")
WINDOW = 3  # blocks on either side that a block's neighbourhood has
Params = Mapping[str, Floats]  # the weights by name, as they are trained and kept


@dataclass(frozen=True, slots=True)
class Net:
    """Weights, those of layer 2 by what it sees. near: the block, the one before, the one after, side by side.
    wide: the levels of containers, side by side."""

    own: Floats
    levels: tuple[Floats, ...]
    page: Floats
    bias1: Floats
    near: Floats
    window: Floats
    wide: Floats
    whole: Floats
    bias2: Floats
    out: Floats
    bias3: Floats


def net_of(params: Params) -> Net:
    """The net that these weights make."""
    deep = np.split(params["deep"], LEVELS + 5)
    return Net(
        own=params["own"],
        levels=tuple(params[f"level{level}"] for level in range(LEVELS)),
        page=params["page"],
        bias1=params["bias1"],
        near=np.concatenate(deep[:3], axis=1),
        window=deep[3],
        wide=np.concatenate(deep[4:-1], axis=1),
        whole=deep[-1],
        bias2=params["bias2"],
        out=params["out"],
        bias3=params["bias3"],
    )


class OtherFeatures(ValueError):
    """The weights were trained on other features, or on these in another order."""


Pair = tuple[Net, Net]  # the net of WCXB, and that of all sets


@cache
def trained() -> Pair:
    """The nets in use."""
    return load(WEIGHTS)[-1]


def load(path: Path) -> tuple[Pair, ...]:
    """The pairs of nets of a file written by `save`. Raises OtherFeatures where they were trained on others."""
    with np.load(path) as stored:
        for table, names in zip(TABLES, feature_names(), strict=True):
            if (trained_on := tuple(stored[f"names/{table}"].tolist())) != names:
                other = next((pair for pair in zip_longest(trained_on, names) if pair[0] != pair[1]), None)
                raise OtherFeatures(f"{path.name}: of the features ({table}), {other} differ: `make train`")
        arrays = {name: stored[name].astype(np.float32) for name in stored.files if not name.startswith("names/")}
    count = 1 + max(int(name.split("/")[0]) for name in arrays)
    nets = [
        net_of({name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"{net}/")})
        for net in range(count)
    ]
    return tuple(zip(nets[::2], nets[1::2], strict=True))


def save(path: Path, nets: Sequence[Params]) -> None:
    """Pair after pair. Half precision: the choice of blocks does not change, the file halves."""
    stored: dict[str, NDArray[Any]] = {
        f"names/{table}": np.array(n) for table, n in zip(TABLES, feature_names(), strict=True)
    }
    stored |= {f"{i}/{name}": value.astype(np.float16) for i, net in enumerate(nets) for name, value in net.items()}
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **stored)


def probabilities(found: Features, nets: Pair | None = None) -> Floats:
    """For each block, how likely its words belong to the main text."""
    of_wcxb, of_all = nets or trained()
    share = SHARE_MODERN if found.modern else SHARE_OLD
    with one_thread():
        odds = share * log_odds(found, of_all)
        if share < 1:
            odds += (1 - share) * log_odds(found, of_wcxb)
    odds = CALM * odds + SHIFT
    result: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return result


def log_odds(found: Features, net: Net) -> Floats:
    """What one net makes of each block."""
    hidden = found.own @ net.own
    hidden += found.page @ net.page + net.bias1
    for at, level in zip(found.at, net.levels, strict=True):
        hidden += (found.containers @ level).take(at, axis=0)
    np.maximum(hidden, 0, out=hidden)
    inner = np.maximum(_around(found, net, hidden), 0)
    result: Floats = (inner @ net.out)[:, 0] + net.bias3[0]
    return result


def _around(found: Features, net: Net, hidden: Floats) -> Floats:
    """What layer 2 makes of each block's hidden row and those of its neighbours, window, containers and page.

    Containers are multiplied before they are spread over their blocks: there are fewer.
    """
    blocks, size = len(hidden), len(net.bias2)
    sums = np.zeros((blocks + 1, hidden.shape[1]), np.float32)
    np.cumsum(hidden, axis=0, out=sums[1:])
    index = np.arange(blocks)
    window = mean(sums, np.maximum(index - WINDOW, 0), np.minimum(index + WINDOW + 1, blocks))
    near = hidden @ net.near
    out: Floats = near[:, :size] + (mean(sums, index[:1], index[-1:] + 1) @ net.whole + net.bias2)
    out[1:] += near[:-1, size : 2 * size]
    out[:-1] += near[1:, 2 * size :]
    out += window @ net.window
    wide = mean(sums, found.first, found.last) @ net.wide
    for level, at in enumerate(found.at):
        out += wide[:, level * size : (level + 1) * size].take(at, axis=0)
    return out


def mean(sums: Floats, first: Ints, last: Ints) -> Floats:
    """The mean row of each range, from prefix sums."""
    total = sums.take(last, axis=0) - sums.take(first, axis=0)
    result: Floats = total / np.maximum(last - first, 1)[:, None].astype(np.float32)
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
