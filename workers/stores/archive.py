"""WARC files: written from raw pages, and read from any crawler's, a page at a time."""

import gzip
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from io import SEEK_SET
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from workers.fetch.coding import BadCoding, decode
from workers.fetch.content import classify
from workers.messages import RawRecord
from workers.stores import warc
from workers.stores.errors import StoreDamaged

GZIP_LEVEL = 6  # what other WARC writers use
MAX_BODY = 20 << 20  # bytes of one page; longer ones are no news articles
FOREIGN = "-"  # the id that warc.read gives a record of another crawler
CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]+)[^\r\n]*\r?\n")


@dataclass(frozen=True, slots=True)
class Found:
    """One response record of an archive: a page, or why it is none.

    offset: where its compressed record begins in the file, bytes; reading may start there again.
    """

    offset: int
    url: str
    page: RawRecord | None
    reason: str = ""


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


def read_archive(path: Path, start: int = 0, max_body: int = MAX_BODY) -> Iterator[Found]:
    """Every response record from `start` (an offset that was found) on; one record in memory at a time.

    Raises StoreDamaged where the file cannot be read on.
    """
    offset = start
    with path.open("rb") as file:
        file.seek(start)
        try:
            for record in ArchiveIterator(_Rest(file, start), record_types=WarcRecordType.response, parse_http=False):
                offset = start + record.stream_pos
                yield _found(record, offset, max_body)
        except (OSError, ValueError) as error:
            raise StoreDamaged(f"{path}: no WARC records after byte {offset}: {error}") from error


def _found(record: WarcRecord, offset: int, max_body: int) -> Found:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if record.content_length > max_body:
        return Found(offset, url, None, f"larger than {max_body} bytes")
    if not url.startswith(("http://", "https://")):
        return Found(offset, url, None, "not a web page")
    try:
        page = warc.read(record)
    except warc.NotARecord as error:
        return Found(offset, url, None, f"not readable: {error}")
    if page.id == FOREIGN:
        page = _decoded(page, max_body)
    reason = _unwanted(page)
    return Found(offset, url, None if reason else page, reason)


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
