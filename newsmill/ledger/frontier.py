"""The frontier and the ledger: a thin edge over the Lua scripts beside it (keys: lua/prelude.lua)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, cast

import redis

from newsmill.ledger.entries import Added, Adopted, Candidate, Entry, Kept, Move
from newsmill.ledger.stages import LEASE_S, Stage
from newsmill.ledger.window import Window
from newsmill.outcomes import Outcome

ADD_CHUNK = 500  # candidates a script call: about 10 ms in Redis, so that nobody else waits long
SWEEP_MOST = 1000  # entries of each kind a sweep: bounded work a call; the next tick goes on
DISPATCH_MOST = 500  # hosts a dispatch
SCAN_CHUNK = 1000
BROWSER_MEMORY_S = 60  # outlives the restart of a render worker; then pages that need one are fetched plainly
COPIES_MEMORY_S = 30 * 86400  # a page that does not come within a month is not waited for
HOST_MEMORY_S = 30 * 86400  # as in prelude.lua


@dataclass(frozen=True, slots=True)
class Hints:
    """Ids for which a message is to be sent.

    alone: one message each (they may have killed a batch). rendered: one message each, to a worker with a browser.
    """

    stage: Stage
    together: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    rendered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What `dispatch` made ready. next_due_s: seconds until the next host is due; None when none is known.

    server: the run id of the Redis server; another one means that it was started anew.
    """

    hints: tuple[Hints, ...]
    next_due_s: float | None
    server: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How the frontier behaves; wired from settings."""

    window: int = 1000
    max_waiting: int = 20_000_000
    per_day: int = 100_000
    hint_s: float = 30.0
    max_crashes: int = 3
    retention_s: float = 30 * 86400.0
    polls: int = 100
    per_ip: int = 4
    renders: int = 20  # pages in browsers or on their way there: seconds each, so that they never fill the window


@cache
def _source(name: str) -> str:
    folder = files("newsmill.ledger") / "lua"
    return (folder / "prelude.lua").read_text("utf-8") + (folder / f"{name}.lua").read_text("utf-8")


def _pairs(flat: Sequence[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


@dataclass
class Frontier:
    """Who may be fetched next, and the state of every address. Every method is one atomic script.

    client: decodes responses. now: seconds since the epoch; 0 means the Redis server's clock, tests pass their own.
    Raises redis.RedisError when the server cannot be reached or refuses.
    """

    client: "redis.Redis"
    limits: Limits = field(default_factory=Limits)
    prefix: str = "nm:"
    now: float = 0.0

    def __post_init__(self) -> None:
        self._scripts: dict[str, Any] = {}

    def _script(self, name: str) -> Any:
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self.client.register_script(_source(name))
        return script

    def _run(self, name: str, *args: str | float) -> Any:
        return self._script(name)(keys=[self.prefix], args=[repr(self.now), *args])

    def add(self, candidates: Iterable[Candidate]) -> Added:
        """Accepts what is not known yet. Repeat it until it succeeds, and only then move a cursor."""
        offered = [c.as_json() for c in candidates]
        total = Added()
        for start in range(0, len(offered), ADD_CHUNK):
            chunk = json.dumps(offered[start : start + ADD_CHUNK], ensure_ascii=False)
            total += Added(*self._run("add", self.limits.max_waiting, self.limits.per_day, chunk))
        return total

    def dispatch(self, most: int = DISPATCH_MOST) -> Dispatched:
        """Takes due hosts, one address each, up to the free window."""
        limits = self.limits
        pages, alone, polls, rendered, wait, server = self._run(
            "dispatch", limits.hint_s, most, limits.window, limits.polls, limits.per_ip, limits.renders
        )
        hints = (
            Hints(Stage.FETCH, tuple(pages), tuple(alone), tuple(rendered)),
            Hints(Stage.PRODUCE, (), tuple(polls)),
        )
        return Dispatched(hints, None if float(wait) < 0 else float(wait), server)

    def rest_in_order(self) -> None:
        """Says that the server is about to end and will have lost nothing: the next one need not be quiet first."""
        self.client.delete(f"{self.prefix}server")

    def hold(self, owner: str, asking: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> int:
        """What a worker knows and a server that was started anew may have lost; returns how many hosts it set right."""
        if not (asking or asked):
            return 0
        return int(self._run("hold", owner, *(json.dumps(list(part)) for part in (asking, asked))))

    def claim(self, stage: Stage, ids: Sequence[str], owner: str) -> list[Entry]:
        """Leases those ids that are ready for `stage`; the others are not ours."""
        won = self._run("claim", stage, LEASE_S[stage], owner, *ids) if ids else []
        return [Entry(id, _pairs(fields), _pairs(host)) for id, fields, host in won]

    def finish(self, stage: Stage, owner: str, moves: Sequence[Move]) -> set[str]:
        """Ends leases. Returns the ids that moved: those whose lease was still ours."""
        if not moves:
            return set()
        text = json.dumps([m.as_json() for m in moves], ensure_ascii=False)
        return set(self._run("finish", stage, owner, self.limits.hint_s, self.limits.retention_s, text))

    def abandon(self, stage: Stage, owner: str, ids: Sequence[str]) -> int:
        """Gives up those of `ids` that this owner holds, as a crash of the stage; returns how many."""
        limits = self.limits
        return int(self._run("abandon", stage, owner, limits.max_crashes, limits.retention_s, *ids)) if ids else 0

    def sweep(self, dead_owner: str = "") -> tuple[int, tuple[Hints, ...]]:
        """What time brings. dead_owner: a worker known to be gone ("*": all), whose leases end now."""
        limits = self.limits
        abandoned, *rest = self._run(
            "sweep", limits.hint_s, limits.max_crashes, limits.retention_s, SWEEP_MOST, limits.max_waiting, dead_owner
        )
        hints = tuple(Hints(Stage(rest[i]), *map(tuple, rest[i + 1 : i + 4])) for i in range(0, len(rest), 4))
        return int(abandoned), hints

    def own(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (entry id, document id): may this entry write that document?"""
        return [bool(n) for n in self._run("own", *(part for pair in pairs for part in pair))] if pairs else []

    def note_copies(self, pairs: Sequence[tuple[str, str]]) -> None:
        """For each (entry id, document id): the entry says to be a copy of that document, and waits for it."""
        pipe = self.client.pipeline(transaction=False)
        for id, doc in pairs:
            key = f"{self.prefix}copies:{doc}"
            pipe.sadd(key, id)
            pipe.expire(key, COPIES_MEMORY_S)
        pipe.execute()

    def reopen(self, ids: Sequence[str], priority: int, stage: Stage = Stage.FETCH) -> list[str]:
        """Puts settled entries back into work; returns those that went."""
        return list(self._run("reopen", priority, stage, self.limits.hint_s, *ids)) if ids else []

    def adopt(self, pages: Sequence[Kept], most: int, force: bool = False) -> Adopted:
        """Takes kept pages into parse while fewer than `most` are in progress. force: also those that were done."""
        if not pages:
            return Adopted((), (), (), ())
        text = json.dumps([page.as_json() for page in pages], ensure_ascii=False)
        return Adopted(*map(tuple, self._run("adopt", self.limits.hint_s, most, int(force), text)))

    def drain(self, host: str, outcome: Outcome, reason: str, again_s: float = 0.0) -> int:
        """Settles everything that waits for a host; returns how many.

        again_s: seconds until those that the index has are looked at again; 0 for never.
        """
        total = 0
        while done := int(self._run("drain", host, outcome, reason, self.limits.retention_s, SWEEP_MOST, again_s)):
            total += done
        return total

    def snapshot(self) -> dict[str, Any]:
        """One consistent picture of all counters and sets (see status.lua)."""
        return cast(dict[str, Any], json.loads(self._run("status")))

    def next_look(self, id: str) -> float | None:
        """When a settled entry is looked at again, seconds since the epoch; None if it is not."""
        at = self.client.zscore(f"{self.prefix}recrawl", id)
        return None if at is None else float(at)

    def note_browser(self) -> None:
        """Says that a worker with a browser lives; it has to say so again and again."""
        self.client.set(f"{self.prefix}browsers", "1", ex=BROWSER_MEMORY_S)

    def has_browser(self) -> bool:
        """Whether a worker with a browser lives."""
        return bool(self.client.exists(f"{self.prefix}browsers"))

    def note_host(self, host: str, fields: Mapping[str, str]) -> None:
        """Keeps what was learnt of a host outside a turn of its own; forgotten with the host."""
        key = f"{self.prefix}host:{host}"
        self.client.hset(key, mapping=dict(fields))  # type: ignore[arg-type]
        self.client.expire(key, HOST_MEMORY_S, nx=True)

    def try_lock(self, name: str, seconds: float) -> bool:
        """True for one caller in `seconds`. Never a guard of correctness, only of doing the same work twice."""
        return bool(self.client.set(f"{self.prefix}lock:{name}", "1", px=int(seconds * 1000), nx=True))

    def unlock(self, name: str) -> None:
        """Ends a lock before its time."""
        self.client.delete(f"{self.prefix}lock:{name}")

    def window(self) -> Window:
        """The window as last decided."""
        kept = cast(dict[str, str], self.client.hgetall(f"{self.prefix}window"))
        return Window(
            int(kept.get("size", self.limits.window)),
            kept.get("reason", ""),
            float(kept.get("rate", 0)),
            int(kept.get("settled", 0)),
            float(kept.get("at", 0)),
            float(kept["free_mb"]) if kept.get("free_mb") else None,
        )

    def set_window(self, window: Window) -> None:
        fields = ((name, getattr(window, name)) for name in Window.__slots__)
        kept = {name: "" if value is None else str(value) for name, value in fields}
        self.client.hset(f"{self.prefix}window", mapping=kept)  # type: ignore[arg-type]

    def entry(self, id: str) -> Entry | None:
        """An entry as it is now, with the state of its host; None when it is unknown or has shrunk."""
        fields = cast(dict[str, str], self.client.hgetall(f"{self.prefix}e:{id}"))
        if not fields:
            return None
        host = fields.get("host", "")
        return Entry(id, fields, cast(dict[str, str], self.client.hgetall(f"{self.prefix}host:{host}")) if host else {})

    def shrunk(self, id: str) -> Outcome | None:
        """The outcome of an entry that is known only by its fingerprint."""
        code = self.client.hget(f"{self.prefix}seen:{id[:4]}", id[4:])
        return list(Outcome)[int(cast(str, code)) - 1] if code else None

    def entries(self) -> Iterator[Entry]:
        """Every entry, in no order, while others work; an entry that changes meanwhile may be seen before or after."""
        return self._scan("e:*")

    def polls(self) -> Iterator[Entry]:
        """Every poll, in no order."""
        return self._scan("e:poll:*")

    def _scan(self, pattern: str) -> Iterator[Entry]:
        for key in self.client.scan_iter(match=self.prefix + pattern, count=SCAN_CHUNK):
            fields = cast(dict[str, str], self.client.hgetall(key))
            if fields:
                yield Entry(str(key).removeprefix(f"{self.prefix}e:"), fields)

    def put_poll(self, id: str, fields: Mapping[str, str], wait_s: float | None = 0.0) -> None:
        """Makes a poll known, or changes what is configured of it.

        wait_s: seconds until its next time, if it is idle; None leaves the schedule as it is.
        """
        key = f"{self.prefix}e:{id}"
        kept = {k: v for k, v in fields.items() if v != ""}
        self.client.hset(key, mapping=kept)  # type: ignore[arg-type]
        self.client.hsetnx(key, "state", "idle")
        if wait_s is not None:
            self.poll_in(id, wait_s)

    def put_polls(self, polls: Mapping[str, Mapping[str, str]], wait_s: float = 0.0) -> None:
        """`put_poll` for many at once, in few round trips."""
        ids, script = list(polls), self._script("poll")
        for start in range(0, len(ids), SCAN_CHUNK):
            pipe = self.client.pipeline(transaction=False)
            for id in ids[start : start + SCAN_CHUNK]:
                key = f"{self.prefix}e:{id}"
                pipe.hset(key, mapping={k: v for k, v in polls[id].items() if v != ""})
                pipe.hsetnx(key, "state", "idle")
                script(keys=[self.prefix], args=[repr(self.now), id, wait_s], client=pipe)
            pipe.execute()

    def poll_in(self, id: str, wait_s: float | None) -> bool:
        """Sets the next time of an idle poll (None: not until this is called again); False if it waits or runs."""
        return bool(self._run("poll", id, "" if wait_s is None else wait_s))

    def drop_poll(self, id: str) -> None:
        """Forgets the poll of a source that was removed."""
        self._run("drop", id)
