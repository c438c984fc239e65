"""What each kind of source makes of a document."""

import gzip
from datetime import UTC, datetime

import pytest

from newsmill.sources.config import SourceKind
from newsmill.sources.kinds import Item, Polled, reader_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 27, 9, tzinfo=UTC)
AT = "https://news.example/list"
LIST = "https://news.example/1\r\nhttps://news.example/новина\rhttps://news.example/3\n\n# end\nno address\n"
LISTED = [
    "https://news.example/1",
    "https://news.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B0",
    "https://news.example/3",
]
RSS = (
    "<rss><channel><item><title>One</title><link>/1</link><dc:creator>Jane Roe</dc:creator>"
    "<pubDate>Fri, 27 Nov 2026 09:00:00 GMT</pubDate></item><item><title>none</title></item>"
    "<item><link>/1</link></item></channel></rss>"
)


def read(kind: SourceKind, body: bytes, since: datetime | None = None) -> tuple[list[Item], str, dict[str, int]]:
    reading = reader_of(kind)(Polled(body, "", AT, NOW, since))
    return list(reading.items), reading.problem(), {reason: n for reason, n in reading.left_out().items() if n}


@pytest.mark.parametrize(
    "body",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.encode("utf-16-le"),
        LIST.encode("cp1251"),
        gzip.compress(LIST.encode()),
        gzip.compress(gzip.compress(LIST.encode("utf-16"))),
    ],
    ids=["utf-8", "marked", "utf-16", "unmarked utf-16", "cp1251", "gzip", "gzip twice"],
)
def test_a_list_of_any_make(body: bytes) -> None:
    items, problem, left = read(SourceKind.LIST, body)
    assert [item.url for item in items] == LISTED
    assert problem.startswith("1 bad lines, the first: line ")
    assert left == {"without an address": 1}


def test_a_list_that_cannot_be_read_says_so() -> None:
    assert read(SourceKind.LIST, b"\x1f\x8b\x08\x00" + b"\xff" * 100)[1].startswith("broken gzip")
    assert read(SourceKind.LIST, gzip.compress(LIST.encode())[:-20])[0]


def test_a_list_without_line_ends_is_one_bad_line() -> None:
    items, problem, left = read(SourceKind.LIST, b"x" * (3 << 20))
    assert (items, left) == ([], {"without an address": 1})
    assert problem.startswith("1 bad lines")


def test_an_index_may_list_feeds() -> None:
    one = Item("https://news.example/1", NINE, title="One", author="Jane Roe")
    found = read(SourceKind.SITEMAP, RSS.encode())
    assert found == ([one], "", {"without an address": 1, "repeat others": 1})
    assert found == read(SourceKind.FEED, RSS.encode())
    assert read(SourceKind.SITEMAP, b"<html><body>x</body></html>") == ([], "an HTML page, not a sitemap", {})


def test_what_a_sitemap_lists_and_is_no_item_is_counted() -> None:
    entries = (
        "<url><loc>/1</loc><lastmod>2026-01-01</lastmod></url><url><loc>/2</loc></url><url><loc>ftp://x/</loc></url>"
    )
    items, problem, left = read(SourceKind.SITEMAP, f"<urlset>{entries}</urlset>".encode(), since=NINE)
    assert ([item.url for item in items], problem) == (["https://news.example/2"], "")
    assert left == {"without an address": 1, "unchanged since they were listed before": 1}
