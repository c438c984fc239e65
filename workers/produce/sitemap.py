"""Sitemaps (https://www.sitemaps.org/protocol.html): index, urlset, news extension, plain text (pure).

A file is read as it arrives and never held whole. Many are not well-formed (a bare "&" in an address), so the
few elements that matter are found by their tags, entry by entry, instead of by an XML parser.
"""

import codecs
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urljoin

from workers.produce import encoding
from workers.text.dates import not_future, parse_date

MAX_SITEMAP = 100 << 20  # bytes once expanded; the protocol says 50 MB, some go beyond
MAX_ENTRIES = 100_000  # the protocol says 50,000
MAX_ENTRY = 1 << 20  # characters of one <url>; with a thousand images one has 200,000
SNIFF = 4096  # characters that must show what it is
MAX_TITLE = 500  # characters

_ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|html|rdf)\b|<!doctype\s+(html)", re.IGNORECASE)
_OPEN = re.compile(r"<(?:([\w.-]+):)?(url|sitemap)\s*>", re.IGNORECASE)
_NEWS = {
    name: re.compile(rf"<[\w.-]+:{name}\s*>([^<]{{1,2000}})</", re.IGNORECASE)
    for name in ("publication_date", "title", "language")
}
_LOC = re.compile(r"<([\w.-]+:)?loc\s*>([^<]{1,20000})</", re.IGNORECASE)
_LASTMOD = re.compile(r"<(?:[\w.-]+:)?lastmod\s*>([^<]{1,100})</", re.IGNORECASE)


class SitemapKind(StrEnum):
    INDEX = "index"
    URLSET = "urlset"
    TEXT = "text"
    NONE = "none"  # not a sitemap


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One <url> or <sitemap>, or one line. `loc` is absolute and as the file has it; times are UTC."""

    loc: str
    lastmod: datetime | None = None
    published: datetime | None = None  # news extension
    title: str = ""  # news extension
    language: str = ""  # news extension, ISO 639


@dataclass(slots=True)
class SitemapReader:
    """Reads one file: iterate `entries()` once, then look at what is known of it.

    `kind` is known with the first entry; `problem` is empty when the file was read to its end, and says
    otherwise why not; the entries before it count all the same. `position` is the number of entries met, those
    before `skip` included: hand it back as `skip` to go on where a reader stopped.
    """

    base_url: str
    now: datetime
    skip: int = 0
    kind: SitemapKind = SitemapKind.NONE
    problem: str = ""
    position: int = 0
    without_address: int = 0

    def entries(self, chunks: Iterable[bytes]) -> Iterator[SitemapEntry]:
        """The entries in the file's order. Never raises for what is in the file."""
        try:
            for prefix, piece in self._pieces(_texts(encoding.gunzip(chunks, MAX_SITEMAP))):
                if self.position >= MAX_ENTRIES:
                    raise ValueError(f"more than {MAX_ENTRIES:,} entries")
                self.position += 1
                if self.position <= self.skip:
                    continue
                entry = self._line(piece) if self.kind is SitemapKind.TEXT else self._entry(prefix, piece)
                if entry is None:
                    self.without_address += 1
                else:
                    yield entry
        except ValueError as error:
            self.problem = str(error)

    def _pieces(self, texts: Iterator[str]) -> Iterator[tuple[str, str]]:
        """Prefix and text of each entry. Raises ValueError for what is not a sitemap."""
        head = ""
        for text in texts:
            head += text
            if len(head) >= SNIFF:
                break
        self.kind = _sniff(head)
        return _lines(head, texts) if self.kind is SitemapKind.TEXT else _blocks(head, texts)

    def _entry(self, prefix: str, block: str) -> SitemapEntry | None:
        if "<!" in block:
            block = _replaced(_replaced(block, "<!--", "-->", _nothing), "<![CDATA[", "]]>", html.escape)
        # An <image:loc> is not the page's: the page's <loc> has the prefix of its <url>.
        found = next((match for match in _LOC.finditer(block) if (match[1] or "").rstrip(":") == prefix), None)
        loc = self._absolute(html.unescape(found[2])) if found else ""
        if not loc:
            return None
        lastmod = _LASTMOD.search(block)
        return SitemapEntry(
            loc,
            lastmod=not_future(parse_date(lastmod[1]), self.now) if lastmod else None,
            published=not_future(parse_date(_news(block, "publication_date")), self.now),
            title=" ".join(html.unescape(_news(block, "title")).split())[:MAX_TITLE],
            language=_news(block, "language")[:2].lower(),
        )

    def _line(self, line: str) -> SitemapEntry | None:
        return SitemapEntry(loc) if (loc := self._absolute(line)) else None

    def _absolute(self, loc: str) -> str:
        try:
            loc = loc.strip()
            joined = loc if loc.startswith(("https://", "http://")) else urljoin(self.base_url, loc)
        except ValueError:
            return ""
        return joined if joined[:8].lower().startswith(("http://", "https://")) else ""


_NOT_SITEMAPS = {
    "html": "an HTML page, not a sitemap",
    "rss": "a feed (RSS), not a sitemap",
    "rdf": "a feed (RSS 1.0), not a sitemap",
    "feed": "a feed (Atom), not a sitemap",
}


def _sniff(head: str) -> SitemapKind:
    """Raises ValueError for what is not a sitemap."""
    stripped = head.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise ValueError("empty")
    if stripped.startswith("<"):
        root = _ROOT.search(_replaced(head[: 4 * SNIFF], "<!--", "-->", _nothing))
        name = (root[1] or root[2]).lower() if root else ""
        if name in ("urlset", "sitemapindex"):
            return SitemapKind.URLSET if name == "urlset" else SitemapKind.INDEX
        raise ValueError(_NOT_SITEMAPS.get(name, "XML, but no sitemap"))
    if stripped.startswith(("http://", "https://")):
        return SitemapKind.TEXT
    raise ValueError("text, but no list of addresses")


def _nothing(_: str) -> str:
    return ""


def _replaced(text: str, opening: str, closing: str, replace: Callable[[str], str]) -> str:
    """`text` with what stands between `opening` and `closing` replaced, in one pass; the unclosed rest goes."""
    kept, position = [], 0
    while (start := text.find(opening, position)) >= 0:
        kept.append(text[position:start])
        end = text.find(closing, start + len(opening))
        if end < 0:
            return "".join(kept)
        kept.append(replace(text[start + len(opening) : end]))
        position = end + len(closing)
    return "".join(kept) + text[position:]


def _news(block: str, name: str) -> str:
    match = _NEWS[name].search(block) if ":" in block else None
    return match[1] if match else ""


def _texts(chunks: Iterable[bytes]) -> Iterator[str]:
    """Decoded text in pieces of STEP bytes and more: UTF-16 by its byte order mark, else UTF-8 as the protocol says."""
    decoder: codecs.IncrementalDecoder | None = None
    for piece in _gathered(chunks):
        if decoder is None:
            utf16 = piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")("replace")
        yield decoder.decode(piece)
    if decoder is not None and (rest := decoder.decode(b"", True)):
        yield rest


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """`chunks` in larger ones, so that an entry that spans many is not searched again for each."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= encoding.STEP:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


def _blocks(buffer: str, texts: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Prefix and inside of each <url> or <sitemap>."""
    position = 0
    while True:
        opening = _OPEN.search(buffer, position)
        if opening is not None:
            closing = f"</{opening[1] + ':' if opening[1] else ''}{opening[2]}"
            end = buffer.find(closing, opening.end())
            if end >= 0:
                yield opening[1] or "", buffer[opening.end() : end]
                position = end + len(closing)
                continue
        buffer = buffer[opening.start() if opening else max(position, len(buffer) - 100) :]
        position = 0
        more = next(texts, None)
        if more is None:
            if opening is not None:
                raise ValueError("ends in the middle of an entry")
            return
        if len(buffer) > MAX_ENTRY:
            raise ValueError(f"an entry of more than {MAX_ENTRY:,} characters")
        buffer += more


def _lines(buffer: str, texts: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Each line that holds something."""
    while True:
        *lines, buffer = buffer.split("\n")
        for line in lines:
            if line.strip():
                yield "", line
        if len(buffer) > MAX_ENTRY:
            raise ValueError(f"a line of more than {MAX_ENTRY:,} characters")
        more = next(texts, None)
        if more is None:
            if buffer.strip():
                yield "", buffer
            return
        buffer += more


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A whole file at once. Where `problem` is set it was not read to its end, or is no sitemap."""

    kind: SitemapKind
    entries: tuple[SitemapEntry, ...]
    problem: str = ""


def parse_sitemap(body: bytes | Iterable[bytes], base_url: str, now: datetime) -> Sitemap:
    """All entries of a file; use a SitemapReader for files that may be large."""
    reader = SitemapReader(base_url, now)
    entries = tuple(reader.entries((body,) if isinstance(body, bytes) else body))
    return Sitemap(reader.kind, entries, reader.problem)
