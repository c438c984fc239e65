"""Heads of HTTP/1 answers, made readable for a strict parser as browsers do it (pure).

h11 refuses a whole answer for one line that RFC 9112 does not allow. Such a line is skipped here, unless it may say
where the body ends: then nobody can know, and the answer is refused. A connection whose head had to be mended, or says
two things about its end, is not used again: what else came over it would be nobody's answer.
"""

import re
from dataclasses import dataclass, field

from newsmill.http.answer import BadAnswer, HeaderTooLarge

HEAD_MAX = 100 * 1024  # bytes, as httpcore allows h11; honest heads have 1 to 8 kB

_BLANK_LINE = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/(\d)(?:\.(\d))?[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2
_NOT_LETTERS = bytes(byte for byte in range(256) if not chr(byte).isascii() or not chr(byte).isalpha())
_FRAMING_FIELDS = (b"content-length", b"transfer-encoding")
_FRAMING_LETTERS = (b"contentlength", b"transferencoding")
SWITCHING = 101  # the one interim answer after which no other head comes (RFC 9110 §15.2.2)
_BREAKS = bytes.maketrans(b"\x00\r\v\f", b"    ")  # RFC 9110 §5.5: NUL and CR in a value become spaces


@dataclass
class Heads:
    """The answers that come over one connection, one after the other: heads are mended, bodies go through.

    sound: False once an answer came whose end may be somewhere else than we think.
    """

    sound: bool = True
    _in_head: bool = True
    _held: bytearray = field(default_factory=bytearray)

    def asked(self) -> None:
        """A request leaves: what comes next is a head."""
        self._in_head = True

    @property
    def unread(self) -> bool:
        """Whether a head has begun."""
        return bool(self._held)

    def feed(self, data: bytes) -> bytes:
        """What of `data` and what came before it can be read now. Raises BadAnswer, HeaderTooLarge.

        Empty `data` says that no more comes: then a head that is not complete is passed on as it is.
        """
        if not self._in_head:
            return data
        if not data:
            rest = bytes(self._held)
            self._held.clear()
            return rest
        searched, ready = max(len(self._held) - 2, 0), bytearray()
        self._held += data
        start = self._skip_lines(0)
        while self._in_head and (blank := _BLANK_LINE.search(self._held, max(searched, start))):
            head, sound, interim = mend(bytes(self._held[start : blank.start()]))
            ready += head
            self.sound = self.sound and sound
            self._in_head = interim
            start = self._skip_lines(blank.end()) if interim else blank.end()
        if not self._in_head:
            ready += self._held[start:]
            self._held.clear()
        else:
            del self._held[:start]
        if len(self._held) > HEAD_MAX:
            raise HeaderTooLarge(f"more than {HEAD_MAX // 1024} kB of header")
        return bytes(ready)

    def _skip_lines(self, start: int) -> int:
        """Where the head begins: behind the line ends that some servers send after a body."""
        at = start
        while at < len(self._held) and self._held[at] in b"\r\n":
            at += 1
        self.sound = self.sound and at == start
        return at


def mend(head: bytes) -> tuple[bytes, bool, bool]:
    """A head as h11 reads it, with its blank line; whether the connection may be kept; whether another head follows.

    head: status line and header lines, without the blank line. Raises BadAnswer, HeaderTooLarge.
    """
    if len(head) > HEAD_MAX:
        raise HeaderTooLarge(f"more than {HEAD_MAX // 1024} kB of header")
    first, *lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    status = _STATUS_LINE.match(first)
    if status is None:
        raise BadAnswer(f"not a valid HTTP answer: {first[:80].decode('latin-1')!r} is no status line")
    read, whole = _fields(lines)
    framing = [(name, value) for name, value in read if name.lower() in _FRAMING_FIELDS]
    end = _end_of_body(framing)
    fields = [(name, value) for name, value in read if name.lower() not in _FRAMING_FIELDS] + end
    version = b"HTTP/1.0" if status[1] == b"0" or (status[1], status[2]) == (b"1", b"0") else b"HTTP/1.1"
    code = int(status[3])
    bodiless = code == 204 and any(value != b"0" for _, value in end)  # RFC 9110 §8.6: it has no length
    as_sent = [(name.lower(), value.lower()) for name, value in framing] == [(n.lower(), v) for n, v in end]
    sound = whole and as_sent and len(framing) <= 1 and not bodiless
    text = b"\r\n".join([b"%s %d " % (version, code), *(b"%s: %s" % field for field in fields), b"", b""])
    return text, sound, 100 <= code < 200 and code != SWITCHING


def _fields(lines: list[bytes]) -> tuple[list[tuple[bytes, bytes]], bool]:
    """Names and values of the lines that are header fields, and whether all lines are. Raises BadAnswer."""
    found: list[tuple[bytes, bytearray]] = []
    whole = True
    unfinished: bytearray | None = None  # the value that a folded line continues (RFC 9112 §5.2)
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if unfinished is not None:
                unfinished += b" " + line.strip(b" \t")
            whole = whole and unfinished is not None
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            _check_skipped(name)
            unfinished, whole = None, False
            continue
        unfinished = bytearray(value.strip(b" \t"))
        found.append((name, unfinished))
    return [(name, _value(name, bytes(value))) for name, value in found], whole


def _check_skipped(name: bytes) -> None:
    """A line that is no field may be skipped, but for one that would say where the body ends. Raises BadAnswer."""
    if name.translate(None, _NOT_LETTERS).lower() in _FRAMING_LETTERS:
        raise BadAnswer(f"not a valid HTTP answer: {name[:80].decode('latin-1')!r} may be the length of the body")


def _value(name: bytes, value: bytes) -> bytes:
    return value if name.lower() in _FRAMING_FIELDS else value.translate(_BREAKS).strip(b" \t")


def _end_of_body(framing: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields that say where the body ends, without those that say nothing: an empty length, `identity`.

    `chunked` twice is once: nobody codes so twice. Everything else is left for h11 to refuse.
    """
    lengths = [field for field in framing if field[0].lower() == b"content-length" and field[1]]
    codings = [field for field in framing if field[0].lower() == b"transfer-encoding"]
    named = {coding.strip(b" \t").lower() for _, value in codings for coding in value.split(b",")} - {b"", b"identity"}
    if not named:
        return lengths
    return lengths + ([(b"Transfer-Encoding", b"chunked")] if named == {b"chunked"} else codings)
