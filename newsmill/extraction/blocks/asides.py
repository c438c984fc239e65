"""The parts of a choice of blocks that stand beside the article: cards, comments, boxes, labels (pure).

A filter after the net's choice, for templates that the net takes in whole. Six rules: what follows the
element that is declared or named as the article's body, the articles after the one of the page's title, other cells of
a table that lays out the page, single lines that are labels, sections after the article whose first line says what they
are, and its comments. Each acts only where a real text remains. Groups of like elements that begin with
links are no rule: on WCXB they are the grid of a listing or a list in the article more often than teasers (F1 of
listings -.008; after an article and on pages that are declared to be one, articles -.001).
"""

from collections import Counter

import numpy as np

from newsmill.extraction.blocks.bodies import declared_or, other_articles, players, with_the_rest
from newsmill.extraction.blocks.labels import Label, label_of, leads_elsewhere
from newsmill.extraction.blocks.lines import MAX_HEADING_UNITS, Blocks, blocks_of, look_of
from newsmill.extraction.blocks.statistics import BlockStats
from newsmill.extraction.page.class_names import BIT
from newsmill.extraction.page.tags import TAG
from newsmill.extraction.page.walk import ARTICLE_BODY, TAG_BIT, Page

CELLS = frozenset((TAG["td"], TAG["th"]))
TABLE, BUTTON = TAG["table"], TAG["button"]
HEADINGS = frozenset((TAG["h1"], TAG["h2"]))
_BODY_BITS = BIT["body"] | TAG_BIT[TAG["article"]]
MIN_TEXT_UNITS = 60  # of plain text, below which what remains is not an article
MIN_LONG_BLOCKS = 2
# Of the chosen plain text, that an element holds which its names call a body, and at most one like it further down (the
# posts of a thread hold more). F1 on WCXB, beside only what is declared: +.0025, articles +.003; flat from .5 to .65.
BODY_SHARE, OTHER_SHARE = 0.6, 0.05
CELL_SHARE = 0.6  # the same of the cell of the text, where a table lays out the page
BEFORE_SHARE = 0.6  # of the paragraphs that stand before a section beside the article
MAX_LABEL_UNITS = 12
MAX_BOX_UNITS = 90  # of a newsletter's box
MAX_WRITER_UNITS = 250  # of what is told about who wrote the article
MAX_LEAD_UNITS = 40  # of a line that leads to another article
MIN_ALIKE = 3  # paragraphs of one look, that tell how the article's are set
RELATED_LINKED = 0.2  # share of linked words of a section of related articles
FORUM_KINDS = ("DiscussionForumPosting", "QAPage", "SocialMediaPosting")  # pages whose comments are the text
MAX_DROPPED = 0.4  # of the chosen words in such sections; where they are more, they are what the page is about


def without_asides(page: Page, stats: BlockStats, texts: list[str], *, chosen: list[int]) -> list[int]:
    """The chosen blocks, in document order, less those beside the article. texts: of every block of the page."""
    blocks = blocks_of(page, stats, texts)
    kept = with_the_rest(blocks, declared_or(blocks, chosen))
    for rule in (_body, other_articles, _next_article, _cell, players, _labels, _sections, _comments):
        less = rule(blocks, kept)
        if len(less) < len(kept) and _is_text(blocks, less):
            kept = less
    return kept


def _is_text(blocks: Blocks, kept: list[int]) -> bool:
    paragraphs = [block for block in kept if blocks.long[block]]
    return len(paragraphs) >= MIN_LONG_BLOCKS and sum(map(blocks.plain.__getitem__, paragraphs)) >= MIN_TEXT_UNITS


def _body(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without what follows the one element that holds most of the text and is named for that, or is an <article>."""
    tree = blocks.page.columns
    named = np.flatnonzero(tree.flags & _BODY_BITS)
    if not (len(named) and kept):
        return kept
    plain = np.zeros(len(blocks.plain) + 1)
    plain[np.add(kept, 1)] = [blocks.plain[block] for block in kept]
    sums = plain.cumsum()
    shares = (sums[tree.last] - sums[tree.first]) / max(sums[-1], 1)
    for body in reversed(named[shares[named] >= BODY_SHARE].tolist()):  # they are nested: the innermost first
        end = tree.last[body]
        alike = (tree.look == tree.look[body]) & (shares > OTHER_SHARE)
        declared = (tree.flags & ARTICLE_BODY > 0) & (shares > 0)
        if not ((alike | declared) & (tree.first >= end)).any():
            return [block for block in kept if block < end]
    return kept


def _next_article(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without the articles that a page for endless scrolling holds after its own, the one that has its title."""
    page = blocks.page
    heads = [block for block, element in enumerate(page.blk_el) if page.el_tag[element] == TAG["h1"]]
    if len(heads) < 2 or not _is_title(page, blocks.line(heads[0])):
        return kept
    own = _article_of(page, heads[0])
    for head in heads[1:]:
        other = _article_of(page, head)
        apart = min(own, other) >= 0 and page.el_first[other] >= page.el_last[own]
        if apart and page.el_look[own] == page.el_look[other]:
            return [block for block in kept if block < page.el_first[other]]
    return kept


def _is_title(page: Page, line: str) -> bool:
    """Whether the page's title, or that for sharing, has the line in it."""
    shared = (meta.get("content") or "" for meta in page.metas if meta.get("property") == "og:title")
    return bool(line) and any(line in " ".join(title.split()) for title in (page.title, *shared))


def _article_of(page: Page, block: int) -> int:
    element = page.blk_el[block]
    while element >= 0 and page.el_tag[element] != TAG["article"]:
        element = page.el_parent[element]
    return element


def _cell(blocks: Blocks, kept: list[int]) -> list[int]:
    """Of a page that is laid out as a table: without the cells beside that of the text, but for headings."""
    page = blocks.page
    if not kept:
        return kept
    cell = page.blk_el[max(kept, key=blocks.plain.__getitem__)]
    while cell >= 0 and page.el_tag[cell] not in CELLS:
        cell = page.el_parent[cell]
    if cell < 0:
        return kept
    first, last = page.el_first[cell], page.el_last[cell]
    inside = sum(blocks.plain[block] for block in kept if first <= block < last)
    if inside < max(MIN_TEXT_UNITS, CELL_SHARE * sum(map(blocks.plain.__getitem__, kept))):
        return kept
    table = page.el_parent[cell]
    while table > 0 and page.el_tag[table] != TABLE:
        table = page.el_parent[table]
    start, end = page.el_first[table], page.el_last[table]
    return [
        block
        for block in kept
        if first <= block < last or not start <= block < end or page.el_tag[page.blk_el[block]] in HEADINGS
    ]


def _labels(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without single lines that say "Advertisement", "Share" or "Unsubscribe", that lead to another article, or are on
    several buttons."""
    repeated = _repeated_buttons(blocks, kept)
    return [block for block in kept if block not in repeated and not _is_label(blocks, block)]


def _repeated_buttons(blocks: Blocks, kept: list[int]) -> set[int]:
    """The kept buttons that say what others say: "Copy link". Questions that unfold an answer stand alone."""
    page = blocks.page
    buttons = [block for block in kept if page.el_tag[page.blk_el[block]] == BUTTON]
    if not buttons:
        return set()
    said = Counter(blocks.line(block) for block, element in enumerate(page.blk_el) if page.el_tag[element] == BUTTON)
    return {block for block in buttons if said[blocks.line(block)] > 1}


def _is_label(blocks: Blocks, block: int) -> bool:
    units = blocks.units[block]
    links = blocks.linked[block] >= 0.5 * units
    if units > (MAX_LEAD_UNITS if links else MAX_LABEL_UNITS):
        return False
    line = blocks.line(block)
    if units <= MAX_LABEL_UNITS and label_of(line) in (Label.AD, Label.SHARE, Label.MAILED):
        return True
    return links and leads_elsewhere(line)


def _tail(blocks: Blocks, kept: list[int]) -> int:
    """The index into `kept` of the first block that has most of the article's paragraphs before it."""
    weights = [blocks.plain[block] if blocks.long[block] else 0.0 for block in kept]
    rest = (1 - BEFORE_SHARE) * sum(weights)
    after, tail = 0.0, len(kept)
    while tail and after + weights[tail - 1] <= rest:
        tail -= 1
        after += weights[tail]
    return tail


def _sections(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without the sections after the article whose first line says what they are."""
    tail = _tail(blocks, kept)
    if not tail:
        return kept
    known: dict[int, bool] = {}
    end = kept[tail - 1]
    drop = {block for block in kept[tail:] if _in_section(blocks, blocks.page.blk_el[block], end, known=known)}
    if sum(blocks.units[block] for block in drop) > MAX_DROPPED * sum(blocks.units[block] for block in kept):
        return kept
    return [block for block in kept if block not in drop]


def _in_section(blocks: Blocks, element: int, end: int, *, known: dict[int, bool]) -> bool:
    """Whether an element, or one around it that begins after block `end`, is not the article's. known: by element."""
    if blocks.page.el_first[element] <= end:  # the root at the latest: it begins with block 0
        return False
    if element not in known:
        around = blocks.page.el_parent[element]
        known[element] = _is_section(blocks, element) or _in_section(blocks, around, end, known=known)
    return known[element]


def _goes_on(blocks: Blocks, element: int) -> bool:
    """Whether paragraphs like those before it stand in an element: a box of links begins it, and the text goes on."""
    page = blocks.page
    first, last = page.el_first[element], page.el_last[element]
    before = Counter(look_of(page, block) for block in range(first) if blocks.long[block])
    inside = Counter(look_of(page, block) for block in range(first, last) if blocks.long[block])
    return any(count > 1 and before[look] >= MIN_ALIKE for look, count in inside.items())


def _comments(blocks: Blocks, kept: list[int]) -> list[int]:
    """Without the part that is headed "Comments", even where it is longer than the article before it."""
    if any(kind in script for script in blocks.page.json_ld for kind in FORUM_KINDS):
        return kept
    start = next((block for block in kept if blocks.long[block]), len(blocks.units))
    short = (b for b in range(start + 1, kept[-1] if kept else 0) if blocks.units[b] <= MAX_HEADING_UNITS)
    heads = [block for block in short if label_of(blocks.line(block)) is Label.COMMENTS]
    spans = [(head, _end_of_begun(blocks.page, head)) for head in heads]
    return [block for block in kept if not any(head <= block < last for head, last in spans)] if spans else kept


def _end_of_begun(page: Page, block: int) -> int:
    """One past the last block of the largest element that begins with this one; of no element, itself."""
    element, end = page.blk_el[block], block
    while page.el_first[element] == block:  # ends at the root at the latest, which begins with block 0
        end = page.el_last[element]
        element = page.el_parent[element]
    return end


def _is_section(blocks: Blocks, element: int) -> bool:
    page = blocks.page
    label = blocks.heading(page.el_first[element])
    if label is None:
        return False
    units, linked = blocks.size(element)
    if label is Label.RELATED:
        return linked >= RELATED_LINKED * units and not _goes_on(blocks, element)
    if label is Label.COMMENTS:
        return True
    most = {Label.NEWSLETTER: MAX_BOX_UNITS, Label.WRITER: MAX_WRITER_UNITS}.get(label, 0)
    return page.el_last[element] - page.el_first[element] > 1 and units <= most
