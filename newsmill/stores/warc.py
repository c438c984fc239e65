"""A raw page as one WARC/1.1 response record (pure). https://iipc.github.io/warc-specifications/

`RawRecord.body` has its content-encoding and chunking removed, so the header fields that describe them
would lie to a reader of the file: they are kept under the name that Common Crawl gives them,
`X-Crawler-…`, and get their own name back when read.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from newsmill.model import RawRecord, Said

RECORD_IDS = uuid.UUID("6a7f1f3c-8f5e-4c58-9d7b-9f0f5e8f6a11")  # namespace of our record ids (RFC 9562 version 5)
PREFIX = "X-Crawler-"
REWRITTEN = frozenset({"content-encoding", "transfer-encoding", "content-length"})
MAX_HEADERS = 1 << 20  # bytes of one header block; servers send a few hundred to some thousands
LINE_BREAKS = re.compile(r"[\r\n\0]+")


class NotARecord(ValueError):
    """These bytes are not a response record of a fetched page."""


def encode(record: RawRecord, digests: bool = False) -> bytes:
    """The record, uncompressed. Line breaks within header values become spaces.

    digests: add the SHA-1 digests that archives carry (a zstd frame of ours has its own checksum).
    """
    payload = _http_head(record) + record.body
    fields = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(RECORD_IDS, f'{record.id} {record.fetched_at.isoformat()}')}>"),
        ("WARC-Date", f"{record.fetched_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"),
        ("WARC-Target-URI", record.final_url),
        ("Content-Type", "application/http; msgtype=response"),
        ("Content-Length", str(len(payload))),
        ("Newsmill-Id", record.id),
        ("Newsmill-URL", record.url),
        ("Newsmill-Source", record.source),
        ("Newsmill-Elapsed", repr(record.elapsed_s)),
        *(("Newsmill-Chain", url) for url in record.chain),
    ]
    if record.said:
        fields.append(("Newsmill-Said", record.said.dump()))
    if digests:
        fields.append(("WARC-Payload-Digest", _digest(record.body)))
        fields.append(("WARC-Block-Digest", _digest(payload)))
    if record.ip:
        fields.append(("WARC-IP-Address", record.ip))
    head = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields)
    return b"WARC/1.1\r\n" + head.encode() + b"\r\n" + payload + b"\r\n\r\n"


def encode_info(fields: Sequence[tuple[str, str]], made_at: datetime) -> bytes:
    """The warcinfo record that an archive begins with: who made it, and with what."""
    content = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields).encode()
    head = (
        "WARC/1.1\r\nWARC-Type: warcinfo\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(RECORD_IDS, made_at.isoformat())}>\r\n"
        f"WARC-Date: {made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}\r\n"
        f"Content-Type: application/warc-fields\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def decode(data: bytes) -> RawRecord:
    """The one record in `data`, made by `encode`. Raises NotARecord."""
    try:
        record = next(iter(ArchiveIterator(BytesIO(data), parse_http=False, max_header_len=MAX_HEADERS)), None)
    except OSError as error:
        raise NotARecord(str(error)) from error
    if record is None:
        raise NotARecord("no WARC record")
    return read(record, own=True)


def claims_to_be_ours(record: WarcRecord) -> bool:
    """Whether a record carries headers that only a Newsmill writes."""
    return any(name.lower().startswith("newsmill-") for name, _ in record.headers)


def read(record: WarcRecord, own: bool) -> RawRecord:
    """One record of an archive. Raises NotARecord.

    own: the Newsmill fields are believed. Else nothing of them is: the id is left as "-", the accepted address is the
    target address, and the codings that the header names are those of the body.
    """
    if record.record_type != WarcRecordType.response:
        raise NotARecord(f"a {record.record_type} record, not a response")
    fields = record.headers
    ours = {name: value for name, value in fields if own}
    length = record.content_length
    content = record.reader.read()
    if len(content) != length:
        raise NotARecord(f"cut off: {len(content)} of {length} bytes")
    head, _, body = content.partition(b"\r\n\r\n")
    target = _field(record, "WARC-Target-URI").strip("<>")
    try:
        status, headers = _parse_head(head)
        return RawRecord(
            id=ours.get("Newsmill-Id") or "-",
            url=ours.get("Newsmill-URL") or target,
            source=ours.get("Newsmill-Source") or "",
            final_url=target,
            chain=fields.get_multiple("Newsmill-Chain") if own else (),
            status=status,
            headers=headers,
            body=body,
            fetched_at=_date(_field(record, "WARC-Date")),
            elapsed_s=float(ours.get("Newsmill-Elapsed") or 0.0),
            ip=fields.get("WARC-IP-Address") or "",
            said=Said.load(ours.get("Newsmill-Said")),
        )
    except ValueError as error:
        raise NotARecord(str(error)) from error


def _date(text: str) -> datetime:
    """An aware time; archives mean UTC where they say nothing. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _digest(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _field(record: WarcRecord, name: str) -> str:
    value = record.headers.get(name)
    if not value:
        raise NotARecord(f"no {name}")
    return str(value)


def _http_head(record: RawRecord) -> bytes:
    try:
        reason = HTTPStatus(record.status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {record.status} {reason}"]
    for name, value in record.headers:
        lower = name.lower()
        prefix = PREFIX if lower in REWRITTEN or lower.startswith(PREFIX.lower()) else ""
        lines.append(f"{prefix}{_one_line(name)}: {_one_line(value)}")
    return "\r\n".join(lines).encode(errors="surrogateescape") + b"\r\n\r\n"


def _parse_head(head: bytes) -> tuple[int, tuple[tuple[str, str], ...]]:
    status_line, *lines = head.decode(errors="surrogateescape").split("\r\n")
    _, _, rest = status_line.partition(" ")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower().startswith(PREFIX.lower()):
            name = name[len(PREFIX) :]
        headers.append((name, value.strip()))
    return int(rest[:3]), tuple(headers)


def _one_line(text: str) -> str:
    return LINE_BREAKS.sub(" ", text).strip()
