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
from workers.parse.stats import BlockStats, Columns, Floats, Ints, columns, prefix
from workers.parse.tags import LAST_KNOWN_ID, tag_id

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
    tree = columns(page)
    texts = [
        page.pieces[a] if b - a == 1 else "".join(page.pieces[a:b])
        for a, b in zip(page.blk_start, page.blk_end, strict=True)
    ]
    up, chain, repeats = _larger(tree, _repeats(tree))
    rules = vote(tree, stats)
    tags = tree.tag[tree.el]
    prose = _prose(stats)
    sums = _sums(stats, tags, rules, prose)
    within = _bits(tree.within[tree.el])
    levels = _levels(tree, up)
    used, at = np.unique(np.concatenate(levels), return_inverse=True)
    first, last = tree.first[used], tree.last[used]
    at_levels = tuple(at.reshape(LEVELS, blocks))
    places = [(np.arange(blocks) - first[row]) / np.maximum(last[row] - first[row], 1) for row in at_levels]
    repeated = np.log1p(repeats.T.astype(np.float32))
    own = [
        repeated[tree.el],
        _own(stats, tree),
        _position(page, stats, tags, texts),
        np.column_stack([rules, *places]).astype(np.float32),
        _bits(chain[tree.el]),
        within,
        _kin(tree, stats, prose),
    ]
    containers = np.concatenate(
        [_container(sums, first, last, blocks), repeated[used], _bits(tree.flags[used])], axis=1, dtype=np.float32
    )
    return Features(
        np.concatenate(own, axis=1, dtype=np.float32),
        containers,
        np.concatenate([_page(page, sums, blocks), _shares(within, prose), _shares(within, stats.units)]),
        at_levels,
        first,
        last,
        texts,
    )


def _bits(flags: Ints) -> Floats:
    return ((flags[:, None] >> _SHIFTS) & 1).astype(np.float32)


def _prose(stats: BlockStats) -> Floats:
    """The units of blocks that read like running text; of others none."""
    result: Floats = ((stats.units >= PROSE_UNITS) & (stats.linked < 0.4 * stats.units)) * stats.units
    return result


def _shares(within: Floats, weights: Floats) -> Floats:
    """How much of the page stands in elements of each kind: whether its comments or its article are its text."""
    result: Floats = (weights @ within) / max(float(weights.sum()), 1.0)
    return result


def _kin(tree: Columns, stats: BlockStats, prose: Floats) -> Floats:
    """What blocks are that look like this one and whose parents look alike, wherever they stand: number and prose."""
    kinds = int(tree.look.max()) + 1
    parents = np.maximum(tree.parent[tree.el], 0)
    _, group = np.unique(tree.look[tree.el] * kinds + tree.look[parents], return_inverse=True)
    count, units, of_prose = (np.bincount(group, weights) for weights in (None, stats.units, prose))
    share = of_prose / max(float(prose.sum()), 1.0)
    kin = np.stack([np.log1p(count), share, np.log1p(of_prose), of_prose / np.maximum(units, 1)], axis=1)
    return kin[group].astype(np.float32)


def _repeats(tree: Columns) -> Ints:
    """For each element: how many siblings, and how many elements of the page, look like it and hold text (two rows).

    Cards of a grid, teasers and comments repeat; articles do not.
    """
    holds = tree.last > tree.first
    kinds = int(tree.look.max()) + 1
    _, group = np.unique((tree.parent + 1) * kinds + tree.look, return_inverse=True)
    counted = [np.bincount(ids, holds)[ids] for ids in (group, tree.look)]
    return np.array(counted, dtype=np.int64)


def _larger(tree: Columns, repeats: Ints) -> tuple[Ints, Ints, Ints]:
    """For each element: the nearest ancestor that holds more blocks, the flags of those that hold the same, and
    the most `repeats` among those (often the wrapper of a card is what repeats).

    Pointers are doubled: each turn looks twice as far up.
    """
    own = np.arange(len(tree.parent))
    parent = np.maximum(tree.parent, 0)
    alike = (tree.first[parent] == tree.first) & (tree.last[parent] == tree.last)
    jump = np.where(alike, parent, own)
    chain = tree.flags
    while True:
        chain = chain | chain[jump]
        repeats = np.maximum(repeats, repeats[:, jump])
        further = jump[jump]
        if np.array_equal(further, jump):
            return parent[jump], chain, repeats
        jump = further


def _levels(tree: Columns, up: Ints) -> list[Ints]:
    """The enclosing containers of every block, the innermost that holds more than the block first."""
    alone = tree.last[tree.el] - tree.first[tree.el] <= 1
    current = np.where(alone, up[tree.el], tree.el)
    found = [current]
    for _ in range(LEVELS - 1):
        current = up[current]
        found.append(current)
    return found


def _sums(stats: BlockStats, tags: Ints, rules: NDArray[np.bool_], prose: Floats) -> NDArray[np.float64]:
    """Prefix sums over the blocks of what containers are described by."""
    columns = np.stack(
        [
            stats.units,
            stats.linked,
            np.ones_like(stats.units),
            prose,
            prose > 0,
            stats.counts[:, cs.STOP] + stats.counts[:, cs.COMMA],
            _IS_HEADING[tags],
            stats.linked >= 0.9 * stats.units,
            rules * stats.units,
            stats.units * stats.units,
        ],
        axis=1,
    ).astype(np.float32)
    return prefix(columns)


def _own(stats: BlockStats, tree: Columns) -> Floats:
    units, counts = stats.units, stats.counts
    chars = np.maximum(stats.chars, 1)
    letters = counts[:, cs.LOWER] + counts[:, cs.UPPER] + counts[:, cs.HAN] + counts[:, cs.SEA]
    safe = np.maximum(units, 1)
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
            stats.strong / chars,
            np.log1p(stats.pieces),
            np.log1p(stats.links),
            tree.depth[tree.el] / 20,
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
    total = [seen[key] for key in keys]
    copies = np.stack([np.minimum(before, 3), np.minimum(total, 4) - 1], axis=1).astype(np.float32)
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
