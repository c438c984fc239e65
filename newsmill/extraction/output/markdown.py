"""Chosen blocks as plain text and as Markdown (pure)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from newsmill.extraction.page.tags import CODE, EM, LINKED, STRONG, TAG, tag_id
from newsmill.extraction.page.walk import LINE_BREAK, Page

_HEADING = {tag_id(f"h{level}"): "#" * level + " " for level in range(1, 7)}
_LISTS = (TAG["ul"], TAG["ol"], TAG["menu"], TAG["dir"])
_PLACES = frozenset((*_HEADING, *_LISTS, TAG["blockquote"], TAG["li"], TAG["pre"]))  # what `BlockPlace` tells of
_CELLS = (TAG["td"], TAG["th"])
# CommonMark §2.4: what a backslash takes the meaning from, wherever it stands, and GFM's strike-through.
_MARKED = re.compile(r"([\\*_`\[\]<>&~])")
# At the beginning of a line: headings, lists, rules, and the lines under a heading.
_LINE_START = re.compile(r"^(\s*)(?:(#{1,6}(?=\s|$)|[+=-])|(\d{1,9})([.)](?=\s|$)))")
_STARTS = frozenset("#+=-0123456789")
_DESTINATION = re.compile(r"([\\()&<>])")
_BACKSLASH = r"\\\1"
_FENCE = re.compile(r"`{3,}")
MAX_INDENT = 8  # nesting of lists that is kept

Resolve = Callable[[str], str]  # the absolute address of a link as written, or an empty string to drop the link


class BlockPlace(NamedTuple):
    """Where an element stands: quotes and lists around it (the innermost first), its list item and the list of that
    (numbers of elements), heading, and <pre>."""

    quotes: int = 0
    lists: tuple[int, ...] = ()
    item: int = -1
    items: int = -1
    heading: str = ""
    code: bool = False


class Cell(NamedTuple):
    """A table cell: the numbers of the elements."""

    table: int
    row: int
    cell: int


class Block(NamedTuple):
    """A chosen block. styles, hrefs: of its pieces (see `Page`); empty where all are plain."""

    pieces: tuple[str, ...]
    styles: tuple[int, ...]
    hrefs: tuple[int, ...]
    place: BlockPlace
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class Outline:
    """The chosen blocks in document order, apart from the page; hrefs: number and address as written of their links."""

    blocks: tuple[Block, ...] = ()
    hrefs: tuple[tuple[int, str], ...] = ()

    def text(self) -> str:
        """A blank line between paragraphs, a table row on a line."""
        parts: list[str] = []
        for group, before in _grouped(self.blocks):
            if len(group) > 1:
                line = " | ".join(_plain(block).replace("\n", " ") for block in group)
                parts.append("\n" + line if before else line)
            else:
                parts.append(_plain(group[0]))
        return _joined(parts)

    def markdown(self, resolve: Resolve) -> str:
        """CommonMark, with the tables of GFM."""
        parts: list[str] = []
        hrefs = dict(self.hrefs)
        numbers: dict[int, int] = {}  # items of each list so far, and the items met
        for group, before in _grouped(self.blocks):
            if len(group) > 1:
                first = not before or before.table != (group[0].cell or before).table
                parts.append(_table_row([_inline(block, hrefs, resolve) for block in group], first=first))
            else:
                parts.append(_marked_block(group[0], hrefs, resolve, numbers=numbers))
        return _joined(parts)


def outline_of(page: Page, chosen: Sequence[int]) -> Outline:
    """`chosen` blocks of a page, in document order."""
    known: dict[int, BlockPlace] = {}
    links: set[int] = set()
    blocks = []
    for block in chosen:
        first, last, element = page.blk_start[block], page.blk_end[block], page.blk_el[block]
        styles, hrefs = page.styles[first:last], page.hrefs[first:last]
        if any(styles):
            links.update(hrefs)
        else:
            styles = hrefs = []
        place = known.get(element) or _place(page, element, known)
        pieces = tuple(page.pieces[first:last])
        blocks.append(Block(pieces, tuple(styles), tuple(hrefs), place, _cell(page, element)))
    return Outline(tuple(blocks), tuple((link, page.links[link][0]) for link in sorted(links) if link >= 0))


def _cell(page: Page, element: int) -> Cell | None:
    if page.el_tag[element] not in _CELLS:
        return None
    row = page.el_parent[element]
    return Cell(page.el_parent[row], row, element) if page.el_tag[row] == TAG["tr"] else None


def _place(page: Page, element: int, known: dict[int, BlockPlace]) -> BlockPlace:
    """known: the places of elements met before; blocks share most of what is around them."""
    path = []
    while element >= 0 and element not in known:
        path.append(element)
        element = page.el_parent[element]
    place = known[element] if element >= 0 else BlockPlace()
    for inner in reversed(path):
        if page.el_tag[inner] in _PLACES:
            place = _inside(place, page, inner)
        known[inner] = place
    return place


def _inside(outer: BlockPlace, page: Page, element: int) -> BlockPlace:
    tag = page.el_tag[element]
    item = tag == TAG["li"]
    return BlockPlace(
        outer.quotes + (tag == TAG["blockquote"]),
        (tag, *outer.lists) if tag in _LISTS else outer.lists,
        element if item else outer.item,
        page.el_parent[element] if item else outer.items,
        _HEADING.get(tag, outer.heading),
        outer.code or tag == TAG["pre"],
    )


def _grouped(blocks: Sequence[Block]) -> Iterator[tuple[Sequence[Block], Cell | None]]:
    """The blocks one by one, but the cells of a row together; each with the first cell of a row just before it."""
    ends = _ends_of_rows(blocks)
    at = 0
    before: Cell | None = None
    while at < len(blocks):
        stop = ends[at]
        yield blocks[at:stop], before
        before = blocks[at].cell if stop - at > 1 else None
        at = stop


def _ends_of_rows(blocks: Sequence[Block]) -> list[int]:
    """For each block, one past the last of its row; of itself where one of the cells from there on has several
    paragraphs, as in a table for layout. One pass from the end: a row may have thousands."""
    ends = list(range(1, len(blocks) + 1))
    row, end, repeated = -1, 0, 0  # of the run of blocks in one row: where it ends, where a cell first comes again
    last: dict[Cell, int] = {}
    for at in range(len(blocks) - 1, -1, -1):
        cell = blocks[at].cell
        if cell is None or cell.row != row:
            row, end, repeated, last = (cell.row if cell else -1), at + 1, at + 1, {}
        if cell is None:
            continue
        repeated = min(repeated, last.get(cell, end))
        last[cell] = at
        if repeated == end:
            ends[at] = end
    return ends


def _joined(parts: list[str]) -> str:
    """Paragraphs by a blank line; a part that begins with a line feed continues the one before it."""
    out: list[str] = []
    for part in parts:
        if not part.strip():
            continue
        if out:
            out.append("" if part.startswith("\n") else "\n\n")
        out.append(part if out else part.lstrip("\n"))
    return "".join(out)


def _plain(block: Block) -> str:
    raw = block.pieces[0] if len(block.pieces) == 1 else "".join(block.pieces)
    if block.place.code:
        return raw.replace(LINE_BREAK, "\n").strip("\n")
    if LINE_BREAK not in raw:
        return " ".join(raw.split())
    return "\n".join(line for part in raw.split(LINE_BREAK) if (line := " ".join(part.split())))


def _table_row(texts: list[str], *, first: bool) -> str:
    cells = [text.replace("\n", " ").replace("|", "\\|") for text in texts]
    line = "| " + " | ".join(cells) + " |"
    return line + "\n|" + " --- |" * len(cells) if first else "\n" + line


def _marked_block(block: Block, hrefs: dict[int, str], resolve: Resolve, *, numbers: dict[int, int]) -> str:
    place = block.place
    if place.code:
        code = _plain(block)
        fence = "`" * max(3, *(len(run) + 1 for run in _FENCE.findall(code)), 3)  # §4.5: longer than any inside
        body = f"{fence}\n{code}\n{fence}"
    else:
        line = _inline(block, hrefs, resolve)
        body = place.heading + line.replace("\n", " ") if place.heading else _lines(line)
    if place.item >= 0 and place.lists and not place.heading:
        ordered = place.lists[0] == TAG["ol"]
        body = _indented(body, _marker(place, ordered=ordered, numbers=numbers), "   " if ordered else "  ")
        for _ in place.lists[1:MAX_INDENT]:
            body = _indented(body, "  ", "  ")
    for _ in range(min(place.quotes, MAX_INDENT)):
        body = _indented(body, "> ", "> ")
    return body


def _marker(place: BlockPlace, *, ordered: bool, numbers: dict[int, int]) -> str:
    """The mark of a list item the first time one of its blocks is met, then blanks of that width."""
    if place.item in numbers:
        return "   " if ordered else "  "
    numbers[place.item] = numbers[place.items] = numbers.get(place.items, 0) + 1
    return f"{numbers[place.items]}. " if ordered else "- "


def _indented(body: str, first: str, rest: str) -> str:
    lines = body.split("\n")
    return "\n".join([first + lines[0], *(rest + line for line in lines[1:])])


def _inline(block: Block, hrefs: dict[int, str], resolve: Resolve) -> str:
    out: list[str] = []
    pieces, styles = block.pieces, block.styles
    first, last = 0, len(pieces)
    if not styles:
        out.append(_escaped("".join(pieces)))
        first = last
    while first < last:
        style, href = styles[first], block.hrefs[first]
        stop = first + 1
        while stop < last and styles[stop] == style and block.hrefs[stop] == href:
            stop += 1
        text = "".join(pieces[first:stop])
        out.append(_styled(text, style, hrefs.get(href, ""), resolve=resolve) if style else _escaped(text))
        first = stop
    raw = "".join(out)
    lines = (" ".join(part.split()) for part in raw.split(LINE_BREAK))
    return "\n".join(line for line in lines if line)


def plain_markdown(text: str) -> str:
    """Plain paragraphs as Markdown that shows just them."""
    return "\n\n".join(_lines(_escaped(paragraph)) for paragraph in text.split("\n\n"))


def _lines(text: str) -> str:
    """Escaped lines of one paragraph, each but the last with a hard line break (CommonMark §6.7)."""
    return "\\\n".join(map(_at_line_start, text.split("\n")))


def _at_line_start(text: str) -> str:
    """A line, with what would be a mark at its beginning escaped."""
    return _LINE_START.sub(_no_mark, text) if text.lstrip()[:1] in _STARTS else text


def _no_mark(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[2] else f"{match[1]}{match[3]}\\{match[4]}"


def _escaped(text: str) -> str:
    return _MARKED.sub(_BACKSLASH, text)


def _styled(text: str, style: int, href: str, *, resolve: Resolve) -> str:
    core = text.strip()
    if not core:
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    body = f"`{core}`" if style & CODE and "`" not in core else _escaped(core)
    if style & STRONG:
        body = f"**{body}**"
    if style & EM:
        body = f"*{body}*"
    if style & LINKED and (target := resolve(href)):
        body = f"[{body}]({_DESTINATION.sub(_BACKSLASH, target)})"
    return lead + body + tail
