"""The search store in OpenSearch, for what outgrows one machine.

Its indexes are in opensearch_indexes.py: live ones, and during a rebuild one that takes every write as well.
Versions are OpenSearch's own (external_gte), so any number of workers may write in any order.
"""

import itertools
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any as Json

from opensearchpy import NotFoundError, OpenSearch, OpenSearchException, TransportError, helpers

from newsmill.model import Document, Rebuild, Span
from newsmill.search.opensearch.bulk import deletion_write, document_write
from newsmill.search.opensearch.client import OpenSearchOptions, connect, finished, named
from newsmill.search.opensearch.find import find, meant, out_of_time, told
from newsmill.search.opensearch.indexes import Indexes
from newsmill.search.opensearch.query import FACET_VALUES, NOT_DELETED, View, clause
from newsmill.search.opensearch.writer import Writer
from newsmill.search.query import ParsedQuery, parse, read_query
from newsmill.search.rungs import asks_for_words, languages_of, widened
from newsmill.search.spelling import replaced
from newsmill.search.store import (
    DELETED,
    HALF_LIFE_DAYS,
    OUTDATED,
    SEARCH_S,
    Facet,
    Facets,
    ResultPage,
    Sort,
    WriteVerdict,
    check_window,
    found_page,
    rank,
    unreadable,
)
from newsmill.search.tree import Query
from newsmill.stores.errors import StoreError
from newsmill.stores.raw import to_micros
from newsmill.text.stems import LANGUAGES
from newsmill.text.tokens import query_tokens

TEMPLATE = Path(__file__).with_name("articles.json")  # of the index; an operator's own may stand in its place
TROUBLE_S = 5  # of a request whose answer someone is waiting for
SCAN_ROWS = 500
ROUNDED = 1024  # by this much an aggregation's double may miss a rank
LAST = "\uffff"  # an address that sorts after any


class OpenSearchStore:
    """See SearchStore. Nothing is asked of the cluster before the first call, so a worker may start before it."""

    def __init__(self, url: str, options: OpenSearchOptions | None = None) -> None:
        self.url = url
        self.options = options or OpenSearchOptions()
        self.alias = self.options.alias
        file = self.options.template or TEMPLATE
        try:
            template: dict[str, Json] = json.loads(file.read_text())
        except (OSError, ValueError) as error:
            raise StoreError(f"index template {file}: {error}") from error
        properties = template["template"]["mappings"]["properties"]
        if "forms" not in properties or "section" not in properties["tokens"]["properties"]:
            raise StoreError(
                f"index template {file}: it lacks the fields forms and tokens.section; take them from {TEMPLATE}"
            )
        self._indexes = Indexes(url, self.options, template)
        self._writer = Writer(url, self.options, self._indexes, client=self._client)
        self._lock = threading.Lock()
        self._pid = 0
        self._opened: OpenSearch | None = None

    def upsert(self, documents: Sequence[Document]) -> list[WriteVerdict]:
        """See SearchStore."""
        return self._writer.write([document_write(document) for document in documents])

    def delete(self, items: Sequence[tuple[str, int]], extractor: int = DELETED) -> list[WriteVerdict]:
        """See SearchStore."""
        return self._writer.write([deletion_write(entry_id, version, extractor) for entry_id, version in items])

    def remove_older(self, before: datetime, most: int) -> int:
        """See SearchStore."""
        old: list[Json] = [{"term": {"deleted": False}}, {"range": {"date": {"lt": before.isoformat()}}}]
        query = {"query": {"bool": {"filter": old}}}
        params = {"conflicts": "proceed", "refresh": "true", "max_docs": most, "wait_for_completion": "false"}
        with self._client() as client:
            names = self._indexes.names(client)
            dropped = self._indexes.drop_old(client, names.live[:-1], before)
            if dropped:
                names = self._indexes.names(client)
            gone = {
                name: int(finished(client, client.delete_by_query(index=name, body=query, params=params))["deleted"])
                for name in names.all
            }
        return dropped + max(sum(gone[name] for name in names.live), gone.get(names.building, 0))

    def search(
        self,
        query: Query | str,
        limit: int = 10,
        offset: int = 0,
        *,
        sort: Sort = Sort.RELEVANCE,
        marks: tuple[str, str] = ("", ""),
        facets: bool = False,
        collapse: bool = False,
        prefer: Sequence[str] = (),
        within_s: float = SEARCH_S,
        half_life_days: float = HALF_LIFE_DAYS,
    ) -> ResultPage:
        """See SearchStore. What was found until then on each shard is shown."""
        check_window(limit, offset)
        asked = read_query(query) if isinstance(query, str) else ParsedQuery(query)
        by_date = sort is Sort.DATE or not asks_for_words(asked.tree)
        view = View(limit, offset, by_date, collapse, facets, half_life_days if sort is Sort.RELEVANCE else 0.0)
        with self._client() as client:
            try:
                found = find(client, self.alias, asked.tree, view=view, within_s=within_s)
            except NotFoundError:  # nothing was ever written
                return ResultPage(hits=(), total=0, facets=Facets() if facets else None, notices=asked.notices)
            except TransportError as error:
                if not out_of_time(error.info):
                    raise
                return ResultPage(
                    hits=(), total=0, facets=Facets() if facets else None, cut=True, notices=asked.notices
                )
            hits = found.answer["hits"]["hits"]
            stories = [hit["_source"]["story"] for hit in hits] if collapse else []
            owners, tellers = told(client, self.alias, found.rungs, stories=stories, prefer=prefer)
            typed = [tokens[0] if len(tokens := query_tokens(word)) == 1 else "" for word in found.missing]
            others_meant = meant(client, self.alias, typed) if found.missing and isinstance(query, str) else []
        shown = {hit["_source"]["story"]: _document(hit["_source"]) for hit in hits}
        shown |= _owners([_document(owner["_source"]) for owner in owners], prefer) if collapse else {}
        documents = [shown[story] for story in stories] if collapse else [_document(hit["_source"]) for hit in hits]
        scored = [(document, float(hit["_score"] or 0.0)) for document, hit in zip(documents, hits, strict=True)]
        aggregations = found.answer["aggregations"]
        total = aggregations["stories"]["value"] if collapse else found.answer["hits"]["total"]["value"]
        others = [tellers.get(story, 1) - 1 for story in stories] or [0] * len(hits)
        rungs = [found.rung_of(hit) for hit in hits]
        facets_ = _facets(aggregations) if facets else None
        page = found_page(
            scored, int(total), rungs, query=asked.tree, wide=found.wide, marks=marks, facets=facets_, others=others
        )
        cut = bool(found.answer["timed_out"]) or out_of_time(found.answer["_shards"])
        told_of = {"cut": cut, "rung": found.rung, "missing": found.missing}
        told_of["meant"] = replaced(str(query), found.missing, others_meant) if any(others_meant) else ""
        return page.model_copy(update=told_of | {"notices": asked.notices})

    def get(self, entry_id: str) -> Document | None:
        """See SearchStore."""
        return self.get_many([entry_id]).get(entry_id)

    def get_many(self, entry_ids: Sequence[str]) -> dict[str, Document]:
        """See SearchStore."""
        if not entry_ids:
            return {}
        with self._client() as client:
            live = self._indexes.names(client).live
            asked = [{"_index": name, "_id": entry_id} for entry_id in entry_ids for name in live]
            answer = client.mget(body={"docs": asked}, params={"_source": "document,rank"})
        newest: dict[str, Json] = {}
        for item in answer["docs"]:
            if item.get("found") and item["_source"]["rank"] > newest.get(item["_id"], {"rank": -1})["rank"]:
                newest[item["_id"]] = item["_source"]
        return {entry_id: _document(source) for entry_id, source in newest.items() if "document" in source}

    def scan(self, query: Query | str = "") -> Iterator[Document]:
        """See SearchStore. Reads one moment's index, through a scroll."""
        tree = parse(query) if isinstance(query, str) else query
        wide = widened(tree, languages_of(tree, LANGUAGES))
        query_ = {"bool": {"filter": [NOT_DELETED, clause(wide)]}}
        body = {"query": query_, "_source": ["document"], "sort": ["_doc"]}
        with self._client() as client:
            self._indexes.names(client)
            for hit in helpers.scan(client, query=body, index=self.alias, size=SCAN_ROWS, preserve_order=True):
                yield _document(hit["_source"])

    def identity(self) -> str:
        """See SearchStore."""
        with self._client() as client:
            return self._indexes.identity(client)

    def count(self) -> int:
        """See SearchStore."""
        with self._client() as client:
            return self._indexes.count(client, self.alias)

    def close(self) -> None:
        """See SearchStore."""
        if self._opened and self._pid == os.getpid():
            self._opened.close()
        self._opened = None

    # Rebuild and upkeep

    def begin_rebuild(self) -> None:
        """See SearchStore."""
        with self._client() as client:
            self._indexes.begin(client)

    def spans(self, most: int) -> list[Span]:
        """See SearchStore. Places are ranks and addresses; percentiles cut about evenly."""
        percents = [100 * part / most for part in range(1, most)]
        bounds = {
            "cuts": {"percentiles": {"field": "rank", "percents": percents or [100.0]}},
            "least": {"min": {"field": "rank"}},
            "greatest": {"max": {"field": "rank"}},
        }
        body = {"size": 0, "query": {"term": {"deleted": False}}, "aggs": bounds}
        with self._client() as client:
            self._indexes.names(client)
            found = client.search(index=self.alias, body=body)["aggregations"]
        if found["least"]["value"] is None:
            return []
        least, greatest = int(found["least"]["value"]), int(found["greatest"]["value"])
        within = {int(cut) for cut in found["cuts"]["values"].values() if least < cut < greatest}
        # A double holds a rank to 256 at best: the ends are taken wide enough.
        cuts = [least - ROUNDED, *sorted(within), greatest + ROUNDED]
        return [Span(after=json.dumps([a, LAST]), until=str(b)) for a, b in itertools.pairwise(cuts)]

    def read(self, span: Span, most: int) -> tuple[list[Document], Span | None]:
        """See SearchStore."""
        within: list[Json] = [{"term": {"deleted": False}}, {"range": {"rank": {"lte": int(span.until)}}}]
        body = {
            "query": {"bool": {"filter": within}},
            "sort": [{"rank": "asc"}, {"url": "asc"}],
            "search_after": json.loads(span.after),
            "size": most,
            "_source": ["document"],
        }
        with self._client() as client:
            self._indexes.names(client)
            hits = client.search(index=self.alias, body=body)["hits"]["hits"]
        rest = Span(after=json.dumps(hits[-1]["sort"]), until=span.until) if len(hits) == most else None
        return [_document(hit["_source"]) for hit in hits], rest

    def fill(self, documents: Sequence[Document]) -> list[WriteVerdict]:
        """See SearchStore."""
        return self._writer.fill([document_write(document) for document in documents])

    def rebuild(self) -> Rebuild | None:
        """See SearchStore."""
        with self._client() as client:
            names = self._indexes.names(client)
            if not names.building:
                return None
            live, built = self._indexes.count(client, self.alias), self._indexes.count(client, names.building)
            return Rebuild(live=live, built=built)

    def commit_rebuild(self) -> Rebuild:
        """See SearchStore."""
        with self._client() as client:
            return self._indexes.commit(client)

    def abort_rebuild(self) -> None:
        """See SearchStore."""
        with self._client() as client:
            if building := self._indexes.names(client).building:
                client.indices.delete(index=building)

    def roll(self) -> str:
        """See SearchStore."""
        with self._client() as client:
            return self._indexes.roll(client)

    def check(self) -> tuple[str, ...]:
        """See SearchStore."""
        trouble = self.trouble()
        return (trouble,) if trouble else ()

    def outdated(self) -> str:
        """See SearchStore."""
        lacks = {"bool": {"filter": [NOT_DELETED], "must_not": [{"exists": {"field": "forms"}}]}}
        with self._client() as client:
            self._indexes.names(client)
            found = client.search(index=self.alias, body={"size": 0, "terminate_after": 1, "query": lacks})
        return OUTDATED if found["hits"]["total"]["value"] else ""

    def trouble(self) -> str:
        """See SearchStore."""
        try:
            with self._client() as client:
                found = self._indexes.names(client)
                if found.wrong:
                    return f"{self.url}: {found.wrong}"
                names = ",".join(found.all)
                health = client.cluster.health(index=names, request_timeout=TROUBLE_S)
                settings = client.indices.get_settings(index=names, params={"flat_settings": "true"})
        except StoreError as error:
            return str(error)
        for name, about in settings.items():
            if about["settings"].get("index.verified_before_close") == "true":
                return f"{self.url}: {name} is closed: POST {name}/_open"
            blocks = [key for key, value in about["settings"].items() if ".blocks." in key and value == "true"]
            if blocks:
                return f"{self.url}: {name} takes no writes ({', '.join(blocks)}): make room, then remove the block"
        if health["status"] == "red":
            return f"{self.url}: the index is red: {health['unassigned_shards']} of its shards are not there"
        return ""

    def compact(self, deletions_before: datetime) -> None:
        """See SearchStore."""
        old = {"lt": rank(to_micros(deletions_before), 0)}
        query = {"bool": {"filter": [{"term": {"deleted": True}}, {"range": {"rank": old}}]}}
        with self._client() as client:
            names = ",".join(self._indexes.names(client).all)
            client.indices.refresh(index=names)
            by_itself = {"wait_for_completion": "false"}
            old_ones = {"conflicts": "proceed", **by_itself}
            finished(client, client.delete_by_query(index=names, body={"query": query}, params=old_ones))
            finished(
                client, client.indices.forcemerge(index=names, params={"only_expunge_deletes": "true", **by_itself})
            )
            client.indices.refresh(index=names)

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


def _owners(found: Sequence[Document], prefer: Sequence[str]) -> dict[str, Document]:
    """By story, the article that stands for it: of the first preferred source, else the one that began it."""
    places = {name: place for place, name in enumerate(prefer)}
    best: dict[str, tuple[tuple[int, bool], Document]] = {}
    for document in found:
        story = document.story or document.id
        place = (places.get(document.source, len(places)), document.id != story)
        if story not in best or place < best[story][0]:
            best[story] = (place, document)
    return {story: document for story, (_, document) in best.items()}


def _document(source: Json) -> Document:
    """The document of a hit. Raises StoreDamaged."""
    try:
        return Document.stored(source["document"])
    except (KeyError, ValueError) as error:
        raise unreadable(error) from error


def _facets(found: dict[str, Json]) -> Facets:
    def of(name: str) -> tuple[Facet, ...]:
        buckets = found[name]["buckets"][:FACET_VALUES]
        pairs = [(str(bucket.get("key_as_string", bucket["key"])), int(bucket["doc_count"])) for bucket in buckets]
        return tuple(Facet(value=value, count=count) for value, count in pairs if value)

    return Facets(site=of("site"), language=of("language"), source=of("source"), month=of("month"))


def open_opensearch(url: str, _data: Path, options: OpenSearchOptions | None = None) -> OpenSearchStore:
    """The cluster at `url`."""
    return OpenSearchStore(url, options)
