"""How a search store in OpenSearch writes: bulk requests cut to size, a verdict an item, what passes tried again."""

import gzip
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any as Json

from opensearchpy import OpenSearch, TransportError

from newsmill.search.opensearch.bulk import MAX_REASON, NO_INDEX, Write, is_full, portions, settled_in_both, verdict
from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.search.opensearch.indexes import Indexes
from newsmill.search.opensearch.marks import Names
from newsmill.search.store import Result, WriteVerdict
from newsmill.stores.errors import NotBuilding, StoreFull, StoreUnavailable

PACKED_FROM = 64_000  # bytes; proxies refuse a request above 1 MB (nginx's default), and text packs to a third of that
SLOWEST_BYTES_S = 100_000  # that a cluster takes of one article: 3 MB of words that all differ took 20 s on a slow core
LONGEST_S = 60.0  # below the index stage's 100 s

Once = Callable[[list[Write]], list[WriteVerdict]]


class Writer:
    """client: the process's client for the length of a block (see OpenSearchStore)."""

    def __init__(
        self,
        url: str,
        options: OpenSearchOptions,
        indexes: Indexes,
        *,
        client: Callable[[], AbstractContextManager[OpenSearch]],
    ) -> None:
        self.url, self.options, self.indexes, self._client = url, options, indexes, client

    def write(self, writes: Sequence[Write]) -> list[WriteVerdict]:
        """Into the live index, and into the one that is being built."""
        return self._tried(writes, self._write)

    def fill(self, writes: Sequence[Write]) -> list[WriteVerdict]:
        """Into the index that is being built. Raises NotBuilding if there is none."""
        return self._tried(writes, self._fill)

    def _tried(self, writes: Sequence[Write], once: Once) -> list[WriteVerdict]:
        """Again and again what the cluster cannot take now. Raises StoreUnavailable when it takes nothing."""
        verdicts: dict[int, WriteVerdict] = {}
        waiting = list(enumerate(writes))
        for attempt in range(self.options.tries):
            if attempt:
                longest = min(self.options.backoff_max_s, self.options.backoff_s * 2**attempt)
                time.sleep(random.uniform(longest / 2, longest))
            found = once([write for _, write in waiting])
            verdicts |= {i: made for (i, _), made in zip(waiting, found, strict=True)}
            waiting = [(i, write) for i, write in waiting if verdicts[i].result is Result.RETRY]
            if not waiting:
                break
        if waiting and len(waiting) == len(writes):
            reason = verdicts[0].reason
            raise (StoreFull if is_full(reason) else StoreUnavailable)(f"{self.url}: {reason}")
        return [verdicts[i] for i in range(len(writes))]

    def _write(self, writes: list[Write]) -> list[WriteVerdict]:
        with self._client() as client:
            names = self.indexes.for_writing(client)
            aliases = [self.indexes.building, self.indexes.alias] if names.building else [self.indexes.alias]
            verdicts: list[WriteVerdict] = []
            for portion in portions(writes, len(aliases), self.options.bulk_bytes):
                verdicts += self._portion(client, names, aliases, portion=portion)
        return verdicts

    def _fill(self, writes: list[Write]) -> list[WriteVerdict]:
        with self._client() as client:
            verdicts: list[WriteVerdict] = []
            for portion in portions(writes, 1, self.options.bulk_bytes):
                verdicts += self._bulk(client, [self.indexes.building], portion)
        if any(NO_INDEX in made.reason for made in verdicts):
            raise NotBuilding(f"{self.url}: no index is being built")
        return verdicts

    def _portion(
        self, client: OpenSearch, names: Names, aliases: list[str], *, portion: list[Write]
    ) -> list[WriteVerdict]:
        """Where a rollover left older indexes behind, what is written leaves them: an article lies in one of them.

        Relies on what the ledger's leases give: no two workers write one id at the same time.
        """
        held = self._held(client, names.live[:-1], portion)
        newest = {id: max(rank for _, rank in there) for id, there in held.items()}
        late = {w.id: newest[w.id] for w in portion if w.id in newest and newest[w.id] > w.rank}
        written = iter(
            self._bulk(client, aliases, coming) if (coming := [w for w in portion if w.id not in late]) else ()
        )
        verdicts = [
            WriteVerdict(w.id, Result.STALE, there=late[w.id]) if w.id in late else next(written) for w in portion
        ]
        if not held:
            return verdicts
        lines = b"".join(write.removal(self.indexes.alias) for write in portion if write.id in late)
        for write, made in zip(portion, verdicts, strict=True):
            if made.settled and write.id not in late:
                lines += b"".join(write.removal(index) for index, _ in held.get(write.id, ()))
        return self._without(client, lines, verdicts)

    def _held(self, client: OpenSearch, older: Sequence[str], portion: list[Write]) -> dict[str, list[tuple[str, int]]]:
        """By id: in which of these indexes it lies, and with what rank."""
        if not older:
            return {}
        asked = [{"_index": index, "_id": write.id} for write in portion for index in older]
        answer = client.mget(body={"docs": asked}, params={"_source": "rank"})
        held: dict[str, list[tuple[str, int]]] = {}
        for item in answer["docs"]:
            if item.get("found"):
                held.setdefault(item["_id"], []).append((item["_index"], int(item["_source"]["rank"])))
        return held

    def _without(self, client: OpenSearch, lines: bytes, verdicts: list[WriteVerdict]) -> list[WriteVerdict]:
        """After removals: what could not be removed is written once more, so that it does not stay twice."""
        if not lines:
            return verdicts
        answer = self._send(client, lines)
        stay = {item["delete"]["_id"]: item["delete"] for item in answer["items"] if item["delete"]["status"] >= 409}
        return [
            WriteVerdict(made.id, Result.RETRY, f"an older index still has it: {stay[made.id]}"[:MAX_REASON])
            if made.id in stay
            else made
            for made in verdicts
        ]

    def _bulk(self, client: OpenSearch, aliases: list[str], portion: list[Write]) -> list[WriteVerdict]:
        """The live index is written last: what it holds, the one being built holds too."""
        body = b"".join(write.lines(alias) for alias in aliases for write in portion)
        try:
            answer = self._send(client, body)
        except TransportError as error:
            if error.status_code not in (400, 413):  # 400: one malformed item is enough for all to be refused
                raise
            if len(portion) > 1:
                middle = len(portion) // 2
                return self._bulk(client, aliases, portion[:middle]) + self._bulk(client, aliases, portion[middle:])
            return [WriteVerdict(portion[0].id, Result.REJECTED, f"{len(body)} bytes: {error}"[:MAX_REASON])]
        items = [verdict(item["index"]["_id"], item["index"]) for item in answer["items"]]
        if len(aliases) == 1:
            return items
        building, live = items[: len(portion)], items[len(portion) :]
        return [settled_in_both(*pair) for pair in zip(live, building, strict=True)]

    def _send(self, client: OpenSearch, body: bytes) -> dict[str, Json]:
        """One request: packed where that is worth it, and with time for what is large."""
        headers = {"content-type": "application/x-ndjson"}
        patience_s = min(self.options.timeout_s + len(body) / SLOWEST_BYTES_S, LONGEST_S)
        if len(body) > PACKED_FROM:
            body, headers = gzip.compress(body, 1), headers | {"content-encoding": "gzip"}
        params = {"refresh": self.options.refresh, "request_timeout": patience_s}
        answer: dict[str, Json] = client.transport.perform_request(
            "POST", "/_bulk", params=params, body=body, headers=headers
        )
        return answer
