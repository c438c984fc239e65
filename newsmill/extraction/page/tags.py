"""HTML elements by the part they play in extraction, keyed by lexbor's integer ids (faster than names)."""

from selectolax.lexbor import LexborHTMLParser

# What the walk does at an element. Plain integers: an IntEnum costs a millisecond a page here.
INLINE = 0  # its text belongs to the block around it
BLOCK = 1  # a block ends before and after it
LINK = 2  # <a>
TIME = 3  # like INLINE, and noted; what follows is not walked into
BREAK = 4  # <br>
RULE = 5  # <hr>
SCRIPT = 6
META = 7  # meta, link, base
TITLE = 8
SKIP = 9  # nothing in it is read

_factory = LexborHTMLParser("")


def tag_id(name: str) -> int:
    """Lexbor's id of an element name."""
    return int(_factory.create_node(name).tag_id)


TEXT_ID = 2
COMMENT_ID = 4

_BLOCK_TAGS = """
address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption
figure footer form h1 h2 h3 h4 h5 h6 header hgroup html head legend li main menu nav noscript ol p pre section
search summary table tbody td tfoot th thead tr ul
"""
BLOCK_TAGS = _BLOCK_TAGS.split()
_SKIP_TAGS = """
style template svg iframe object embed applet canvas audio video select option textarea input math map frameset
frame noframes datalist progress meter rt rp colgroup col optgroup noembed
"""
SKIP_TAGS = _SKIP_TAGS.split()

_kinds: dict[int, int] = {tag_id(name): BLOCK for name in BLOCK_TAGS}
_kinds |= {tag_id(name): SKIP for name in SKIP_TAGS}
_kinds |= {tag_id(name): META for name in ("meta", "link", "base")}
_kinds |= {
    tag_id("br"): BREAK,
    tag_id("a"): LINK,
    tag_id("script"): SCRIPT,
    tag_id("time"): TIME,
    tag_id("title"): TITLE,
    tag_id("hr"): RULE,
    COMMENT_ID: SKIP,
}
LAST_KNOWN_ID = max(*_kinds, *map(tag_id, ("xmp", "wbr", "var", "u", "tt"))) + 40

KINDS: list[int] = [_kinds.get(tag, INLINE) for tag in range(LAST_KNOWN_ID + 1)]  # by id
# Inline styles that markdown keeps, as bits of a piece.
EM, STRONG, CODE, LINKED = 1, 2, 4, 8
_styles: dict[int, int] = {tag_id(n): EM for n in ("em", "i", "cite", "dfn")}
_styles |= {tag_id(n): STRONG for n in ("strong", "b")}
_styles |= {tag_id(n): CODE for n in ("code", "kbd", "samp", "tt")}
STYLES: list[int] = [_styles.get(tag, 0) for tag in range(LAST_KNOWN_ID + 1)]  # by id

TAG: dict[str, int] = {name: tag_id(name) for name in (*BLOCK_TAGS, *SKIP_TAGS, "a", "span", "time", "meta", "base")}
_TEXT_TAGS = "p h1 h2 h3 h4 h5 h6 li dt dd td th figcaption caption pre summary blockquote"
# Blocks that hold running text: an unknown element inside one of them is inline.
TEXT_TAGS: frozenset[int] = frozenset(tag_id(n) for n in _TEXT_TAGS.split())
