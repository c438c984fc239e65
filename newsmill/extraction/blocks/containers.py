"""The elements around a block, each larger than the one before, and how often what looks alike repeats (pure)."""

import numpy as np

from newsmill.extraction.page.columns import Columns, Ints, collected

LEVELS = 4  # enclosing containers looked at, each larger than the one before


def repeats(tree: Columns) -> Ints:
    """For each element: how many siblings, and how many elements of the page, look like it and hold text (two rows).

    Cards of a grid, teasers and comments repeat; articles do not.
    """
    holds = tree.last > tree.first
    kinds = int(tree.look.max()) + 1
    _, group = np.unique((tree.parent + 1) * kinds + tree.look, return_inverse=True)
    counted = [np.bincount(ids, holds).take(ids) for ids in (group, tree.look)]
    return np.array(counted, dtype=np.int64)


def larger(tree: Columns, repeats: Ints) -> tuple[Ints, Ints, Ints]:
    """For each element: the nearest ancestor that holds more blocks, the flags of those that hold the same, and
    the most `repeats` among those (often the wrapper of a card is what repeats)."""
    own = np.arange(len(tree.parent))
    parent = np.maximum(tree.parent, 0)
    alike = (tree.first.take(parent) == tree.first) & (tree.last.take(parent) == tree.last)
    up = np.where(alike, parent, own)
    top = collected(np.minimum, up, up)  # parents come before their children
    most = np.stack([collected(np.maximum, row, up) for row in repeats])
    return parent.take(top), collected(np.bitwise_or, tree.flags, up), most


def levels(tree: Columns, up: Ints) -> list[Ints]:
    """The enclosing containers of every block, the innermost that holds more than the block first."""
    alone = (tree.last - tree.first).take(tree.el) <= 1
    current = np.where(alone, up.take(tree.el), tree.el)
    found = [current]
    for _ in range(LEVELS - 1):
        current = up.take(current)
        found.append(current)
    return found


def used(tree: Columns, levels: list[Ints]) -> tuple[Ints, tuple[Ints, ...]]:
    """The elements among the levels, each once, and for every level and block its row among them."""
    used = np.zeros(len(tree.parent), dtype=np.bool_)
    used[np.concatenate(levels)] = True
    row = np.cumsum(used) - 1
    return np.flatnonzero(used), tuple(row.take(level) for level in levels)
