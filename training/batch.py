"""Several pages as one, so that a training step is a few large matrix products (pure)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.blocks.containers import LEVELS
from newsmill.extraction.blocks.features import Features
from newsmill.extraction.blocks.net import WINDOW
from newsmill.extraction.blocks.statistics import Floats
from newsmill.extraction.page.columns import Ints
from training.align import Labels


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page ready to learn from."""

    features: Features
    labels: Labels
    units: Floats


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of rows, and for every row that reads them, which range."""

    first: Ints
    last: Ints
    reader: Ints  # row -> range
    order: Ints  # rows sorted by range
    starts: Ints  # where each range begins in `order`
    used: Ints  # ranges that have readers

    def gather(self, sums: NDArray[np.float64]) -> Floats:
        """The mean of its range, for every row."""
        size = np.maximum(self.last - self.first, 1)[:, None].astype(np.float32)
        result: Floats = ((sums[self.last] - sums[self.first]) / size).astype(np.float32)[self.reader]
        return result

    def scatter(self, gradient: Floats, rows: int) -> Floats:
        """The gradient of `gather` with respect to the rows."""
        size = np.maximum(self.last - self.first, 1)[self.used, None].astype(np.float32)
        share = np.add.reduceat(gradient[self.order], self.starts, axis=0) / size
        steps = np.zeros((rows + 1, gradient.shape[1]), np.float32)
        np.add.at(steps, self.first[self.used], share)
        np.add.at(steps, self.last[self.used], -share)
        result: Floats = np.cumsum(steps[:-1], axis=0)
        return result


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of several pages, one after the other. `page_of`, `container_of[level]`: row of those tables by block."""

    own: Floats
    containers: Floats
    pages: Floats
    page_of: Ints
    page_starts: Ints
    container_of: tuple[Ints, ...]
    container_order: tuple[Ints, ...]
    ranges: tuple[Ranges, ...]  # window, levels, page
    before: Ints  # the previous block of the same page, or -1
    after: Ints
    sizes: Floats
    hits: Floats
    truth: Floats


def ranges(first: Ints, last: Ints, reader: Ints) -> Ranges:
    """Index `reader` for the way back."""
    order = np.argsort(reader, kind="stable")
    used, starts = np.unique(reader[order], return_index=True)
    return Ranges(first, last, reader, order, starts, used)


def batch(pages: list[Labelled]) -> Batch:
    """The pages as one."""
    counts = np.array([len(page.features.own) for page in pages])
    ends = np.cumsum(counts)
    starts = ends - counts
    page_of = np.repeat(np.arange(len(pages)), counts)
    index = np.arange(int(ends[-1]))
    boxes = np.cumsum([0, *(len(page.features.first) for page in pages)])[:-1]
    container_of = tuple(
        np.concatenate([page.features.at[level] + box for page, box in zip(pages, boxes, strict=True)])
        for level in range(LEVELS)
    )
    first = np.concatenate([page.features.first + start for page, start in zip(pages, starts, strict=True)])
    last = np.concatenate([page.features.last + start for page, start in zip(pages, starts, strict=True)])
    low = np.maximum(index - WINDOW, starts[page_of])
    high = np.minimum(index + WINDOW + 1, ends[page_of])
    return Batch(
        own=np.concatenate([page.features.own for page in pages]),
        containers=np.concatenate([page.features.containers for page in pages]),
        pages=np.stack([page.features.page for page in pages]),
        page_of=page_of,
        page_starts=starts,
        container_of=container_of,
        container_order=tuple(np.argsort(reader, kind="stable") for reader in container_of),
        ranges=(
            ranges(low, high, index),
            *(ranges(first, last, reader) for reader in container_of),
            ranges(starts, ends, page_of),
        ),
        before=np.where(index > starts[page_of], index - 1, -1),
        after=np.where(index < ends[page_of] - 1, index + 1, -1),
        sizes=np.concatenate([page.labels.sizes for page in pages]),
        hits=np.concatenate([page.labels.hits for page in pages]),
        truth=np.array([page.labels.truth for page in pages], np.float32),
    )
