"""Bytes of XML and text as servers send them → text (pure). Never fails; says what was wrong."""

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator

GZIP_MAGIC = b"\x1f\x8b"
STEP = 1 << 16  # bytes; what one turn of decompression may produce
_DECLARED = re.compile(rb"""^[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 §2.2
# Python's own, which no document is in
_NO_WEB_ENCODING = frozenset({"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "undefined"})
_CYRILLIC = re.compile(rb"<(?:dc:)?language>\s*(?:uk|ua|ru|be|bg)\b", re.IGNORECASE)


class TooLarge(ValueError):
    """The text is larger than what is read of one."""


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of `body`, and a remark where it is not in the encoding that it says it is in.

    Valid UTF-8 is UTF-8, whatever is declared: text of another encoding almost never is. Characters that XML
    forbids are left out.
    """
    text, remark = _decode(body, content_type)
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text)
        remark = remark or "contains characters that XML forbids"
    return text, remark


def _decode(body: bytes, content_type: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace"), ""
    if body[:4] in (b"<\0?\0", b"<\0r\0", b"<\0f\0"):
        return body.decode("utf-16-le", "replace"), ""
    if body[:4] in (b"\0<\0?", b"\0<\0r", b"\0<\0f"):
        return body.decode("utf-16-be", "replace"), ""
    declared = _declared(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass  # the usual way to learn that it is something else
    else:
        wrong = bool(declared) and declared != "utf-8" and not text.isascii()
        return text, f"says it is {declared}, but is UTF-8" if wrong else ""
    if declared and declared not in ("utf-8", "ascii"):
        return body.decode(declared, "replace"), ""
    guess = "windows-1251" if _CYRILLIC.search(body) else "windows-1252"
    return body.decode(guess, "replace"), f"is not in {declared or 'UTF-8'}, read as {guess}"


def _declared(body: bytes, content_type: str) -> str:
    """The encoding that the server, else the XML declaration names, by Python's name for it."""
    names = []
    if match := _CHARSET.search(content_type):
        names.append(match[1])
    if inside := _DECLARED.search(body[:300]):
        names.append(inside[1].decode("ascii"))
    for name in names:
        try:
            b"x".decode(name, "replace")
        except (LookupError, ValueError):
            continue  # a name nobody knows, or of no text encoding, is as good as none
        known = codecs.lookup(name).name
        if known in _NO_WEB_ENCODING:
            continue
        return {"iso8859-1": "cp1252"}.get(known, known)  # as browsers do (WHATWG Encoding)
    return ""


def gunzip(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The bytes inside a gzip stream, or `chunks` as they are when they are no gzip.

    No more than STEP bytes are held at a time. Raises TooLarge after `limit` bytes of output, ValueError where
    the stream is broken; a stream that just ends early is taken as it is.
    """
    total = 0
    for piece in _inflated(chunks):
        total += len(piece)
        if total > limit:
            raise TooLarge(f"larger than {limit:,} bytes")
        yield piece


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= len(GZIP_MAGIC):
            break
    if not head.startswith(GZIP_MAGIC):
        if head:
            yield head
        yield from stream
        return
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    data = head
    while True:
        try:
            piece = inflater.decompress(data, STEP)
        except zlib.error as error:
            raise ValueError(f"broken gzip: {error}") from error
        if piece:
            yield piece
        data = inflater.unconsumed_tail
        if inflater.eof:
            data = inflater.unused_data.lstrip(b"\0")
            if not data.startswith(GZIP_MAGIC):
                return  # what follows the last member is padding
            inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif not data and not piece:
            more = next(stream, None)
            if more is None:
                return
            data = more
