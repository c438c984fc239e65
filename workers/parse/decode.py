"""Bytes to text, the way browsers choose an encoding (pure).

The order is that of the WHATWG HTML standard, 13.2.3.2 "Determining the character encoding": byte order mark,
Content-Type header, <meta> in the first bytes, detection. One deviation: bytes that are valid UTF-8 and not
plain ASCII are read as UTF-8 whatever the page declares, because text of another encoding is almost never valid
UTF-8 while wrong declarations are common.
"""

import re

import webencodings
from chardetng_py import detect

PRESCAN_BYTES = 4096  # the standard says 1024; pages put scripts before their <meta charset>
DETECT_BYTES = 200_000  # enough to decide on; keeps detection under a few ms
CUT_TAIL_BYTES = 4  # a body cut off by a size limit may end inside a character

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# No run of white space is divided in two ways, and no <meta looks into the next: linear in what they read.
_HEADER_CHARSET = re.compile(r"charset\s*+=\s*+(?:[\"']\s*+)?+([\w.:\-]++)", re.I)
_META_CHARSET = re.compile(rb"<meta(?:(?!<meta)[^>]){0,500}?charset\s*+=\s*+(?:[\"']\s*+)?+([\w.:\-]++)", re.I)
_XML_ENCODING = re.compile(rb"\s*+<\?xml[^>]{0,200}?encoding\s*+=\s*+[\"']([\w.:\-]++)", re.I)


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of `body`. Never raises: what cannot be decoded becomes U+FFFD; lone surrogates cannot occur."""
    text = as_utf8(body)
    return decode_other(body, content_type) if text is None else text


def as_utf8(body: bytes) -> str | None:
    """The text of a body that is UTF-8 to the last byte, with no mark before it and in no disguise; else None."""
    if body.startswith(tuple(mark for mark, _ in _BOMS)) or _disguised(body) is not None:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def decode_other(body: bytes, content_type: str | None) -> str:
    """The text of a body for which `as_utf8` has none."""
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace")
    if (codec := _disguised(body)) is not None:
        return body.decode(codec, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - CUT_TAIL_BYTES:
            return body.decode("utf-8", "ignore")
    declared = _declared(body, content_type)
    if declared in ("utf-8", None):
        return _mended_utf8(body) or body.decode(_detected(body), "replace")
    text = body.decode(declared, "replace")
    # A wrong declaration shows as many replacement characters; one broken byte does not.
    if text.count("\ufffd") > max(3, len(text) // 200):
        return body.decode(_detected(body), "replace")
    return text


def _disguised(body: bytes) -> str | None:
    """The codec of bytes that are valid UTF-8 by accident: UTF-16 without a mark, and ISO-2022-JP; else None."""
    sample = body[:2000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        # Markup is mostly Latin, so every second byte is zero, whatever the script of the text.
        if zeros > 10 * others + len(sample) // 8:
            return codec
    return (
        "iso2022_jp" if b"\x1b" in body[:DETECT_BYTES] and b"\x1b$" in body[:DETECT_BYTES] and body.isascii() else None
    )


def _mended_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken bytes (a cut title, a foreign comment), else None."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = len(body) - len(text)
    return text if broken * 20 <= beyond_ascii else None


def _declared(body: bytes, content_type: str | None) -> str | None:
    """Python's codec name for the encoding that the header, or else the markup, declares; None when unknown."""
    match = _HEADER_CHARSET.search(content_type or "")
    if match and (codec := _codec(match[1])):
        return codec
    head = body[:PRESCAN_BYTES]
    found = _META_CHARSET.search(head) or _XML_ENCODING.match(head)
    codec = _codec(found[1].decode("ascii", "ignore")) if found else None
    # Markup that could be read as ASCII cannot be UTF-16 (the standard's "prescan" says the same).
    return "utf-8" if codec in ("utf-16-le", "utf-16-be") else codec


def _codec(label: str) -> str | None:
    encoding = webencodings.lookup(label)
    if encoding is None:
        return None
    return _PYTHON_CODECS.get(encoding.name) or str(encoding.codec_info.name)


# Python's own gbk and shift_jis refuse characters that the web's encodings of that name have.
_PYTHON_CODECS = {
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "replacement": "utf-8",
    "x-user-defined": "cp1252",  # as the standard says of a <meta>
}


def _detected(body: bytes) -> str:
    return _codec(str(detect(body[:DETECT_BYTES], allow_utf8=True))) or "cp1252"
