from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from newsmill.model import RawRecord
from newsmill.stores import warc

RECORD = RawRecord(
    id="abcdefghijklmnop",
    url="https://example.org/a",
    source="Die Zeitung – Politik",
    final_url="https://www.example.org/a?x=1",
    chain=("https://example.org/a", "https://example.org/b"),
    status=200,
    headers=(
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", "17"),
        ("X-Crawler-Content-Encoding", "a server may send this itself"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    ),
    body=b"<html>\r\n\r\nWARC/1.0\r\n\r\n\x00\xff</html>",
    fetched_at=datetime(2026, 11, 22, 10, 30, 1, 123456, UTC),
    elapsed_s=0.25,
    ip="127.0.0.1",
)

names = st.text("abcXYZ-0129", min_size=1, max_size=20)
values = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=60).map(str.strip)
records = st.builds(
    RawRecord,
    id=st.text("abcdefghij234567", min_size=1, max_size=16),
    url=st.just("https://example.org/a"),
    source=values,
    final_url=st.just("https://example.org/b"),
    chain=st.lists(st.sampled_from(["https://example.org/1", "https://example.org/2"]), max_size=3).map(tuple),
    status=st.integers(100, 599),
    headers=st.lists(st.tuples(names, values), max_size=6).map(tuple),
    body=st.binary(max_size=400),
    fetched_at=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    elapsed_s=st.floats(0, 1e4),
    ip=st.sampled_from(["", "127.0.0.1", "::1"]),
)


def test_a_record_comes_back_as_it_was() -> None:
    assert warc.decode(warc.encode(RECORD)) == RECORD


@given(records)
def test_any_record_comes_back_as_it_was(record: RawRecord) -> None:
    assert warc.decode(warc.encode(record)) == record


def test_another_reader_sees_a_standard_record() -> None:
    record = next(iter(ArchiveIterator(BytesIO(warc.encode(RECORD)), check_digests=True)))
    assert record.rec_type == "response"
    assert record.rec_headers.get_header("WARC-Target-URI") == RECORD.final_url
    assert record.http_headers.get_statuscode() == "200"
    assert record.http_headers.get_header("Content-Encoding") is None
    assert record.content_stream().read() == RECORD.body


def test_a_header_cannot_start_another_one() -> None:
    forged = RECORD.model_copy(update={"headers": (("A", "1\r\nB: 2\r\n\r\n<script>"),)})
    decoded = warc.decode(warc.encode(forged))
    assert decoded.headers == (("A", "1 B: 2 <script>"),)
    assert decoded.body == RECORD.body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"WARC/1.1\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    ],
)
def test_what_is_no_record_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(warc.NotARecord):
        warc.decode(data)


@pytest.mark.parametrize("cut", [10, 100, 500, 700])
def test_a_cut_record_is_no_record(cut: int) -> None:
    with pytest.raises(warc.NotARecord):
        warc.decode(warc.encode(RECORD)[: -len(RECORD.body) - cut] if cut > 10 else warc.encode(RECORD)[:-20])
