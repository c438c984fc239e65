import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.unit.stores.test_warc import RECORD
from workers.messages import RawRecord
from workers.stores.archive import Found, read_archive, write_archive
from workers.stores.errors import StoreDamaged

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGES = [RECORD.model_copy(update={"id": f"page{i}", "body": b"<p>%d</p>" % i * 1000}) for i in range(5)]
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


def read(tmp_path: Path, data: bytes, start: int = 0, max_body: int = 1 << 20) -> list[Found]:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    return list(read_archive(path, start, max_body))


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
