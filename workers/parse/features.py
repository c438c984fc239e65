"""The numbers the classifier sees: one row a block, computed for all blocks of a page at once (pure).

Nothing here knows words of any language: features are counts of character classes, tags, names of classes in
templates, positions, and statistics of what surrounds a block.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.parse import charstats as cs
from workers.parse.page import FLAG_BITS, Page
from workers.parse.rules import vote
from workers.parse.stats import BlockStats, Floats, Ints, prefix
from workers.parse.tags import LAST_KNOWN_ID, STRONG, tag_id

MAX_BODY_CHARS = 200_000  # of JSON-LD that blocks are looked up in
MAX_QUOTED_BLOCKS = 1000  # blocks that are looked up
NAME_BITS = 32  # families of class names
LEVELS = 4  # enclosing containers looked at, each larger than the one before
PROSE_UNITS = 12
_SHIFTS = np.arange(FLAG_BITS, dtype=np.int64)
_HEADINGS = np.array([tag_id(f"h{level}") for level in range(1, 7)])
_IS_HEADING = np.isin(np.arange(LAST_KNOWN_ID + 1), _HEADINGS)
_PAGE_MARKS = (  # what publishers call the page, in JSON-LD and Open Graph
    ("Article", "BlogPosting", "Report"), ("Product",), ("DiscussionForumPosting", "QAPage", "SocialMediaPosting"),
    ("CollectionPage", "ItemList", "SearchResultsPage"), ("FAQPage",), ("Recipe",), ("Service", "LocalBusiness"),
    ("articleBody",),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Features:
    """What the net reads, in three tables, so that nothing is computed twice.

    own: a row a block. containers: a row for each element that encloses blocks. page: one row.
    at: for each level, the container row of every block. first, last: the blocks each container spans.
    texts: raw text of each block.
    """

    own: Floats
    containers: Floats
    page: Floats
    at: tuple[Ints, ...]
    first: Ints
    last: Ints
    texts: list[str]


def features(page: Page, stats: BlockStats) -> Features:
    """The features of a page that has at least one block."""
    blocks = len(page.blk_el)
    block_el = np.array(page.blk_el)
    el_first, el_last = np.array(page.el_first), np.array(page.el_last)
    flags = np.array(page.el_flags, dtype=np.int64)
    within = np.array(page.el_within, dtype=np.int64)
    el_tags = np.array(page.el_tag)
    texts = [
        page.pieces[a] if b - a == 1 else "".join(page.pieces[a:b])
        for a, b in zip(page.blk_start, page.blk_end, strict=True)
    ]
    repeats = _repeats(page, el_first, el_last)
    up, chain = _larger(page, el_first, el_last, flags, repeats)
    rules = vote(page, stats)
    tags = el_tags[block_el]
    sums = _sums(stats, tags, rules)
    levels = _levels(block_el, up, el_first, el_last)
    used, at = np.unique(np.concatenate(levels), return_inverse=True)
    first, last = el_first[used], el_last[used]
    at_levels = tuple(at.reshape(LEVELS, blocks))
    places = [(np.arange(blocks) - first[row]) / np.maximum(last[row] - first[row], 1) for row in at_levels]
    repeated = np.array(repeats, dtype=np.float32).T
    own = [
        np.log1p(repeated[block_el]),
        _own(page, stats, block_el),
        _position(page, stats, tags, texts),
        np.column_stack([rules, *places]).astype(np.float32),
        _bits(chain[block_el]),
        _bits(within[block_el]),
    ]
    containers = np.concatenate(
        [_container(sums, first, last, blocks), np.log1p(repeated[used]), _bits(flags[used])], axis=1, dtype=np.float32
    )
    return Features(
        np.concatenate(own, axis=1, dtype=np.float32),
        containers,
        _page(page, sums, blocks),
        at_levels,
        first,
        last,
        texts,
    )


def _bits(flags: Ints) -> Floats:
    return ((flags[:, None] >> _SHIFTS) & 1).astype(np.float32)


def _repeats(page: Page, first: Ints, last: Ints) -> tuple[list[int], list[int]]:
    """For each element: how many siblings, and how many elements of the page, look like it and hold text.

    Cards of a grid, teasers and comments repeat; articles do not.
    """
    holds = last > first
    look = np.array(page.el_look)
    _, group = np.unique((np.array(page.el_parent) + 1) * (int(look.max()) + 1) + look, return_inverse=True)
    siblings = np.bincount(group, holds)[group].astype(np.int64)
    anywhere = np.bincount(look, holds)[look].astype(np.int64)
    return siblings.tolist(), anywhere.tolist()


def _larger(
    page: Page, first: Ints, last: Ints, flags: Ints, repeats: tuple[list[int], list[int]]
) -> tuple[Ints, Ints]:
    """For each element: the nearest ancestor that holds more blocks, and the flags of those that hold the same.

    `repeats` becomes the most among those that hold the same: often the wrapper of a card is what repeats.
    """
    up = list(range(len(page.el_parent)))
    chain = flags.tolist()
    firsts, lasts, parents = first.tolist(), last.tolist(), page.el_parent
    for element in range(1, len(up)):
        parent = parents[element]
        if firsts[parent] == firsts[element] and lasts[parent] == lasts[element]:
            up[element] = up[parent]
            chain[element] |= chain[parent]
            for counts in repeats:
                if counts[parent] > counts[element]:
                    counts[element] = counts[parent]
        else:
            up[element] = parent
    return np.array(up), np.array(chain, dtype=np.int64)


def _levels(block_el: Ints, up: Ints, first: Ints, last: Ints) -> list[Ints]:
    """The enclosing containers of every block, the innermost that holds more than the block first."""
    alone = last[block_el] - first[block_el] <= 1
    current = np.where(alone, up[block_el], block_el)
    found = [current]
    for _ in range(LEVELS - 1):
        current = up[current]
        found.append(current)
    return found


def _sums(stats: BlockStats, tags: Ints, rules: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Prefix sums over the blocks of what containers are described by."""
    prose = (stats.units >= PROSE_UNITS) & (stats.linked < 0.4 * stats.units)
    columns = np.stack(
        [
            stats.units,
            stats.linked,
            np.ones_like(stats.units),
            prose * stats.units,
            prose,
            stats.counts[:, cs.STOP] + stats.counts[:, cs.COMMA],
            _IS_HEADING[tags],
            stats.linked >= 0.9 * stats.units,
            rules * stats.units,
            stats.units * stats.units,
        ],
        axis=1,
    ).astype(np.float32)
    return prefix(columns)


def _own(page: Page, stats: BlockStats, block_el: Ints) -> Floats:
    units, counts = stats.units, stats.counts
    chars = np.maximum(stats.chars, 1)
    letters = counts[:, cs.LOWER] + counts[:, cs.UPPER] + counts[:, cs.HAN] + counts[:, cs.SEA]
    safe = np.maximum(units, 1)
    starts, ends = np.array(page.blk_start), np.array(page.blk_end)
    strong = prefix(
        np.fromiter(map(len, page.pieces), np.float32, len(page.pieces)) * ((np.array(page.styles) & STRONG) > 0)
    )
    links = prefix((np.diff(np.array(page.hrefs), prepend=-1) > 0).astype(np.float32))
    return np.stack(
        [
            np.log1p(units),
            np.log1p(stats.chars),
            stats.linked / safe,
            np.log1p(stats.linked),
            units >= PROSE_UNITS,
            units <= 3,
            counts[:, cs.UPPER] / np.maximum(letters, 1),
            counts[:, cs.DIGIT] / chars,
            counts[:, cs.STOP] / safe,
            np.minimum(counts[:, cs.STOP], 5),
            counts[:, cs.COMMA] / safe,
            np.minimum(counts[:, cs.COMMA], 5),
            counts[:, cs.QUOTE] / safe,
            counts[:, cs.PUNCT] / chars,
            counts[:, cs.SEPARATOR] / chars,
            counts[:, cs.SYMBOL] / chars,
            (counts[:, cs.HAN] + counts[:, cs.SEA]) / chars,
            np.log1p(counts[:, cs.NEWLINE]),
            np.minimum(chars / safe, 20) / 5,
            (strong[ends] - strong[starts]) / chars,
            np.log1p(ends - starts),
            np.log1p(links[ends] - links[starts]),
            np.array(page.el_depth)[block_el] / 20,
        ],
        axis=1,
    ).astype(np.float32)


def _position(page: Page, stats: BlockStats, tags: Ints, texts: list[str]) -> Floats:
    blocks = len(texts)
    index = np.arange(blocks, dtype=np.float32)
    units = prefix(stats.units)
    h1 = np.flatnonzero(tags == _HEADINGS[0])
    h1_at = int(h1[0]) if len(h1) else -1
    longest = int(np.argmax(stats.units - stats.linked))
    marks, text_marks = _repeats_and_quotes(page, texts, stats)
    return np.column_stack(
        [
            index / blocks,
            np.log1p(index),
            np.log1p(blocks - index),
            units[:-1] / max(units[-1], 1),
            np.full(blocks, h1_at >= 0),
            np.clip((index - h1_at) / 20, -2, 2) if h1_at >= 0 else np.zeros(blocks),
            index > h1_at,
            np.clip((index - longest) / 20, -2, 2),
            np.sign(index - longest) * np.log1p(np.abs(units[:-1] - units[longest])) / 5,
            marks,
            text_marks,
            (tags == _HEADINGS[0]) * (len(h1) == 1),
        ]
    ).astype(np.float32)


def _repeats_and_quotes(page: Page, texts: list[str], stats: BlockStats) -> tuple[Floats, Floats]:
    """Copies of a block's text (before it, in all), and where else the page repeats it: title, description, body."""
    keys = [text.strip() for text in texts]
    seen: dict[str, int] = {}
    before = []
    for key in keys:
        before.append(seen.get(key, 0))
        seen[key] = before[-1] + 1
    copies = np.array([[min(b, 3), min(seen[k], 4) - 1] for b, k in zip(before, keys, strict=True)], np.float32)
    description = " ".join(
        (m.get("content") or "") for m in page.metas if "description" in str(m.get("name") or m.get("property"))
    )
    bodies = [script[:MAX_BODY_CHARS] for script in page.json_ld if '"articleBody"' in script]
    body = bodies[0] if bodies else ""
    if not (page.title or description or body):
        return copies, np.zeros((len(texts), 3), np.float32)
    long = stats.units >= 4
    quotes = np.zeros((len(texts), 3), np.float32)
    for block in np.flatnonzero(long)[:MAX_QUOTED_BLOCKS].tolist():
        probe = keys[block][:40].partition("\n")[0]
        if len(probe) < 8:
            continue
        quotes[block, 0] = probe in page.title
        quotes[block, 1] = probe in description
        quotes[block, 2] = bool(body) and probe in body
    return copies, quotes


def _container(sums: NDArray[np.float64], first: Ints, last: Ints, blocks: int) -> Floats:
    total = np.maximum(sums[-1], 1)
    inside = sums[last] - sums[first]
    units, linked, count, prose, proses, stops, headings, link_blocks, rules, squares = inside.T
    safe = np.maximum(units, 1)
    mean = units / np.maximum(count, 1)
    spread = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean * mean, 0))
    return np.column_stack(
        [
            np.log1p(units),
            linked / safe,
            np.log1p(count),
            prose / safe,
            np.log1p(proses),
            stops / safe,
            headings / np.maximum(count, 1),
            link_blocks / np.maximum(count, 1),
            rules / safe,
            units / total[0],
            prose / total[3],
            rules / total[8],
            np.log1p(mean),
            spread / np.maximum(mean, 1),
            first / blocks,
            last / blocks,
        ]
    ).astype(np.float32)


def _page(page: Page, sums: NDArray[np.float64], blocks: int) -> Floats:
    units, linked, _, prose, proses, stops, headings, link_blocks, rules, _ = sums[-1]
    ld = " ".join(page.json_ld)
    kind = next((m.get("content") or "" for m in page.metas if m.get("property") == "og:type"), "")
    row = [
        np.log1p(units), linked / max(units, 1), np.log1p(blocks), prose / max(units, 1), np.log1p(proses),
        stops / max(units, 1), headings / blocks, link_blocks / blocks, rules / max(units, 1),
        np.log1p(len(page.el_tag)),
        kind.startswith("article"), kind.startswith("product"), kind.startswith("website"), bool(kind), bool(ld),
        *(any(f'"{name}"' in ld for name in names) for names in _PAGE_MARKS),
    ]  # fmt: skip
    names = 0
    for flags in page.el_flags[:3]:  # html, head, body
        names |= flags
    return np.concatenate([np.array(row, np.float32), _bits(np.array([names]))[0][:NAME_BITS]])
