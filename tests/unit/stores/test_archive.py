import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from newsmill.model import RawRecord
from newsmill.stores.archive import FoundRecord, read_archive, write_archive
from newsmill.stores.errors import StoreDamaged
from newsmill.urls.canonical import address_id
from tests.unit.stores.test_warc import RECORD

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URLS = [f"https://example.org/{i}" for i in range(5)]
PAGES = [
    RECORD.model_copy(update={"id": address_id(url), "url": url, "body": b"<p>%d</p>" % i * 1000})
    for i, url in enumerate(URLS)
]
HTML = b"<html><p>hello</p></html>" * 20


def archive(pages: Iterable[RawRecord]) -> bytes:
    out = BytesIO()
    write_archive(out, pages, NOW)
    return out.getvalue()


def foreign(http: bytes, url: bytes = b"https://example.org/x", kind: bytes = b"response") -> bytes:
    """A record as another crawler writes it."""
    head = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: %s\r\n" % (kind, url)
    head += b"WARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>\r\n"
    return gzip.compress(head + b"Content-Length: %d\r\n\r\n" % len(http) + http + b"\r\n\r\n", mtime=0)


def read(tmp_path: Path, data: bytes, start: int = 0, max_body: int = 1 << 20, own: bool = True) -> list[FoundRecord]:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    return list(read_archive(path, NOW, start, max_body=max_body, own=own))


def test_pages_come_back_byte_for_byte(tmp_path: Path) -> None:
    assert [found.page for found in read(tmp_path, archive(PAGES))] == PAGES


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data = archive(PAGES)
    third = read(tmp_path, data)[2]
    assert [found.page for found in read(tmp_path, data, third.offset)] == PAGES[2:]


def test_a_plain_archive_goes_on_where_it_stopped_too_and_again(tmp_path: Path) -> None:
    data = gzip.decompress(archive(PAGES))
    offsets = [found.offset for found in read(tmp_path, data)]
    for number, offset in enumerate(offsets):
        rest = read(tmp_path, data, offset)
        assert [found.offset for found in rest] == offsets[number:]
        assert [found.page for found in rest] == PAGES[number:]


def test_another_reader_checks_its_digests() -> None:
    kinds = []
    for record in ArchiveIterator(BytesIO(archive(PAGES)), check_digests="raise"):
        kinds.append(record.rec_type)
        record.content_stream().read()
        assert record.digest_checker.passed in (True, None)
    assert kinds == ["warcinfo"] + ["response"] * 5


ZIPPED = gzip.compress(HTML, mtime=0)
CHUNKED = b"%x;name=value\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    "http",
    [
        OK + b"\r\n" + HTML,
        OK + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED,
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED,
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + HTML,
        OK + b"Content-Encoding: br\r\n\r\n" + HTML,
        OK + b"X-Crawler-Content-Encoding: gzip\r\n\r\n" + HTML,
        b"HTTP/1.1 200 OK\r\n\r\n" + HTML,
    ],
)
def test_the_codings_of_other_crawlers_are_undone(tmp_path: Path, http: bytes) -> None:
    (found,) = read(tmp_path, foreign(http))
    assert found.page is not None
    assert found.page.body == HTML
    assert found.page.url == "https://example.org/x"
    assert found.page.fetched_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (foreign(b"HTTP/1.1 404 Not Found\r\n\r\nno"), "status 404"),
        (foreign(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx"), "content type image/png"),
        (foreign(OK + b"\r\n"), "empty body"),
        (foreign(b"nonsense"), "not readable"),
        (foreign(OK + b"\r\n" + b"x" * 3000), "larger than 2000"),
        (foreign(b"hello", url=b"dns:example.org"), "not a web page"),
    ],
)
def test_what_is_no_page_is_passed_over_with_its_reason(tmp_path: Path, record: bytes, reason: str) -> None:
    found = read(tmp_path, record + foreign(OK + b"\r\n" + HTML), max_body=2000)
    assert found[0].page is None
    assert found[0].reason.startswith(reason)
    assert found[1].page is not None


def test_other_kinds_of_records_are_passed_over(tmp_path: Path) -> None:
    data = foreign(b"GET / HTTP/1.1\r\n\r\n", kind=b"request") + foreign(OK + b"\r\n" + HTML)
    assert len(read(tmp_path, data)) == 1


@pytest.mark.parametrize("data", [b"junk" * 100, gzip.compress(b"junk" * 100, mtime=0)])
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(StoreDamaged, match=r"x\.warc\.gz"):
        read(tmp_path, data)


def test_a_bomb_is_cut_off(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    (found,) = read(tmp_path, foreign(OK + b"Content-Encoding: gzip\r\n\r\n" + bomb))
    assert found.page is not None
    assert len(found.page.body) == 1 << 20


def test_a_cut_archive_gives_what_is_whole(tmp_path: Path) -> None:
    data = archive(PAGES)
    found = read(tmp_path, data[:-40])
    assert [one.page for one in found[:-1]] == PAGES[:-1]
    assert found[-1].page is None
    assert "cut off" in found[-1].reason


URL = "https://a.example/x"
DATE = "2026-11-20T10:00:00Z"


def record(*lines: bytes, url: str | bytes = URL, date: str = DATE, http: bytes = OK + b"\r\n" + HTML) -> bytes:
    """A plain record with more header lines."""
    target = url if isinstance(url, bytes) else url.encode()
    head = [b"WARC/1.0", b"WARC-Type: response", b"WARC-Target-URI: " + target, b"WARC-Date: " + date.encode()]
    head += [b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>", *lines]
    return b"\r\n".join([*head, b"Content-Length: %d" % len(http), b"", b""]) + http + b"\r\n\r\n"


FORGED = {
    "another page's id": [b"Newsmill-Id: " + address_id("https://victim.example/a").encode()],
    "a poll's id": [b"Newsmill-Id: poll:tidewater"],
    "a way out of the folder": [b"Newsmill-Id: ../../../../escape"],
    "an absolute way": [b"Newsmill-Id: /etc/passwd"],
    "a long id": [b"Newsmill-Id: " + b"a" * 500],
    "an id with nul": [b"Newsmill-Id: a\x00b"],
    "an id with a space": [b"Newsmill-Id: a b"],
    "a script": [b"Newsmill-Id: aaaaaaaaaaaaaaaa", b"Newsmill-URL: javascript:alert(document.domain)"],
    "another's address": [b"Newsmill-URL: https://victim.example/a"],
    "an address with bytes": [b"Newsmill-URL: http://a.example/\xff\xfe"],
    "a time that is no number": [b"Newsmill-Id: aaaaaaaaaaaaaaaa", b"Newsmill-Elapsed: nan"],
    "a time that is no time": [b"Newsmill-Elapsed: soon"],
    "a long chain": [b"Newsmill-Chain: http://a.example/"] * 1000,
    "a date and a title": [
        b'Newsmill-Said: {"origin": "feed", "title": "Forged", "published": "2026-11-20T00:00:00Z"}'
    ],
    "in capitals": [b"NEWSMILL-ID: poll:tidewater"],
}


@pytest.mark.parametrize("name", FORGED)
def test_what_a_foreign_archive_says_of_newsmill_is_not_believed_but_counted(tmp_path: Path, name: str) -> None:
    one, two = read(tmp_path, record(*FORGED[name]) + record(url="https://a.example/2"), own=False)
    assert one.page is not None
    assert (one.page.id, one.page.url, one.page.final_url) == (address_id(URL), URL, URL)
    assert (one.page.source, one.page.chain, one.page.elapsed_s, one.page.said) == ("", (), 0.0, None)
    assert (one.claimed, two.claimed) == (True, False)
    assert two.page is not None


@pytest.mark.parametrize("name", [name for name in FORGED if name not in ("a long chain", "a time that is no number")])
def test_even_ones_own_must_agree_with_itself(tmp_path: Path, name: str) -> None:
    one, two = read(tmp_path, record(*FORGED[name]) + record(url="https://a.example/2"), own=True)
    assert one.page is None or (one.page.id, one.page.url) == (address_id(URL), URL)
    assert not one.claimed
    assert two.page is not None


@pytest.mark.parametrize(
    "date",
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2199-01-01T00:00:00Z",
     "1970-01-01T00:00:00Z", "2026-11-22T13:00:01Z", "soon", "2026-13-01T00:00:00Z"],
)  # fmt: skip
@pytest.mark.parametrize("own", [False, True])
def test_dates_that_cannot_be_are_stepped_over(tmp_path: Path, date: str, own: bool) -> None:
    one, two = read(tmp_path, record(date=date) + record(url="https://a.example/2"), own=own)
    assert one.page is None
    assert "date" in one.reason or "not readable" in one.reason
    assert two.page is not None


@pytest.mark.parametrize("date", ["1991-08-06T00:00:00Z", "2026-11-22T12:59:59Z", "2026-11-20T10:00:00", "2026-11-20"])
def test_dates_that_can_be(tmp_path: Path, date: str) -> None:
    (one,) = read(tmp_path, record(date=date), own=False)
    assert one.page is not None
    assert one.page.fetched_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "/x", "http://", "http://a b.example/js", b"http://a.example\xff/",
     "http://[::1", "https://" + "a" * 300 + ".example/", "dns:example.org", "http://a.example:99999/"],
)  # fmt: skip
def test_addresses_that_are_none_are_stepped_over(tmp_path: Path, url: str | bytes) -> None:
    one, two = read(tmp_path, record(url=url) + record(), own=False)
    assert one.page is None
    assert two.page is not None


@pytest.mark.parametrize("url", ["http://A.example/x#part", "https://user:pw@a.example/x", "<https://a.example/x>"])
def test_addresses_are_computed(tmp_path: Path, url: str) -> None:
    (one,) = read(tmp_path, record(url=url), own=False)
    assert one.page is not None
    assert one.page.url.endswith("://a.example/x")
    assert one.page.id == address_id(one.page.url)


TE = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BAD = {
    "no status": record(http=b"HTTP/1.1 abc OK\r\n\r\n"),
    "no HTTP": record(http=b"nothing"),
    "many HTTP lines": record(http=b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000),
    "no chunks": record(http=TE),
    "a huge chunk": record(http=TE + b"f" * 10_000),
    "a long line": record(b"X: " + b"a" * 2_000_000),
    "many lines": record(*[b"X: a"] * 300_000),
    "a length that is none": record().replace(b"Content-Length: ", b"Content-Length: x"),
    "a length below nothing": record().replace(b"Content-Length: ", b"Content-Length: -"),
    "a huge length": record().replace(b"Content-Length: ", b"Content-Length: 99999999999999999999"),
    "a short length": record().replace(b"Content-Length: ", b"Content-Length: 1\r\nX: "),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("packed", [False, True])
def test_bad_records_cost_nothing_but_themselves(tmp_path: Path, name: str, packed: bool) -> None:
    after = [record(url=f"https://a.example/{i}") for i in range(3)]
    pack = gzip.compress if packed else bytes
    found = read(tmp_path, b"".join(pack(data) for data in [record(), BAD[name], *after]), own=False)
    assert found[0].page is not None
    assert [one.url for one in found if one.page][-2:] == ["https://a.example/1", "https://a.example/2"]
    data = (tmp_path / "x.warc.gz").read_bytes()
    for number, one in enumerate(found[1:3], start=1):  # a stopped import goes on at any of them
        assert read(tmp_path, data, one.offset, own=False) == found[number:]
