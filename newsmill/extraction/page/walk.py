"""One walk over a page's tree: its blocks of text, the elements around them, and what it says about itself.

A block is the text between two block-level boundaries. Everything later stages need is kept in flat columns,
so that statistics over any element are differences of prefix sums.
"""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsmill.extraction.page import tags
from newsmill.extraction.page.class_names import FAMILIES, flags_of
from newsmill.extraction.page.columns import NO_ELEMENTS, Columns, columns_of
from newsmill.extraction.page.tags import (
    BLOCK,
    INLINE,
    KINDS,
    LAST_KNOWN_ID,
    LINK,
    LINKED,
    RULE,
    SKIP,
    STYLES,
    TAG,
    TEXT_ID,
    TEXT_TAGS,
)
from newsmill.text.remembered import Remembered

MAX_DEPTH = 250  # real pages stay below 100; deeper subtrees are left out
MAX_PIECES = 200_000  # text nodes; the longest real pages have about 50,000
MAX_BLOCKS = 20_000  # the feature matrix of more would not fit in 20 MB
LINE_BREAK = "\u2028"  # stands for <br> among the pieces
MAX_TITLE_CHARS = 2000
MAX_NAMES_CHARS = 400  # of a class
MAX_LD_SCRIPTS = 50
MAX_LD_CHARS = 2_000_000
MAX_SCRIPTS = 200  # that are kept for a look; pages have up to about 150

# Bits of an element's flags above those of its names (classflags has 32 families): state, then its own tag.
ARIA_HIDDEN, DISPLAY_NONE, ARTICLE_BODY = 1 << 32, 1 << 33, 1 << 34
TAG_GROUPS = (
    ("article",), ("main",), ("nav",), ("footer",), ("header",), ("aside",), ("form", "fieldset"), ("table",),
    ("td", "th"), ("ul", "ol", "menu"), ("li",), ("figure", "figcaption"), ("blockquote",), ("details", "summary"),
    ("section",), ("dl", "dt", "dd"), ("button",), ("p",), ("h1",), ("h2",), ("h3",), ("h4", "h5", "h6"), ("pre",),
    ("noscript",), ("dialog",), ("address",), ("div", "center"),
)  # fmt: skip
FLAG_BITS = 35 + len(TAG_GROUPS)
FLAG_NAMES = (*FAMILIES, "aria-hidden", "display-none", "article-body", *(f"<{names[0]}>" for names in TAG_GROUPS))
PLAYER = 1 << FLAG_BITS  # a player of video or sound; no feature of the net
_PLAYER_NAMES = re.compile(
    r"\b(?:video-?js|vjs|jw-?player|jw|plyr|mejs|flowplayer|brightcove|kaltura|(?:video|audio)-?player)\b"
)
TAG_BIT = {tags.tag_id(name): 1 << (35 + i) for i, names in enumerate(TAG_GROUPS) for name in names}
_DIV = TAG["div"]
_NAMING = ("id", "role", "itemprop")  # attributes whose words say what an element is, beside its class


@dataclass(slots=True)
class Page:
    """Columns of one page. Elements, blocks and pieces are numbered in document order.

    columns: the block-level elements; el_*: the same as lists, for those who ask for single ones.
    blk_*: blocks: nearest element, first piece and one past the last.
    pieces, styles, hrefs: text nodes with inline style bits and index into `links` (-1 for none).
    links: (href as written, rel). metas, times: attributes (for times with the number of blocks before them).
    scripts: the script elements that are no JSON-LD. tree: for the rare look at what the walk left out.
    """

    columns: Columns = NO_ELEMENTS
    el_parent: list[int] = field(default_factory=list)
    el_tag: list[int] = field(default_factory=list)
    el_flags: list[int] = field(default_factory=list)
    el_within: list[int] = field(default_factory=list)
    el_look: list[int] = field(default_factory=list)
    el_first: list[int] = field(default_factory=list)
    el_last: list[int] = field(default_factory=list)
    blk_el: list[int] = field(default_factory=list)
    blk_start: list[int] = field(default_factory=list)
    blk_end: list[int] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    styles: list[int] = field(default_factory=list)
    hrefs: list[int] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    metas: list[dict[str, str | None]] = field(default_factory=list)
    times: list[tuple[int, dict[str, str | None]]] = field(default_factory=list)
    json_ld: list[str] = field(default_factory=list)
    scripts: list[LexborNode] = field(default_factory=list)
    tree: LexborHTMLParser | None = None
    title: str = ""
    lang: str = ""
    base: str = ""

    def block_text(self, block: int) -> str:
        """The text of a block, whitespace collapsed."""
        return " ".join("".join(self.pieces[self.blk_start[block] : self.blk_end[block]]).split())


def read_page(html: str | bytes) -> Page:
    """The columns of a page (bytes: UTF-8). Linear in its size; never raises on any text."""
    return _Walk(LexborHTMLParser(html)).run()


class _Walk:
    """State of the one walk; used once."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.root = tree.root
        self.page = Page(tree=tree)
        self.ld_chars = 0
        self.looks: dict[tuple[int, str | None], int] = {}  # numbers by tag and class
        self.named: list[tuple[int, str]] = []  # elements with the names that they have beside their class
        self.rows: list[tuple[int, int, int, int, int]] = []  # by element: parent, tag, state, look, first block

    def run(self) -> Page:
        if self.root is not None:
            attributes = self.root.attributes
            self.page.lang = (attributes.get("lang") or attributes.get("xml:lang") or "").strip()
            self._describe(self.root, self.root.tag_id, -1)
            self.page.el_last.append(0)
            self._walk(self.root)
            self._fill_in()
        return self.page

    def _walk(self, root: LexborNode) -> None:
        """Long, and in one piece: each line of it runs for a page's 3,000 nodes."""
        page = self.page
        pieces, rows, el_last, blk_el = page.pieces, self.rows, page.el_last, page.blk_el
        add_piece, add_style, add_href = pieces.append, page.styles.append, page.hrefs.append
        kinds, styles, known, describe, close_block = KINDS, STYLES, LAST_KNOWN_ID, self._describe, self._close
        around: list[tuple[LexborNode, int, int, int]] = []
        element, style, href = 0, 0, -1
        start = -1  # the first piece of the open block; -1: nothing visible yet
        node = root.first_child
        while True:
            if node is None:
                if not around:
                    break
                node, style, href, outer = around.pop()
                if outer != element:
                    if start >= 0:
                        start = close_block(element, start)
                    el_last[element] = len(blk_el)
                    element = outer
                node = node.next
                continue
            tag = node.tag_id
            if tag == TEXT_ID:
                text = node.text_content
                if text and (start >= 0 or not text.isspace()):
                    if start < 0:
                        start = len(pieces)
                    add_piece(text)
                    add_style(style)
                    add_href(href)
                node = node.next
                continue
            kind = kinds[tag] if tag <= known else INLINE if start >= 0 and rows[element][1] in TEXT_TAGS else BLOCK
            if kind > LINK and (kind == SKIP or not self._special(node, kind)):
                if start >= 0 and kind <= RULE:
                    start = self._interrupted(kind, style, href, element=element, start=start)
                node = node.next
                continue
            child = node.first_child if len(around) < MAX_DEPTH else None
            if kind == BLOCK:
                if len(pieces) >= MAX_PIECES or len(blk_el) >= MAX_BLOCKS:
                    node = node.next
                    continue
                if start >= 0:
                    start = close_block(element, start)
                describe(node, tag, element)
                el_last.append(len(blk_el))
                if child is not None:
                    around.append((node, style, href, element))
                    element = len(el_last) - 1
            elif len(pieces) >= MAX_PIECES:
                child = None
            elif kind == LINK:
                link = self._link(node)
                if child is not None:
                    around.append((node, style, href, element))
                    style, href = style | LINKED, link
            elif child is not None:
                around.append((node, style, href, element))
                if tag <= known:
                    style |= styles[tag]
            node = child if child is not None else node.next
        if start >= 0:
            close_block(0, start)
        el_last[0] = len(blk_el)

    def _describe(self, node: LexborNode, tag: int, parent: int) -> None:
        """Note an element: where it stands and what its attributes say of it."""
        attributes = node.attributes
        names = attributes.get("class")
        look = self.looks.setdefault((tag, names), len(self.looks))
        state = self._state(attributes) if len(attributes) > (names is not None) else 0
        self.rows.append((parent, tag if tag <= LAST_KNOWN_ID else _DIV, state, look, len(self.page.blk_el)))

    def _state(self, attributes: dict[str, str | None]) -> int:
        """What other attributes than the class say: flags of state, and names to look up."""
        for key in _NAMING:
            if value := attributes.get(key):
                self.named.append((len(self.rows), value))
        state = 0
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            state |= ARIA_HIDDEN
        style = attributes.get("style")
        if style and "none" in style and "display:none" in style.replace(" ", "").lower():
            state |= DISPLAY_NONE
        return state

    def _fill_in(self) -> None:
        """The rows as columns, with what the names mean."""
        page = self.page
        of_looks = [TAG_BIT.get(tag, 0) | (_NAMED[names] if names else 0) for tag, names in self.looks]
        named = [(element, _NAMED[names]) for element, names in self.named]
        columns = columns_of(self.rows, of_looks, named, last=page.el_last, el=page.blk_el)
        page.columns, page.el_parent, page.el_tag = columns, columns.parent.tolist(), columns.tag.tolist()
        page.el_flags, page.el_within = columns.flags.tolist(), columns.within.tolist()
        page.el_look, page.el_first = columns.look.tolist(), columns.first.tolist()

    def _close(self, element: int, start: int) -> int:
        """End the open block of an element; none is open then."""
        page = self.page
        page.blk_el.append(element)
        page.blk_start.append(start)
        page.blk_end.append(len(page.pieces))
        return -1

    def _interrupted(self, kind: int, style: int, href: int, *, element: int, start: int) -> int:
        """The open block's start at a <br> or <hr>: a second <br> with nothing between ends the block, as <hr> does."""
        page = self.page
        last = page.pieces[-1]
        spaced = last.isspace() and len(page.pieces) > start + 1 and page.pieces[-2] == LINE_BREAK
        if kind == RULE or last == LINE_BREAK or spaced:
            return self._close(element, start)
        page.pieces.append(LINE_BREAK)
        page.styles.append(style)
        page.hrefs.append(href)
        return start

    def _link(self, node: LexborNode) -> int:
        attributes = node.attributes
        href = attributes.get("href")
        if not href:
            return -1
        self.page.links.append((href, attributes.get("rel") or ""))
        return len(self.page.links) - 1

    def _special(self, node: LexborNode, kind: int) -> bool:
        """Note what the element says; whether to walk into it."""
        page = self.page
        if kind == tags.META:
            attributes = node.attributes
            if node.tag_id == TAG["base"]:
                page.base = page.base or attributes.get("href") or ""
            else:
                page.metas.append(attributes)
        elif kind == tags.SCRIPT:
            if "ld+json" in (node.attributes.get("type") or "").lower():
                self._json_ld(node)
            elif len(page.scripts) < MAX_SCRIPTS:
                page.scripts.append(node)
        elif kind == tags.TITLE:
            page.title = page.title or " ".join((node.text() or "")[:MAX_TITLE_CHARS].split())
        elif kind == tags.TIME:
            page.times.append((len(page.blk_el), {**node.attributes, "": node.text() or ""}))
            return True
        return False

    def _json_ld(self, node: LexborNode) -> None:
        text = node.text() or ""
        if len(self.page.json_ld) < MAX_LD_SCRIPTS and self.ld_chars + len(text) <= MAX_LD_CHARS:
            self.page.json_ld.append(text)
            self.ld_chars += len(text)


def _named(names: str) -> int:
    declared = ARTICLE_BODY if "articleBody" in names else 0
    return flags_of(names) | declared | (PLAYER if _PLAYER_NAMES.search(names[:MAX_NAMES_CHARS].lower()) else 0)


# A crawler meets the same templates again and again; 8 MB at most.
_NAMED = Remembered(_named, entries=1 << 14, longest=MAX_NAMES_CHARS)
