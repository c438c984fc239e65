"""The values that go into the frontier and come out of it (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsmill.ledger.entry import NORMAL
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from newsmill.urls.canonical import site_of_host

GIVEN = "given"  # the source of addresses that an operator handed over


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that somebody offers. `url` is canonical; times are seconds since the epoch."""

    id: str
    url: str
    host: str
    source: str
    priority: int = NORMAL
    depth: int = 0
    published: float | None = None
    modified: float | None = None  # a date newer than our fetch opens a settled entry again
    render: bool = False  # it needs a browser
    timely: bool = False  # it turned up between two polls: from publication to search is time that we took
    follow: int = 0  # how far links are followed from it
    own: bool = False  # of the source's own site: it may open a settled entry of it again
    asked: bool = False  # an operator named it: no bound a day
    said: str | None = None  # what the source says of it (messages.Said)

    def as_json(self) -> dict[str, Any]:
        """As the scripts take it."""
        given = {name: getattr(self, name) for name in self.__slots__} | {"site": site_of_host(self.host)}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Kept:
    """A page whose raw record is in the raw store under `raw`. fetched: seconds since the epoch."""

    id: str
    url: str
    host: str
    source: str
    raw: str
    fetched: float

    def as_json(self) -> dict[str, Any]:
        """As the scripts take it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of kept pages, ids each. known: this record or a newer one was done. refused: offer them again."""

    taken: tuple[str, ...]
    known: tuple[str, ...]
    busy: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of offered candidates.

    refused: the frontier is full. over: more than the share of their source or site. Offer both again later.
    """

    accepted: int = 0
    known: int = 0
    reopened: int = 0
    refused: int = 0
    over: int = 0

    @property
    def later(self) -> int:
        """How many are to be offered again."""
        return self.refused + self.over

    def __add__(self, other: "Added") -> "Added":
        return Added(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))


@dataclass(frozen=True, slots=True)
class Turn:
    """The end of a host's turn: how long it rests from now (seconds), and the politeness state to keep."""

    wait_s: float
    host: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the scripts take it."""
        return {"wait": self.wait_s, "host": {**self.host, "wait_s": f"{self.wait_s:.3f}"}}


@dataclass(frozen=True, slots=True)
class Move:
    """How a claimed entry leaves its stage. See finish.lua for what each `op` does."""

    id: str
    op: str
    options: Mapping[str, Any] = field(default_factory=dict)
    set: Mapping[str, str] = field(default_factory=dict)
    turn: Turn | None = None

    def as_json(self) -> dict[str, Any]:
        """As the scripts take it."""
        kept = {name: value for name, value in self.set.items() if value != ""}
        dropped = [name for name, value in self.set.items() if value == ""]
        move: dict[str, Any] = {"id": self.id, "op": self.op, **self.options, "set": kept, "drop": dropped}
        if self.turn:
            move["turn"] = self.turn.as_json()
        return move


def advance(
    id: str, to: Stage, set: Mapping[str, str] | None = None, *, turn: Turn | None = None, kept_bytes: int = 0
) -> Move:
    """On to the next stage. kept_bytes: of the raw page that was kept for it."""
    options = {"to": str(to)} | ({"bytes": kept_bytes} if kept_bytes else {})
    return Move(id, "advance", options, set or {}, turn)


def settle(
    id: str,
    outcome: Outcome,
    reason: str = "",
    *,
    set: Mapping[str, str] | None = None,
    turn: Turn | None = None,
    again_s: float | None = None,
    doc: tuple[str, str] | None = None,
    copy_of: tuple[str, str] | None = None,
    event: Mapping[str, str] | None = None,
) -> Move:
    """The end, counted once. again_s: seconds until it is looked at again. doc: id and address of its document.

    copy_of: the document that it says to be a copy of, and the version of it that it was compared with ("": none).
    event: what the change log needs to know of it (changes.event_of).
    """
    options: dict[str, Any] = {"outcome": str(outcome), "reason": reason[:500]}
    if again_s is not None:
        options["again"] = again_s
    if doc:
        options["doc"], options["doc_url"] = doc
    if copy_of:
        options["copy_of"], options["judged"] = copy_of
    if event:
        options["event"] = dict(event)
    return Move(id, "settle", options, set or {}, turn)


def delay(
    id: str, wait_s: float, reason: str, *, set: Mapping[str, str] | None = None, turn: Turn | None = None
) -> Move:
    """Tried again after `wait_s` seconds; counts as a failed attempt."""
    return Move(id, "delay", {"wait": wait_s, "reason": reason[:500]}, set or {}, turn)


def requeue(
    id: str,
    set: Mapping[str, str] | None = None,
    turn: Turn | None = None,
    *,
    host: str = "",
    front: bool = True,
    reason: str = "",
) -> Move:
    """Back to the queue of its host (of another host, when a redirect moved it); no attempt is counted."""
    options: dict[str, Any] = {"front": front}
    if host:
        options["host"] = host
    if reason:
        options["reason"] = reason
    return Move(id, "requeue", options, set or {}, turn)


def give_back(id: str, alone: bool = False) -> Move:
    """Ready for the same stage again, as if it had never been claimed."""
    return Move(id, "return", {"solo": True} if alone else {})


def rest(id: str, wait_s: float, set: Mapping[str, str] | None = None, *, turn: Turn | None = None) -> Move:
    """A poll sleeps until its next time."""
    return Move(id, "rest", {"wait": wait_s}, set or {}, turn)
