"""Lists of feeds as other feed readers write and read them: OPML 2.0 (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from newsmill.sources.config import SourceConfig, SourceKind, web_address
from newsmill.sources.formats.prolog import read_prolog
from newsmill.text.charset import decode_xml
from newsmill.text.inflate import gunzip
from newsmill.urls.canonical import BadAddress, canonicalize

MAX_OPML = 64 << 20  # bytes; 100,000 feeds are about 20 MB
MAX_FEEDS = 500_000
MAX_TITLE = 200  # characters


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    url: str
    title: str = ""
    home: str = ""
    folder: str = ""  # titles of the outlines around it, outermost first, joined by " / "


@dataclass(frozen=True, slots=True)
class Opml:
    """feeds: each address once. problem: why it was not read to its end. skipped: what is wrong with others."""

    feeds: tuple[OpmlFeed, ...] = ()
    problem: str = ""
    skipped: tuple[str, ...] = ()


class _Refused(ValueError):
    """This OPML may not be read further."""


class _Reader:
    def __init__(self) -> None:
        self.feeds: dict[str, OpmlFeed] = {}
        self.skipped: list[str] = []
        self._folders: list[str] = []
        self._root = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._root:
            self._root = name.lower()
            if self._root != "opml":
                raise _Refused(f"<{name[:40]}> is no OPML")
        if name.lower() != "outline":
            return
        given = {key.lower(): value.strip() for key, value in attributes.items()}
        title = " ".join((given.get("title") or given.get("text", "")).split())[:MAX_TITLE]
        folder = " / ".join(part for part in self._folders if part)
        self._folders.append(title)
        if url := web_address(given.get("xmlurl", "")):
            try:
                canonicalize(url)
            except BadAddress as error:
                self.skipped.append(str(error))
            else:
                self.feeds.setdefault(url, OpmlFeed(url, title, given.get("htmlurl", ""), folder))
        if len(self.feeds) > MAX_FEEDS or len(self._folders) > 100:
            raise _Refused(f"more than {MAX_FEEDS:,} feeds, or outlines 100 levels deep")

    def end(self, name: str) -> None:
        if name.lower() == "outline":
            self._folders.pop()


def read_opml(body: bytes) -> Opml:
    """The feeds of an OPML file, folders flattened. Never raises for what is in it."""
    reader = _Reader()
    problem = ""
    try:
        text, _ = decode_xml(b"".join(gunzip((body,), MAX_OPML)))
        text = text.lstrip()
        text = text[read_prolog(text).end :]  # a DTD is cut out, never expanded
        parser = expat.ParserCreate()
        parser.UseForeignDTD(True)  # so that undeclared entities are skipped instead of fatal
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.Parse(text, True)
    except expat.ExpatError as error:
        problem = f"not well-formed: {expat.ErrorString(error.code)}, line {error.lineno}"
    except ValueError as error:
        problem = str(error)
    return Opml(tuple(reader.feeds.values()), problem, tuple(reader.skipped))


def write_opml(sources: Iterable[SourceConfig], title: str = "Newsmill") -> str:
    """The feeds among `sources` as OPML 2.0; other kinds have no place in it."""
    lines = [
        f'  <outline type="rss" text={quoteattr(s.name)} xmlUrl={quoteattr(s.url)}/>'
        for s in sources
        if s.kind is SourceKind.FEED
    ]
    head = f"<head><title>{title.replace('&', '&amp;').replace('<', '&lt;')}</title></head>"
    body = "\n".join(["<body>", *lines, "</body>"])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n{head}\n{body}\n</opml>\n'
