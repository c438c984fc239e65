"""The choice of blocks by rules alone: what a reader would call the densest region of prose (pure).

Used as a vote among the features of the learned model.
"""

import numpy as np
from numpy.typing import NDArray

from workers.parse import charstats
from workers.parse.classflags import BIT
from workers.parse.page import Page
from workers.parse.stats import BlockStats, prefix
from workers.parse.tags import LAST_KNOWN_ID, TAG, tag_id

PROSE_UNITS = 12  # a block of fewer words is a heading, a label or a link unless it ends like a sentence
MAX_LINKED = 0.4  # share of linked words above which a block is navigation
REGION_SHARE = 0.8  # descend into a child that holds this share of the prose of its parent

_BAD = BIT["nav"] | BIT["related"] | BIT["share"] | BIT["comment"] | BIT["cookie"] | BIT["ad"] | BIT["breadcrumb"]
_BAD |= BIT["pagination"]
_BAD_TAGS = frozenset(TAG[name] for name in ("nav", "footer", "form", "button", "noscript"))
_HEADINGS = frozenset(tag_id(f"h{level}") for level in range(1, 7))
_KEPT_INSIDE = _HEADINGS | {TAG["li"], TAG["td"], TAG["dd"], TAG["dt"], TAG["pre"], TAG["blockquote"], TAG["p"]}
_IS_KEPT = np.isin(np.arange(LAST_KNOWN_ID + 1), list(_KEPT_INSIDE))
_WHOLE_PAGE = frozenset(TAG[name] for name in ("html", "body", "main", "article"))


def vote(page: Page, stats: BlockStats) -> NDArray[np.bool_]:
    """Which blocks the rules would keep."""
    blocks = len(page.blk_el)
    if not blocks:
        return np.zeros(0, dtype=np.bool_)
    bad = _bad_blocks(page)
    linked = stats.linked / np.maximum(stats.units, 1)
    ends = stats.counts[:, charstats.STOP] + stats.counts[:, charstats.COMMA]
    prose = (
        (linked < MAX_LINKED) & ~bad & ((stats.units >= PROSE_UNITS) | ((stats.units >= PROSE_UNITS / 2) & (ends >= 1)))
    )
    weight = np.where(prose, stats.units, 0).astype(np.float32)
    first, last = _region(page, prefix(weight))
    keep = np.zeros(blocks, dtype=np.bool_)
    keep[first:last] = prose[first:last]
    tags = np.array([page.el_tag[element] for element in page.blk_el])
    inside = np.zeros(blocks, dtype=np.bool_)
    kept = np.flatnonzero(keep)
    if len(kept):
        inside[kept[0] : kept[-1] + 1] = True
    small = inside & ~bad & (linked < MAX_LINKED) & _IS_KEPT[tags]
    keep |= small
    return keep


def _bad_blocks(page: Page) -> NDArray[np.bool_]:
    bad: list[bool] = []
    for parent, tag, flags in zip(page.el_parent, page.el_tag, page.el_flags, strict=True):
        own = tag in _BAD_TAGS or (bool(flags & _BAD) and tag not in _WHOLE_PAGE)
        bad.append(own or (parent >= 0 and bad[parent]))
    return np.array([bad[element] for element in page.blk_el], dtype=np.bool_)


def _region(page: Page, prose: NDArray[np.float64]) -> tuple[int, int]:
    """The blocks of the smallest element that still holds nearly all prose of its parent."""
    sums = (prose[np.array(page.el_last)] - prose[np.array(page.el_first)]).tolist()
    current, children = 0, _children(page)
    while True:
        best = max(children[current], key=lambda child: sums[child], default=-1)
        if best < 0 or sums[best] < REGION_SHARE * max(sums[current], 1):
            return page.el_first[current], page.el_last[current]
        current = best


def _children(page: Page) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in page.el_parent]
    for element, (parent, first, last) in enumerate(zip(page.el_parent, page.el_first, page.el_last, strict=True)):
        if parent >= 0 and last > first:
            children[parent].append(element)
    return children
