"""Where the text of an article begins and ends, by what templates repeat and declare (pure).

Rules after the net's choice: what is declared as the body and short, the paragraphs that a box in between cut off,
whole articles beside the one of the headline, and the dialogues of players.
"""

import numpy as np

from newsmill.extraction.blocks.lines import Blocks, look_of
from newsmill.extraction.page.class_names import BIT
from newsmill.extraction.page.tags import TAG
from newsmill.extraction.page.walk import ARTICLE_BODY, PLAYER, TAG_BIT

DECLARED_UNITS = 25  # of a declared body; a piece of news may have two sentences
PROSE_LINKED = 0.2  # share of linked words of a paragraph; entries of a list have more
PLAYER_SHARE = 0.3  # of the chosen words; where a player has more, the page is in it
OWN_UNITS = 60  # plain words of the article that has the headline
FILL_SHARE = 0.6  # of the chosen plain words, that stand in paragraphs of one look
FILL_PARAGRAPHS = 3
MAX_FILLED = 1.0  # of the chosen words, that is added
_ASIDE_BITS = BIT["comment"] | BIT["related"] | BIT["footer"] | BIT["nav"] | BIT["cookie"] | BIT["ad"] | BIT["share"]
_ASIDE_TAGS = TAG_BIT[TAG["aside"]] | TAG_BIT[TAG["nav"]] | TAG_BIT[TAG["footer"]] | TAG_BIT[TAG["form"]]
_FORUM_BITS = BIT["forum"] & ~BIT["content"]


def declared_or(blocks: Blocks, kept: list[int]) -> list[int]:
    """The chosen blocks, or those of the body that the page declares, where the choice is something else, not prose."""
    page = blocks.page
    inside = [block for block, element in enumerate(page.blk_el) if page.el_within[element] & ARTICLE_BODY]
    if not inside or not kept:
        return kept
    declared = [block for block in inside if blocks.units[block] and blocks.linked[block] < 0.5 * blocks.units[block]]
    size = sum(blocks.plain[block] for block in declared)
    within = set(inside)
    prose = (
        block for block in kept if blocks.long[block] and blocks.linked[block] < PROSE_LINKED * blocks.units[block]
    )
    outside = sum(blocks.plain[block] for block in prose if block not in within)
    chosen = sum(blocks.plain[block] for block in kept)
    covered = sum(blocks.plain[block] for block in kept if block in within)
    if size < DECLARED_UNITS or covered >= 0.5 * chosen or outside > size:
        return kept
    return declared


def with_the_rest(blocks: Blocks, kept: list[int]) -> list[int]:
    """The chosen blocks with the paragraphs that look and stand like most of them, in the same body, and were left out
    for the box between."""
    page = blocks.page
    tree = page.columns
    paragraphs = [block for block in kept if blocks.long[block]]
    if len(paragraphs) < FILL_PARAGRAPHS:
        return kept
    kinds: dict[tuple[int, int], float] = {}
    for block in paragraphs:
        kind = look_of(page, block)
        kinds[kind] = kinds.get(kind, 0.0) + blocks.plain[block]
    main = max(kinds, key=kinds.__getitem__)
    whole = sum(blocks.plain[block] for block in paragraphs)
    if kinds[main] < FILL_SHARE * whole:
        return kept
    own = [block for block in paragraphs if look_of(page, block) == main]
    body = _around(blocks, own[0], own[-1])
    first, last = int(tree.first[body]), int(tree.last[body])
    usual = page.el_within[page.blk_el[own[0]]]
    chosen = set(kept)
    more = [
        block
        for block in range(first, last)
        if block not in chosen
        and blocks.long[block]
        and look_of(page, block) == main
        and not page.el_within[page.blk_el[block]] & ~usual & (_ASIDE_BITS | _ASIDE_TAGS)
    ]
    if not more or sum(blocks.plain[block] for block in more) > MAX_FILLED * whole:
        return kept
    return sorted(chosen.union(more))


def _around(blocks: Blocks, first: int, last: int) -> int:
    """The smallest element that holds both blocks, and the one around it where that is called a body or an article."""
    page = blocks.page
    element = page.blk_el[first]
    while page.el_parent[element] >= 0 and page.el_last[element] <= last:
        element = page.el_parent[element]
    outer = page.el_parent[element]
    named = outer >= 0 and page.el_flags[outer] & (BIT["body"] | ARTICLE_BODY)
    return outer if named else element


def other_articles(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without the <article> elements after the one that has the page's headline and a text of its own."""
    page = blocks.page
    tree = page.columns
    heads = [block for block, element in enumerate(page.blk_el) if page.el_tag[element] == TAG["h1"]]
    if len(heads) != 1:
        return kept
    own = page.blk_el[heads[0]]
    while own >= 0 and page.el_tag[own] != TAG["article"]:
        own = page.el_parent[own]
    if own < 0:
        return kept
    end = page.el_last[own]
    inside = sum(blocks.plain[block] for block in kept if page.el_first[own] <= block < end)
    others = np.flatnonzero((tree.tag == TAG["article"]) & (tree.first >= end) & (tree.last > tree.first))
    if inside < OWN_UNITS or not len(others):
        return kept
    drop = {block for other in others for block in range(int(tree.first[other]), int(tree.last[other]))}
    return [block for block in kept if block not in drop]


def players(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without what players of video and sound say: their settings, and the modal windows for them."""
    page = blocks.page
    inside = {block for block in kept if page.el_within[page.blk_el[block]] & PLAYER}
    if sum(blocks.units[block] for block in inside) > PLAYER_SHARE * sum(blocks.units[block] for block in kept):
        return kept
    return [block for block in kept if block not in inside]
