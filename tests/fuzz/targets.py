"""What is fuzzed, with seeds and the promises that every input must keep."""

import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import h11

from newsmill.http.answer import BadAnswer
from newsmill.http.head import HEAD_MAX, Heads, mend
from newsmill.policy.robots_rules import Rules, reduced, sitemaps_in
from newsmill.search import query
from newsmill.search.snippets import snippet
from newsmill.sources.formats.feed import parse_feed
from newsmill.sources.formats.lists import parse_list
from newsmill.sources.formats.opml import read_opml
from newsmill.sources.formats.section import read_section
from newsmill.sources.formats.sitemap import parse_sitemap
from newsmill.stores.archive import read_archive
from newsmill.stores.errors import StoreError
from newsmill.text.charset import as_utf8, decode, decode_stream, decode_xml
from newsmill.text.dates import EARLIEST, find_date, parse_date
from newsmill.text.visible import escaped, without_unseen
from newsmill.urls.canonical import BadAddress, address_id, as_named, canonicalize
from tests.fuzz.driver import MAX_BYTES, Target
from tests.growth import alphabets as of
from tests.growth import samples
from tests.growth.readers import PAGES

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HERE = "http://a.example/x"
TYPES = ("", "text/xml", "text/html; charset=shift_jis", "application/xml; charset=utf-16", "text/plain; charset=x")
PATHS = ("/", "/a", "/a/b", "/a/b.html?c=d", "/%41", "/é", "/x*y", "/aXb$", "/a/b/c/d/e/f/g")
ROBOTS_SMALL = 300  # characters to which a file is reduced once more


def _type(data: bytes) -> str:
    return TYPES[len(data) % len(TYPES)]


def _feeds(data: bytes) -> None:
    feed = parse_feed(data, _type(data), HERE, now=NOW)
    assert not (feed.problem and feed.items), "items of what is no feed"
    for item in feed.items:
        assert item.url.startswith(("http://", "https://")), item.url
        assert item.published is None or item.published.tzinfo, item.published
        item.title.encode()
    assert feed == parse_feed(data, _type(data), HERE, now=NOW), "another feed the second time"


def _sections(data: bytes) -> None:
    for link in read_section(data, _type(data), HERE, now=NOW).links:
        assert canonicalize(link.url) == link.url


def _sitemaps(data: bytes) -> None:
    whole = parse_sitemap(data, HERE, NOW)
    pieces = parse_sitemap([data[at : at + 7000] for at in range(0, len(data), 7000)], HERE, NOW)
    assert whole.entries == pieces.entries, "other entries in pieces"
    for entry in whole.entries:
        assert entry.loc.startswith(("http://", "https://")), entry.loc


def _lists(data: bytes) -> None:
    for base in ("", HERE):
        found = parse_list(data, base)
        for address in found.addresses:
            assert canonicalize(address) == address
        assert len(found.bad) <= found.bad_count


def _opml(data: bytes) -> None:
    for feed in read_opml(data).feeds:
        canonicalize(feed.url)


def _robots(data: bytes) -> None:
    kept, small = reduced(data, "Newsmill"), reduced(data, "Newsmill", ROBOTS_SMALL)
    assert len(small.text) <= ROBOTS_SMALL
    rules, fewer, again = Rules(kept.text), Rules(small.text), Rules(reduced(kept.text.encode(), "Newsmill").text)
    for path in PATHS:
        assert _allowed(rules, path) == _allowed(again, path), f"reduced twice it decides otherwise on {path}"
        assert _allowed(rules, path) or not _allowed(fewer, path), f"reduced it allows {path}"
    assert rules.crawl_delay_s == fewer.crawl_delay_s
    for address in sitemaps_in(data):
        with suppress(BadAddress):
            canonicalize(address, HERE)


def _allowed(rules: Rules, path: str) -> bool:
    rule = rules.deciding(path)
    return rule is None or rule.allow


def _heads(data: bytes) -> None:
    results = []
    for step in (len(data) or 1, 7):
        heads = Heads()
        heads.asked()
        try:
            results.append(
                (b"".join(heads.feed(data[at : at + step]) for at in range(0, len(data), step)), heads.sound)
            )
        except BadAnswer:
            results.append((b"", None))
        assert len(heads._held) <= HEAD_MAX + step
    if len(data) <= HEAD_MAX:
        assert results[0] == results[1], "in pieces it is another answer"
    with suppress(BadAnswer):
        head, _, _ = mend(data)
        assert mend(head[:-3])[0] == head, "mended twice it is another head"
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=2 * HEAD_MAX)
        connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        connection.receive_data(head)
        with suppress(h11.RemoteProtocolError):  # what it still refuses may say where the body ends
            connection.next_event()


def _warc(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".warc") as file:
        file.write(data)
        file.flush()
        for own in (False, True):
            with suppress(StoreError):
                for found in read_archive(Path(file.name), NOW, own=own):
                    assert bool(found.page) != bool(found.reason)
                    assert not found.page or found.page.id == address_id(found.page.url)


def _charset(data: bytes) -> None:
    for content_type in TYPES:
        decode(data, content_type).encode()
        decode_xml(data, content_type)[0].encode()
        "".join(decode_stream([data[:100], data[100:]], content_type)).encode()
    text = as_utf8(data)
    assert text is None or text.encode() == data
    seen = without_unseen(decode(data))
    assert without_unseen(seen) == seen, "something unseen was left"
    shown = escaped(seen)
    assert escaped(shown) == shown, "something was left to escape"


def _query(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(query.BadQuery):
        now = datetime.now(UTC)
        tree = query.parse(text, now)
        snippet(text, tree)
        assert query.parse(text, now) == tree


def _dates(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    moment = parse_date(text)
    if moment:
        assert moment >= EARLIEST
        assert parse_date(moment.isoformat()) == moment, text
    for month_first in (False, True):
        stamp = find_date(text, month_first=month_first)
        assert stamp is None or stamp.at.tzinfo, text


def _addresses(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for base in (None, HERE):
        try:
            address = canonicalize(text, base)
        except BadAddress:
            continue
        assert canonicalize(address) == address, address
        with suppress(BadAddress):
            named = as_named(text, base)
            assert as_named(named) == named, named
            assert canonicalize(named) == address, (named, address)


def _tokens(alphabet: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(token.encode() for token in alphabet)


SECTIONS = (*(path.read_bytes()[:MAX_BYTES] for path in PAGES[:3]), b"<html><a href='/2026/a-b-c-d'>a b c</a>")
INDEX = (
    b"<sitemapindex><sitemap><loc>/s.xml</loc><lastmod>2026</lastmod></sitemap><sitemap>/t.xml</sitemap></sitemapindex>"
)
OPML = b"""<opml version="2.0"><body><outline text="a"><outline type="rss" text="b" xmlUrl="http://a.example/f"/></outline>
<outline xmlUrl="feed:http://b.example/f" title="c"/></body></opml>"""
ROBOTS = b"""User-agent: *\nDisallow: /a*b$\nAllow: /a/b\nCrawl-delay: 5\n\nUser-agent: Newsmill\nUser-agent: x\nDisallow: /private
Disallow: /%41\nAllow: /private/open\nDisallow: *.pdf$\nSitemap: /s.xml\n"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 10\r\nSet-Cookie: a=b\r\nX y: z\r\n\r\n<p>hello"
TEXT = "Zażółć gęślą jaźń, Москва, 東京タワー, café <meta charset=utf-8><?xml encoding='x'?>"
ENCODED = tuple(
    TEXT.encode(name, "replace")
    for name in ("utf-8", "utf-16", "utf-16-be", "shift_jis", "gb18030", "windows-1251", "iso2022_jp", "utf-8-sig")
)
DATES = (
    b"Fri, 27 Nov 2026 09:30:00 +0200", b"2026-11-27T09:30:00.123-05:00", b"27. listopadu 2026", b"Nov 27, 2026 at 9:30 PM EDT",
    b"1795771800", b"27/11/2026", "2026年11月27日 下午3:05".encode(), "27 พฤศจิกายน 2569".encode(), b"20261127T093000Z",
)  # fmt: skip
QUERIES = (b'(a OR "b c") -site:d.example title:e* after:2026-01-01 language:en', "東京 -(x AND y)".encode())
ADDRESSES = (
    b"http://a.example/b/../c?utm_source=x&d=e#f", b"https://user@A.Example:443/%7Eb/%e9;jsessionid=1", "//пример.рф/é".encode(),
    b"https://cdn.ampproject.org/c/s/a.example/b", b"/b?amp=1&c=http://d.example/", b"http://[::1]:80/", b"http://192.0.2.1/",
)  # fmt: skip

TARGETS = {
    "feeds": Target(
        _tokens((samples.RSS, samples.ATOM, samples.DTD, samples.JSON_FEED)), _tokens((*of.FEED, *of.JSON)), _feeds
    ),
    "sections": Target(SECTIONS, _tokens((*of.PAGE, *of.ADDRESS)), _sections),
    "sitemaps": Target(
        (*_tokens((samples.SITEMAP, samples.RSS)), INDEX, b"http://a.example/1\n/2\n"), _tokens(of.SITEMAP), _sitemaps
    ),
    "lists": Target((b"http://a.example/1\n# x\na.example/2 # y\n/3\n",), _tokens((*of.LIST, *of.ADDRESS)), _lists),
    "opml": Target((OPML,), _tokens(of.OPML), _opml),
    "robots": Target((ROBOTS,), _tokens(of.ROBOTS), _robots),
    "heads": Target(
        (HEAD, b"HTTP/1.1 100 C\r\n\r\n" + HEAD), (*_tokens(of.HTTP), b"Transfer-Encoding: chunked\r\n"), _heads
    ),
    "warc": Target(
        _tokens((samples.RECORD, samples.OWN, samples.CHUNKED + samples.RECORD + samples.OWN)), _tokens(of.WARC), _warc
    ),
    "charset": Target(ENCODED, _tokens((*of.PAGE, *of.HEADER, "\u2066", "\u2069")), _charset),
    "query": Target(QUERIES, _tokens(of.QUERY), _query, 3000),
    "dates": Target(DATES, _tokens(of.DATE), _dates, 300),
    "addresses": Target(ADDRESSES, _tokens(of.ADDRESS), _addresses, 3000),
}
