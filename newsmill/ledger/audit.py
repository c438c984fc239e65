"""The ledger checked against itself, in both directions: what `newsmill audit` tells and mends, and the tests assert.

Entries are held against the sets they should stand in, and what stands in sets against its entries; hosts, queues,
turns, owners and sums against both. Each portion is one script (lua/audit.lua), one consistent picture, so that the
mill may work meanwhile; only the sums are taken over many portions, and are held exact where nothing moved meanwhile.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from newsmill.ledger.frontier import Frontier
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome

SCAN = 1000  # keys a round trip; two to five milliseconds of Redis, so that nobody waits long
PORTION = 250  # checks a script call: about two milliseconds of Redis
KINDS = ("e", "host", "seen", "own", "turns", "lock")  # keys that are checked one by one
SETS = ("delayed", "sources", "recrawl", "retire", "rendering", *(f"due:{p}" for p in range(3)))
SETS += tuple(f"{kind}:{stage}" for kind in ("ready", "leased") for stage in Stage)
ROUNDS = 4  # of mending: what was mended may show something else, and sums are counted when all else is right
MANY, LONG = "+", ">"  # before an id that may have several tickets; before the name of a queue too long for a call


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit. subject: an id, a host or a key. mended: it was set right."""

    subject: str
    text: str
    mended: bool = False

    def __str__(self) -> str:
        return f"{self.subject} {self.text}"


@dataclass
class _Seen:
    """What one pass over the ledger has come upon."""

    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    queued: set[str] = field(default_factory=set)
    ticketed: set[str] = field(default_factory=set)


def problems(frontier: Frontier) -> Iterator[str]:
    """One line for each thing that does not fit; none when the ledger is whole."""
    return (str(fault) for fault in audit(frontier))


def repair(frontier: Frontier) -> tuple[list[Fault], list[Fault]]:
    """Mends what can be mended; returns what was mended, and what is still wrong."""
    mended: list[Fault] = []
    frontier.client.delete(f"{frontier.prefix}check")  # what the mill's own audit found: it begins anew
    for _ in range(ROUNDS):
        mended += [fault for fault in audit(frontier, mend=True) if fault.mended]
        if not (left := audit(frontier)):
            return mended, []
    return mended, left


def audit(frontier: Frontier, mend: bool = False) -> list[Fault]:
    """Every fault that there is. mend: what can be set right is, at the moment it is found."""
    return _Pass(frontier, mend)()


def check_keys(frontier: Frontier, keys: Sequence[str]) -> list[Fault]:
    """The faults of these keys (with their prefix): what the mill's own check looks at, a portion at a time."""
    one = _Pass(frontier, mend=False)
    one.keys(keys)
    for portion in _portions(one.seen.queued - one.seen.ticketed):
        one.ask("waits", *portion)
    return one.seen.faults


class _Pass:
    """One pass over the whole ledger."""

    def __init__(self, frontier: Frontier, mend: bool) -> None:
        self.frontier, self.mend, self.seen = frontier, mend, _Seen()
        limits = {
            "hint": frontier.limits.hint_s,
            "retention": frontier.limits.retention_s,
        }
        self.limits = json.dumps(limits)

    def __call__(self) -> list[Fault]:
        before = self._counters()
        known: set[int] = set()
        for keys in self._scan():
            fresh = [key for key in keys if hash(key) not in known]  # a key may be met twice while a table grows
            known.update(map(hash, fresh))
            self.keys(fresh)
        for name in SETS:
            members = (str(member) for member, _ in self.frontier.client.zscan_iter(self._key(name), count=SCAN))
            for portion in _portions(members):
                self.ask("members", name, *portion)
        for portion in _portions(self.seen.queued - self.seen.ticketed):
            self.ask("queued", *portion)
        self.ask("flight")
        self._sums(before)
        return self.seen.faults

    def keys(self, keys: Sequence[str]) -> None:
        """Checks these keys (with their prefix), each with what it hangs together with."""
        names = [key[len(self.frontier.prefix) :] for key in keys]
        for portion in _portions(name for name in names if name.split(":", 1)[0] in KINDS):
            self.seen.queued.update(self.ask("keys", *portion)["ids"])
        for portion in _portions(name[2:] for name in names if name.startswith("q:")):
            for id in self.ask("queues", *portion)["ids"]:
                if id.startswith(LONG):
                    self._long_queue(id.removeprefix(LONG))
                else:
                    self.seen.ticketed.add(id.removeprefix(MANY))

    def _long_queue(self, name: str) -> None:
        """A queue in portions; while others take from it a ticket may be met twice, or not at all."""
        met: set[str] = set()
        twice: list[str] = []
        for first in range(0, self.frontier.client.llen(self._key(f"q:{name}")), SCAN):
            for id in self.ask("tickets", name, str(first), str(first + SCAN - 1))["ids"]:
                if id in met and not id.startswith(MANY):
                    twice.append(id)
                met.add(id)
        self.seen.ticketed.update(id.removeprefix(MANY) for id in met)
        for portion in _portions(twice):
            self.ask("twice", name, *portion)

    def _scan(self) -> Iterator[list[str]]:
        cursor = 0
        while True:
            cursor, keys = cast(
                tuple[int, list[str]], self.frontier.client.scan(cursor, f"{self.frontier.prefix}*", SCAN)
            )
            yield keys
            if not cursor:
                return

    def _key(self, name: str) -> str:
        return f"{self.frontier.prefix}{name}"

    def ask(self, what: str, *args: str) -> dict[str, Any]:
        """One call of the script, for what its head names."""
        text = self.frontier.check(what, "1" if self.mend else "0", self.limits, *args)
        answer: dict[str, Any] = json.loads(text)
        self.seen.faults += [Fault(subject, told, bool(mended)) for subject, told, mended in answer["faults"]]
        self.seen.counts.update(answer["counts"] or {})
        return answer

    def _counters(self) -> dict[str, int]:
        kept = cast(dict[str, str], self.frontier.client.hgetall(self._key("n")))
        return {name: int(n) for name, n in kept.items()}

    def _sums(self, before: Mapping[str, int]) -> None:
        """The counters. While others work, what moved between two portions may be counted twice or not at all."""
        if any(not fault.subject.startswith(("counter ", "waiting ")) for fault in self.seen.faults) and self.mend:
            return  # counted when all else is right
        counts = self.seen.counts
        counted = {f"outcome:{outcome}": counts[f"outcome:{outcome}"] for outcome in Outcome}
        counted |= {name: counts[name] for name in ("queued", "polls_queued")} | {"accepted": counts["pages"]}
        waiting = _waiting(counts, cast(dict[str, str], self.frontier.client.hgetall(self._key("waiting"))), counted)
        self.ask("counters", json.dumps({"counted": counted, "before": before, "waiting": waiting}))


def _portions(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while portion := list(islice(rest, PORTION)):
        yield portion


def _waiting(counts: Mapping[str, int], kept: Mapping[str, str], counted: Mapping[str, int]) -> dict[str, int]:
    """What should be counted as waiting of each source and site.

    Nothing where a version counted that knew no shares: it says so, or neither of the three sums is what waits.
    """
    queued = counted["queued"]
    true = {"all": queued} | {name: n for name, n in counts.items() if name.startswith(("source:", "site:")) and n}
    sums = [int(kept.get("all", 0)), *(_sum(kept, kind) for kind in ("source:", "site:"))]
    if "part" in kept or all(total < queued for total in sums):
        return {}
    return {name: true.get(name, 0) for name in kept.keys() | true.keys()}


def _sum(kept: Mapping[str, str], kind: str) -> int:
    return sum(int(n) for name, n in kept.items() if name.startswith(kind))


def told(faults: Iterable[Fault]) -> list[str]:
    """A line each, in an order that stays."""
    return sorted(str(fault) for fault in faults)
