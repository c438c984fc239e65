"""The search store in OpenSearch, for what outgrows one machine.

The alias `newsmill` names the live index, `newsmill-building` one that a rebuild makes; both take every write.
Versions are OpenSearch's own (external_gte), so any number of workers may write in any order.
"""

import json
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any as Json

from opensearchpy import NotFoundError, OpenSearch, OpenSearchException, RequestError, TransportError, helpers

from workers.index.query import Query, parse
from workers.messages import Document
from workers.stores.errors import StoreError, StoreFull, StoreUnavailable
from workers.stores.opensearch_bulk import (
    MAX_REASON,
    Write,
    deletion_write,
    document_write,
    is_full,
    portions,
    settled_in_both,
    verdict,
)
from workers.stores.opensearch_client import OpenSearchOptions, connect, named
from workers.stores.opensearch_query import FACET_VALUES, Dsl, collapsed, other_articles
from workers.stores.raw import to_micros
from workers.stores.search import (
    DELETED,
    Facet,
    Facets,
    Page,
    Rebuild,
    Result,
    Sort,
    Verdict,
    check_window,
    found_page,
    rank,
)

TROUBLE_S = 5  # of a request whose answer someone is waiting for
SCAN_ROWS = 500
SETTLE_S = 1.0  # a bulk request that was on its way when a rebuild began has ended, and is searchable, after this


class OpenSearchStore:
    """See SearchStore. Nothing is asked of the cluster before the first call, so a worker may start before it."""

    def __init__(self, url: str, options: OpenSearchOptions | None = None) -> None:
        self.url = url
        self.options = options or OpenSearchOptions()
        self.alias = self.options.alias
        self.building = f"{self.alias}-building"
        try:
            self._template: dict[str, Json] = json.loads(self.options.template.read_text())
        except (OSError, ValueError) as error:
            raise StoreError(f"index template {self.options.template}: {error}") from error
        stems = self._template["template"]["mappings"]["properties"]["stems"]["properties"]
        self._languages = frozenset(stems)
        self._dsl = Dsl(self._languages, self.options.stems_find)
        self._lock = threading.Lock()
        self._pid = 0
        self._ready = False
        self._opened: OpenSearch | None = None

    def upsert(self, documents: Sequence[Document]) -> list[Verdict]:
        """See SearchStore."""
        return self._write([document_write(document, self._languages) for document in documents])

    def delete(self, items: Sequence[tuple[str, int]], extractor: int = DELETED) -> list[Verdict]:
        """See SearchStore."""
        return self._write([deletion_write(entry_id, version, extractor) for entry_id, version in items])

    def remove_older(self, before: datetime, most: int) -> int:
        """See SearchStore."""
        old: list[Json] = [{"term": {"deleted": False}}, {"range": {"date": {"lt": before.isoformat()}}}]
        params = {"conflicts": "proceed", "refresh": "true", "max_docs": most}
        with self._client() as client:
            gone = [
                client.delete_by_query(index=name, body={"query": {"bool": {"filter": old}}}, params=params)
                for name in self._indexes(client)
            ]
        return max(int(answer["deleted"]) for answer in gone)

    def search(
        self,
        query: Query | str,
        limit: int = 10,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
        *,
        marks: tuple[str, str] = ("", ""),
        facets: bool = False,
        collapse: bool = False,
    ) -> Page:
        """See SearchStore."""
        check_window(limit, offset)
        tree = parse(query) if isinstance(query, str) else query
        body = self._dsl.body(tree, limit, offset, sort, facets)
        if collapse:
            body |= collapsed(body)
        with self._client() as client:
            try:
                answer = client.search(index=self.alias, body=body)
            except NotFoundError:  # nothing was ever written
                return Page(hits=(), total=0, facets=Facets() if facets else None)
        found = [(Document.model_validate(hit["_source"]["document"]), hit) for hit in answer["hits"]["hits"]]
        scored = [(document, float(hit["_score"] or 0.0)) for document, hit in found]
        counted = _facets(answer["aggregations"]) if facets else None
        stories = answer["aggregations"]["stories"]["value"] if collapse else answer["hits"]["total"]["value"]
        others = [other_articles(hit) for _, hit in found]
        return found_page(scored, int(stories), tree, marks, counted, others)

    def get(self, entry_id: str) -> Document | None:
        """See SearchStore."""
        return self.get_many([entry_id]).get(entry_id)

    def get_many(self, entry_ids: Sequence[str]) -> dict[str, Document]:
        """See SearchStore."""
        if not entry_ids:
            return {}
        with self._client() as client:
            self._indexes(client)
            answer = client.mget(index=self.alias, body={"ids": list(entry_ids)}, params={"_source": "document"})
        return {
            item["_id"]: Document.model_validate(item["_source"]["document"])
            for item in answer["docs"]
            if item.get("found") and "document" in item["_source"]
        }

    def scan(self, query: Query | str = "") -> Iterator[Document]:
        """See SearchStore. Reads one moment's index, through a scroll."""
        tree = parse(query) if isinstance(query, str) else query
        asked = self._dsl.body(tree, SCAN_ROWS, 0, Sort.DATE, facets=False)
        body = {"query": asked["query"], "_source": ["document"], "sort": ["_doc"]}
        with self._client() as client:
            self._indexes(client)
            for hit in helpers.scan(client, query=body, index=self.alias, size=SCAN_ROWS, preserve_order=True):
                yield Document.model_validate(hit["_source"]["document"])

    def count(self) -> int:
        """See SearchStore."""
        with self._client() as client:
            return self._count(client, self.alias)

    def close(self) -> None:
        """See SearchStore."""
        if self._opened and self._pid == os.getpid():
            self._opened.close()
        self._opened = None

    # Rebuild and upkeep

    def begin_rebuild(self) -> None:
        """See SearchStore."""
        with self._client() as client:
            live, *building = self._indexes(client)
            if not building:
                name = f"{self.alias}-{int(live.rpartition('-')[2]) + 1:06}"
                self._drop_leftovers(client)
                client.indices.create(index=name, body={"aliases": {self.building: {}}})
                time.sleep(SETTLE_S)
                building = [name]
            self._copy_deletions(client, live, building[0])

    def rebuild(self) -> Rebuild | None:
        """See SearchStore."""
        with self._client() as client:
            live, *building = self._indexes(client)
            if not building:
                return None
            return Rebuild(live=self._count(client, live), built=self._count(client, building[0]))

    def commit_rebuild(self) -> Rebuild:
        """See SearchStore."""
        with self._client() as client:
            live, *building = self._indexes(client)
            if not building:
                raise StoreError(f"{self.url}: no index is being built")
            new = building[0]
            self._copy_deletions(client, live, new)
            client.indices.refresh(index=f"{live},{new}")
            done = Rebuild(live=self._count(client, live), built=self._count(client, new))
            client.indices.update_aliases(
                body={
                    "actions": [
                        {"add": {"index": new, "alias": self.alias}},
                        {"remove": {"index": new, "alias": self.building}},
                        {"remove": {"index": live, "alias": self.alias}},
                    ]
                }
            )
            time.sleep(SETTLE_S)  # queries that have begun on the old index end on it
            client.indices.delete(index=live)
        return done

    def abort_rebuild(self) -> None:
        """See SearchStore."""
        with self._client() as client:
            for name in self._indexes(client)[1:]:
                client.indices.delete(index=name)

    def check(self) -> tuple[str, ...]:
        """See SearchStore."""
        trouble = self.trouble()
        return (trouble,) if trouble else ()

    def trouble(self) -> str:
        """See SearchStore."""
        try:
            with self._client() as client:
                live = self._indexes(client)
                health = client.cluster.health(index=",".join(live), request_timeout=TROUBLE_S)
                settings = client.indices.get_settings(index=",".join(live), params={"flat_settings": "true"})
        except StoreError as error:
            return str(error)
        if health["status"] == "red":
            return f"{self.url}: the index is red: {health['unassigned_shards']} of its shards are not there"
        for name, found in settings.items():
            blocks = [key for key, value in found["settings"].items() if ".blocks." in key and value == "true"]
            if blocks:
                return f"{self.url}: {name} takes no writes ({', '.join(blocks)}): make room, then remove the block"
        return ""

    def compact(self, deletions_before: datetime) -> None:
        """See SearchStore."""
        old = {"lt": rank(to_micros(deletions_before), 0)}
        query = {"bool": {"filter": [{"term": {"deleted": True}}, {"range": {"rank": old}}]}}
        with self._client() as client:
            names = ",".join(self._indexes(client))
            client.indices.refresh(index=names)
            client.delete_by_query(index=names, body={"query": query}, params={"conflicts": "proceed"})
            client.indices.forcemerge(index=names, params={"only_expunge_deletes": "true"})
            client.indices.refresh(index=names)

    # Writing

    def _write(self, writes: Sequence[Write]) -> list[Verdict]:
        verdicts: dict[int, Verdict] = {}
        waiting = list(enumerate(writes))
        for attempt in range(self.options.tries):
            if attempt:
                longest = min(self.options.backoff_max_s, self.options.backoff_s * 2**attempt)
                time.sleep(random.uniform(longest / 2, longest))
            verdicts.update(self._try(waiting))
            waiting = [(i, write) for i, write in waiting if verdicts[i].result is Result.RETRY]
            if not waiting:
                break
        if waiting and len(waiting) == len(writes):
            reason = verdicts[0].reason
            raise (StoreFull if is_full(reason) else StoreUnavailable)(f"{self.url}: {reason}")
        return [verdicts[i] for i in range(len(writes))]

    def _try(self, numbered: Sequence[tuple[int, Write]]) -> dict[int, Verdict]:
        with self._client() as client:
            aliases = [self.building, self.alias] if len(self._indexes(client)) > 1 else [self.alias]
            verdicts: list[Verdict] = []
            for portion in portions([write for _, write in numbered], len(aliases), self.options.bulk_bytes):
                verdicts += self._bulk(client, aliases, portion)
        return {i: found for (i, _), found in zip(numbered, verdicts, strict=True)}

    def _bulk(self, client: OpenSearch, aliases: list[str], portion: list[Write]) -> list[Verdict]:
        """The live index is written last: what it holds, the one being built holds too."""
        body = b"".join(write.lines(alias) for alias in aliases for write in portion)
        try:
            answer = client.bulk(body=body, params={"refresh": self.options.refresh})
        except TransportError as error:
            if error.status_code not in (400, 413):  # 400: one malformed item is enough for all to be refused
                raise
            if len(portion) > 1:
                middle = len(portion) // 2
                return self._bulk(client, aliases, portion[:middle]) + self._bulk(client, aliases, portion[middle:])
            return [Verdict(portion[0].id, Result.REJECTED, f"{len(body)} bytes: {error}"[:MAX_REASON])]
        items = [verdict(item["index"]["_id"], item["index"]) for item in answer["items"]]
        if len(aliases) == 1:
            return items
        building, live = items[: len(portion)], items[len(portion) :]
        return [settled_in_both(*pair) for pair in zip(live, building, strict=True)]

    # The cluster

    def _indexes(self, client: OpenSearch) -> list[str]:
        """The live index, then the one being built, if any. The first call makes template, index and alias."""
        if not self._ready:
            try:
                self._prepare(client)
            except TransportError as error:
                if error.status_code in (400, 404, 409):  # for an operator to mend; work waits meanwhile
                    raise StoreUnavailable(f"{self.url}: the index cannot be made: {error}") from error
                raise
            self._ready = True
        found = client.indices.get_alias(name=f"{self.alias}*")
        live = [name for name, about in found.items() if self.alias in about["aliases"]]
        if not live:
            self._ready = False
            raise StoreUnavailable(f"{self.url}: the alias {self.alias} has gone")
        return live + [name for name, about in found.items() if self.building in about["aliases"]]

    def _prepare(self, client: OpenSearch) -> None:
        template = {**self._template, "index_patterns": [f"{self.alias}-*"]}
        client.indices.put_index_template(name=self.alias, body=template)
        if client.indices.exists_alias(name=self.alias):
            return
        try:
            client.indices.create(index=f"{self.alias}-000001", body={"aliases": {self.alias: {}}})
        except RequestError as error:
            if error.error != "resource_already_exists_exception":  # another worker was first
                raise

    def _drop_leftovers(self, client: OpenSearch) -> None:
        """Indexes without an alias: a commit was cut off between the swap and the end of the old one."""
        found = client.indices.get_alias(index=f"{self.alias}-*", params={"ignore_unavailable": "true"})
        for name, about in found.items():
            if not about["aliases"] and name.removeprefix(f"{self.alias}-").isdigit():
                client.indices.delete(index=name)

    def _copy_deletions(self, client: OpenSearch, live: str, new: str) -> None:
        client.indices.refresh(index=live)
        body = {
            "conflicts": "proceed",
            "source": {"index": live, "query": {"term": {"deleted": True}}},
            "dest": {"index": new, "version_type": "external_gte"},
        }
        client.reindex(body=body, params={"refresh": "true"}, request_timeout=600)

    def _count(self, client: OpenSearch, index: str) -> int:
        try:
            return int(client.count(index=index, body={"query": {"term": {"deleted": False}}})["count"])
        except NotFoundError:
            return 0

    @contextmanager
    def _client(self) -> Iterator[OpenSearch]:
        """The process's client, and the cluster's errors named (see errors.py)."""
        with self._lock:
            if self._opened is None or self._pid != os.getpid():
                self._opened, self._pid = connect(self.url, self.options), os.getpid()
            client = self._opened
        try:
            yield client
        except OpenSearchException as error:
            raise named(error, self.url) from error


def _facets(found: dict[str, Json]) -> Facets:
    def of(name: str) -> tuple[Facet, ...]:
        buckets = found[name]["buckets"][:FACET_VALUES]
        pairs = [(str(bucket.get("key_as_string", bucket["key"])), int(bucket["doc_count"])) for bucket in buckets]
        return tuple(Facet(value=value, count=count) for value, count in pairs if value)

    return Facets(site=of("site"), language=of("language"), source=of("source"), month=of("month"))
