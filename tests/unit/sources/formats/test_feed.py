"""Feeds of every kind, and what is sent in their place. One row a case."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.sources.formats import feed_xml
from newsmill.sources.formats.feed import MAX_FEED, Feed, FeedItem, parse_feed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://news.example/feeds/all.xml"
XML = b'<?xml version="1.0" encoding="UTF-8"?>'


def read(body: bytes | str, content_type: str = "application/rss+xml") -> Feed:
    return parse_feed(body.encode() if isinstance(body, str) else body, content_type, BASE, now=NOW)


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
        items=(FeedItem("https://news.example/1", "One & only", NINE, guid="n1"),),
    )


ONE = FeedItem("https://news.example/1", "One", NINE)
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
        f'<item><media:thumbnail url="x"/><dc:format>A</dc:format><title>One</title><link>/1</link>{DATE}</item>'
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
    (CYRILLIC.encode() + "<!-- кінець".encode()[:-1] + b" -->", "", "contains bytes that are not UTF-8"),
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
    "dtd without end": (b"<!DOCTYPE rss [<!ENTITY a 'b'><rss><channel></channel></rss>", "its DTD does not end"),
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


@pytest.mark.parametrize(
    ("dtd", "reference", "title"),
    [
        ('<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">', "&b;", "&b;"),  # laughs once
        ('<!ENTITY a "' + "x" * 10_000 + '">', "&a;", "&a;"),
        ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;", "&a;"),
        ('<!ENTITY a PUBLIC "-//x" "http://127.0.0.1:9/x">', "&a;", "&a;"),
        ('<!ENTITY a SYSTEM "x.gif" NDATA gif><!NOTATION gif SYSTEM "viewer">', "b", "b"),
        ('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;', "b", "b"),
        ('<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES" "http://127.0.0.1:9/"> %HTMLlat1;', "Caf&eacute;", "Café"),
        (
            '<!ENTITY legal "Copyright the paper. All rights are kept. Ask the desk before you print any of it.">',
            "b",
            "b",
        ),
        ('<!ENTITY nbsp "&#160;">', "a&nbsp;b", "a b"),
        ("<!ENTITY brand 'The \"Tide\"'>", "&brand;", 'The "Tide"'),
        ('<!ELEMENT rss (channel)> <!ATTLIST rss version CDATA "2.0]>"> <!-- ]> -->', "b", "b"),
    ],
)
@pytest.mark.parametrize("declaration", ['<?xml version="1.0"?>', '<?xml version="1.1" standalone="yes"?>', ""])
def test_a_dtd_is_skipped_never_fetched_never_expanded(dtd: str, reference: str, title: str, declaration: str) -> None:
    inside = f"<channel><item><title>{reference}</title><link>https://news.example/1</link></item></channel>"
    found = read(f"{declaration}<!DOCTYPE rss [{dtd}]><rss version='2.0'>{inside}</rss>".encode())
    assert found.problem == ""
    assert [(item.url, item.title) for item in found.items] == [("https://news.example/1", title)]


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>', "<!-- made by hand -->"])
def test_a_feed_may_be_declared_to_be_html(declaration: str) -> None:
    dtd = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://127.0.0.1:9/">'
    found = read(f"{declaration}{dtd}\n<!-- x -->\n<rss><channel><title>found</title></channel></rss>".encode())
    assert (found.problem, found.title) == ("", "found")


def test_a_reference_costs_no_more_than_it_says() -> None:
    dtd = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 64}">]>'
    found = read(f"{dtd}<rss><channel><title>{'&a;' * 500_000}</title></channel></rss>".encode())
    assert len(found.title) == 500


ATOM = 'xmlns:atom="http://www.w3.org/2005/Atom"'


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ('<link>/1</link><atom:link rel="related" type="text/html" href="/other"/>', "/1"),
        ('<link>/1</link><atom:link href="/other"/>', "/1"),
        ('<atom:link href="/amp/1"/><link>/1</link>', "/1"),
        ('<atom:link rel="alternate" type="text/html" href="https://amp.news.example/1"/><link>/1</link>', "/1"),
        ('<atom:link rel="amphtml" href="/1/amp"/><guid>https://news.example/1</guid>', "/1"),
        ('<link>  </link><atom:link href="/1"/>', "/1"),
        ('<link>mailto:x@y</link><atom:link href="/1"/>', "/1"),
        ('<atom:link href="/1/amp"/><atom:link href="/1"/>', "/1"),
        ('<atom:link rel="enclosure" href="/x.mp3"/><guid isPermaLink="true">https://news.example/1</guid>', "/1"),
        ('<guid ispermalink="False">https://news.example/9</guid>', ""),
    ],
)
def test_the_page_of_an_item_with_many_links(item: str, url: str) -> None:
    found = read(rss(f"<item><title>x</title>{item}</item>", attributes=ATOM))
    assert [i.url for i in found.items] == ([f"https://news.example{url}"] if url else [])


@pytest.mark.parametrize(
    ("dates", "moment"),
    [
        ("<pubDate>soon</pubDate><dc:date>2026-11-22T09:00:00Z</dc:date>", NINE),
        ("<pubDate>11/12/2026</pubDate><dc:date>2026-11-22T09:00:00Z</dc:date>", NINE),
        ("<pubDate>Sun, 01 Jan 2090 09:00:00 GMT</pubDate><dcterms:issued>2026-11-22T09:00Z</dcterms:issued>", NINE),
        ("<dc:date>2026-11-22T09:00:00Z</dc:date><pubDate></pubDate>", NINE),
        ("<pubDate>Sun, 22 Nov 2026 11:00:00 +02:00</pubDate>", NINE),
        ("<pubDate>soon</pubDate><pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate>", NINE),
        ("<pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate>", NINE),
        ("<pubDate>soon</pubDate>", None),
    ],
)
def test_a_broken_date_does_not_hide_a_good_one(dates: str, moment: datetime | None) -> None:
    (item,) = read(rss(f"<item><link>/1</link>{dates}</item>")).items
    assert item.published == moment


def test_bases_inside_one_another() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/a/"><entry xml:base="b/"><id>1</id>'
        '<link xml:base="c/" href="d"/></entry><entry><id>2</id><link href="e"/></entry>'
        '<entry xml:base="/r/"><id>3</id><link href="f"/></entry></feed>'
    )
    assert [item.url for item in read(body.encode()).items] == [
        f"https://news.example/{path}" for path in ("a/b/c/d", "a/e", "r/f")
    ]
    body = '<rss xml:base="https://news.example/a/"><channel xml:base="b/"><item><link>c</link></item></channel></rss>'
    assert [item.url for item in read(body.encode()).items] == ["https://news.example/a/b/c"]


def test_guids_of_others_drop_nothing() -> None:
    articles = [("a", "s0"), ("a", "s1"), ("b", "s2"), ("b", "s3"), ("c", "s4")]
    inside = "".join(
        f"<item><title>{path}</title><link>/a/{path}</link><guid isPermaLink='false'>{guid}</guid></item>"
        for guid, path in articles
    )
    assert len(read(rss(inside)).items) == 5
    inside = "".join(f"<item><title>{n}</title><link>/a?id={n}</link><guid>same</guid></item>" for n in range(5))
    assert len(read(rss(inside)).items) == 5


@pytest.mark.parametrize(
    ("body", "author"),
    [
        (
            rss("<item><link>/1</link><dc:creator>Jane Roe</dc:creator><dc:creator>John Doe</dc:creator></item>"),
            "Jane Roe\nJohn Doe",
        ),
        (
            rss("<item><link>/1</link><author>desk@news.example (Jane Roe)</author></item>"),
            "desk@news.example (Jane Roe)",
        ),
        (
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/1"/><author><email>a@b</email><name>'
            b"Jane Roe</name><uri>https://x.example</uri></author></entry></feed>",
            "Jane Roe",
        ),
        (b'{"items": [{"url": "/1", "authors": [{"name": "Jane Roe"}, {"url": "x"}, 7]}]}', "Jane Roe"),
        (b'{"items": [{"url": "/1", "author": {"name": "Jane Roe"}}]}', "Jane Roe"),
        (rss("<item><link>/1</link></item>"), ""),
    ],
)
def test_authors(body: bytes, author: str) -> None:
    assert [item.author for item in read(body).items] == [author]
