"""The piece of an article that shows why it was found (pure)."""

import re
from dataclasses import dataclass

from newsmill.model import Document
from newsmill.search.marking import Wanted, spans, wanted
from newsmill.search.tree import Query

WIDTH = 240  # characters of a snippet, about three lines of a terminal
SCANNED = 1_000_000  # characters of the text that are looked at, as far as nothing good comes sooner
ENOUGH = 2_000  # characters after which a snippet with some of the words will do
ENDS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of an article. where: the field that it is of, or that has the words where no text has them."""

    text: str
    where: str


def shown(document: Document, want: Wanted, marks: tuple[str, str]) -> Shown:
    """The piece of the article's text with most of the words; of its description where that has them and the text not;
    else the beginning of the text, and where the words are.
    """
    text, has = cut(document.text, want, document.language, marks=marks)
    if not has and want.sounding:
        text, has = cut(document.text, want.sounding, document.language, marks=marks)
    if has or not want.targets:
        return Shown(text or cut(document.description, want, document.language, marks=marks)[0], "text")
    described, has = cut(document.description, want, document.language, marks=marks)
    if has:
        return Shown(described, "description")
    start = text or described
    for where, words in (("title", document.title), ("keywords", "\n".join(document.keywords))):
        if any(part for _, part in spans(words, want, document.language)):
            return Shown(start, where)
    return Shown(start, "authors" if document.authors else "")


def snippet(
    text: str, query: Query, marks: tuple[str, str] = ("", ""), *, width: int = WIDTH, language: str = ""
) -> str:
    """About `width` characters of `text` around most of the query's words, which stand between `marks`.

    The beginning of the text where none of them occurs.
    """
    return cut(text, wanted(query), language, marks=marks, width=width)[0]


def cut(text: str, want: Wanted, language: str, *, marks: tuple[str, str], width: int = WIDTH) -> tuple[str, bool]:
    """A snippet, and whether any of the words is in the text."""
    text = text[:SCANNED]
    found: list[tuple[int, int, int]] = []
    seen: set[int] = set()
    for at, part in spans(text, want, language) if want.targets else ():
        found += part
        seen.update(number for _, _, number in part)
        if found and (at > ENOUGH or (len(seen) == len(want.targets) and _most(found, width)[1] == len(seen))):
            break
    start, end = _window(text, found, width)
    inside = [(a, b) for a, b, _ in found if a >= start and b <= end]
    parts, at = [], start
    for a, b in inside:
        if a < at:  # a phrase that goes on into the next stretch
            continue
        parts += [text[at:a], marks[0], text[a:b], marks[1]]
        at = b
    body = ENDS.sub(" ", "".join([*parts, text[at:end]])).strip()
    return f"{'…' if text[:start].strip() else ''}{body}{'…' if text[end:].strip() else ''}", bool(found)


def _most(found: list[tuple[int, int, int]], width: int) -> tuple[int, int]:
    """Where the stretch of `width` begins that has the most different words, the earliest of equals; and how many."""
    best, most, left = 0, 0, 0
    counts: dict[int, int] = {}
    for right, (_, end, number) in enumerate(found):
        counts[number] = counts.get(number, 0) + 1
        while left < right and end - found[left][0] > width:
            gone = found[left][2]
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
            left += 1
        if len(counts) > most:
            best, most = left, len(counts)
    return best, most


def _window(text: str, found: list[tuple[int, int, int]], width: int) -> tuple[int, int]:
    """The stretch with the most different words, cut at spaces where there are some."""
    if not found:
        return 0, _cut_after(text, width)
    best = _most(found, width)[0]
    inner = [end for start, end, _ in found[best:] if end - found[best][0] <= width]
    spare = max(0, width - ((inner[-1] if inner else found[best][1]) - found[best][0]))
    start = max(0, found[best][0] - spare // 3)
    if start:
        space = text.find(" ", start, found[best][0])
        start = space + 1 if space >= 0 else start
    return start, max(_cut_after(text, start + width), found[best][1])


def _cut_after(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", max(0, end - 30), end + 1)
    return space if space > 0 else end
