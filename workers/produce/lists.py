"""Lists of addresses: one a line, "#" comments, blank lines (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass

from workers.text.charset import decode_xml
from workers.text.inflate import gunzip
from workers.urls import DEFAULT_RULES, BadAddress, Rules, canonicalize

MAX_LIST = 256 << 20  # bytes; a million addresses are about 100 MB
MAX_BAD_SHOWN = 100  # bad lines kept word for word; the others are counted
SHOWN = 120  # characters of a bad line that are repeated


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
    rules: Rules = DEFAULT_RULES
    skip: int = 0
    lines: int = 0
    bad: tuple[BadLine, ...] = ()
    bad_count: int = 0

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
            try:
                yield canonicalize(address, self.base_url or None, self.rules)
            except BadAddress as error:
                self._note(text, str(error))

    def _note(self, text: str, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < MAX_BAD_SHOWN:
            self.bad += (BadLine(self.lines, text[:SHOWN], reason),)


@dataclass(frozen=True, slots=True)
class AddressList:
    addresses: tuple[str, ...]  # canonical, each once, in order
    bad: tuple[BadLine, ...] = ()
    bad_count: int = 0


def parse_list(body: bytes | str, base_url: str = "", rules: Rules = DEFAULT_RULES) -> AddressList:
    """All addresses of a list (text, or bytes, gzip too). Raises TooLarge above MAX_LIST."""
    if isinstance(body, bytes):
        body, _ = decode_xml(b"".join(gunzip((body,), MAX_LIST)))
    reader = ListReader(base_url, rules)
    addresses = tuple(dict.fromkeys(reader.addresses(iter(body.splitlines()))))
    return AddressList(addresses, reader.bad, reader.bad_count)
