"""WARC files: written from raw pages, and read from any crawler's, a page at a time."""

import gzip
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import SEEK_SET
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from newsmill.http.coding import BadCoding, decode
from newsmill.http.content import classify
from newsmill.model import RawRecord
from newsmill.stores import warc
from newsmill.stores.errors import StoreDamaged
from newsmill.urls.canonical import BadAddress, address_id, as_named, canonicalize

GZIP_LEVEL = 6  # what other WARC writers use
MAX_BODY = 20 << 20  # bytes of one page; longer ones are no news articles
FOREIGN = "-"  # the id that warc.read gives a record of another crawler
FIRST_PAGE = datetime(1991, 8, 6, tzinfo=UTC)  # of the web
CLOCKS = timedelta(hours=1)  # between the crawler's clock and ours
DAMAGES_MAX = 1000  # records that cannot be read, of one file; then it is no archive
RECORD_START = re.compile(rb"(?:(?<=\n)|\A)WARC/[01]\.\d\r?\n|\x1f\x8b\x08[\x00\x04]")
SCAN, SCAN_OVERLAP = 1 << 20, 16  # bytes
CHUNK_SIZE = re.compile(rb"\s{0,16}([0-9a-fA-F]{1,16})(?![0-9a-fA-F])[^\r\n]{0,1000}\r?\n")


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One response record of an archive: a page, or why it is none.

    offset: where its compressed record begins in the file, bytes; reading may start there again.
    claimed: it carries headers of a Newsmill that were not believed.
    """

    offset: int
    url: str
    page: RawRecord | None
    reason: str = ""
    claimed: bool = False


def write_archive(out: BinaryIO, pages: Iterable[RawRecord], made_at: datetime) -> int:
    """A standard .warc.gz, each record a gzip member of its own; returns the number of pages."""
    software = f"newsmill/{version('newsmill')}"
    info = warc.encode_info((("software", software), ("format", "WARC File Format 1.1")), made_at)
    out.write(gzip.compress(info, GZIP_LEVEL, mtime=0))
    count = 0
    for page in pages:
        out.write(gzip.compress(warc.encode(page, digests=True), GZIP_LEVEL, mtime=0))
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class _Rest:
    """A file that begins at `start`: the reader counts from here, whether records are packed or not."""

    file: BinaryIO
    start: int

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    def tell(self) -> int:
        return self.file.tell() - self.start

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        return self.file.seek(offset + (self.start if whence == SEEK_SET else 0), whence) - self.start

    def close(self) -> None:
        self.file.close()


def read_archive(
    path: Path, now: datetime, start: int = 0, *, max_body: int = MAX_BODY, own: bool = False
) -> Iterator[FoundRecord]:
    """Every response record from `start` (an offset that was found) on; one record in memory at a time.

    own: the file is an export of this mill or another of the operator's, whose ids, addresses and sources are believed
    as far as they agree with each other. Else nothing is believed but what is computed here. now: no page is younger.
    A record that cannot be read is stepped over. Raises StoreDamaged where no record follows it.
    """
    with path.open("rb") as file:
        for _ in range(DAMAGES_MAX):
            offset, read = start, False
            try:
                for record in _records(file, start):
                    offset, read = start + record.stream_pos, True
                    if record.record_type != WarcRecordType.response:
                        continue  # looked at all the same: what is damaged begins behind the last one
                    found = _found(record, offset, max_body, own=own)
                    if found.page and (reason := _doubt(found.page, now)):
                        found = replace(found, page=None, reason=reason)
                    yield replace(found, claimed=not own and warc.claims_to_be_ours(record))
                return
            except (OSError, ValueError) as error:
                damage = StoreDamaged(f"{path}: no WARC records after byte {offset}: {error}")
            start = _next_record(file, offset + 1)
            if start < 0:
                break
            if not read:
                yield FoundRecord(offset, "", None, "not readable: damaged")
    raise damage


def _records(file: BinaryIO, start: int) -> ArchiveIterator:
    file.seek(start)
    return ArchiveIterator(_Rest(file, start), parse_http=False, max_header_len=warc.MAX_HEADERS)


def _next_record(file: BinaryIO, start: int) -> int:
    """Where a record, or a packed one, may begin from `start` on; -1 if nowhere."""
    file.seek(start)
    at, before = start, b""
    while chunk := file.read(SCAN):
        data = before + chunk
        if match := RECORD_START.search(data):
            return at - len(before) + match.start()
        at, before = at + len(chunk), data[-SCAN_OVERLAP:]
    return -1


def _found(record: WarcRecord, offset: int, max_body: int, *, own: bool) -> FoundRecord:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if record.content_length > max_body:
        return FoundRecord(offset, url, None, f"larger than {max_body} bytes")
    if not url.startswith(("http://", "https://")):
        return FoundRecord(offset, url, None, "not a web page")
    try:
        page = warc.read(record, own)
    except warc.NotARecord as error:
        return FoundRecord(offset, url, None, f"not readable: {error}")
    if page.id == FOREIGN:
        page = _decoded(page, max_body)
        try:
            address = canonicalize(page.final_url)
            page = page.model_copy(
                update={"id": address_id(address), "url": address, "final_url": as_named(page.final_url)}
            )
        except BadAddress as error:
            return FoundRecord(offset, url, None, f"not an address: {error}")
    reason = _unwanted(page)
    return FoundRecord(offset, url, None if reason else page, reason)


def _doubt(page: RawRecord, now: datetime) -> str:
    """Why a page cannot be what its record says; empty if it can."""
    try:
        fetched = page.fetched_at.astimezone(UTC)
    except OverflowError:
        return "a date that is none"
    if not FIRST_PAGE <= fetched <= now + CLOCKS:
        return f"a date that cannot be: {fetched:%Y-%m-%d}"
    try:
        if page.url != as_named(page.url) or page.final_url != as_named(page.final_url):
            return "an address that nobody asked for"
    except BadAddress as error:
        return f"not an address: {error}"
    return "" if page.id == address_id(page.url) else "an id that is not its address's"


def _decoded(page: RawRecord, max_body: int) -> RawRecord:
    """With chunks and codings undone, where the archive kept them; it may also say them and have undone them."""
    fields = {name.lower(): value for name, value in page.headers}
    body = page.body
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _joined(body) or body
    with suppress(BadCoding):  # undone already: the header says what the server sent, not what the archive holds
        body = decode(body, fields.get("content-encoding"), max_body).body
    return page.model_copy(update={"body": body})


def _joined(body: bytes) -> bytes | None:
    """The content of a chunked body (RFC 9112 §7.1), or None if it is not chunked (any more)."""
    parts: list[bytes] = []
    at = 0
    while head := CHUNK_SIZE.match(body, at):
        size = int(head[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[head.end() : head.end() + size])
        if len(parts[-1]) < size:
            return None
        at = head.end() + size
    return None


def _unwanted(page: RawRecord) -> str:
    if page.status != 200:
        return f"status {page.status}"
    if not page.body:
        return "empty body"
    kind = next((value for name, value in page.headers if name.lower() == "content-type"), None)
    return classify(kind, page.body).reason
