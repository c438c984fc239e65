"""A ledger entry as workers see it, a property a field (pure). Who writes them stands in docs/ledger.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar, overload

from newsmill.outcomes import Outcome

FRESH, NORMAL, BACKFILL = 0, 1, 2  # priorities: news, what an operator asks for, old archives
POLL_PREFIX = "poll:"  # ids of polls; everything else is the id of a page

T = TypeVar("T")


class _Field(Generic[T]):
    """A field of an entry. meaning: what it is, and its unit; who writes it stands in docs/ledger.md."""

    def __init__(self, meaning: str) -> None:
        self.__doc__ = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, entry: None, owner: type) -> "_Field[T]": ...
    @overload
    def __get__(self, entry: "Entry", owner: type) -> T: ...
    def __get__(self, entry: "Entry | None", owner: type) -> "T | _Field[T]":
        return self if entry is None else self.read(entry.fields.get(self.name, ""))

    def read(self, text: str) -> T:
        """The value of its text; "" where the entry has no such field."""
        raise NotImplementedError


class _Text(_Field[str]):
    def read(self, text: str) -> str:
        return text


class _Flag(_Field[bool]):
    def read(self, text: str) -> bool:
        return bool(text)


class _Number(_Field[int]):
    def read(self, text: str) -> int:
        return int(text or 0)


class _Moment(_Field["float | None"]):
    """Seconds since the epoch; None where there is none."""

    def read(self, text: str) -> float | None:
        return float(text) if text else None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an entry ends when index has taken its document out."""

    outcome: Outcome
    reason: str

    def dump(self) -> str:
        """As the ledger keeps it."""
        return f"{self.outcome}\t{self.reason}"

    @classmethod
    def load(cls, text: str) -> "Ending":
        """Raises ValueError."""
        outcome, _, reason = text.partition("\t")
        return cls(Outcome(outcome), reason)


class _Ending(_Field["Ending | None"]):
    def read(self, text: str) -> Ending | None:
        return Ending.load(text) if text else None


@dataclass(frozen=True)
class Entry:
    """What a page's and a poll's entry have in common: fields of e:<id>, and of host:<host> (see prelude.lua)."""

    id: str
    fields: Mapping[str, str]
    host_fields: Mapping[str, str] = field(default_factory=dict)

    host = _Text("whose queue it stands in, and whose turn it takes")
    source = _Text("name of the source that brought it")
    state = _Text("queued, delayed, ready, leased, settled or idle")
    stage = _Text("whose work it is")
    owner = _Text("who holds its lease")
    moved = _Text("where looks begin, when the page has moved for good")
    cookies = _Text("of the chain of redirects (Jar)")
    render = _Flag("it needs a browser")
    etag = _Text("validator of the last answer")
    last_modified = _Text("validator of the last answer")
    validated = _Text("the address that the validators are of, where it is not `url`")
    robots_at = _Text("where robots.txt is asked for, after redirects")
    robots_hops = _Number("redirects of robots.txt so far")
    indexed = _Number("version that search holds of it; 0: none")
    claimed = _Moment("when it was claimed")
    tries = _Number("failed attempts that ended with a reason, so far")
    depth = _Number("links followed to reach it")

    def __getitem__(self, name: str) -> str:
        """A field's text; "" where it has none."""
        return self.fields.get(name, "")

    @property
    def url(self) -> str:
        """The canonical address that was accepted."""
        return self["url"]

    @property
    def at(self) -> str:
        """The address to ask now: another one than `url` after a redirect."""
        return self["at"] or self.start

    @property
    def start(self) -> str:
        """The address that a look begins with: another one than `url` when the page has moved for good."""
        return self.moved or self.url

    @property
    def chain(self) -> tuple[str, ...]:
        """Addresses asked before `at`, in order."""
        return tuple(self["chain"].split())

    @property
    def priority(self) -> int:
        """0 fresh, 1 normal, 2 backfill."""
        return int(self["priority"] or NORMAL)

    def seconds(self, name: str) -> float | None:
        """A time field, seconds since the epoch."""
        return float(self[name]) if self[name] else None


@dataclass(frozen=True)
class PageEntry(Entry):
    """The entry of an address."""

    follow = _Number("how far links are followed from it")
    added = _Moment("when it was accepted")
    published = _Moment("when it was published")
    said = _Text("what the source says of it (Said)")
    rendered = _Flag("its raw page was made by a browser")
    outcome = _Text("how it ended")
    reason = _Text("why it ended so")
    settled = _Moment("when it ended")
    raw = _Text("key of its raw page")
    status = _Number("of the answer: HTTP status; until it settles")
    size = _Number("of the answer: bytes of the body, decoded; until it settles")
    fetched = _Moment("when its raw page was fetched")
    looked = _Moment("when it was asked the last time")
    looks = _Number("looks that found nothing new, in a row")
    adopted = _Flag("its raw page came from an archive")
    anew = _Flag("it is parsed even if nothing changed")
    doc = _Text("id of its document")
    doc_url = _Text("address of its document")
    former = _Text("id of the document that it held before")
    documents = _Text("key of the object that has its document")
    unread = _Number("times that object could not be read back")
    fingerprint = _Text("of what search holds of it")
    copy_of = _Text("the address that it says to be a copy of")
    judged = _Text("document and version that this was judged by")
    remove = _Ending("how it ends when its document is taken out")
    extractor = _Number("version of the extractor that read it")


@dataclass(frozen=True)
class PollEntry(Entry):
    """The entry of a source, or of a further part of it."""

    config = _Text("the source as configured, JSON")
    configured = _Text("the address of the source as configured")
    root = _Text("the poll that this one is a part of")
    seen = _Text("when its parent listed it first")
    paused = _Moment("since when an operator has it paused")
    next = _Moment("when it is due")
    polled = _Moment("when it was asked the last time")
    read = _Moment("when its document was read to its end the last time")
    found = _Number("items listed the last time")
    new = _Number("items accepted the last time")
    left = _Text("what was left out (LeftOut)")
    cut = _Text("where a long document is read on (bookmark)")
    problem = _Text("what is wrong with it")
    fails = _Number("polls that failed in a row")
    crashed = _Number("polls in a row whose reading was ended")
    retired = _Text("why it is polled no more")
    health = _Text("silent, failing or dead")


def entry_of(
    id: str, fields: Mapping[str, str], host_fields: Mapping[str, str] | None = None
) -> "PageEntry | PollEntry":
    """An entry of the class that its id tells."""
    kind = PollEntry if id.startswith(POLL_PREFIX) else PageEntry
    return kind(id, fields, host_fields or {})


def a_page(entry: Entry) -> PageEntry:
    """An entry that is a page's. Raises TypeError for another."""
    if not isinstance(entry, PageEntry):
        raise TypeError(f"{entry.id} is no page")
    return entry


def a_poll(entry: Entry) -> PollEntry:
    """An entry that is a poll's. Raises TypeError for another."""
    if not isinstance(entry, PollEntry):
        raise TypeError(f"{entry.id} is no poll")
    return entry
