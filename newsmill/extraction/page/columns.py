"""The elements of a page as arrays, for statistics over all of them at once (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.page.tags import TAG

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """A row an element, in document order: the element around it, tag id, own flags, flags of it and all around it, a
    number for tag and class (equal for elements of one look), depth, first block and one past the last block in it.
    el: the innermost element of each block.
    """

    parent: Ints
    tag: Ints
    flags: Ints
    within: Ints
    look: Ints
    depth: Ints
    first: Ints
    last: Ints
    el: Ints


def integers(values: Sequence[int]) -> Ints:
    """The numbers as an array, in less time than np.array takes."""
    return np.fromiter(values, dtype=np.int64, count=len(values))


def columns_of(
    rows: Sequence[tuple[int, int, int, int, int]],
    flags_of_look: list[int],
    named: list[tuple[int, int]],
    *,
    last: list[int],
    el: list[int],
) -> Columns:
    """rows: by element, parent (-1 for the root), tag, flags, look, first block. flags_of_look: those that its tag and
    class add. named: elements with further flags."""
    table = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=5 * len(rows)).reshape(-1, 5)
    parent, tag, flags, look, first = np.ascontiguousarray(table.T)
    flags |= integers(flags_of_look).take(look)
    if named:
        elements, more = zip(*named, strict=True)
        np.bitwise_or.at(flags, integers(elements), integers(more))
    around = np.maximum(parent, 0)
    apart = (tag == TAG["html"]) | (tag == TAG["body"])  # their names describe the site, not a part of it
    within = collected(np.bitwise_or, np.where(apart, 0, flags), np.where(apart, np.arange(len(rows)), around))
    depth = collected(np.add, np.minimum(parent + 1, 1), around)
    return Columns(parent, tag, flags, within, look, depth, first, integers(last), integers(el))


def collected(join: np.ufunc, values: Ints, up: Ints) -> Ints:
    """For each element, the values of it and of all that `up` leads to, joined. Where `up` ends it leads to itself,
    and joining a value of there with itself must change nothing. Pointers are doubled: each turn looks twice as far."""
    while True:
        values = join(values, values.take(up))
        further = up.take(up)
        if np.array_equal(further, up):
            return values
        up = further


NO_ELEMENTS = Columns(*(np.zeros(0, dtype=np.int64) for _ in range(9)))
