"""The numbers the classifier sees: one row a block, computed for all blocks of a page at once (pure).

Nothing here knows words of any language: features are counts of character classes, tags, names of classes in
templates, positions, and statistics of what surrounds a block.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.blocks import containers
from newsmill.extraction.blocks.heuristic import vote
from newsmill.extraction.blocks.statistics import BlockStats, Floats, block_stats, prefix
from newsmill.extraction.page.columns import Columns, Ints
from newsmill.extraction.page.tags import LAST_KNOWN_ID, tag_id
from newsmill.extraction.page.walk import FLAG_BITS, FLAG_NAMES, TAG_BIT, Page, read_page
from newsmill.text import characters as cs

MAX_BODY_CHARS = 200_000  # of JSON-LD that blocks are looked up in
MAX_QUOTED_BLOCKS = 1000  # blocks that are looked up
NAME_BITS = 32  # families of class names
PROSE_UNITS = 12
_HEADINGS = np.array([tag_id(f"h{level}") for level in range(1, 7)])
_IS_HEADING = np.isin(np.arange(LAST_KNOWN_ID + 1), _HEADINGS)
_SECTIONS = ("article", "main", "nav", "header", "footer", "section", "figure")
_SECTIONING = sum(TAG_BIT[tag_id(name)] for name in _SECTIONS)
_PAGE_MARKS = (  # what publishers call the page, in JSON-LD and Open Graph
    ("Article", "BlogPosting", "Report"), ("Product",), ("DiscussionForumPosting", "QAPage", "SocialMediaPosting"),
    ("CollectionPage", "ItemList", "SearchResultsPage"), ("FAQPage",), ("Recipe",), ("Service", "LocalBusiness"),
    ("articleBody",),
)  # fmt: skip
_SMALL = "<body><p>One two, three.</p><p>Four.</p></body>"
Rows = dict[str, NDArray[np.generic]]  # features by name, one number a block (or container) each
Names = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]  # of the columns: own, of containers, of the page


@dataclass(frozen=True, slots=True)
class Features:
    """What the net reads, in three tables, so that nothing is computed twice.

    own: a row a block. containers: a row for each element that encloses blocks. page: one row.
    at: for each level, the container row of every block. first, last: the blocks each container spans.
    names: what the columns of own, containers and page are. texts: raw text of each block. modern: whether the page
    has JSON-LD, or text in HTML5's sectioning elements.
    """

    own: Floats
    containers: Floats
    page: Floats
    at: tuple[Ints, ...]
    first: Ints
    last: Ints
    names: Names
    texts: list[str]
    modern: bool = True


def feature_names() -> Names:
    """The names of the columns, in their order: weights are kept with them."""
    page = read_page(_SMALL)
    return features(page, block_stats(page)).names


def features(page: Page, stats: BlockStats) -> Features:
    """The features of a page that has at least one block."""
    blocks = len(page.blk_el)
    tree = page.columns
    texts = [
        page.pieces[a] if b - a == 1 else "".join(page.pieces[a:b])
        for a, b in zip(page.blk_start, page.blk_end, strict=True)
    ]
    up, chain, repeats = containers.larger(tree, containers.repeats(tree))
    rules = vote(tree, stats)
    tags = tree.tag.take(tree.el)
    prose = _prose(stats)
    sums = _sums(stats, tags, rules, prose=prose)
    within = _bits(tree.within.take(tree.el))
    used, at = containers.used(tree, containers.levels(tree, up))
    first, last = tree.first.take(used), tree.last.take(used)
    places = [(np.arange(blocks) - first.take(row)) / np.maximum(last - first, 1).take(row) for row in at]
    siblings, alike = np.log1p(repeats.astype(np.float32))
    inside: Rows = {"rules": rules} | {f"place in level {level}": place for level, place in enumerate(places)}
    before: Rows = {"siblings alike": siblings.take(tree.el), "elements alike": alike.take(tree.el)}
    before |= _own(stats, tree) | _position(page, stats, tags, texts=texts) | inside
    after = _kin(tree, stats, prose)
    boxes = _container(sums, first, last, blocks=blocks)
    boxes |= {"siblings alike": siblings.take(used), "elements alike": alike.take(used)}
    whole = _page(page, sums, blocks)
    own: list[NDArray[Any]] = [_stacked(before), _bits(chain.take(tree.el)), within, _stacked(after)]
    names = (
        (*before, *_flags("around"), *_flags("within"), *after),
        (*boxes, *_flags("is")),
        (*whole, *_flags("names")[:NAME_BITS], *_flags("prose within"), *_flags("units within")),
    )
    return Features(
        np.concatenate(own, axis=1, dtype=np.float32),
        np.concatenate([_stacked(boxes), _bits(tree.flags.take(used))], axis=1, dtype=np.float32),
        np.concatenate(
            [
                np.array(list(whole.values()), np.float32),
                _bits(_names(page))[0][:NAME_BITS],
                *_shares(within, np.stack([prose, stats.units])),
            ],
            dtype=np.float32,
        ),
        at,
        first,
        last,
        names,
        texts,
        bool(page.json_ld) or bool((tree.within.take(tree.el) & _SECTIONING).any()),
    )


def _stacked(rows: Rows) -> Floats:
    """The features as columns."""
    return np.stack(list(rows.values()), axis=1, dtype=np.float32, casting="same_kind")


@cache
def _flags(what: str) -> tuple[str, ...]:
    """The names of the columns of `_bits`."""
    return tuple(f"{what} {name}" for name in FLAG_NAMES)


def _bits(flags: Ints) -> NDArray[np.uint8]:
    """The flags as columns of zeros and ones."""
    octets = flags.astype("<i8").view(np.uint8).reshape(len(flags), 8)
    result: NDArray[np.uint8] = np.unpackbits(octets, axis=1, count=FLAG_BITS, bitorder="little")
    return result


def _prose(stats: BlockStats) -> Floats:
    """The units of blocks that read like running text; of others none."""
    result: Floats = ((stats.units >= PROSE_UNITS) & (stats.linked < 0.4 * stats.units)) * stats.units
    return result


def _shares(within: NDArray[np.uint8], weights: Floats) -> Floats:
    """How much of the page stands in elements of each kind: whether its comments or its article are its text.

    weights: one row for each way to count the blocks.
    """
    whole: Floats = np.maximum(weights.sum(axis=1, keepdims=True), 1)
    result: Floats = weights @ within.astype(np.float32)
    result /= whole
    return result


def _kin(tree: Columns, stats: BlockStats, prose: Floats) -> Rows:
    """What blocks are that look like this one and whose parents look alike, wherever they stand: number and prose."""
    kinds = int(tree.look.max()) + 1
    parents = np.maximum(tree.parent.take(tree.el), 0)
    _, group = np.unique(tree.look.take(tree.el) * kinds + tree.look.take(parents), return_inverse=True)
    count, units, of_prose = (np.bincount(group, weights) for weights in (None, stats.units, prose))
    share = of_prose / max(float(prose.sum()), 1.0)
    kin = {
        "kin": np.log1p(count),
        "kin's share of prose": share,
        "kin's prose": np.log1p(of_prose),
        "prose of kin": of_prose / np.maximum(units, 1),
    }
    return {name: values.take(group) for name, values in kin.items()}


def _sums(stats: BlockStats, tags: Ints, rules: NDArray[np.bool_], *, prose: Floats) -> NDArray[np.float64]:
    """Prefix sums over the blocks of what containers are described by."""
    columns = np.stack(
        [
            stats.units,
            stats.linked,
            np.ones_like(stats.units),
            prose,
            prose > 0,
            stats.counts[:, cs.STOP] + stats.counts[:, cs.COMMA],
            _IS_HEADING.take(tags),
            stats.linked >= 0.9 * stats.units,
            rules * stats.units,
            stats.units * stats.units,
        ],
        axis=1,
    ).astype(np.float32)
    return prefix(columns)


def _own(stats: BlockStats, tree: Columns) -> Rows:
    units, counts = stats.units, stats.counts.T
    chars, safe = np.maximum(stats.chars, 1), np.maximum(units, 1)
    spaceless = counts[cs.HAN] + counts[cs.SEA]
    letters = counts[cs.LOWER] + counts[cs.UPPER] + spaceless
    return {
        "units": np.log1p(units),
        "chars": np.log1p(stats.chars),
        "linked share": stats.linked / safe,
        "linked": np.log1p(stats.linked),
        "prose": units >= PROSE_UNITS,
        "short": units <= 3,
        "upper case": counts[cs.UPPER] / np.maximum(letters, 1),
        "digits": counts[cs.DIGIT] / chars,
        "stops a unit": counts[cs.STOP] / safe,
        "stops": np.minimum(counts[cs.STOP], 5),
        "commas a unit": counts[cs.COMMA] / safe,
        "commas": np.minimum(counts[cs.COMMA], 5),
        "quotes": counts[cs.QUOTE] / safe,
        "punctuation": counts[cs.PUNCT] / chars,
        "separators": counts[cs.SEPARATOR] / chars,
        "symbols": counts[cs.SYMBOL] / chars,
        "without spaces": spaceless / chars,
        "newlines": np.log1p(counts[cs.NEWLINE]),
        "chars a unit": np.minimum(chars / safe, 20) / 5,
        "strong": stats.strong / chars,
        "pieces": np.log1p(stats.pieces),
        "links": np.log1p(stats.links),
        "depth": tree.depth.take(tree.el) / 20,
    }


def _position(page: Page, stats: BlockStats, tags: Ints, *, texts: list[str]) -> Rows:
    blocks = len(texts)
    index = np.arange(blocks, dtype=np.float32)
    units = prefix(stats.units)
    is_h1 = tags == _HEADINGS[0]
    h1 = np.flatnonzero(is_h1)
    h1_at = int(h1[0]) if len(h1) else -1
    from_h1 = np.clip((index - h1_at) / 20, -2, 2) if len(h1) else np.zeros(blocks)
    longest = int(np.argmax(stats.units - stats.linked))
    keys = [text.strip() for text in texts]
    quotes = _quotes(page, keys, stats)
    titled = np.flatnonzero(quotes[0])
    title_at = int(titled[np.argmax(stats.units[titled])]) if len(titled) else -1  # the headline, whatever it is set in
    from_title = np.clip((index - title_at) / 20, -2, 2) if len(titled) else np.zeros(blocks)
    copies = _copies(keys)
    return {
        "place": index / blocks,
        "from the start": np.log1p(index),
        "from the end": np.log1p(blocks - index),
        "units before": units[:-1] / max(units[-1], 1),
        "page has h1": np.full(blocks, len(h1) > 0),
        "from h1": from_h1,
        "after h1": index > h1_at,
        "from the longest": np.clip((index - longest) / 20, -2, 2),
        "units from the longest": np.sign(index - longest) * np.log1p(np.abs(units[:-1] - units[longest])) / 5,
        "page has its title": np.full(blocks, len(titled) > 0),
        "from the title": from_title,
        "after the title": index > title_at,
        "root from the title": np.sign(from_title) * np.sqrt(np.abs(from_title)),
        "copies before": copies[0],
        "copies": copies[1],
        "in the title": quotes[0],
        "in the description": quotes[1],
        "in the declared body": quotes[2],
        "the one h1": is_h1 & (len(h1) == 1),
    }


def _copies(keys: list[str]) -> Floats:
    """Copies of a block's text: before it, and in all others (two rows)."""
    total = dict(Counter(keys))
    repeated = [block for block, key in enumerate(keys) if total[key] > 1]
    seen = dict.fromkeys(total, 0)
    before = []
    for block in repeated:
        before.append(seen[keys[block]])
        seen[keys[block]] += 1
    found = np.zeros((2, len(keys)), dtype=np.float32)
    if repeated:
        found[0, repeated] = np.minimum(before, 3)
        found[1, repeated] = np.minimum([total[keys[block]] for block in repeated], 4) - 1
    return found


def _quotes(page: Page, keys: list[str], stats: BlockStats) -> Floats:
    """Where else the page has the beginning of a block: its title, description, declared body (three rows)."""
    description = " ".join(
        (m.get("content") or "") for m in page.metas if "description" in str(m.get("name") or m.get("property"))
    )
    body = next((script[:MAX_BODY_CHARS] for script in page.json_ld if '"articleBody"' in script), "")
    long = np.flatnonzero(stats.units >= 4)[:MAX_QUOTED_BLOCKS].tolist()
    probes = [(block, keys[block][:40].partition("\n")[0]) for block in long]
    probes = [(block, probe) for block, probe in probes if len(probe) >= 8]
    found = np.zeros((3, len(keys)), dtype=np.float32)
    for row, place in zip(found, (page.title, description, body), strict=True):
        if place:
            row[[block for block, probe in probes if probe in place]] = 1
    return found


def _container(sums: NDArray[np.float64], first: Ints, last: Ints, *, blocks: int) -> Rows:
    total = np.maximum(sums[-1], 1)
    inside = sums.take(last, axis=0) - sums.take(first, axis=0)
    units, linked, count, prose, proses, stops, headings, link_blocks, rules, squares = inside.T
    safe = np.maximum(units, 1)
    mean = units / np.maximum(count, 1)
    spread = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean * mean, 0))
    return {
        "units": np.log1p(units),
        "linked share": linked / safe,
        "blocks": np.log1p(count),
        "prose share": prose / safe,
        "blocks of prose": np.log1p(proses),
        "stops a unit": stops / safe,
        "headings": headings / np.maximum(count, 1),
        "blocks of links": link_blocks / np.maximum(count, 1),
        "rules' share": rules / safe,
        "share of units": units / total[0],
        "share of prose": prose / total[3],
        "share of rules": rules / total[8],
        "mean": np.log1p(mean),
        "spread": spread / np.maximum(mean, 1),
        "first": first / blocks,
        "last": last / blocks,
    }


def _page(page: Page, sums: NDArray[np.float64], blocks: int) -> dict[str, float]:
    units, linked, _, prose, proses, stops, headings, link_blocks, rules, _ = sums[-1]
    ld = " ".join(page.json_ld)
    kind = next((m.get("content") or "" for m in page.metas if m.get("property") == "og:type"), "")
    return {
        "units": np.log1p(units),
        "linked share": linked / max(units, 1),
        "blocks": np.log1p(blocks),
        "prose share": prose / max(units, 1),
        "blocks of prose": np.log1p(proses),
        "stops a unit": stops / max(units, 1),
        "headings": headings / blocks,
        "blocks of links": link_blocks / blocks,
        "rules' share": rules / max(units, 1),
        "elements": np.log1p(len(page.el_tag)),
        **{f"og:type {name}": kind.startswith(name) for name in ("article", "product", "website")},
        "og:type": bool(kind),
        "JSON-LD": bool(ld),
        **{f"JSON-LD {names[0]}": any(f'"{name}"' in ld for name in names) for names in _PAGE_MARKS},
    }


def _names(page: Page) -> Ints:
    """The flags of html, head and body (one row)."""
    names = 0
    for flags in page.el_flags[:3]:  # html, head, body
        names |= flags
    return np.array([names])
