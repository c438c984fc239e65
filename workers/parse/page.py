"""One walk over a page's tree: its blocks of text, the elements around them, and what it says about itself.

A block is the text between two block-level boundaries. Everything later stages need is kept in flat columns,
so that statistics over any element are differences of prefix sums.
"""

from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.parse import tags
from workers.parse.classflags import flags_of
from workers.parse.tags import KIND_OF, LAST_KNOWN_ID, LINKED, STYLE_OF, TAG, TEXT_ID, TEXT_TAGS

MAX_DEPTH = 250  # real pages stay below 100; deeper subtrees are left out
MAX_PIECES = 200_000  # text nodes; the longest real pages have about 50,000
MAX_BLOCKS = 20_000  # the feature matrix of more would not fit in 20 MB
LINE_BREAK = "\u2028"  # stands for <br> among the pieces
MAX_TITLE_CHARS = 2000
MAX_LD_SCRIPTS = 50
MAX_LD_CHARS = 2_000_000

# Bits of an element's flags above those of its names (classflags has 32 families): state, then its own tag.
ARIA_HIDDEN, DISPLAY_NONE, ARTICLE_BODY = 1 << 32, 1 << 33, 1 << 34
TAG_GROUPS = (
    ("article",), ("main",), ("nav",), ("footer",), ("header",), ("aside",), ("form", "fieldset"), ("table",),
    ("td", "th"), ("ul", "ol", "menu"), ("li",), ("figure", "figcaption"), ("blockquote",), ("details", "summary"),
    ("section",), ("dl", "dt", "dd"), ("button",), ("p",), ("h1",), ("h2",), ("h3",), ("h4", "h5", "h6"), ("pre",),
    ("noscript",), ("dialog",), ("address",), ("div", "center"),
)  # fmt: skip
FLAG_BITS = 35 + len(TAG_GROUPS)
TAG_BIT = {tags.tag_id(name): 1 << (35 + i) for i, names in enumerate(TAG_GROUPS) for name in names}
_DIV = TAG["div"]
_NAMING = ("id", "role", "itemprop")  # attributes whose words say what an element is, beside its class
_NOT_INHERITED = frozenset((TAG["html"], TAG["body"]))  # their class names describe the site, not a part of it


@dataclass(slots=True)
class Page:
    """Columns of one page. Elements, blocks and pieces are numbered in document order.

    el_*: block-level elements: parent, tag id, own flags, flags of it and all around it, a number for tag and
    class (equal for elements of one look), depth, first block and one past the last block in it.
    blk_*: blocks: nearest element, first piece and one past the last.
    pieces, styles, hrefs: text nodes with inline style bits and index into `links` (-1 for none).
    links: (href as written, rel). metas, times: attributes (for times with the number of blocks before them).
    tree: for the rare look at what the walk left out.
    """

    el_parent: list[int] = field(default_factory=list)
    el_tag: list[int] = field(default_factory=list)
    el_flags: list[int] = field(default_factory=list)
    el_within: list[int] = field(default_factory=list)
    el_look: list[int] = field(default_factory=list)
    el_depth: list[int] = field(default_factory=list)
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
        self.start = 0  # first piece of the open block
        self.inked = False  # the open block has visible characters
        self.ld_chars = 0
        self.looks: dict[tuple[int, str | None], tuple[int, int]] = {}  # by tag and class: number and flags

    def run(self) -> Page:
        page = self.page
        if self.root is None:
            return page
        page.lang = (self.root.attributes.get("lang") or self.root.attributes.get("xml:lang") or "").strip()
        self._open(self.root, self.root.tag_id, -1)
        self._walk(self.root)
        self._flush(0)
        page.el_last[0] = len(page.blk_el)
        return page

    def _walk(self, root: LexborNode) -> None:  # long, and in one piece: it runs for each of a page's 2,000 nodes
        page = self.page
        pieces, el_last, blk_el = page.pieces, page.el_last, page.blk_el
        add_piece, add_style, add_href = pieces.append, page.styles.append, page.hrefs.append
        kind_of, style_of = KIND_OF.get, STYLE_OF.get
        around: list[tuple[LexborNode, int, int, int]] = []
        style, href, element = 0, -1, 0
        node = root.first_child
        while True:
            if node is None:
                if not around:
                    return
                node, style, href, outer = around.pop()
                if outer != element:
                    if self.inked:
                        self._flush(element)
                    self.start = len(pieces)
                    el_last[element] = len(blk_el)
                    element = outer
                node = node.next
                continue
            tag = node.tag_id
            if tag == TEXT_ID:
                text = node.text_content
                if text:
                    add_piece(text)
                    add_style(style)
                    add_href(href)
                    if not self.inked and not text.isspace():
                        self.inked = True
                node = node.next
                continue
            kind = kind_of(tag, tags.INLINE)
            if tag > LAST_KNOWN_ID and kind == tags.INLINE and not (self.inked and page.el_tag[element] in TEXT_TAGS):
                kind = tags.BLOCK
            if kind == tags.BREAK:
                self._break(style, href, element)
            elif (
                kind != tags.SKIP
                and (kind <= tags.LINK or self._special(node, kind, element))
                and len(around) < MAX_DEPTH
                and len(pieces) < MAX_PIECES
                and len(blk_el) < MAX_BLOCKS
            ):
                outer, outer_style, outer_href = element, style, href
                if kind == tags.BLOCK:
                    if self.inked:
                        self._flush(element)
                    self.start = len(pieces)
                    element = self._open(node, tag, element)
                elif kind == tags.LINK:
                    style |= LINKED
                    href = self._link(node)
                else:
                    style |= style_of(tag, 0)
                child = node.first_child
                if child is not None:
                    around.append((node, outer_style, outer_href, outer))
                    node = child
                    continue
                element, style, href = outer, outer_style, outer_href
            node = node.next

    def _open(self, node: LexborNode, tag: int, parent: int) -> int:
        """Note an element: where it stands and what its attributes say of it."""
        page = self.page
        element = len(page.el_tag)
        attributes = node.attributes
        names = attributes.get("class")
        seen = self.looks.get((tag, names))
        if seen is None:
            seen = len(self.looks), TAG_BIT.get(tag, 0) | (_named(names) if names else 0)
            self.looks[tag, names] = seen
        look, own = seen
        if len(attributes) > (names is not None):
            own |= _flags(attributes)
        page.el_parent.append(parent)
        page.el_flags.append(own)
        if parent >= 0:
            page.el_within.append(0 if tag in _NOT_INHERITED else own | page.el_within[parent])
            page.el_depth.append(page.el_depth[parent] + 1)
        else:
            page.el_within.append(0)
            page.el_depth.append(0)
        page.el_look.append(look)
        page.el_tag.append(tag if tag <= LAST_KNOWN_ID else _DIV)
        blocks = len(page.blk_el)
        page.el_first.append(blocks)
        page.el_last.append(blocks)
        return element

    def _flush(self, element: int) -> None:
        page = self.page
        end = len(page.pieces)
        if self.inked:
            page.blk_el.append(element)
            page.blk_start.append(self.start)
            page.blk_end.append(end)
            self.inked = False
        self.start = end

    def _break(self, style: int, href: int, element: int) -> None:
        """One <br> is a line break; a second one with nothing between them ends the block."""
        page = self.page
        if page.pieces and len(page.pieces) > self.start:
            last = page.pieces[-1]
            spaced = last.isspace() and len(page.pieces) > self.start + 1 and page.pieces[-2] == LINE_BREAK
            if last == LINE_BREAK or spaced:
                self._flush(element)
                return
        page.pieces.append(LINE_BREAK)
        page.styles.append(style)
        page.hrefs.append(href)

    def _link(self, node: LexborNode) -> int:
        attributes = node.attributes
        href = attributes.get("href")
        if not href:
            return -1
        self.page.links.append((href, attributes.get("rel") or ""))
        return len(self.page.links) - 1

    def _special(self, node: LexborNode, kind: int, element: int) -> bool:
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
        elif kind == tags.TITLE:
            page.title = page.title or " ".join((node.text() or "")[:MAX_TITLE_CHARS].split())
        elif kind == tags.RULE:
            self._flush(element)
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
    return flags_of(names) | (ARTICLE_BODY if "articleBody" in names else 0)


def _flags(attributes: dict[str, str | None]) -> int:
    """What other attributes than the class say."""
    flags = 0
    for key in _NAMING:
        value = attributes.get(key)
        if value:
            flags |= _named(value)
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        flags |= ARIA_HIDDEN
    style = attributes.get("style")
    if style and "none" in style and "display:none" in style.replace(" ", "").lower():
        flags |= DISPLAY_NONE
    return flags
