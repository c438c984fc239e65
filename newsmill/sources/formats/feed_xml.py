"""The elements of an RSS or Atom document, unjudged (pure): `feed.py` makes items of them.

Well-formed XML is read by expat, at 1 ms a feed of 50 articles where feedparser takes 18; feedparser reads what
is not well-formed, up to a size. Neither resolves external entities.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.entities import html5
from urllib.parse import urljoin
from xml.parsers import expat

from newsmill.sources.formats.prolog import read_prolog

MAX_ITEMS = 10_000  # items read of one feed; the newest come first in nearly all
MAX_VALUE = 10_000  # characters kept of one element
MAX_LINKS = 50  # of one item
MAX_DEPTH = 200  # levels of elements; expat itself has no limit
MAX_BROKEN = 2 << 20  # characters of broken XML handed to feedparser, which takes up to 1.8 s a MB when hostile
STEP = 1 << 16  # characters a call of the parser

# Namespace addresses → the prefix used below; the RSS 1.0, 0.9 and Atom ones need none.
_NAMESPACES = {
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.pheedo.com/namespace/pheedo": "pheedo",
}
_WELL_KNOWN = {prefix: prefix for prefix in _NAMESPACES.values() if prefix} | {"atom": "", "rss": "", "a10": ""}
_FEED_FIELDS = frozenset({"title", "link", "language", "dc:language", "ttl", "sy:updateperiod", "sy:updatefrequency"})
_DATES = frozenset(
    {"pubdate", "published", "issued", "updated", "modified", "created", "date"}
    | {"dc:date", "dcterms:issued", "dcterms:created", "dcterms:modified"}
)
_ITEM_FIELDS = frozenset(
    {"title", "link", "guid", "id", "author", "dc:title", "dc:language", "dc:creator"}
    | {"feedburner:origlink", "pheedo:origlink"}
    | _DATES
)
_MANY = frozenset({"author", "dc:creator"}) | _DATES  # each on a line of its own
_ROOTS = ("rss", "rdf:rdf", "feed", "channel")


@dataclass(slots=True)
class RawItem:
    """One item's own elements by lower-case name, Atom links as attributes, and its xml:base and language."""

    base: str
    language: str
    values: dict[str, str] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    guid_is_link: bool = True


@dataclass(slots=True)
class RawFeed:
    values: dict[str, str] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    items: list[RawItem] = field(default_factory=list)
    language: str = ""
    remark: str = ""  # what is wrong with it, where it could be read all the same


class NoFeed(ValueError):
    """This is not a feed, or none that may be read. The message says why."""


class _Enough(Exception):
    """Ends the parse when MAX_ITEMS are read."""


class _Reader:
    """expat's handlers: only the direct children of the feed and of its items are looked at."""

    def __init__(self, base: str, entities: Mapping[str, str] | None = None) -> None:
        self.feed = RawFeed()
        self._entities = entities or {}
        self._prefixes = dict(_WELL_KNOWN)
        self._names: dict[str, str] = {}
        self._depth = 0
        self._bases = [(0, base)]
        self._channel_depth = 1
        self._item: RawItem | None = None
        self._item_depth = 0
        self._field = ""
        self._field_depth = 0
        self._text: list[str] = []
        self._room = 0  # characters that the field may still take

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NoFeed(f"elements inside one another {MAX_DEPTH} levels deep")
        for attribute in attributes:
            if attribute.startswith("xml"):
                self._declare(attribute, attributes[attribute])
        short = self._names.get(name) or self._shorten(name)
        if self._field:  # markup inside a value: only its text counts, and of Atom's persons the name
            if self._field == "author" and short == "name":
                self._text = []
            return
        if self._depth == 1:
            self._root(short, attributes)
        elif short in ("item", "entry") and self._item is None:
            self._open_item(attributes)
        elif short == "channel" and self._depth <= 2:
            self._channel_depth = self._depth
        elif self._item is not None:
            if self._depth == self._item_depth + 1 and short in _ITEM_FIELDS:
                self._open_field(short, attributes, self._item.links)
        elif self._depth == self._channel_depth + 1 and short in _FEED_FIELDS:
            self._open_field(short, attributes, self.feed.links)

    def end(self, name: str) -> None:
        if (self._field and self._depth == self._field_depth) or (
            self._field == "author" and self._names.get(name) == "name"
        ):
            self._close_field()
        elif self._item is not None and self._depth == self._item_depth:
            self._item = None
            if len(self.feed.items) >= MAX_ITEMS:
                self.feed.remark = f"more than {MAX_ITEMS:,} items: the rest is not read"
                raise _Enough
        self._depth -= 1
        if self._bases[-1][0] > self._depth:
            self._bases.pop()

    def text(self, data: str) -> None:
        if self._field and self._room > 0:
            self._text.append(data[: self._room])
            self._room -= len(data)

    def skipped(self, name: str, is_parameter: bool) -> None:
        """An entity that is not declared: HTML's, in a feed that forgot that it is no HTML."""
        if not is_parameter:
            self.text(self._entities.get(name) or html5.get(f"{name};", f"&{name};"))

    def _declare(self, attribute: str, value: str) -> None:
        if attribute == "xml:base":
            self._bases.append((self._depth, _joined(self._bases[-1][1], value)))
        elif attribute == "xml:lang" and self._depth == 1:
            self.feed.language = value
        elif attribute.startswith("xmlns:"):
            known = _NAMESPACES.get(value.strip().lower())
            prefix = attribute.removeprefix("xmlns:")
            if known is not None and self._prefixes.get(prefix) != known:
                self._prefixes[prefix] = known
                self._names.clear()

    def _shorten(self, name: str) -> str:
        """`name` in lower case with the prefix of its namespace by our table."""
        prefix, colon, local = name.rpartition(":")
        short = local.lower()
        if colon and (prefix := self._prefixes.get(prefix, prefix.lower())):
            short = f"{prefix}:{short}"
        if len(self._names) < 1000:
            self._names[name] = short
        return short

    def _root(self, short: str, attributes: dict[str, str]) -> None:
        if short not in _ROOTS:
            raise NoFeed(_NOT_FEEDS.get(short, f"XML, but <{short[:40]}> is no feed"))
        if short == "rdf:rdf":
            self._channel_depth = 2

    def _open_item(self, attributes: dict[str, str]) -> None:
        self._item = RawItem(self._bases[-1][1], attributes.get("xml:lang", ""))
        self._item_depth = self._depth
        if about := attributes.get("rdf:about"):
            self._item.values["id"] = about
        self.feed.items.append(self._item)

    def _open_field(self, short: str, attributes: dict[str, str], links: list[dict[str, str]]) -> None:
        if short == "link" and "href" in attributes:
            if len(links) < MAX_LINKS:
                links.append({**attributes, "base": self._bases[-1][1]})
            return
        if short == "guid" and self._item is not None:
            self._item.guid_is_link = _attribute(attributes, "ispermalink") != "false"
        self._field, self._field_depth, self._text, self._room = short, self._depth, [], MAX_VALUE

    def _close_field(self) -> None:
        values = self._item.values if self._item is not None else self.feed.values
        text = "".join(self._text).strip()
        if text and self._field not in values:
            values[self._field] = _joined(self._bases[-1][1], text) if self._field == "link" else text
        elif text and self._field in _MANY and len(values[self._field]) + len(text) < MAX_VALUE:
            values[self._field] += "\n" + text
        self._field, self._text = "", []


def _joined(base: str, address: str) -> str:
    """`address` against `base`; as it is where either cannot be one."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    """An attribute in whatever case it is written."""
    return next((value.strip().lower() for key, value in attributes.items() if key.lower() == name), "")


_NOT_FEEDS = {
    "html": "an HTML page, not a feed",
    "urlset": "a sitemap, not a feed",
    "sitemapindex": "a sitemap index, not a feed",
    "opml": "a list of feeds (OPML), not a feed",
    "error": "an error message, not a feed",
}


def read_xml(text: str, base: str) -> RawFeed:
    """The elements of a feed. Raises NoFeed."""
    try:
        prolog = read_prolog(text)
    except ValueError as error:
        raise NoFeed(str(error)) from error
    reader = _Reader(base, prolog.entities)
    text = "\n" * text.count("\n", 0, prolog.end) + text[prolog.end :]  # the lines keep their numbers
    try:
        _run_expat(reader, text)
    except _Enough:
        return reader.feed
    except expat.ExpatError as error:
        return _read_broken(
            text, base, reader.feed, remark=f"not well-formed: {expat.ErrorString(error.code)}, line {error.lineno}"
        )
    return reader.feed


def _run_expat(reader: _Reader, text: str) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.UseForeignDTD(True)  # so that undeclared entities are skipped instead of fatal
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.SkippedEntityHandler = reader.skipped
    for start in range(0, len(text), STEP):
        parser.Parse(text[start : start + STEP], False)
    parser.Parse("", True)


def _read_broken(text: str, base: str, begun: RawFeed, *, remark: str) -> RawFeed:
    """What feedparser makes of broken XML; what expat read before the break where that is more."""
    begun.remark = remark
    if len(text) > MAX_BROKEN:
        if not begun.items:
            raise NoFeed(f"nothing could be read: {remark}")
        return begun
    import feedparser  # here: most feeds never need it

    parsed = feedparser.parse(
        io.BytesIO(text.encode()),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if len(parsed.entries) < max(1, len(begun.items)):
        if not begun.items:
            raise NoFeed(f"nothing could be read: {remark}")
        return begun
    feed = RawFeed(remark=remark)
    _take(parsed.feed, _PARSED_FEED, feed.values)
    feed.links = [_attributes(link, base) for link in parsed.feed.get("links", ())]
    for entry in parsed.entries[:MAX_ITEMS]:
        item = RawItem(base, "", guid_is_link=bool(entry.get("guidislink", True)))
        _take(entry, _PARSED_ITEM, item.values)
        feed.items.append(item)
    return feed


# feedparser's names → ours
_PARSED_FEED = {
    "title": "title",
    "language": "language",
    "link": "link",
    "ttl": "ttl",
    "sy_updateperiod": "sy:updateperiod",
    "sy_updatefrequency": "sy:updatefrequency",
}
_PARSED_ITEM = {
    "title": "title",
    "link": "link",
    "id": "guid",
    "published": "pubdate",
    "updated": "updated",
    "author": "author",
    "feedburner_origlink": "feedburner:origlink",
}


def _take(parsed: dict[str, object], names: dict[str, str], values: dict[str, str]) -> None:
    for theirs, ours in names.items():
        # dict's own get: feedparser's warns of a date it would make up.
        if isinstance(value := dict.get(parsed, theirs), str) and value.strip():
            values[ours] = value.strip()[:MAX_VALUE]


def _attributes(link: dict[str, object], base: str) -> dict[str, str]:
    return {"base": base, **{str(name): str(value) for name, value in link.items()}}
