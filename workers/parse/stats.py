"""Counts for every block of a page, and prefix sums over them (pure)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.parse import charstats
from workers.parse.page import LINE_BREAK, Page
from workers.parse.tags import LINKED

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BlockStats:
    """One row a block: units (words or what stands for them), linked units, and counts by character class."""

    units: Floats
    linked: Floats
    counts: Floats  # blocks x charstats.CLASSES
    chars: Floats  # characters that are not white space


def block_stats(page: Page) -> BlockStats:
    """The statistics of all blocks in one pass over the characters of the page."""
    blocks = len(page.blk_el)
    starts = np.array(page.blk_start, dtype=np.int64)
    ends = np.array(page.blk_end, dtype=np.int64)
    inside = [piece for a, b in zip(page.blk_start, page.blk_end, strict=True) for piece in page.pieces[a:b]]
    styles = [style for a, b in zip(page.blk_start, page.blk_end, strict=True) for style in page.styles[a:b]]
    classes = charstats.classify("".join(inside).replace(LINE_BREAK, "\n"))
    lengths = np.fromiter(map(len, inside), dtype=np.int64, count=len(inside))
    offsets = _sums(lengths)
    edges = _sums(ends - starts)  # of the blocks, in pieces
    bounds = offsets[edges]  # and in characters
    width = charstats.CLASSES
    cells = np.repeat(np.arange(blocks) * width, np.diff(bounds))
    cells += classes
    counted = np.bincount(cells, minlength=blocks * width).reshape(blocks, width).astype(np.float32)
    begins = charstats.word_starts(classes, bounds[:-1])
    linked = (np.array(styles, dtype=np.int64) & LINKED) > 0
    if counted[:, charstats.HAN].any() or counted[:, charstats.SEA].any():
        units, in_links = _shares(classes, begins, np.repeat(np.arange(blocks), np.diff(bounds)), linked, lengths)
    else:
        words = np.diff(_sums(begins)[offsets])
        units, in_links = (np.diff(_sums(column)[edges]) for column in (words, words * linked))
    chars = counted.sum(axis=1) - counted[:, charstats.SPACE] - counted[:, charstats.NEWLINE]
    return BlockStats(units.astype(np.float32), in_links.astype(np.float32), counted, chars)


def _sums(values: NDArray[Any]) -> Ints:
    """Prefix sums of whole numbers, with a leading zero."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    return sums


def _shares(
    classes: NDArray[np.uint8], begins: NDArray[np.bool_], block: Ints, linked: NDArray[np.bool_], lengths: Ints
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Units and linked units by block where some scripts have no spaces: a character is a share of a word."""
    weight = begins.astype(np.float32)
    weight += np.where(classes == charstats.HAN, charstats.UNITS_PER_HAN, 0.0)
    weight += np.where(classes == charstats.SEA, charstats.UNITS_PER_SEA, 0.0)
    return np.bincount(block, weight), np.bincount(block, weight * np.repeat(linked, lengths))


def prefix(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Prefix sums with a leading zero, so that the sum over blocks a..b is p[b] - p[a]."""
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)))
