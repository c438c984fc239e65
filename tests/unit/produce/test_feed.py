"""Feeds of every kind, and what is sent in their place. One row a case."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.produce import feed_xml
from workers.produce.feed import MAX_FEED, Feed, Item, parse_feed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://news.example/feeds/all.xml"
XML = b'<?xml version="1.0" encoding="UTF-8"?>'


def read(body: bytes | str, content_type: str = "application/rss+xml") -> Feed:
    return parse_feed(body.encode() if isinstance(body, str) else body, content_type, BASE, NOW)


def rss(items: str, channel: str = "<title>News</title>", attributes: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0" {attributes}><channel>{channel}{items}</channel></rss>'


RSS2 = rss(
    "<item><title>One &amp; only</title><link>https://news.example/1</link>"
    '<guid isPermaLink="false">n1</guid><pubDate>Sun, 22 Nov 2026 11:00:00 +0200</pubDate></item>',
    "<title>News</title><link>https://news.example/</link><language>uk-UA</language><ttl>15</ttl>"
    "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    '<image><title>Logo</title><link>https://logo.example/</link></image><atom:link rel="hub" href="https://hub.example/"/>',
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom"',
)


def test_rss_2() -> None:
    assert read(RSS2) == Feed(
        title="News",
        language="uk",
        home="https://news.example/",
        ttl_s=900,
        update_period_s=900,
        hub="https://hub.example/",
        items=(Item("https://news.example/1", "One & only", NINE, guid="n1"),),
    )


ONE = Item("https://news.example/1", "One", NINE)
DATE = "<pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate>"
SAME_ITEM = {  # each of these holds the item ONE
    "rss 2.0": rss(f"<item><title>One</title><link>https://news.example/1</link>{DATE}</item>"),
    "rss 0.91 with its DTD": '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
    f"<item><title>One</title><link>https://news.example/1</link>{DATE}</item></channel></rss>",
    "rss 1.0": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title></channel>'
    "<item><title>One</title><link>https://news.example/1</link><dc:date>2026-11-22T09:00:00Z</dc:date></item></rdf:RDF>",
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">&lt;b&gt;One&lt;/b&gt;</title>'
    '<link rel="self" href="/self"/><link rel="alternate" type="application/json" href="/json"/>'
    '<link rel="alternate" type="text/html" href="/1"/><published>2026-11-22T09:00:00Z</published></entry></feed>',
    "atom, xhtml title, xml:base": '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/deep/x">'
    '<entry xml:base="/"><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><b>One</b></div></title>'
    '<link href="1"/><published>2026-11-22T10:00:00+01:00</published></entry></feed>',
    "atom under a prefix": '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>One</a:title>'
    '<a:link href="/1"/><a:published>2026-11-22T09:00:00Z</a:published></a:entry></a:feed>',
    "atom with a source inside": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><source><title>Other</title>'
    '<link href="/other"/></source><title>One</title><link href="/1"/><published>2026-11-22T09:00:00Z</published>'
    "</entry></feed>",
    "relative link": rss(f"<item><title>One</title><link>../1</link>{DATE}</item>"),
    "link in CDATA with white space": rss(
        f"<item><title><![CDATA[ <i>One</i> ]]></title><link>\n<![CDATA[ /1 ]]>\n</link>{DATE}</item>"
    ),
    "link only as feedburner's original": rss(
        "<item><title>One</title><link>https://feedproxy.example/~r/1</link>"
        f"<feedburner:origLink>https://news.example/1</feedburner:origLink>{DATE}</item>"
    ),
    "undeclared namespaces": rss(
        f'<item><media:thumbnail url="x"/><dc:creator>A</dc:creator><title>One</title><link>/1</link>{DATE}</item>'
    ),
    "media title before the title": rss(
        f"<item><media:title>Photo</media:title><title>One</title><link>/1</link>{DATE}</item>",
        attributes='xmlns:media="http://search.yahoo.com/mrss/"',
    ),
    "element names in other cases": rss(
        "<Item><Title>One</Title><Link>/1</Link><PubDate>2026-11-22T09:00:00Z</PubDate></Item>"
    ),
    "white space and a warning first": "\n\nWarning: deprecated in x.php\n"
    + rss(f"<item><title>One</title><link>/1</link>{DATE}</item>"),
    "byte order mark": "\ufeff" + rss(f"<item><title>One</title><link>/1</link>{DATE}</item>"),
    "unescaped ampersand": rss(f"<item><title>One</title><link>/1</link>{DATE}<x>R&D</x></item>"),
    "unclosed tag": rss(f"<item><title>One</title><link>/1</link>{DATE}<description>a <br> b</description></item>"),
    "control characters": rss(f"<item><title>One\x0b</title><link>/1</link>{DATE}</item>"),
    "cut off": rss(f"<item><title>One</title><link>/1</link>{DATE}</item><item><tit")[:-16],
    "ukrainian month": rss(
        "<item><title>One</title><link>/1</link><pubDate>Нд, 22 листопада 2026 11:00 +0200</pubDate></item>"
    ),
    "json feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "News",
            "items": [{"title": "One", "url": "/1", "date_published": "2026-11-22T09:00:00Z"}],
        }
    ),
    "json feed after a mark": '\ufeff {"items": [{"title":"One","url":"/1","date_published":"2026-11-22T09:00:00Z"}]}',
}


@pytest.mark.parametrize("body", SAME_ITEM.values(), ids=SAME_ITEM.keys())
def test_the_same_item(body: str) -> None:
    found = read(body)
    assert found.problem == ""
    assert found.items == (ONE,)


CYRILLIC = rss("<item><title>Новини</title><link>/1</link></item>", "<language>uk</language>")
ENCODED = [
    (CYRILLIC.encode(), "application/rss+xml", ""),
    (CYRILLIC.encode("windows-1251"), "text/xml; charset=windows-1251", ""),
    (CYRILLIC.replace("?>", ' encoding="windows-1251"?>', 1).encode("windows-1251"), "", ""),
    (CYRILLIC.replace("?>", ' encoding="windows-1251"?>', 1).encode(), "", "says it is cp1251, but is UTF-8"),
    (
        CYRILLIC.replace("?>", ' encoding="utf-8"?>', 1).encode("windows-1251"),
        "",
        "is not in utf-8, read as cp1251",
    ),
    (CYRILLIC.encode("windows-1251"), "", "is not in UTF-8, read as cp1251"),
    (CYRILLIC.encode("utf-16"), "", ""),
    (CYRILLIC.encode("utf-16-le"), "", ""),
    (CYRILLIC.encode("koi8-u"), "text/xml; charset=KOI8-U", ""),
    (CYRILLIC.encode(), "text/xml; charset=no-such-thing", ""),
    (CYRILLIC.encode("windows-1251"), "text/xml; charset=undefined", "is not in UTF-8, read as cp1251"),
    (gzip.compress(CYRILLIC.encode()), "application/gzip", ""),
]


@pytest.mark.parametrize(("body", "content_type", "remark"), ENCODED)
def test_encodings(body: bytes, content_type: str, remark: str) -> None:
    found = read(body, content_type)
    assert [item.title for item in found.items] == ["Новини"]
    assert found.remarks == ((remark,) if remark else ())


NO_FEED = {
    "empty": (b"", "empty"),
    "white space": (b" \n\t", "empty"),
    "html error page": (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "an HTML page, not a feed"),
    "html after a comment": (b"<!-- x --><html><head></head></html>", "an HTML page, not a feed"),
    "xhtml": (XML + b'<html xmlns="http://www.w3.org/1999/xhtml"></html>', "an HTML page, not a feed"),
    "sitemap": (XML + b"<urlset><url><loc>https://a.example/</loc></url></urlset>", "a sitemap, not a feed"),
    "opml": (XML + b"<opml></opml>", "a list of feeds (OPML), not a feed"),
    "other xml": (XML + b"<note>hello</note>", "XML, but <note> is no feed"),
    "text": (b"Service unavailable", "text, not a feed"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "text, not a feed"),
    "json": (b'{"error": "quota"}', "JSON, but no JSON Feed (there is no list of items)"),
    "broken json": (b'{"items": [', "broken JSON: Expecting value: line 1 column 12 (char 11)"),
    "json too deep": (b"[" * 200_000, "JSON inside JSON, too deep"),
    "xml too deep": (b"<rss>" + b"<a>" * 200_000, "elements inside one another 200 levels deep"),
    "100 MB": (b"<rss>" + b" " * (100 << 20), f"larger than {MAX_FEED:,} bytes"),
    "gzip bomb": (gzip.compress(b"<rss>" + b" " * (100 << 20)), f"larger than {MAX_FEED:,} bytes"),
    "broken gzip": (b"\x1f\x8b\x08\x00" + b"\xff" * 100, "broken gzip"),
    "billion laughs": (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
        b"<rss><channel><title>&b;</title></channel></rss>",
        "declares the entity 'b', which expands or points elsewhere",
    ),
    "long entity": (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "' + b"x" * 10_000 + b'">]><rss>' + b"&a;" * 1000 + b"</rss>",
        "declares the entity 'a', which expands or points elsewhere",
    ),
    "file in an entity": (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel><title>&a;</title>'
        b"</channel></rss>",
        "declares the entity 'a', which expands or points elsewhere",
    ),
    "nothing but broken": (b"<rss><" + b"<" * 100, "nothing could be read: not well-formed"),
}


@pytest.mark.parametrize(("body", "problem"), NO_FEED.values(), ids=NO_FEED.keys())
def test_no_feed(body: bytes, problem: str) -> None:
    found = read(body)
    assert found.problem.startswith(problem)
    assert found == Feed(problem=found.problem)


def test_html_entities_need_no_declaration() -> None:
    (item,) = read(rss("<item><title>Caf&eacute;&nbsp;&mdash;&bogus;</title><link>/1</link></item>")).items
    assert item.title == "Café —&bogus;"


def test_dates_in_the_future_say_nothing() -> None:
    far = "<item><link>/1</link><pubDate>Sun, 22 Nov 2099 09:00:00 GMT</pubDate></item>"
    near = "<item><link>/2</link><pubDate>Sun, 22 Nov 2026 15:00:00 GMT</pubDate></item>"
    found = read(rss(far + near))
    assert [item.published for item in found.items] == [None, NOW]
    assert found.remarks == ("dates in the future",)


def test_items_without_an_address_are_counted() -> None:
    found = read(
        rss(
            "<item><title>none</title></item><item><title>mail</title><link>mailto:a@b.example</link></item>"
            "<item><guid>https://news.example/2</guid></item><item><guid isPermaLink='false'>https://x/3</guid></item>"
        )
    )
    assert [item.url for item in found.items] == ["https://news.example/2"]
    assert found.remarks == ("3 of 4 items without an address",)


def test_an_item_under_ten_addresses_is_one() -> None:
    repeated = "".join(f"<item><link>/1?a={n}</link><guid>same</guid></item>" for n in range(10))
    others = "".join(f"<item><link>/{n}</link><guid>other {n}</guid></item>" for n in range(20, 40))
    found = read(rss(repeated + others))
    assert len(found.items) == 21
    assert found.remarks == ("9 items repeat others",)


def test_a_guid_that_all_items_share_tells_nothing_apart() -> None:
    found = read(rss("".join(f"<item><link>/{n}</link><guid>same</guid></item>" for n in range(10))))
    assert len(found.items) == 10


def test_endless_feeds_are_cut() -> None:
    found = read(rss("<item><link>/1</link></item>" * (feed_xml.MAX_ITEMS + 5)))
    assert found.remarks == ("more than 10,000 items: the rest is not read", "9999 items repeat others")


def test_ttl_and_period_are_bounded() -> None:
    found = read(rss("", "<ttl>99999999999</ttl><sy:updatePeriod>sometimes</sy:updatePeriod>"))
    assert (found.ttl_s, found.update_period_s) == (0, 0)
    assert read(rss("", "<ttl>999999</ttl>")).ttl_s == 7 * 86400


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_not(body: bytes) -> None:
    found = read(body)
    assert found.problem or found.items == ()


@given(
    st.lists(st.sampled_from([*"<>/&;![]-=\"' x", "item", "link", "rss", "title", "CDATA", "http://a/"]), max_size=60)
)
def test_any_markup_is_a_feed_or_not(parts: list[str]) -> None:
    found = read(rss("<item><link>/1</link></item>" + "".join(parts)))
    assert found.problem or len(found.items) >= 1
