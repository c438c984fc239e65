"""Sitemaps of every kind, and what is sent in their place."""

import gzip
import itertools
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.sources.formats.sitemap import MAX_ENTRIES, SitemapEntry, SitemapKind, SitemapReader, parse_sitemap

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://news.example/sitemap.xml"
ONE = "https://news.example/1"
TWO = "https://news.example/2"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def urlset(inside: str, attributes: str = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"') -> str:
    return f"{HEAD}<urlset {attributes}>{inside}</urlset>"


GOOD: dict[str, tuple[str | bytes, SitemapKind, tuple[SitemapEntry, ...]]] = {
    "urlset": (
        urlset(f"<url><loc>{ONE}</loc><lastmod>2026-11-22T09:00:00Z</lastmod><priority>0.5</priority></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE, NINE),),
    ),
    "index": (
        f"{HEAD}<sitemapindex><sitemap><loc>{ONE}.xml.gz</loc><lastmod>2026-11-22T11:00:00+02:00</lastmod></sitemap>"
        "</sitemapindex>",
        SitemapKind.INDEX,
        (SitemapEntry(ONE + ".xml.gz", NINE),),
    ),
    "news": (
        urlset(
            f"<url><loc>{ONE}</loc><news:news><news:publication><news:name>N</news:name><news:language>uk"
            "</news:language></news:publication><news:publication_date>2026-11-22T09:00:00Z</news:publication_date>"
            "<news:title>One &amp; only</news:title></news:news></url>"
        ),
        SitemapKind.URLSET,
        (SitemapEntry(ONE, None, NINE, "One & only", "uk"),),
    ),
    "images": (
        urlset(
            f"<url><image:image><image:loc>https://cdn.example/i.jpg</image:loc></image:image><loc>{ONE}</loc></url>"
        ),
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "under a prefix": (
        f"{HEAD}<sm:urlset><sm:url><sm:loc>{ONE}</sm:loc></sm:url></sm:urlset>",
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "text": (
        f"{ONE}\n\nhttps://news.example/2\r\n",
        SitemapKind.TEXT,
        (SitemapEntry(ONE), SitemapEntry(ONE[:-1] + "2")),
    ),
    "gzip": (gzip.compress(urlset(f"<url><loc>{ONE}</loc></url>").encode()), SitemapKind.URLSET, (SitemapEntry(ONE),)),
    "utf-16": (urlset(f"<url><loc>{ONE}</loc></url>").encode("utf-16"), SitemapKind.URLSET, (SitemapEntry(ONE),)),
    "byte order mark": ("\ufeff" + urlset(f"<url><loc>{ONE}</loc></url>"), SitemapKind.URLSET, (SitemapEntry(ONE),)),
    "cdata and comments": (
        "<!-- by <rss> maker -->" + urlset(f"<url><!-- <loc>x</loc> --><loc>\n<![CDATA[{ONE}?a=1&b=2]]>\n</loc></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "?a=1&b=2"),),
    ),
    "bare ampersand": (
        urlset(f"<url><loc>{ONE}?a=1&b=2</loc></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "?a=1&b=2"),),
    ),
    "relative": (urlset("<url><loc>/1</loc></url>"), SitemapKind.URLSET, (SitemapEntry(ONE),)),
    "date in the future": (
        urlset(f"<url><loc>{ONE}</loc><lastmod>2099-01-01</lastmod></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "no address": (
        urlset("<url><lastmod>2026-11-22</lastmod></url><url><loc>mailto:x</loc></url>"),
        SitemapKind.URLSET,
        (),
    ),
    "attributes": (
        f'{HEAD}<urlset><url xmlns="x"><loc>{ONE}</loc></url>'
        f'<url id="2"><loc xml:space="default">{TWO}</loc></url></urlset>',
        SitemapKind.URLSET,
        (SitemapEntry(ONE), SitemapEntry(TWO)),
    ),
    "attributes in an index": (
        f'<sitemapindex><sitemap id="a"><loc xmlns="y">{ONE}</loc>'
        '<lastmod type="w3c">2026-11-22T09:00Z</lastmod></sitemap></sitemapindex>',
        SitemapKind.INDEX,
        (SitemapEntry(ONE, NINE),),
    ),
    "an address under a prefix of its own": (
        urlset(f"<url><x:loc>{ONE}</x:loc></url><y:url><loc>{TWO}</loc></y:url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE), SitemapEntry(TWO)),
    ),
    "the address in the entry itself": (
        f"<sitemapindex><sitemap>\n{ONE}\n</sitemap><sitemap><![CDATA[ {TWO} ]]></sitemap></sitemapindex>",
        SitemapKind.INDEX,
        (SitemapEntry(ONE), SitemapEntry(TWO)),
    ),
    "entries that do not end": (
        f"<sitemapindex><sitemap><loc>{ONE}</loc><lastmod>2026-11-22T09:00Z</lastmod><sitemap><loc>{TWO}</loc></sitemapindex>",
        SitemapKind.INDEX,
        (SitemapEntry(ONE, NINE), SitemapEntry(TWO)),
    ),
    "fields that do not end": (
        urlset(f"<url><loc>{ONE}<lastmod>2026-11-22T09:00Z</url><url><loc>{TWO}<priority>0.5</priority></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE, NINE), SitemapEntry(TWO)),
    ),
    "an address in an url in its loc": (
        urlset(
            f"<url><loc><url><![CDATA[{ONE}]]></url></loc><lastmod>2026-11-22T09:00Z</lastmod></url>"
            f"<url><loc><url>{TWO}</url></loc></url>"
        ),
        SitemapKind.URLSET,
        (SitemapEntry(ONE, NINE), SitemapEntry(TWO)),
    ),
    "CDATA in a part of the address": (
        urlset(f"<url><loc>{ONE}<![CDATA[?a=1&b=2]]></loc><lastmod><![CDATA[2026-11-22T09:00Z]]></lastmod></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "?a=1&b=2", NINE),),
    ),
    "an urlset in another": (
        f"<urlset><urlset><url><loc>{ONE}</loc><lastmod>2026-11-22 09:00:00 AM</lastmod></url></urlset></urlset>",
        SitemapKind.URLSET,
        (SitemapEntry(ONE, NINE),),
    ),
    "in the encoding that it declares": (
        f'<?xml version="1.0" encoding="windows-1251"?><urlset><url><loc>{ONE}/новина</loc></url></urlset>'.encode(
            "cp1251"
        ),
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "/новина"),),
    ),
    "declared, but UTF-8": (
        f'<?xml version="1.0" encoding="windows-1251"?><urlset><url><loc>{ONE}/новина</loc></url></urlset>',
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "/новина"),),
    ),
    "in Shift_JIS by a name of its own": (
        f'<?xml version="1.0" encoding="x-sjis"?><urlset><url><loc>{ONE}/記事</loc></url></urlset>'.encode("cp932"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "/記事"),),
    ),
    "gzip twice": (
        gzip.compress(gzip.compress(urlset(f"<url><loc>{ONE}</loc></url>").encode())),
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "a film of another time": (
        urlset(
            f"<url><loc>{ONE}</loc><video:video><video:title>Clip</video:title><video:publication_date>2011-01-01"
            "</video:publication_date><video:loc>https://cdn.example/f.mp4</video:loc></video:video><news:news>"
            "<news:publication_date>2026-11-22T09:00:00Z</news:publication_date><news:title>Real</news:title></news:news>"
            "</url>"
        ),
        SitemapKind.URLSET,
        (SitemapEntry(ONE, None, NINE, "Real"),),
    ),
    "pictures under a declared prefix, outside of any container, before the address": (
        f'<urlset xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"><url><i:loc>https://cdn.example/1.jpg</i:loc>'
        f"<i:title>Picture</i:title><image:loc>https://cdn.example/2.jpg</image:loc><loc>{ONE}</loc></url></urlset>",
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "a picture that does not end": (
        urlset(f"<url><loc>{ONE}</loc><image:image><image:loc>x</image:loc></url><url><loc>{TWO}</loc></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE), SitemapEntry(TWO)),
    ),
    "white space of every kind": (
        f"<sitemapindex><sitemap><loc>\u2003<![CDATA[\u00a0{ONE}\u2028]]>\u3000</loc></sitemap></sitemapindex>",
        SitemapKind.INDEX,
        (SitemapEntry(ONE),),
    ),
    "entities of HTML": (
        urlset(f"<url><loc>{ONE}?a&amp;b&eacute;</loc></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE + "?a&bé"),),
    ),
    "a warning before it": (
        f"Notice: undefined index\n{HEAD}<urlset><url><loc>{ONE}</loc></url></urlset>",
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "lines without scheme": (
        f"www.news.example/1\nnews.example/2\n# a comment\n{ONE}\n/3\n",
        SitemapKind.TEXT,
        (
            *(SitemapEntry(f"https://{at}") for at in ("www.news.example/1", "news.example/2")),
            SitemapEntry(ONE),
            SitemapEntry(ONE[:-1] + "3"),
        ),
    ),
    "addresses in no entry": (
        f"<urlset><loc>{ONE}</loc><lastmod>2026-11-22</lastmod><loc>{ONE[:-1]}2</loc><url><loc>{ONE[:-1]}3</loc></url></urlset>",
        SitemapKind.URLSET,
        (
            SitemapEntry(ONE, lastmod=datetime(2026, 11, 22, tzinfo=UTC)),
            SitemapEntry(ONE[:-1] + "2"),
            SitemapEntry(ONE[:-1] + "3"),
        ),
    ),
    "an index of addresses alone": (
        f"<sitemapindex><loc>{ONE}</loc></sitemapindex>",
        SitemapKind.INDEX,
        (SitemapEntry(ONE),),
    ),
    "an address on two lines": (
        urlset(f"<url><loc>{ONE[:-2]}\n      {ONE[-2:]}</loc></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(ONE),),
    ),
    "a space in an address": (
        urlset(f"<url><loc>{ONE} b</loc></url><url><loc>{ONE} {ONE}</loc></url>"),
        SitemapKind.URLSET,
        (SitemapEntry(f"{ONE} b"),),
    ),
    "lines that end in CR, with columns, in quotes": (
        f'{ONE}\r"{ONE[:-1]}2"\r{ONE[:-1]}3\t2026-11-22\r',
        SitemapKind.TEXT,
        (SitemapEntry(ONE), SitemapEntry(ONE[:-1] + "2"), SitemapEntry(ONE[:-1] + "3")),
    ),
    "no line has a scheme": (
        "www.news.example/1\nnews.example/2\n",
        SitemapKind.TEXT,
        tuple(SitemapEntry(f"https://{at}") for at in ("www.news.example/1", "news.example/2")),
    ),
    "lines of text between addresses": (f"hello there\n{ONE}\n", SitemapKind.TEXT, (SitemapEntry(ONE),)),
    "no entries": (urlset(""), SitemapKind.URLSET, ()),
}


@pytest.mark.parametrize(("body", "kind", "entries"), GOOD.values(), ids=GOOD.keys())
@pytest.mark.parametrize("size", [1, 7, 1 << 20], ids=["byte by byte", "in sevens", "at once"])
def test_sitemaps(body: str | bytes, kind: SitemapKind, entries: tuple[SitemapEntry, ...], size: int) -> None:
    data = body.encode() if isinstance(body, str) else body
    found = parse_sitemap((data[at : at + size] for at in range(0, len(data), size)), BASE, NOW)
    assert found.problem == ""
    assert found.kind is kind
    assert found.entries == entries


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "html": (b"<!DOCTYPE html><html><body>404</body></html>", "an HTML page, not a sitemap"),
    "rss": (b"<rss><channel></channel></rss>", "a feed (RSS), not a sitemap"),
    "atom": (b"<feed></feed>", "a feed (Atom), not a sitemap"),
    "xml": (b"<note/>", "XML, but no sitemap"),
    "text": (b"Not found", "text, but no list of addresses"),
    "bomb": (gzip.compress(b"<urlset>" + b" " * (101 << 20)), "larger than 104,857,600 bytes"),
    "broken gzip": (b"\x1f\x8b\x08\x00" + b"\xff" * 100, "broken gzip"),
    "endless entry": (b"<urlset><url>" + b"<x>" * (1 << 20), "ends in the middle of an entry"),
    "endless line": (b"https://a.example/" + b"x" * (2 << 20), "a line of more than 1,048,576 characters"),
    "cut off": (b"<urlset><url><loc>https://a.example/", "ends in the middle of an entry"),
}


@pytest.mark.parametrize(("body", "problem"), BAD.values(), ids=BAD.keys())
def test_no_sitemap(body: bytes, problem: str) -> None:
    pieces = [body[at : at + (1 << 16)] for at in range(0, len(body), 1 << 16)]
    found = parse_sitemap(pieces, BASE, NOW)
    assert found.problem.startswith(problem)
    assert found.entries == ()


def test_what_was_read_before_the_break_counts() -> None:
    found = parse_sitemap(urlset(f"<url><loc>{ONE}</loc></url><url><loc>cut").encode()[:-10], BASE, NOW)
    assert [entry.loc for entry in found.entries] == [ONE]
    assert found.problem == "ends in the middle of an entry"


@pytest.mark.parametrize("end", ["</lo", "</loc><las", "</loc>", "<priority>0.5"])
def test_an_entry_that_is_cut_behind_its_address_counts(end: str) -> None:
    found = parse_sitemap(f"<urlset><url><loc>{ONE}{end}".encode(), BASE, NOW)
    assert [entry.loc for entry in found.entries] == [ONE]
    assert found.problem == "ends in the middle of an entry"


def endless() -> Iterator[bytes]:
    yield b"<urlset>"
    while True:
        yield b"<url><loc>https://news.example/1</loc></url>" * 1000


def test_endless_sitemaps_are_cut_in_bounded_memory() -> None:
    reader = SitemapReader(BASE, NOW, skip=MAX_ENTRIES - 10)
    tracemalloc.start()
    try:
        assert sum(1 for _ in reader.entries(endless())) == 10
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reader.problem == "more than 100,000 entries"
    assert peak < 2 << 20


@given(st.integers(0, 30), st.integers(0, 30))
def test_going_on_where_a_reader_stopped(count: int, stop: int) -> None:
    body = urlset("".join(f"<url><loc>https://news.example/{n}</loc></url>" for n in range(count))).encode()
    first = SitemapReader(BASE, NOW)
    begun = list(itertools.islice(first.entries([body]), stop))
    rest = list(SitemapReader(BASE, NOW, skip=first.position).entries([body]))
    assert [entry.loc for entry in begun + rest] == [f"https://news.example/{n}" for n in range(count)]


@given(
    st.lists(
        st.sampled_from([*"<>/&;! x", "url", "loc", "<url>", "<loc>", "</", "<!--", "]]>", "http://a/"]), max_size=60
    )
)
def test_any_markup_is_bounded(parts: list[str]) -> None:
    found = parse_sitemap(urlset("".join(parts)).encode(), BASE, NOW)
    assert found.kind is SitemapKind.URLSET
