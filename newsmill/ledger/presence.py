"""Who works on this ledger, and whether anybody may ask the web at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from newsmill.ledger.entry import Entry
from newsmill.ledger.scripts import Scripts

SAID_EVERY_S = 4.0  # a worker says so often that it lives
ALIVE_S = 15.0  # who was not heard of for so long counts as gone: three words may be late or lost
BEAT = "beat"


@dataclass(frozen=True, slots=True)
class LiveWorker:
    """One that said that it lives. queue: what it takes ("beat": the clock). heard: epoch seconds, the server's."""

    queue: str
    name: str
    heard: float


@dataclass(frozen=True, slots=True)
class StageRow:
    """Where a waiting address stands. ahead: addresses of its host before it. due: when its host, or it, may be asked.

    busy: the id that its host has under way. group: whose share of turns is used up, so that the host is put aside.
    """

    ahead: int = 0
    due: float | None = None
    busy: str = ""
    group: str = ""


def workers_of(pairs: Iterable[Sequence[Any]]) -> list[LiveWorker]:
    """From the members of `workers`, as a snapshot has them: "queue name", time."""
    found = []
    for member, heard in pairs:
        queue, _, name = str(member).partition(" ")
        found.append(LiveWorker(queue, name, float(heard)))
    return found


class Presence(Scripts):
    """Signs of life, and the pause of the whole mill."""

    def say_alive(self, owner: str, queues: Sequence[str], lives: bool = True) -> None:
        """A worker of these queues lives; lives=False: it ends in order."""
        self._run("alive", owner, int(lives), *queues)

    def workers(self) -> list[LiveWorker]:
        """Those heard of within a day."""
        pairs = self.client.zrange(f"{self.prefix}workers", 0, -1, withscores=True)
        return workers_of(cast("list[tuple[str, float]]", pairs))

    def pause(self, why: str, since: float) -> None:
        """No host is asked any more until `resume`; what was fetched goes its way. since: epoch seconds."""
        self.client.hset(f"{self.prefix}paused", mapping={"why": why, "since": f"{since:.0f}"})

    def resume(self) -> bool:
        """Ends the pause; False if there was none."""
        return bool(self.client.delete(f"{self.prefix}paused"))

    def paused(self) -> Mapping[str, str]:
        """why and since of the pause; empty if there is none."""
        return cast("dict[str, str]", self.client.hgetall(f"{self.prefix}paused"))

    def measure(self, added: Mapping[str, int]) -> None:
        """Adds to what is measured (measured.py)."""
        pipe = self.client.pipeline(transaction=False)
        for name, n in added.items():
            pipe.hincrby(f"{self.prefix}measured", name, n)
        pipe.execute()

    def measured(self) -> dict[str, int]:
        """All that was measured, ever."""
        kept = cast("dict[str, str]", self.client.hgetall(f"{self.prefix}measured"))
        return {name: int(n) for name, n in kept.items()}

    def room(self) -> tuple[int, int]:
        """Bytes of memory that the server uses, and keys that it has."""
        info = self.client.info("memory")
        return int(info["used_memory"]), int(self.client.dbsize())

    def place(self, entry: Entry) -> StageRow:
        """Where an address stands that waits for its host, or for its next try."""
        if entry["state"] == "delayed":
            due = self.client.zscore(f"{self.prefix}delayed", entry.id)
            return StageRow(due=None if due is None else float(due))
        ahead = 0
        for priority in range(entry.priority + 1):
            queue = f"{self.prefix}q:{priority}:{entry.host}"
            position = self.client.lpos(queue, entry.id) if priority == entry.priority else self.client.llen(queue)
            ahead += int(cast("int | None", position) or 0)
        due = self.client.zscore(f"{self.prefix}due:{entry.priority}", entry.host)
        at = None if due is None else float(due)
        return StageRow(ahead, at, entry.host_fields.get("busy", ""), self._group(entry.host))

    def _group(self, host: str) -> str:
        groups = cast("list[str]", self.client.hkeys(f"{self.prefix}parked"))
        for group in groups:
            if self.client.zscore(f"{self.prefix}parked:{group}", host) is not None:
                return group
        return ""
