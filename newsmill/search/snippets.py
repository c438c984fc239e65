"""The piece of an article that shows why it was found (pure)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsmill.search.query import Query, Words, leaves
from newsmill.text.tokens import UNSPACED, is_beginning, tokens

WIDTH = 240  # characters of a snippet, about three lines of a terminal
SCANNED = 50_000  # characters of the text that are looked at; nearly all articles are shorter
PUNCTUATION = ".,;:!?()[]{}<>\"'«»„“”‘’‚‹›…–—-·*/|"  # around a found word, not part of it
UNITS = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query wants to see: whole tokens, and beginnings of tokens."""

    tokens: frozenset[str]
    beginnings: tuple[str, ...]

    def has(self, token: str) -> bool:
        return token in self.tokens or token.startswith(self.beginnings)


def wanted(query: Query) -> Wanted:
    """The tokens of the terms that are not excluded."""
    whole: set[str] = set()
    begun: set[str] = set()
    for leaf, negated in leaves(query):
        if isinstance(leaf, Words) and not negated and not leaf.authors:
            whole.update(leaf.tokens[:-1] if leaf.prefix else leaf.tokens)
            begun.update(leaf.tokens[-1:] if leaf.prefix else ())
    return Wanted(frozenset(whole), tuple(sorted(begun)))


def snippet(text: str, query: Query, marks: tuple[str, str] = ("", ""), width: int = WIDTH) -> str:
    """About `width` characters of `text` around most of the query's words, which stand between `marks`.

    The beginning of the text where none of them occurs.
    """
    text = text[:SCANNED]
    spans = list(_spans(text, wanted(query)))
    start, end = _window(text, spans, width)
    inside = [(a, b) for a, b, _ in spans if a >= start and b <= end]
    parts, at = [], start
    for a, b in inside:
        parts += [text[at:a], marks[0], text[a:b], marks[1]]
        at = b
    body = re.sub(r"\s+", " ", "".join([*parts, text[at:end]])).strip()
    return f"{'…' if text[:start].strip() else ''}{body}{'…' if text[end:].strip() else ''}"


def _spans(text: str, want: Wanted) -> Iterator[tuple[int, int, str]]:
    """Where wanted tokens stand, in order and apart: (from, to, token)."""
    last_end = 0
    found: tuple[int, int, str] | None = None
    before: re.Match[str] | None = None
    may = _may_hold(text, want)
    for unit in UNITS.finditer(text):
        if may and not may(unit.start(), unit.end()):
            continue
        span = _hit(unit, before, want)
        before = unit
        if span is None:
            continue
        if found and span[0] < last_end:
            found = (found[0], span[1], found[2])
        else:
            if found:
                yield found
            found = span
        last_end = found[1]
    if found:
        yield found


def _may_hold(text: str, want: Wanted) -> Callable[[int, int], object] | None:
    """Tells cheaply of a stretch of the text whether a wanted token can be in it; None where folding forbids that.

    Most words of most texts are not wanted, and to make tokens of them took more than half of a query's time.
    """
    if not text.isascii():
        return None
    parts = [re.escape(token) for token in (*want.tokens, *want.beginnings) if token.isascii()]
    if not parts:
        return lambda start, end: False
    lowered, pattern = text.lower(), re.compile("|".join(parts))
    return lambda start, end: pattern.search(lowered, start, end)


def _hit(unit: re.Match[str], before: re.Match[str] | None, want: Wanted) -> tuple[int, int, str] | None:
    own = tokens(unit.group())
    if len(own) == 1 and is_beginning(own[0]) and before and before.end() == unit.start():
        pair = tokens(before.group() + unit.group())
        if len(pair) == 2 and len(pair[0]) == 2 and pair[0] in want.tokens:
            return before.start(), unit.end(), pair[0]
    token = next((token for token in own if want.has(token)), None)
    if token is None:
        return None
    bare = unit.group().strip(PUNCTUATION)
    start = unit.start() + unit.group().find(bare)
    return start, start + len(bare), token


def _window(text: str, spans: list[tuple[int, int, str]], width: int) -> tuple[int, int]:
    """The stretch with the most different tokens, the earliest of equals, cut at spaces where there are some."""
    best, most, left = 0, 0, 0
    for right, (_, end, _) in enumerate(spans):
        while end - spans[left][0] > width and left < right:
            left += 1
        different = len({token for _, _, token in spans[left : right + 1]})
        if different > most:
            best, most = left, different
    if not spans:
        return 0, _cut_after(text, width)
    inner = [end for start, end, _ in spans[best:] if end - spans[best][0] <= width]
    spare = max(0, width - ((inner[-1] if inner else spans[best][1]) - spans[best][0]))
    start = max(0, spans[best][0] - spare // 3)
    if start:
        space = text.find(" ", start, spans[best][0])
        start = space + 1 if space >= 0 else start
    return start, max(_cut_after(text, start + width), spans[best][1])


def _cut_after(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", max(0, end - 30), end + 1)
    return space if space > 0 else end
