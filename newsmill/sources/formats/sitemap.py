"""Sitemaps (https://www.sitemaps.org/protocol.html): index, urlset, news extension, plain text (pure).

A file is read as it arrives and never held whole, in the encoding that it declares (the protocol says UTF-8).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from urllib.parse import urljoin

from newsmill.sources.formats.lists import listed_address
from newsmill.sources.formats.sitemap_tags import OWN_TEXT, Entries
from newsmill.text.charset import decode_stream
from newsmill.text.dates import not_future, parse_date
from newsmill.text.inflate import gunzip

MAX_SITEMAP = 100 << 20  # bytes once expanded; the protocol says 50 MB, some go beyond
MAX_ENTRIES = 100_000  # the protocol says 50,000
MAX_LINE = 1 << 20  # characters
FIRST_LINES = 20  # of a list, one of which must be a whole address
SNIFF = 4096  # characters that must show what it is
MAX_TITLE = 500  # characters

_ROOT = re.compile(r"<(?:[\w.-]{1,100}:)?(urlset|sitemapindex|rss|feed|html|rdf)\b|<!doctype\s++(html)", re.IGNORECASE)
_SECOND = re.compile(r"\shttps?://", re.IGNORECASE)  # another address behind the first
_LINE_END = re.compile(r"[\r\n]")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


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
    content_type: str = ""
    kind: SitemapKind = SitemapKind.NONE
    problem: str = ""
    position: int = 0
    without_address: int = 0

    def entries(self, chunks: Iterable[bytes]) -> Iterator[SitemapEntry]:
        """The entries in the file's order. Never raises for what is in the file."""
        try:
            for found in self._found(decode_stream(gunzip(chunks, MAX_SITEMAP), self.content_type)):
                if self.position >= MAX_ENTRIES:
                    raise ValueError(f"more than {MAX_ENTRIES:,} entries")
                self.position += 1
                if self.position <= self.skip:
                    continue
                entry = self._entry(found)
                if entry is None:
                    self.without_address += 1
                else:
                    yield entry
        except ValueError as error:
            self.problem = str(error)

    def _found(self, texts: Iterator[str]) -> Iterator[dict[str, str]]:
        """The fields of each entry. Raises ValueError for what is not a sitemap."""
        head = ""
        for text in texts:
            head += text
            if len(head) >= SNIFF:
                break
        self.kind = _sniff(head, self.base_url)
        if self.kind is SitemapKind.TEXT:
            for line in _lines(head, texts):
                yield {"loc": _listed(line, self.base_url)}
            return
        entries = Entries()
        yield from entries.read(chain((head,), texts))
        if entries.cut_off:
            raise ValueError("ends in the middle of an entry")

    def _entry(self, found: Mapping[str, str]) -> SitemapEntry | None:
        loc = self._absolute(found.get("loc") or found.get(OWN_TEXT, ""))
        if not loc:
            return None
        return SitemapEntry(
            loc,
            lastmod=not_future(parse_date(found.get("lastmod", "")), self.now),
            published=not_future(parse_date(found.get("publication_date", "")), self.now),
            title=" ".join(found.get("title", "").split())[:MAX_TITLE],
            language=found.get("language", "")[:2].lower(),
        )

    def _absolute(self, loc: str) -> str:
        loc = "".join(line.strip() for line in loc.splitlines())  # as browsers do: wrapped addresses are one
        if not loc or _SECOND.search(loc, 1):
            return ""
        try:
            joined = loc if _SCHEME.match(loc) else urljoin(self.base_url, loc)
        except ValueError:
            return ""
        return joined if _SCHEME.match(joined) else ""


_NOT_SITEMAPS = {
    "html": "an HTML page, not a sitemap",
    "rss": "a feed (RSS), not a sitemap",
    "rdf": "a feed (RSS 1.0), not a sitemap",
    "feed": "a feed (Atom), not a sitemap",
}


def _sniff(head: str, base_url: str) -> SitemapKind:
    """Raises ValueError for what is not a sitemap."""
    stripped = head.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise ValueError("empty")
    root = _ROOT.search(_without_comments(head[: 4 * SNIFF]))
    name = (root[1] or root[2]).lower() if root else ""
    if name in ("urlset", "sitemapindex"):
        return SitemapKind.URLSET if name == "urlset" else SitemapKind.INDEX
    if name or stripped.startswith("<"):
        raise ValueError(_NOT_SITEMAPS.get(name, "XML, but no sitemap"))
    first = (_listed(line, base_url) for line in _LINE_END.split(stripped)[:FIRST_LINES])
    if any(_SCHEME.match(address) for address in first):
        return SitemapKind.TEXT
    raise ValueError("text, but no list of addresses")


def _without_comments(text: str) -> str:
    """`text` without its comments, in one pass; the unclosed rest goes."""
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        kept.append(text[position:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        position = end + 3
    return "".join(kept) + text[position:]


def _listed(line: str, base_url: str) -> str:
    """The address of a line, in quotes or with columns behind it as well; nothing for what is none."""
    return listed_address(line.partition("\t")[0].strip(" \r\"'"), base_url)


def _lines(buffer: str, texts: Iterator[str]) -> Iterator[str]:
    """Each line that holds something, comments left out."""
    while True:
        *lines, buffer = _LINE_END.split(buffer)
        yield from (line for line in lines if line.strip() and not line.startswith("#"))
        if len(buffer) > MAX_LINE:
            raise ValueError(f"a line of more than {MAX_LINE:,} characters")
        more = next(texts, None)
        if more is None:
            if buffer.strip():
                yield buffer
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
