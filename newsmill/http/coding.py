"""Undoing content codings (RFC 9110 §8.4) with a limit on what comes out (pure).

A bomb of 10 MB that unpacks to 10 GB costs no more than `limit` bytes: every decoder here is asked for
bounded output, which the decoders of HTTP clients are not.

Servers name codings that do not exist (`aws-chunked`, a charset, `8bit`) over bodies that are plain. What the header
says of those is passed over if HTML, XML or text is what comes out, gzip undone where the body is that.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import brotli
import zstandard
from zlib_ng import zlib_ng

from newsmill.http.content import is_text, sniff_markup

ACCEPTED = "gzip, deflate, br, zstd"  # what we can undo, as Accept-Encoding
MAX_LAYERS = 3  # "gzip, gzip" exists in the wild by accident; more is an attack
ZSTD_WINDOW_MAX = 8 * 1024 * 1024  # bytes; the most RFC 9659 lets a server use
_ZlibError: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub says an instance
_BROTLI_STEP = 256 * 1024  # bytes asked for at a time


class BadCoding(ValueError):
    """The body is not in the coding its header names."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The decoded body; `truncated` if there is more than the limit."""

    body: bytes
    truncated: bool


def decode(raw: bytes, content_encoding: str | None, limit: int) -> Decoded:
    """Undo the codings that the header Content-Encoding names, up to `limit` bytes. Raises BadCoding.

    A body that ends early inside its coding gives what there is, as browsers do: the transport
    knows better than the coding whether something is missing.
    """
    named = [_name(coding) for coding in (content_encoding or "").split(",")]
    codings = [coding for coding in named if coding in _DECODERS]
    if len(codings) > MAX_LAYERS:
        raise BadCoding(f"{len(codings)} content codings on top of each other")
    body, cut = raw, False
    for coding in reversed(codings):
        body, more = _undo(coding, body, limit)
        cut = cut or more
    unknown = next((coding for coding in named if coding not in _DECODERS and coding not in _NO_CODING), None)
    if unknown:
        body, more = _undo("gzip", body, limit)  # which passes on what is no gzip
        cut = cut or more
    if unknown and raw and not (body and is_text(body)):
        raise BadCoding(f"unknown content coding {unknown[:40]!r}")
    return Decoded(body[:limit], cut or len(body) > limit)


def _name(coding: str) -> str:
    """A coding's own name: without case, quotes, parameters and the `x-` of old (RFC 9110 §8.4.1.3)."""
    return coding.partition(";")[0].strip(" \t\"'").lower().removeprefix("x-")


def _undo(coding: str, raw: bytes, limit: int) -> tuple[bytes, bool]:
    if not raw:
        return b"", False
    try:
        return _DECODERS[coding](raw, limit)
    except (_ZlibError, brotli.error, zstandard.ZstdError) as error:
        if sniff_markup(raw):  # the header lies: no coding's output begins like this
            return raw[:limit], len(raw) > limit
        if coding != "gzip" and raw[:2] == b"\x1f\x8b":  # named after another
            return _undo("gzip", raw, limit)
        raise BadCoding(f"content coding {coding} cannot be undone: {error}") from error


def _gunzip(raw: bytes, limit: int) -> tuple[bytes, bool]:
    if raw[:2] != b"\x1f\x8b":
        return raw[:limit], len(raw) > limit  # a common misconfiguration: the header lies, the body is plain
    parts: list[bytes] = []
    room = limit + 1
    while raw[:2] == b"\x1f\x8b" and room > 0:  # members may follow each other; other trailing bytes are ignored
        member = zlib_ng.decompressobj(16 + zlib_ng.MAX_WBITS)
        part = member.decompress(raw, room)
        parts.append(part)
        room -= len(part)
        raw = member.unused_data
    body = b"".join(parts)
    return body[:limit], len(body) > limit


def _inflate(raw: bytes, limit: int) -> tuple[bytes, bool]:
    try:
        body = zlib_ng.decompressobj().decompress(raw, limit + 1)
    except _ZlibError:  # "deflate" without its zlib wrapper: an old and common mistake
        body = zlib_ng.decompressobj(-zlib_ng.MAX_WBITS).decompress(raw, limit + 1)
    return body[:limit], len(body) > limit


def _unbrotli(raw: bytes, limit: int) -> tuple[bytes, bool]:
    decoder = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    data = raw
    while size <= limit and not decoder.is_finished():
        part = decoder.process(data, output_buffer_limit=min(_BROTLI_STEP, limit + 1 - size))
        data = b""
        if not part and decoder.can_accept_more_data():
            break
        parts.append(part)
        size += len(part)
    body = b"".join(parts)
    return body[:limit], size > limit


def _unzstd(raw: bytes, limit: int) -> tuple[bytes, bool]:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_MAX)
    with decoder.stream_reader(io.BytesIO(raw), read_across_frames=True) as reader:
        body = reader.read(limit + 1)
    return body[:limit], len(body) > limit


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
_NO_CODING = frozenset({"", "identity", "none"})
