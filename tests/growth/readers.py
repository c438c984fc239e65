"""What reads foreign input, as the stages call it, each with the alphabets that it is measured by."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsmill.extraction import extract
from newsmill.http import coding
from newsmill.http.caching import max_age_s, retry_after_s
from newsmill.http.content import classify
from newsmill.http.head import mend
from newsmill.policy.robots_rules import Rules, reduced, sitemaps_in
from newsmill.search import query, snippets
from newsmill.sources.discovery import Page, look
from newsmill.sources.formats.feed import parse_feed
from newsmill.sources.formats.lists import parse_list
from newsmill.sources.formats.opml import read_opml
from newsmill.sources.formats.section import address_score, read_section
from newsmill.sources.formats.sitemap import parse_sitemap
from newsmill.stores.archive import read_archive
from newsmill.stores.errors import StoreError
from newsmill.text import tokens as analysis
from newsmill.text.charset import decode
from newsmill.text.dates import find_date, parse_date
from newsmill.urls.canonical import as_named, canonicalize, same_owner
from tests.growth import alphabets as of

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HERE = "http://a.example/x"


@dataclass(frozen=True, slots=True)
class Reader:
    """read: takes a text of the alphabet within one of the frames. length: of the shortest text, characters."""

    alphabet: tuple[str, ...]
    read: Callable[[str], object]
    frames: tuple[str, ...] = ("{}",)
    length: int = 20_000


def _bytes(read: Callable[[bytes], object]) -> Callable[[str], object]:
    return lambda text: read(text.encode("utf-8", "replace"))


def _archive(body: bytes) -> object:
    with tempfile.NamedTemporaryFile(suffix=".warc") as file:
        file.write(body)
        file.flush()
        with suppress(StoreError):  # refusing is an answer
            return sum(1 for _ in read_archive(Path(file.name), NOW))
    return 0


RSS = "<rss><channel><item><title>a</title><link>/a</link>{}"
READERS = {
    "feed": Reader(
        of.FEED, _bytes(lambda b: parse_feed(b, "text/xml", HERE, NOW)), ("{}<rss><channel/></rss>", RSS, "<rss {}>")
    ),
    "json feed": Reader(
        of.JSON, _bytes(lambda b: parse_feed(b, "", HERE, NOW)), ('{{"items":{}', '{{"items":[{{"title":"{}')
    ),
    "sitemap": Reader(
        of.SITEMAP, _bytes(lambda b: parse_sitemap(b, HERE, NOW)), ("<urlset>{}", "{}<urlset>", "<urlset><url><loc>{}")
    ),
    "section": Reader(
        of.PAGE, _bytes(lambda b: read_section(b, "text/html", HERE, NOW)), ("<html><body>{}", "<a href='{}'>x</a>")
    ),
    "discovery": Reader(of.PAGE, _bytes(lambda b: look(Page(HERE, 200, "text/html", b), NOW)), ("<html><body>{}",)),
    "list": Reader(of.LIST, _bytes(parse_list)),
    "opml": Reader(of.OPML, _bytes(read_opml), ("<opml><body>{}", "{}")),
    "robots": Reader(
        of.ROBOTS,
        _bytes(lambda b: Rules(reduced(b, "Newsmill").text).deciding("/a/b")),
        ("{}", "User-agent: *\nDisallow: /{}"),
    ),
    "sitemaps of robots": Reader(of.ROBOTS, _bytes(sitemaps_in)),
    "robots path": Reader(
        of.ADDRESS, Rules("User-agent: *\nDisallow: /*a*b*c\nDisallow: /a\nAllow: /*%20$").deciding, ("/{}",)
    ),
    "address": Reader(
        of.ADDRESS, canonicalize, ("http://a.example/{}", "http://a.example/?{}", "http://{}", "{}"), 4000
    ),
    "address score": Reader(
        of.ADDRESS, lambda text: address_score(f"http://a.example/{text}".replace("[", "")), length=4000
    ),
    "named address": Reader(of.ADDRESS, lambda text: as_named(text, HERE), ("{}", "http://a.example/{}"), 4000),
    "owner": Reader(
        of.ADDRESS, lambda text: same_owner(f"http://a.example/{text}".replace("[", ""), HERE), length=4000
    ),
    "date": Reader(of.DATE, parse_date, ("{}", "2026-11-20 {}")),
    "date in a line": Reader(of.DATE, find_date, ("{}", "20 Nov 2026 {}")),
    "charset": Reader(of.HEADER, lambda text: decode(b"caf\xe9", text), ("text/html; charset={}", "{}")),
    "encoding": Reader(
        (*of.PAGE, *of.HEADER),
        lambda text: decode(text.encode("latin-1", "replace") + b"\xe9"),
        ("<html>{}", "<?xml {}"),
    ),
    "max-age": Reader(of.HEADER, max_age_s),
    "retry-after": Reader((*of.DATE, *of.HEADER), lambda text: retry_after_s(text, NOW.timestamp())),
    "head": Reader(of.HTTP, _bytes(mend), ("HTTP/1.1 200 OK\r\n{}\r\n\r\n",)),
    "content": Reader(of.PAGE, _bytes(lambda b: classify("text/html", b))),
    "content type": Reader(of.HEADER, lambda text: classify(text, b"<html>")),
    "content coding": Reader((*of.HEADER, "gzip,", "br,"), lambda text: coding.decode(b"x", text, 1000)),
    "archive": Reader(of.WARC, _bytes(_archive)),
    "page": Reader(
        of.PAGE,
        _bytes(lambda b: extract(b, HERE, "text/html", NOW)),
        ("<html><body>{}", "<html><head>{}", "<p>{}</p>"),
        10_000,
    ),
    "query": Reader(of.QUERY, query.parse, length=4000),
    "snippet": Reader(of.QUERY, lambda text: snippets.snippet(text, query.parse("a site b"))),
    "tokens": Reader((*of.QUERY, "é", "日", "\u0301"), lambda text: list(analysis.tokens(text))),
}
