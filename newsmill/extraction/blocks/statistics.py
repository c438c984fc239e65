"""Counts for every block of a page, and prefix sums over them (pure)."""

from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.page.columns import Ints, integers
from newsmill.extraction.page.tags import LINKED, STRONG
from newsmill.extraction.page.walk import LINE_BREAK, Page
from newsmill.text import characters as charstats

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BlockStats:
    """One row a block: units (words or what stands for them), linked units, and counts by character class."""

    units: Floats
    linked: Floats
    counts: Floats  # blocks x charstats.CLASSES
    chars: Floats  # characters that are not white space
    pieces: Ints  # how many text nodes
    strong: Floats  # characters in strong text
    links: Ints  # how many of its text nodes begin a link


def block_stats(page: Page) -> BlockStats:
    """The statistics of all blocks in one pass over the characters of the page."""
    blocks = len(page.blk_el)
    starts = integers(page.blk_start)
    ends = integers(page.blk_end)
    inside, lengths, styles = _inside(page, starts, ends)
    classes = charstats.classify("".join(inside).replace(LINE_BREAK, "\n"))
    offsets = _sums(lengths)
    edges = _sums(ends - starts)  # of the blocks, in pieces
    bounds = offsets[edges]  # and in characters
    width = charstats.CLASSES
    cells = np.repeat(np.arange(blocks) * width, np.diff(bounds))
    cells += classes
    counted = np.bincount(cells, minlength=blocks * width).reshape(blocks, width).astype(np.float32)
    begins = charstats.word_starts(classes, bounds[:-1])
    linked = (styles & LINKED) > 0
    if counted[:, charstats.HAN].any() or counted[:, charstats.SEA].any():
        units, in_links = _shares(
            classes, begins, np.repeat(np.arange(blocks), np.diff(bounds)), linked=linked, lengths=lengths
        )
    else:
        words = np.diff(_sums(begins)[offsets])
        units, in_links = (np.diff(_sums(column)[edges]) for column in (words, words * linked))
    chars = counted.sum(axis=1) - counted[:, charstats.SPACE] - counted[:, charstats.NEWLINE]
    strong = np.diff(_sums(lengths * ((styles & STRONG) > 0))[edges])
    begun = _sums(np.diff(integers(page.hrefs), prepend=-1) > 0)
    units, in_links, strong = (column.astype(np.float32) for column in (units, in_links, strong))
    return BlockStats(units, in_links, counted, chars, ends - starts, strong, begun[ends] - begun[starts])


def _inside(page: Page, starts: Ints, ends: Ints) -> tuple[list[str], Ints, Ints]:
    """The text nodes that are in blocks, their lengths and their styles."""
    steps = np.zeros(len(page.pieces) + 1, dtype=np.int64)
    steps[starts] += 1
    steps[ends] -= 1
    mask = np.cumsum(steps[:-1]) > 0
    inside = list(compress(page.pieces, mask.tolist()))
    lengths = np.fromiter(map(len, inside), dtype=np.int64, count=len(inside))
    return inside, lengths, integers(page.styles)[mask]


def _sums(values: NDArray[Any]) -> Ints:
    """Prefix sums of whole numbers, with a leading zero."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    return sums


def _shares(
    classes: NDArray[np.uint8], begins: NDArray[np.bool_], block: Ints, *, linked: NDArray[np.bool_], lengths: Ints
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Units and linked units by block where some scripts have no spaces: a character is a share of a word."""
    weight = begins.astype(np.float32)
    weight += np.where(classes == charstats.HAN, charstats.UNITS_PER_HAN, 0.0)
    weight += np.where(classes == charstats.SEA, charstats.UNITS_PER_SEA, 0.0)
    return np.bincount(block, weight), np.bincount(block, weight * np.repeat(linked, lengths))


def prefix(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Prefix sums with a leading zero, so that the sum over blocks a..b is p[b] - p[a]."""
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)))
