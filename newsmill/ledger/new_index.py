"""How far the making of a new search index is, in Redis (keys: reindex.lua): parts that index workers take in turns."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, Literal, cast

import redis

from newsmill.model import Frozen, Rebuild, Span

LEASE_S = 60.0  # of a part, from each batch on; a batch takes a second, and some more while a cluster is slow
BEGIN, COMMIT = "begin", "commit"  # parts that copy nothing
Kind = Literal["reindex", "reparse"]


class IndexUnderWay(Exception):
    """Another new index is being made; the text says what to do about it."""


class Phase(StrEnum):
    """Where the making of an index is."""

    COPYING = "copying"
    DONE = "done"
    FAILED = "failed"


class Making(Frozen):
    """A new index on its way, or the last one made. total, done: articles. problem: why it does not go on now.

    kind: by whom. before, now: articles that could be found in the old index and in the new one, once it is done.
    """

    kind: str
    phase: Phase
    total: int
    done: int
    problem: str = ""
    before: int = 0
    now: int = 0

    def __str__(self) -> str:
        what = f"new index: {self.done:,} of {self.total:,} articles" if self.total else "new index"
        return f"{what}, {self.problem}" if self.problem else what


@dataclass(frozen=True, slots=True)
class Part:
    """What a worker holds of it. span: None for BEGIN and COMMIT."""

    name: str
    holder: str
    span: Span | None


@dataclass
class Reindex:
    """The state. Every method is one atomic script; those of a part do nothing once its lease went to somebody else."""

    client: "redis.Redis"
    prefix: str = "nm:"
    lease_s: float = LEASE_S

    def __post_init__(self) -> None:
        source = (files("newsmill.ledger") / "lua" / "reindex.lua").read_text("utf-8")
        self._script: Any = self.client.register_script(source)

    def _run(self, op: str, *args: str | float) -> Any:
        return self._script(keys=[self.prefix], args=[op, *args])

    def begin(self, kind: Kind) -> bool:
        """Begins, or finds that it has begun already (False). Raises IndexUnderWay if another kind has."""
        found = str(self._run("begin", kind))
        if found not in ("1", kind):
            other = "newsmill reindex" if found == "reindex" else "newsmill reparse --rebuild"
            raise IndexUnderWay(
                f"a new index is being made by `{other}`: let it end, or drop it with `newsmill reindex --drop`"
            )
        return found == "1"

    def take(self) -> Part | None:
        """A part that waits, for LEASE_S seconds."""
        holder = uuid.uuid4().hex
        found = self._run("take", holder, self.lease_s)
        if not found:
            return None
        name, after, until = found
        return Part(name, holder, Span(after=after, until=until) if until else None)

    def cut(self, part: Part, total: int, spans: Sequence[Span]) -> bool:
        """Instead of BEGIN these parts."""
        return bool(self._run("cut", part.name, part.holder, total, *(x for s in spans for x in (s.after, s.until))))

    def advance(self, part: Part, copied: int, rest: Span | None) -> bool:
        """So many articles were copied, this is left of the part; None ends it. False: it is not ours any more."""
        return bool(self._run("advance", part.name, part.holder, self.lease_s, copied, rest.after if rest else ""))

    def leave(self, part: Part, wait_s: float = 0.0, problem: str = "") -> None:
        """Others may take it, after some seconds."""
        self._run("leave", part.name, part.holder, wait_s, problem[:500])

    def swapping(self, part: Part) -> bool | None:
        """Notes that the swap comes now; True if that was noted before. None: the part is not ours any more."""
        found = self._run("swapping", part.name, part.holder)
        return None if found == "" else found == "1"

    def finish(self, kind: Kind, done: Rebuild | None, failed: str = "") -> bool:
        """The end: what was swapped in, or why nothing was. False if that kind is not under way."""
        made = done or Rebuild(live=0, built=0)
        return bool(self._run("finish", kind, made.live, made.built, failed[:500]))

    def again(self, part: Part) -> None:
        """From the beginning: the index that was being built has gone."""
        self._run("again", part.holder, part.name)

    def waiting(self) -> int:
        """How many parts wait for a worker."""
        return int(self._run("waiting"))

    def copying(self) -> bool:
        """Whether one is under way."""
        made = self.making()
        return made is not None and made.phase is Phase.COPYING

    def making(self) -> Making | None:
        """What is under way, or ended last."""
        return making_of(cast(dict[str, str], self.client.hgetall(f"{self.prefix}reindex")))


def making_of(kept: Mapping[str, str]) -> Making | None:
    """From the fields of the hash."""
    if "kind" not in kept:
        return None
    phase = Phase.FAILED if "failed" in kept else Phase.DONE if "ended" in kept else Phase.COPYING
    return Making(
        kind=kept["kind"],
        phase=phase,
        total=int(kept["total"]),
        done=int(kept["done"]),
        problem=kept.get("failed", "") or kept.get("problem", ""),
        before=int(kept.get("live", 0)),
        now=int(kept.get("built", 0)),
    )
