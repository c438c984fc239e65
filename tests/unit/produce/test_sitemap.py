"""Sitemaps of every kind, and what is sent in their place."""

import gzip
import itertools
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.produce.sitemap import MAX_ENTRIES, SitemapEntry, SitemapKind, SitemapReader, parse_sitemap

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://news.example/sitemap.xml"
ONE = "https://news.example/1"
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
    "endless entry": (b"<urlset><url>" + b"<x>" * (1 << 20), "an entry of more than 1,048,576 characters"),
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
