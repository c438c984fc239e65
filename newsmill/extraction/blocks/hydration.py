"""The article in the data that scripts are given to render: Next, Nuxt, Apollo and the like (pure).

Read only where the page itself shows next to nothing. The data have no common form; in all of them prose is in strings,
the paragraphs of one text are in one list, and beside them stands the page's title.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsmill.extraction.blocks.fragments import paragraphs_of
from newsmill.extraction.page.walk import Page
from newsmill.text.characters import units

MAX_SCRIPTS, MAX_SCRIPT_CHARS, MAX_CHARS = 100, 1_500_000, 2_000_000
MAX_NODES, MAX_NESTING = 20_000, 40
MAX_DECODED, MAX_FAILED = 300, 4  # values of one script that are read, and that are not what they seemed
LEAST_CHARS = 300  # of a script that may hold an article
TEXT_UNITS = 60  # of a string that is a text of its own
PROSE_UNITS = 8  # of a paragraph among other strings
PARAGRAPH_UNITS = 160  # on average; items of more are articles, not paragraphs
OWN = 8.0  # how much more a text counts that stands beside the page's title
_INLINE_NAMES = """
text value children content contents nodes spans html data model runs literal paragraph body copy #text items blocks
elements document markup
"""
_INLINE = frozenset(_INLINE_NAMES.split())  # of what a paragraph's text is in
_ASIDE_NAMES = "__typename type id _id key _key url href src slug className class style name image caption alt"
_SKIPPED = frozenset(_ASIDE_NAMES.split(" "))
_TITLES = ("title", "headline", "name", "seoTitle", "heading", "shortTitle", "title_plain", "metaTitle")
_PUSH = re.compile(r"self\.__next_f\.push\(\s?\[\s?1\s?,\s?")
_FLIGHT_LINE = re.compile(r"(?:^|(?<=[\n>]))[0-9a-f]{1,6}:(?:T[0-9a-f]{1,8},|[A-Z]{0,2}(?=[\[{\"]))")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*+"?')
_TAG = re.compile(r"<[^<>]{0,500}>")
SAMPLE_CHARS, MAX_SCHEME = 600, 12
_CODE = "/{}_=&#@\\*[]<>|~^$+"
MAX_WORD = 15  # characters of a word on average, in scripts that are ASCII
MAX_MARKS = 0.12  # of a text's characters, that are digits or marks of code
_NUMBER = re.compile(r"\d+")
_JSON_STARTS = re.compile(r"(?:[=(,]\s{0,5}|^\s*+)(?=[\[{])")


@dataclass(slots=True)
class _Found:
    """The best text so far. paragraphs: raw, perhaps with markup."""

    weight: float = 0.0
    paragraphs: tuple[str, ...] = ()


def hydrated_text(page: Page, titles: tuple[str, ...]) -> list[str]:
    """The paragraphs of the likeliest article in the page's scripts, or none. titles: what the page may be called."""
    wanted = {_folded(title) for title in titles if len(title) > 8}
    found = _Found()
    left = MAX_CHARS
    stream: list[str] = []
    for node in page.scripts[:MAX_SCRIPTS]:
        text = node.text() or ""
        if len(text) > min(MAX_SCRIPT_CHARS, left):
            continue
        left -= len(text)
        if pushed := [match.end() for match in _PUSH.finditer(text)]:
            stream += _strings_at(text, pushed)
        elif len(text) >= LEAST_CHARS:
            _Search(wanted, found).run(_values(text))
    if stream:
        _Search(wanted, found).run(_flight("".join(stream)))
    lines = [line for raw in found.paragraphs for line in paragraphs_of(raw)]
    return lines if sum(map(units, lines)) >= TEXT_UNITS else []


def _folded(text: str) -> str:
    return " ".join(html.unescape(text).split()).casefold()


def _values(text: str) -> Iterator[Any]:
    """The JSON in a script, however it is put there; else the long strings of its code."""
    decoder = json.JSONDecoder(strict=False)
    at = read = failed = 0
    while failed < MAX_FAILED and read < MAX_DECODED and (start := _JSON_STARTS.search(text, at)):
        try:
            value, at = decoder.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            at, failed = start.end() + 1, failed + 1
        else:
            read += 1
            yield value
    if not read:
        yield [value for match in _STRING.finditer(text) if len(match[0]) >= LEAST_CHARS for value in _whole(match[0])]


def _strings_at(text: str, places: list[int]) -> Iterator[str]:
    decoder = json.JSONDecoder(strict=False)
    for at in places[:MAX_DECODED]:
        try:
            value, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, str):
            yield value


def _flight(stream: str) -> Iterator[Any]:
    """The values in what React sends for its server components: a value a line, long texts by their length."""
    decoder = json.JSONDecoder(strict=False)
    lines = list(_FLIGHT_LINE.finditer(stream))
    ends = [later.start() for later in lines[1:]] + [len(stream)]
    for line, following in zip(lines, ends, strict=False):
        if line[0].rstrip()[-1:] == ",":
            yield stream[line.end() : following]
            continue
        try:
            yield decoder.raw_decode(stream, line.end())[0]
        except (ValueError, RecursionError):
            continue


def _whole(text: str) -> Iterator[Any]:
    """The value that a string spells, if it is JSON."""
    try:
        yield json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return


class _Search:
    """One walk over the values of a script; used once."""

    def __init__(self, wanted: set[str], found: _Found) -> None:
        self.wanted, self.found, self.nodes = wanted, found, 0

    def run(self, values: Iterator[Any]) -> None:
        rendered: list[str] = []
        for value in values:
            self._walk(value, 0, own=False)
            rendered += _rendered(value, 0)
        self._offer(tuple(rendered), own=True)

    def _walk(self, value: Any, depth: int, *, own: bool) -> None:
        self.nodes += 1
        if depth > MAX_NESTING or self.nodes > MAX_NODES:
            return
        if isinstance(value, str):
            if len(value) < LEAST_CHARS:
                return
            if value.lstrip()[:1] in ("{", "["):
                for inner in _whole(value):
                    self._walk(inner, depth + MAX_NESTING // 2, own=own)
            elif units(value) >= TEXT_UNITS:
                self._offer((value,), own=own)
        elif isinstance(value, list):
            self._list(value, own=own)
            for item in value:
                self._walk(item, depth + 1, own=own)
        elif isinstance(value, dict):
            titles = (each for name in _TITLES if isinstance(each := value.get(name), str))
            own = any(_folded(each[:500]) in self.wanted for each in titles) or (
                own and not any(isinstance(value.get(name), str) for name in ("title", "headline"))
            )
            if len(value) > 3 and len({_NUMBER.sub("", key) for key in value}) * 2 < len(value):
                self._list(list(value.values()), own=own)
            for key, item in value.items():
                if key not in _SKIPPED:
                    self._walk(item, depth + 1, own=own)

    def _list(self, items: list[Any], *, own: bool) -> None:
        texts = [text for item in items[:MAX_NODES] if (text := _text_of(item, 0).strip())]
        prose = [text for text in texts if len(text) >= PROSE_UNITS and units(text) >= PROSE_UNITS]
        size = sum(map(units, prose))
        if len(prose) >= 2 and size >= TEXT_UNITS and size <= PARAGRAPH_UNITS * len(prose):
            few_labels = len(texts) <= 3 * len(prose)
            self._offer(tuple(texts if few_labels else prose), own=own)

    def _offer(self, paragraphs: tuple[str, ...], *, own: bool) -> None:
        paragraphs = tuple(filter(_is_text, paragraphs))
        weight = sum(map(units, paragraphs)) * (OWN if own else 1.0)
        if weight > self.found.weight:
            self.found.weight, self.found.paragraphs = weight, paragraphs


def _is_text(raw: str) -> bool:
    """Whether a string reads like text, and not like an address or code."""
    sample = _TAG.sub(" ", raw[:SAMPLE_CHARS])
    sample = sample[: sample.rfind("<")] if "<" in sample else sample  # a tag that the cut divided
    if sample.isascii() and MAX_WORD * len(sample.split()) < len(sample):
        return False
    marks = sum(map(sample.count, _CODE)) + sum(map(str.isdigit, sample))
    return bool(sample.strip()) and "//" not in sample[:MAX_SCHEME] and marks < MAX_MARKS * len(sample) + 4


def _text_of(value: Any, depth: int) -> str:
    """The text of a paragraph as editors keep it: a string, or runs of text in a tree."""
    if isinstance(value, str):
        return value
    if depth > 8:
        return ""
    if isinstance(value, list):
        return "".join(_text_of(item, depth + 1) for item in value[:500])
    if isinstance(value, dict):
        return "".join(_text_of(item, depth + 1) for key, item in value.items() if key in _INLINE)
    return ""


_PARAGRAPHS = frozenset(["p", "h2", "h3", "h4", "li", "blockquote"])


def _rendered(value: Any, depth: int) -> Iterator[str]:
    """The paragraphs among React's elements: ["$", name, key, properties]."""
    if depth > MAX_NESTING:
        return
    if isinstance(value, list):
        if len(value) == 4 and value[0] == "$" and isinstance(value[3], dict):
            properties = value[3]
            if value[1] in _PARAGRAPHS:
                yield _run(properties.get("children"), 0)
                return
            raw = properties.get("dangerouslySetInnerHTML")
            if isinstance(raw, dict) and isinstance(raw.get("__html"), str):
                yield raw["__html"]
            yield from _rendered(properties.get("children"), depth + 1)
            return
        for item in value:
            yield from _rendered(item, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _rendered(item, depth + 1)


def _run(children: Any, depth: int) -> str:
    if isinstance(children, str):
        return "" if children.startswith("$") else children
    if isinstance(children, list) and depth < MAX_NESTING:
        if len(children) == 4 and children[0] == "$" and isinstance(children[3], dict):
            return _run(children[3].get("children"), depth + 1)
        return "".join(_run(child, depth + 1) for child in children)
    return ""
