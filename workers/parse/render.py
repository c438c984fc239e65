"""Chosen blocks as plain text and as Markdown (pure)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workers.parse.page import LINE_BREAK, Page
from workers.parse.tags import CODE, EM, LINKED, STRONG, TAG, tag_id

_HEADING = {tag_id(f"h{level}"): "#" * level + " " for level in range(1, 7)}
_LISTS = (TAG["ul"], TAG["ol"], TAG["menu"], TAG["dir"])
_PLACES = frozenset((*_HEADING, *_LISTS, TAG["blockquote"], TAG["li"], TAG["pre"]))  # what `_Place` tells of
_CELLS = (TAG["td"], TAG["th"])
_MARKED = re.compile(r"([\\*_`\[\]])")
_LINE_START = re.compile(r"^(\s*)([#>+-]|\d+[.)])(?=\s)")
_STARTS = frozenset("#>+-0123456789")
MAX_INDENT = 8  # nesting of lists that is kept


@dataclass(frozen=True, slots=True)
class Rendered:
    """The same blocks twice."""

    text: str
    markdown: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands: quotes and lists around it (the innermost first), its list item, heading, and <pre>."""

    quotes: int = 0
    lists: tuple[int, ...] = ()
    item: int = -1
    heading: str = ""
    code: bool = False


def render(page: Page, blocks: Sequence[int], resolve: Callable[[str], str]) -> Rendered:
    """`blocks`, in document order, as text (a blank line between paragraphs) and Markdown (CommonMark, GFM tables).

    resolve: the absolute address of a link as written, or an empty string to drop the link.
    """
    plain: list[str] = []
    marked: list[str] = []
    at = 0
    previous_row = -1
    known: dict[int, _Place] = {}
    numbers: dict[int, int] = {}  # items of each list so far, and the items met
    while at < len(blocks):
        row = _row_of(page, blocks[at])
        stop = at + 1
        while row >= 0 and stop < len(blocks) and _row_of(page, blocks[stop]) == row:
            stop += 1
        cells = {page.blk_el[block] for block in blocks[at:stop]}
        if len(cells) < stop - at:  # a cell of several paragraphs: a table for layout
            row, stop = -1, at + 1
        if stop - at > 1:
            line = " | ".join(
                _plain(page, block, _place(page, page.blk_el[block], known)).replace("\n", " ")
                for block in blocks[at:stop]
            )
            plain.append("\n" + line if previous_row >= 0 else line)
            marked.append(_table_row(page, blocks[at:stop], resolve, first=not _same_table(page, previous_row, row)))
        else:
            place = _place(page, page.blk_el[blocks[at]], known)
            marked.append(_marked_block(page, blocks[at], place, resolve, numbers))
            plain.append(_plain(page, blocks[at], place))
        previous_row = row if stop - at > 1 else -1
        at = stop
    return Rendered(_joined(plain), _joined(marked))


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


def _row_of(page: Page, block: int) -> int:
    element = page.blk_el[block]
    if page.el_tag[element] not in _CELLS:
        return -1
    parent = page.el_parent[element]
    return parent if page.el_tag[parent] == TAG["tr"] else -1


def _same_table(page: Page, row_a: int, row_b: int) -> bool:
    return row_a >= 0 and page.el_parent[row_a] == page.el_parent[row_b]


def _table_row(page: Page, blocks: Sequence[int], resolve: Callable[[str], str], *, first: bool) -> str:
    cells = [_inline(page, block, resolve).replace("\n", " ").replace("|", "\\|") for block in blocks]
    line = "| " + " | ".join(cells) + " |"
    return line + "\n|" + " --- |" * len(cells) if first else "\n" + line


def _plain(page: Page, block: int, place: _Place) -> str:
    raw = "".join(page.pieces[page.blk_start[block] : page.blk_end[block]])
    if place.code:
        return raw.replace(LINE_BREAK, "\n").strip("\n")
    if LINE_BREAK not in raw:
        return " ".join(raw.split())
    return "\n".join(line for part in raw.split(LINE_BREAK) if (line := " ".join(part.split())))


def _place(page: Page, element: int, known: dict[int, _Place]) -> _Place:
    """known: the places of elements met before; blocks share most of what is around them."""
    path = []
    while element >= 0 and element not in known:
        path.append(element)
        element = page.el_parent[element]
    place = known[element] if element >= 0 else _Place()
    for inner in reversed(path):
        place = known[inner] = _inside(place, inner, page.el_tag[inner])
    return place


def _inside(outer: _Place, element: int, tag: int) -> _Place:
    if tag not in _PLACES:
        return outer
    return _Place(
        outer.quotes + (tag == TAG["blockquote"]),
        (tag, *outer.lists) if tag in _LISTS else outer.lists,
        element if tag == TAG["li"] else outer.item,
        _HEADING.get(tag, outer.heading),
        outer.code or tag == TAG["pre"],
    )


def _marked_block(page: Page, block: int, place: _Place, resolve: Callable[[str], str], numbers: dict[int, int]) -> str:
    quotes, lists, item, heading = place.quotes, place.lists, place.item, place.heading
    if place.code:
        body = f"```\n{_plain(page, block, place)}\n```"
    else:
        body = heading + _inline(page, block, resolve).replace("\n", " " if heading else "\\\n")
    if item >= 0 and lists and not heading:
        ordered = lists[0] == TAG["ol"]
        marker = _marker(page, item, ordered=ordered, numbers=numbers)
        body = _indented(body, marker, "   " if ordered else "  ")
        for _ in lists[1:MAX_INDENT]:
            body = _indented(body, "  ", "  ")
    for _ in range(min(quotes, MAX_INDENT)):
        body = _indented(body, "> ", "> ")
    return body


def _marker(page: Page, item: int, *, ordered: bool, numbers: dict[int, int]) -> str:
    """The mark of a list item the first time one of its blocks is met, then blanks of that width."""
    if item in numbers:
        return "   " if ordered else "  "
    parent = page.el_parent[item]
    numbers[item] = numbers[parent] = numbers.get(parent, 0) + 1
    return f"{numbers[parent]}. " if ordered else "- "


def _indented(body: str, first: str, rest: str) -> str:
    lines = body.split("\n")
    return "\n".join([first + lines[0], *(rest + line for line in lines[1:])])


def _inline(page: Page, block: int, resolve: Callable[[str], str]) -> str:
    first, last = page.blk_start[block], page.blk_end[block]
    out: list[str] = []
    while first < last:
        style, href = page.styles[first], page.hrefs[first]
        stop = first + 1
        while stop < last and page.styles[stop] == style and page.hrefs[stop] == href:
            stop += 1
        text = page.pieces[first] if stop == first + 1 else "".join(page.pieces[first:stop])
        if style:
            out.append(_styled(text, style, page.links[href][0] if href >= 0 else "", resolve))
        else:
            out.append(_MARKED.sub(r"\\\1", text) if _needs_escape(text) else text)
        first = stop
    raw = "".join(out)
    if LINE_BREAK not in raw:
        line = " ".join(raw.split())
        return _LINE_START.sub(r"\1\\\2", line) if line[:1] in _STARTS else line
    lines = (" ".join(part.split()) for part in raw.split(LINE_BREAK))
    return _LINE_START.sub(r"\1\\\2", "\n".join(line for line in lines if line))


def _needs_escape(text: str) -> bool:
    return "*" in text or "_" in text or "[" in text or "]" in text or "`" in text or "\\" in text


def _styled(text: str, style: int, href: str, resolve: Callable[[str], str]) -> str:
    core = text.strip()
    if not core:
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if style & CODE and "`" not in core:
        body = f"`{core}`"
    else:
        body = _MARKED.sub(r"\\\1", core) if _needs_escape(core) else core
    if style & STRONG:
        body = f"**{body}**"
    if style & EM:
        body = f"*{body}*"
    if style & LINKED and (target := resolve(href)):
        body = f"[{body}]({target})"
    return lead + body + tail
