"""Lists of addresses: one a line, "#" comments, blank lines (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsmill.text.charset import decode_stream
from newsmill.text.inflate import gunzip
from newsmill.urls.canonical import DEFAULT_RULES, BadAddress, CanonicalRules, canonicalize, same_site

MAX_LIST = 256 << 20  # bytes; a million addresses are about 100 MB
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}(?::\d{1,5})?(?=/|$)")
MAX_LINE = 1 << 16  # characters; addresses have at most 2,048
MAX_BAD_SHOWN = 100  # bad lines kept word for word; the others are counted
SHOWN = 120  # characters of a bad line that are repeated


def listed_address(line: str, base_url: str) -> str:
    """A line of a list at `base_url`, with the scheme that it may lack; nothing for what is no address."""
    if _SCHEME.match(line) or (line.startswith("/") and " " not in line):
        return line
    host = _HOST.match(line)
    if host and (line.startswith("www.") or same_site(f"https://{host[0]}", base_url)):
        return f"{urlsplit(base_url).scheme}://{line}"
    return ""


@dataclass(frozen=True, slots=True)
class BadLine:
    number: int  # from 1
    text: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


@dataclass(slots=True)
class ListReader:
    """Reads one list: iterate `addresses()` once, then look at what was wrong in it.

    `skip` lines are passed over: hand back `lines` of a reader that stopped to go on where it did.
    """

    base_url: str = ""  # for relative addresses in a list that came over HTTP
    rules: CanonicalRules = DEFAULT_RULES
    skip: int = 0
    lines: int = 0
    bad: tuple[BadLine, ...] = ()
    bad_count: int = 0
    problem: str = ""  # why it was not read to its end

    def read(self, body: bytes, content_type: str = "") -> Iterator[str]:
        """`addresses` of a document as a server sent it. Never raises for what is in it."""
        try:
            yield from self.addresses(_lines(decode_stream(gunzip((body,), MAX_LIST), content_type)))
        except ValueError as error:  # broken gzip, or too large
            self.problem = str(error)

    def addresses(self, lines: Iterator[str]) -> Iterator[str]:
        """Canonical addresses in the list's order, repeated ones included. Never raises for what is in it."""
        for text in lines:
            self.lines += 1
            if self.lines <= self.skip:
                continue
            text = text.strip().lstrip("\ufeff")
            if not text or text.startswith("#"):
                continue
            # Only what follows white space is a comment: a fragment begins with the same sign.
            address = text.split(" #", 1)[0].split("\t", 1)[0].strip()
            if self.base_url and not (address := listed_address(address, self.base_url)):
                self._note(text, "not an address")
                continue
            try:
                yield canonicalize(address, self.base_url or None, self.rules)
            except BadAddress as error:
                self._note(text, str(error))

    def _note(self, text: str, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < MAX_BAD_SHOWN:
            self.bad += (BadLine(self.lines, text[:SHOWN], reason),)


def _lines(texts: Iterator[str]) -> Iterator[str]:
    """The lines of a text that comes in pieces; what is longer than any address is cut."""
    held = ""
    for text in texts:
        *lines, held = re.split("\r\n|\r|\n", held + text)
        yield from lines
        held = held[: MAX_LINE + 1]
    if held:
        yield held


@dataclass(frozen=True, slots=True)
class AddressList:
    addresses: tuple[str, ...]  # canonical, each once, in order
    bad: tuple[BadLine, ...] = ()
    bad_count: int = 0


def parse_list(body: bytes | str, base_url: str = "", rules: CanonicalRules = DEFAULT_RULES) -> AddressList:
    """All addresses of a list; bytes may be gzip, in any encoding."""
    reader = ListReader(base_url, rules)
    found = reader.read(body) if isinstance(body, bytes) else reader.addresses(iter(body.splitlines()))
    return AddressList(tuple(dict.fromkeys(found)), reader.bad, reader.bad_count)
