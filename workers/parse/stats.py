"""Counts for every block of a page, and prefix sums over them (pure)."""

from dataclasses import dataclass

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
    classes = charstats.classify("".join(page.pieces).replace(LINE_BREAK, "\n"))
    lengths = np.fromiter(map(len, page.pieces), dtype=np.int64, count=len(page.pieces))
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    block_of_piece = np.full(len(page.pieces), blocks, dtype=np.int64)
    for_pieces = np.repeat(np.arange(blocks), ends - starts)
    inside = (
        np.repeat(starts - np.concatenate(([0], np.cumsum(ends - starts)[:-1])), ends - starts) if blocks else starts
    )
    block_of_piece[np.arange(len(for_pieces)) + inside] = for_pieces
    linked_piece = (np.array(page.styles, dtype=np.int64) & LINKED) > 0
    block = np.repeat(block_of_piece, lengths)
    linked = np.repeat(linked_piece, lengths)
    width = charstats.CLASSES
    counts = np.bincount(block * width + classes, minlength=(blocks + 1) * width)
    counted: Floats = counts[: (blocks + 1) * width].reshape(blocks + 1, width)[:blocks].astype(np.float32)
    weight = charstats.word_starts(classes, offsets[starts]).astype(np.float32)
    weight += np.where(classes == charstats.HAN, charstats.UNITS_PER_HAN, 0.0)
    weight += np.where(classes == charstats.SEA, charstats.UNITS_PER_SEA, 0.0)
    units = np.bincount(block, weight, minlength=blocks + 1)[:blocks]
    in_links = np.bincount(block, weight * linked, minlength=blocks + 1)[:blocks]
    chars = counted.sum(axis=1) - counted[:, charstats.SPACE] - counted[:, charstats.NEWLINE]
    return BlockStats(units.astype(np.float32), in_links.astype(np.float32), counted, chars)


def prefix(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Prefix sums with a leading zero, so that the sum over blocks a..b is p[b] - p[a]."""
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)))
