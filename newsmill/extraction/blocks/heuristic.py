"""The choice of blocks by rules alone: what a reader would call the densest region of prose (pure).

Used as a vote among the features of the learned model.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.blocks.statistics import BlockStats, prefix
from newsmill.extraction.page.class_names import BIT
from newsmill.extraction.page.columns import Columns
from newsmill.extraction.page.tags import LAST_KNOWN_ID, tag_id
from newsmill.text import characters as charstats

PROSE_UNITS = 12  # a block of fewer words is a heading, a label or a link unless it ends like a sentence
MAX_LINKED = 0.4  # share of linked words above which a block is navigation
REGION_SHARE = 0.8  # descend into a child that holds this share of the prose of its parent

_BAD = BIT["nav"] | BIT["related"] | BIT["share"] | BIT["comment"] | BIT["cookie"] | BIT["ad"] | BIT["breadcrumb"]
_BAD |= BIT["pagination"]


def _table(names: Iterable[str]) -> NDArray[np.bool_]:
    return np.isin(np.arange(LAST_KNOWN_ID + 1), [tag_id(name) for name in names])


_IS_BAD = _table(("nav", "footer", "form", "button", "noscript"))
_IS_KEPT = _table((*(f"h{level}" for level in range(1, 7)), "li", "td", "dd", "dt", "pre", "blockquote", "p"))
_IS_WHOLE_PAGE = _table(("html", "body", "main", "article"))


def vote(tree: Columns, stats: BlockStats) -> NDArray[np.bool_]:
    """Which blocks the rules would keep."""
    blocks = len(tree.el)
    if not blocks:
        return np.zeros(0, dtype=np.bool_)
    linked = stats.linked < MAX_LINKED * np.maximum(stats.units, 1)
    sound = linked & ~_bad_blocks(tree)
    ends = stats.counts[:, charstats.STOP] + stats.counts[:, charstats.COMMA]
    prose = sound & ((stats.units >= PROSE_UNITS) | ((stats.units >= PROSE_UNITS / 2) & (ends >= 1)))
    first, last = _region(tree, prefix(prose * stats.units))
    keep = np.zeros(blocks, dtype=np.bool_)
    keep[first:last] = prose[first:last]
    kept = np.flatnonzero(keep)
    if len(kept):
        between = slice(kept[0], kept[-1] + 1)
        keep[between] |= sound[between] & _IS_KEPT[tree.tag[tree.el[between]]]
    return keep


def _bad_blocks(tree: Columns) -> NDArray[np.bool_]:
    """The blocks in elements that are chrome by their tag or their names."""
    bad = _IS_BAD[tree.tag] | (((tree.flags & _BAD) != 0) & ~_IS_WHOLE_PAGE[tree.tag])
    edges = len(tree.el) + 1
    steps = np.bincount(tree.first[bad], minlength=edges) - np.bincount(tree.last[bad], minlength=edges)
    return np.cumsum(steps)[:-1] > 0


def _region(tree: Columns, prose: NDArray[np.float64]) -> tuple[int, int]:
    """The blocks of the smallest element that still holds nearly all prose of its parent."""
    sums = prose[tree.last] - prose[tree.first]
    holds = (sums >= REGION_SHARE * np.maximum(sums[tree.parent], 1)) & (tree.first < tree.last)
    current = 0
    for element in np.flatnonzero(holds[1:]).tolist():  # in document order; of the children of one, only one holds it
        if tree.parent[element + 1] == current:
            current = element + 1
    return int(tree.first[current]), int(tree.last[current])
