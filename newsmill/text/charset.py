"""Bytes to text, the way browsers choose an encoding (pure). The one place that decides it, for pages, XML and lists.

The order is that of the WHATWG HTML standard, 13.2.3.2 "Determining the character encoding": byte order mark,
Content-Type header, what the first bytes declare, detection; labels mean what the WHATWG Encoding standard says. Two
deviations: bytes that are valid UTF-8 and not plain ASCII are read as UTF-8 whatever is declared, because text of
another encoding is almost never valid UTF-8 while wrong declarations are common; and a broken character here and there
does not make UTF-8 anything else.
"""

import codecs
import re
from collections.abc import Iterable, Iterator

import webencodings
from chardetng_py import detect

PRESCAN_BYTES = 1 << 16  # the standard says 1024; pages put scripts, styles and blank lines before their <meta charset>
DETECT_BYTES = 200_000  # enough to decide on; keeps detection under a few ms
CUT_TAIL_BYTES = 4  # a body cut off by a size limit may end inside a character
STREAM_BYTES = 1 << 16  # of a stream that are looked at, and decoded at once
UNSAID = 4  # whole characters to each broken one that make UTF-8 where nothing says so; GBK by chance has one to ten
MAX_UNBROKEN = 1 << 20  # bytes without a place where a stream may be cut

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = tuple(mark for mark, _ in _BOMS)
# No run of white space is divided in two ways, and no <meta looks into the next: linear in what they read.
_HEADER_CHARSET = re.compile(r"charset\s*+=\s*+(?:[\"']\s*+)?+([\w.:\-]++)", re.I)
_META_CHARSET = re.compile(rb"<meta(?:(?!<meta)[^>]){0,500}?charset\s*+=\s*+(?:[\"']\s*+)?+([\w.:\-]++)", re.I)
_XML_ENCODING = re.compile(rb"\s*+<\?xml[^>]{0,200}?encoding\s*+=\s*+[\"']([\w.:\-]++)", re.I)
_LANG = re.compile(rb"<html\b[^>]{0,500}?\blang\s*+=\s*+[\"']?([a-zA-Z]{2})", re.I)
# Languages whose letters Latin-1 does not have.
_CODES = "ar be bg bn cs el et fa he hi hr hu hy ja ka kk ko lt lv mk pl ro ru sk sl sr th tr uk ur uz vi zh"
_NOT_LATIN_1 = frozenset(_CODES.split(" "))
MIN_BEYOND = 60  # bytes beyond ASCII that tell a language
_MARKUP = re.compile(rb"<[^>]{0,2000}>")
_ASCII = bytes(range(128))
_NO_LETTERS = bytes(i for i in range(256) if not chr(i).isalpha() or i > 127)
_THAI = re.compile(rb"[\x00-\x7f\x80\x85\x91-\x97\xa0-\xda\xdf-\xfb]*+")  # windows-874
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 §2.2
_STATEFUL = ("utf-16", "utf-32", "iso2022")  # a stream of these cannot be cut at a byte that looks like ">"


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a page. Never raises: what cannot be decoded becomes U+FFFD; lone surrogates cannot occur."""
    text = as_utf8(body)
    return decode_other(body, content_type) if text is None else text


def as_utf8(body: bytes) -> str | None:
    """The text of a body that is UTF-8 to the last byte, with no mark before it and in no disguise; else None."""
    if body.startswith(_MARKS) or _disguised(body) is not None:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def decode_other(body: bytes, content_type: str | None) -> str:
    """The text of a page for which `as_utf8` has none."""
    return _decoded(body, _of_page(body, content_type))[0]


def decode_xml(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of a feed or the like, and a remark where it is not in the encoding that it says it is in.

    Characters that XML forbids are left out. Never raises.
    """
    declared = _declared(body, content_type, pages=False)
    text, used = _decoded(body, declared)
    remark = ""
    if body.startswith(_MARKS) or text.isascii():
        pass
    elif used == "utf-8":
        if declared not in ("utf-8", None):
            remark = f"says it is {declared}, but is UTF-8"
        elif "\ufffd" in text and b"\xef\xbf\xbd" not in body:
            remark = "contains bytes that are not UTF-8"
    elif used != declared and (declared or not used.startswith(_STATEFUL)):
        remark = f"is not in {declared or 'UTF-8'}, read as {used}"
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text)
        remark = remark or "contains characters that XML forbids"
    return text, remark


def decode_stream(chunks: Iterable[bytes], content_type: str = "") -> Iterator[str]:
    """The text of a sitemap or a list of any size, in pieces. Never raises for what is in it."""
    pieces = _gathered(chunks)
    head = next(pieces, b"")
    declared = _declared(head, content_type, pages=False)
    mark, codec = next(((mark, codec) for mark, codec in _BOMS if head.startswith(mark)), (b"", ""))
    codec = codec or _disguised(head) or _decoded(head, declared)[1]
    if codec == "utf-8" and declared and not mark and head.isascii():
        codec = declared
    rest = _chained(head[len(mark) :], pieces)
    return _by_state(rest, codec) if codec.startswith(_STATEFUL) else _by_piece(rest, codec)


def _chained(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from pieces


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """`chunks` in larger ones, so that what spans many is not looked at again for each."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= STREAM_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


def _by_state(pieces: Iterator[bytes], codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def _by_piece(pieces: Iterator[bytes], codec: str) -> Iterator[str]:
    """Each piece as UTF-8 where it is that, else in `codec`; cut behind a tag or a line, never inside a character."""
    held = b""
    for piece in pieces:
        held += piece
        cut = max(held.rfind(b">"), held.rfind(b"\n")) + 1 or (len(held) if len(held) > MAX_UNBROKEN else 0)
        if cut:
            yield _utf8_or(held[:cut], codec)
            held = held[cut:]
    if held:
        yield _utf8_or(held, codec)


def _utf8_or(piece: bytes, codec: str) -> str:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return piece.decode(codec, "replace")


def _decoded(body: bytes, declared: str | None) -> tuple[str, str]:
    """The text, and the codec it was read with."""
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace"), marked
    if (codec := _disguised(body)) is not None:
        return body.decode(codec, "replace"), codec
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(body) - CUT_TAIL_BYTES:
            return body.decode("utf-8", "ignore"), "utf-8"
    mended = _mended_utf8(body, said=declared == "utf-8")
    if mended is not None:
        return mended, "utf-8"
    if declared not in ("utf-8", None):
        text = body.decode(declared, "replace")
        # A wrong declaration shows as many replacement characters; one broken byte does not.
        if text.count("\ufffd") <= max(3, len(text) // 200):
            return text, declared
    codec = _detected(body)
    return body.decode(codec, "replace"), codec


def _disguised(body: bytes) -> str | None:
    """The codec of bytes that are valid UTF-8 by accident: UTF-16 without a mark, and ISO-2022-JP; else None."""
    sample = body[:2000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        # Markup is mostly Latin, so every second byte is zero, whatever the script of the text.
        if zeros > 10 * others + len(sample) // 8:
            return codec
    start = sample.lstrip(b" \t\r\n\x00")  # markup begins in Latin letters, whatever follows
    if start[:1] == b"<" and len(start) > 8 and start[1] == start[3] == start[5] == 0 != start[2]:
        return "utf-16-be" if sample[:1] == b"\x00" else "utf-16-le"
    return (
        "iso2022_jp" if b"\x1b" in body[:DETECT_BYTES] and b"\x1b$" in body[:DETECT_BYTES] and body.isascii() else None
    )


def _mended_utf8(body: bytes, *, said: bool) -> str | None:
    """UTF-8 with a few broken bytes (a cut title, a foreign comment), else None. said: it is declared to be UTF-8.

    In text of another encoding, bytes beyond ASCII hardly ever make a character of UTF-8.
    """
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if broken * (1 if said else UNSAID) <= whole else None


def _declared(body: bytes, content_type: str | None, *, pages: bool) -> str | None:
    """The codec that the header, or else the markup, declares; None when unknown. pages: <meta> counts too."""
    match = _HEADER_CHARSET.search(content_type or "")
    if match and (codec := _codec(match[1])):
        return codec
    head = body[:PRESCAN_BYTES]
    found = (_META_CHARSET.search(head) if pages else None) or _XML_ENCODING.match(head)
    codec = _codec(found[1].decode("ascii", "ignore")) if found else None
    # Markup that could be read as ASCII cannot be UTF-16 (the standard's "prescan" says the same).
    return "utf-8" if codec in ("utf-16-le", "utf-16-be") else codec


def _of_page(body: bytes, content_type: str | None) -> str | None:
    """The codec that a page, which is not UTF-8, most likely is in; None where its bytes have to tell.

    A header of Latin-1, or of UTF-8, is what servers send for all their pages: what the page itself declares goes
    before it, and so do bytes that no language of Western Europe has.
    """
    declared = _declared(body, content_type, pages=True)
    inner = _declared(body, None, pages=True)
    if declared == "utf-8" and inner not in ("utf-8", None) and _mended_utf8(body, said=True) is None:
        return inner
    if declared != "cp1252":
        return declared
    if inner not in ("cp1252", "utf-8", None):
        return inner
    lang = _LANG.search(body[:PRESCAN_BYTES])
    elsewhere = lang is not None and lang[1].lower().decode() in _NOT_LATIN_1
    return None if elsewhere or _mostly_beyond_ascii(body) else declared


def _mostly_beyond_ascii(body: bytes) -> bool:
    """Whether most of the letters between the tags are beyond ASCII, as in no language that is written in Latin-1."""
    text = _MARKUP.sub(b" ", body[:DETECT_BYTES])
    beyond = len(text.translate(None, _ASCII))
    return beyond > MIN_BEYOND and beyond > len(text.translate(None, _NO_LETTERS)) * 0.5


def _codec(label: str) -> str | None:
    """Python's codec for a label of the WHATWG Encoding standard; None for any other."""
    encoding = webencodings.lookup(label)
    if encoding is None:
        return _OTHER_LABELS.get(label.lower())
    return _PYTHON_CODECS.get(encoding.name) or str(encoding.codec_info.name)


# Python's own gbk, shift_jis and euc-kr refuse characters that the web's encodings of that name have.
_PYTHON_CODECS = {
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "replacement": "utf-8",
    "x-user-defined": "cp1252",  # as the standard says of a <meta>
}
# Names that the standard does not know, and feeds use.
_OTHER_LABELS = {
    "cp932": "cp932",
    "cp949": "cp949",
    "ms949": "cp949",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp852": "cp852",
    "utf8mb4": "utf-8",
}


def _detected(body: bytes) -> str:
    codec = _codec(str(detect(body[:DETECT_BYTES], allow_utf8=True))) or "cp1252"
    if codec == "cp1252" and _mostly_beyond_ascii(body) and _THAI.fullmatch(body[:DETECT_BYTES]):
        return "cp874"  # which the detector seldom finds
    return codec
