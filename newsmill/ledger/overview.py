"""What an operator looks at beyond the counters: hosts, ends by reason, memory. Bounded, while others work."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import redis

from newsmill.ledger.entry import POLL_PREFIX

SCAN = 500  # entries a round trip
PRIORITIES = ("0", "1", "2")


@dataclass(frozen=True, slots=True)
class WaitingHost:
    """A host with addresses that wait. at: when it may be asked, seconds since the epoch; None while it is being asked.

    group: whose turns are all taken, so that it is put aside; empty otherwise.
    """

    host: str
    waiting: int
    at: float | None
    group: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class SettledRow:
    """An address that has ended."""

    id: str
    url: str
    host: str
    outcome: str
    reason: str
    settled: float


@dataclass(frozen=True, slots=True)
class Overview:
    """Looks that cost a bounded number of round trips. Raises redis.RedisError."""

    client: "redis.Redis"
    prefix: str = "nm:"

    def memory(self) -> tuple[int, int]:
        """Bytes that Redis uses, and may use (0: no limit)."""
        told = cast(dict[str, int], self.client.info("memory"))
        return int(told.get("used_memory", 0)), int(told.get("maxmemory", 0))

    def hosts(self, most: int) -> list[WaitingHost]:
        """At most so many hosts that have something waiting and are next, and those that are put aside."""
        at: dict[str, float] = {}
        for priority in PRIORITIES:
            rows = cast(
                list[tuple[str, float]],
                self.client.zrange(f"{self.prefix}due:{priority}", 0, most - 1, withscores=True),
            )
            for host, when in rows:
                at[host] = min(when, at.get(host, when))
        groups: dict[str, str] = {}
        for group in list(cast(dict[str, str], self.client.hgetall(f"{self.prefix}parked")))[:most]:
            for host in cast(list[str], self.client.zrange(f"{self.prefix}parked:{group}", 0, most - 1)):
                groups.setdefault(host, group)
        chosen = list(dict.fromkeys([*groups, *sorted(at, key=lambda host: at[host])]))[:most]
        return [self._host(host, at.get(host), groups.get(host, "")) for host in chosen]

    def host(self, host: str) -> WaitingHost:
        """One host, whatever it does."""
        scores = [self.client.zscore(f"{self.prefix}due:{priority}", host) for priority in PRIORITIES]
        due = [float(score) for score in scores if score is not None]
        return self._host(host, min(due) if due else None, "")

    def _host(self, host: str, at: float | None, group: str) -> WaitingHost:
        pipe = self.client.pipeline(transaction=False)
        pipe.hgetall(f"{self.prefix}host:{host}")
        for priority in PRIORITIES:
            pipe.llen(f"{self.prefix}q:{priority}:{host}")
        fields, *lengths = pipe.execute()
        return WaitingHost(host, sum(lengths), at, group, fields)

    def waiting_at(self, host: str, most: int) -> list[str]:
        """The addresses that wait for a host, those first that come first, at most so many."""
        ids: list[str] = []
        for priority in PRIORITIES:
            ids += cast(list[str], self.client.lrange(f"{self.prefix}q:{priority}:{host}", 0, most - 1))
        pipe = self.client.pipeline(transaction=False)
        for id in ids[:most]:
            pipe.hget(f"{self.prefix}e:{id}", "url")
        return [url for url in pipe.execute() if url]

    def holder(self, document: str) -> str:
        """The id that holds a document which is not its own canonical address; empty if none does."""
        return cast("str | None", self.client.get(f"{self.prefix}own:{document}")) or ""

    def ends(self, outcomes: Sequence[str], within_s: float) -> Iterator[SettledRow]:
        """Addresses that ended so, in no order, as many as are come upon in so many seconds."""
        until = time.monotonic() + within_s
        names = ("outcome", "url", "host", "reason", "settled")
        cursor = 0
        while True:
            cursor, keys = cast(tuple[int, list[str]], self.client.scan(cursor, f"{self.prefix}e:*", SCAN))
            pipe = self.client.pipeline(transaction=False)
            ids = [key.removeprefix(f"{self.prefix}e:") for key in keys]
            ids = [id for id in ids if not id.startswith(POLL_PREFIX)]
            for id in ids:
                pipe.hmget(f"{self.prefix}e:{id}", names)
            for id, (outcome, url, host, reason, settled) in zip(ids, pipe.execute(), strict=True):
                if outcome in outcomes:
                    yield SettledRow(id, url or "", host or "", outcome, reason or "", float(settled or 0))
            if not cursor or time.monotonic() > until:
                return
