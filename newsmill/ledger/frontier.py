"""The frontier and the ledger: a thin edge over the Lua scripts beside it (keys: lua/prelude.lua)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from newsmill.ledger.access import Access
from newsmill.ledger.changes import Changes
from newsmill.ledger.entries import Added, Adopted, Candidate, Kept, Move
from newsmill.ledger.entry import Entry, PageEntry, PollEntry, a_page, a_poll, entry_of
from newsmill.ledger.hooks import Hooks
from newsmill.ledger.new_index import Reindex
from newsmill.ledger.overview import Overview
from newsmill.ledger.polls import Polls
from newsmill.ledger.presence import Presence
from newsmill.ledger.replays import Replays
from newsmill.ledger.robots_cache import RobotsCache
from newsmill.ledger.stages import LEASE_S, Stage
from newsmill.ledger.stories import Stories
from newsmill.ledger.under_way import NOTHING, Beside, Taken
from newsmill.ledger.window import Window, window_of
from newsmill.outcomes import Outcome

ADD_CHUNK = 500  # candidates a script call: about 10 ms in Redis, so that nobody else waits long
SWEEP_MOST = 1000  # entries of each kind a sweep: bounded work a call; the next tick goes on
DISPATCH_MOST = 500  # hosts a dispatch
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


def _pairs(flat: Sequence[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


@dataclass
class Frontier(Polls, Presence):
    """Who may be fetched next, and the state of every address; see Scripts for its fields."""

    @property
    def robots(self) -> RobotsCache:
        """Each authority's robots.txt."""
        return RobotsCache(self.client, self.prefix)

    @property
    def access(self) -> Access:
        """Who may do what at the console and the API."""
        return Access(self.client, self.prefix)

    @property
    def changes(self) -> Changes:
        """What became of articles, for those who follow."""
        return Changes(self.client, self.prefix)

    @property
    def hooks(self) -> Hooks:
        """Webhooks, and how far they are."""
        return Hooks(self.client, self.prefix)

    @property
    def overview(self) -> Overview:
        """What an operator looks at beyond the counters."""
        return Overview(self.client, self.prefix)

    @property
    def replays(self) -> Replays:
        """How far replays are."""
        return Replays(self.client, self.prefix)

    @cached_property
    def stories(self) -> Stories:
        """The stories of the last days."""
        return Stories(self.client, self.prefix)

    @cached_property
    def new_index(self) -> Reindex:
        """How far a new search index is."""
        return Reindex(self.client, self.prefix)

    def add(self, candidates: Iterable[Candidate], beyond: int = 0) -> Added:
        """Accepts what is not known yet. Repeat it until it succeeds, and only then move a cursor.

        beyond: links beside them that their page had too many of; counted, and shown.
        """
        offered = [c.as_json() for c in candidates]
        total = Added()
        for start in range(0, len(offered), ADD_CHUNK):
            chunk = json.dumps(offered[start : start + ADD_CHUNK], ensure_ascii=False)
            total += Added(
                *self._run("add", self.limits.max_waiting, self.limits.per_day, chunk, 0 if start else beyond)
            )
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
        self.client.delete(f"{self.prefix}server", f"{self.prefix}clock")

    def hold(self, owner: str, asking: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> int:
        """What a worker knows and a server that was started anew may have lost; returns how many hosts it set right."""
        if not (asking or asked):
            return 0
        return int(self._run("hold", owner, *(json.dumps(list(part)) for part in (asking, asked))))

    def claim(self, stage: Stage, ids: Sequence[str], owner: str) -> list[Entry]:
        """Leases those ids that are ready for `stage`; the others are not ours."""
        return list(self.take(stage, ids, owner).won)

    def take(
        self, stage: Stage, ids: Sequence[str], owner: str, *, beside: Beside = NOTHING, alone: bool = False
    ) -> Taken:
        """`claim`, for a worker that says what it has under way beside these. alone: nothing, nor will it have."""
        if not ids:
            return Taken()
        known = (self.limits.max_crashes, int(alone), json.dumps(list(beside.alone)), beside.all)
        won, suspects = self._run("claim", stage, LEASE_S, owner, *known, *ids)
        return Taken(tuple(entry_of(id, _pairs(fields), _pairs(host)) for id, fields, host in won), tuple(suspects))

    def renew(self, owner: str, at_work: Sequence[tuple[Stage, str]]) -> list[str]:
        """Puts off the end of these leases; returns the ids that are not this owner's any more."""
        return list(self._run("renew", owner, LEASE_S, *(part for pair in at_work for part in pair))) if at_work else []

    def finish(self, stage: Stage, owner: str, moves: Sequence[Move]) -> set[str]:
        """Ends leases. Returns the ids that moved: those whose lease was still ours."""
        if not moves:
            return set()
        text = json.dumps([m.as_json() for m in moves], ensure_ascii=False)
        limits = self.limits
        kept = (limits.events, limits.events_s)
        return set(self._run("finish", stage, owner, limits.hint_s, limits.retention_s, text, *kept))

    def abandon(self, stage: Stage, owner: str, ids: Sequence[str]) -> int:
        """Gives up those of `ids` that this owner holds, as a crash of the stage; returns how many."""
        limits = self.limits
        return int(self._run("abandon", stage, owner, limits.max_crashes, limits.retention_s, *ids)) if ids else 0

    def sweep(self, dead_owner: str = "", killed: bool = False) -> tuple[int, tuple[Hints, ...]]:
        """What time brings. dead_owner: a worker known to be gone ("*": all), whose leases end now.

        killed: it was ended by somebody else, so that what it had under way together is innocent.
        """
        limits = self.limits
        bounds = (limits.hint_s, limits.max_crashes, limits.retention_s, SWEEP_MOST, limits.max_waiting)
        abandoned, *rest = self._run("sweep", *bounds, dead_owner, int(killed))
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

    def adopt(self, pages: Sequence[Kept], most: int, force: bool = False, *, announce: bool = False) -> Adopted:
        """Takes kept pages into parse while fewer than `most` are in progress. force: also those that were done.

        announce: what comes of them is told in the change log.
        """
        if not pages:
            return Adopted((), (), (), ())
        text = json.dumps([page.as_json() for page in pages], ensure_ascii=False)
        return Adopted(*map(tuple, self._run("adopt", self.limits.hint_s, most, int(force), int(announce), text)))

    def drain(self, host: str, outcome: Outcome, reason: str, *, again_s: float = 0.0) -> int:
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

    def note_progress(self, kept: Mapping[str, str]) -> None:
        """Keeps what stands still since when, for the next look (stall.py)."""
        key = f"{self.prefix}progress"
        with self.client.pipeline() as pipe:
            pipe.delete(key)
            if kept:
                pipe.hset(key, mapping=dict(kept))  # type: ignore[arg-type]
            pipe.execute()

    def check(self, *args: str) -> str:
        """A portion of the ledger held against the rest (see audit.lua); audit.py puts them together."""
        return cast(str, self._run("audit", *args))

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
        return window_of(cast(dict[str, str], self.client.hgetall(f"{self.prefix}window")), self.limits.window)

    def set_window(self, window: Window) -> None:
        """Keeps what was decided."""
        fields = ((name, getattr(window, name)) for name in Window.__slots__)
        kept = {name: "" if value is None else str(value) for name, value in fields}
        self.client.hset(f"{self.prefix}window", mapping=kept)  # type: ignore[arg-type]

    def entry(self, id: str) -> Entry | None:
        """An entry as it is now, with the state of its host; None when it is unknown or has shrunk."""
        fields = cast(dict[str, str], self.client.hgetall(f"{self.prefix}e:{id}"))
        if not fields:
            return None
        host = fields.get("host", "")
        return entry_of(
            id, fields, cast(dict[str, str], self.client.hgetall(f"{self.prefix}host:{host}")) if host else {}
        )

    def page(self, id: str) -> PageEntry | None:
        """The entry of an address, as `entry`. Raises TypeError for a poll's."""
        entry = self.entry(id)
        return a_page(entry) if entry else None

    def poll(self, id: str) -> PollEntry | None:
        """The entry of a poll, as `entry`. Raises TypeError for an address's."""
        entry = self.entry(id)
        return a_poll(entry) if entry else None

    def search_index(self) -> str:
        """Which search index has the articles that count as indexed (SearchStore.identity); empty if not known."""
        return cast("str | None", self.client.get(f"{self.prefix}search-index")) or ""

    def note_search_index(self, id: str, anew: bool = False) -> None:
        """Keeps which one it is, if none is known; anew: it has taken the place of another."""
        self.client.set(f"{self.prefix}search-index", id, nx=not anew)

    def shrunk(self, id: str) -> Outcome | None:
        """The outcome of an entry that is known only by its fingerprint."""
        code = self.client.hget(f"{self.prefix}seen:{id[:4]}", id[4:])
        return list(Outcome)[int(cast(str, code)) - 1] if code else None

    def entries(self) -> Iterator[Entry]:
        """Every entry, in no order, while others work; an entry that changes meanwhile may be seen before or after."""
        return self._scan("e:*")
