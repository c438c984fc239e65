"""The indexes behind the aliases of a search store in OpenSearch: made, rolled over, rebuilt, swapped.

Which are ours, and which of them takes what is written, marks.py decides. An article lies in one live index: where a
rollover has begun a newer one, what is written again moves there. Settings and mappings go into the request that makes
an index, so that no template has a say in what we name.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any as Json

import structlog
from opensearchpy import NotFoundError, OpenSearch, RequestError, TransportError

from newsmill.model import Rebuild
from newsmill.search.opensearch.client import OpenSearchOptions, finished
from newsmill.search.opensearch.marks import (
    Names,
    is_ours,
    leftovers,
    lost,
    mark_of,
    marked,
    missing,
    names_of,
    number_of,
)
from newsmill.search.store import rank
from newsmill.stores.errors import NotBuilding, StoreUnavailable
from newsmill.stores.raw import to_micros

SETTLE_S = 1.0  # a bulk request that was on its way when an alias moved has ended, and is searchable, after this
LARGEST = "30gb"  # of an index that rolls over, without copies: what is advised for a shard, and there is one
FIELDS_SHOWN = 5  # of a mapping that lacks some


log = structlog.get_logger()


class Indexes:
    """template: of new indexes. Errors of the client are raised as they are, but for what an operator has to mend."""

    def __init__(self, url: str, options: OpenSearchOptions, template: dict[str, Json]) -> None:
        self.url, self.options, self.template = url, options, template["template"]
        self.alias = options.alias
        self.building = f"{self.alias}-building"
        self._looked_at: Names | None = None  # whose mappings were compared
        self._wrong = ""  # what was found then
        self._id = ""

    def names(self, client: OpenSearch) -> Names:
        """What there is now; where nothing is, an index and its alias are made first."""
        found = names_of(self._aliases(client), self.alias)
        if not found.live and not found.wrong:
            self._make_first(client)
            found = names_of(self._aliases(client), self.alias)
        if not found.live:
            raise StoreUnavailable(f"{self.url}: {found.wrong or f'the alias {self.alias} has gone'}")
        if found.wrong:
            return found
        if found != self._looked_at:
            self._wrong = self._compared(client, found)
            self._looked_at = found if not self._wrong else None
        return Names(found.live, found.building, self._wrong)

    def for_writing(self, client: OpenSearch) -> Names:
        """`names`; raises StoreUnavailable with what an operator has to mend before anything may be written."""
        found = self.names(client)
        if found.wrong:
            raise StoreUnavailable(f"{self.url}: {found.wrong}")
        return found

    def identity(self, client: OpenSearch) -> str:
        """Says which index this is, through reindexes, rollovers and restored snapshots; empty of an older release."""
        found = self.names(client)
        if found.wrong:  # its mappings were not looked at
            return mark_of(self._mappings(client, found.live[-1]).get(found.live[-1], {})).get("id", "")
        return self._id

    def _aliases(self, client: OpenSearch) -> Mapping[str, Json]:
        found = client.indices.get_alias(name=f"{self.alias},{self.building}", ignore=404)
        return {name: about for name, about in found.items() if isinstance(about, dict) and "aliases" in about}

    def _mappings(self, client: OpenSearch, names: str) -> dict[str, Json]:
        found = client.indices.get_mapping(index=names, params={"ignore_unavailable": "true"})
        return {name: about["mappings"] for name, about in found.items()}

    def _make_first(self, client: OpenSearch) -> None:
        there = client.indices.get(index=f"{self.alias},{self.alias}-*", params={"ignore_unavailable": "true"})
        if problem := lost(list(there), self.alias):
            raise StoreUnavailable(f"{self.url}: {problem}")
        try:
            self._make(client, f"{self.alias}-000001", {self.alias: {"is_write_index": True}}, id_=uuid.uuid4().hex)
        except RequestError as error:
            if error.error != "resource_already_exists_exception":  # another worker was first
                raise StoreUnavailable(f"{self.url}: the index cannot be made: {error}") from error

    def _body(self, id_: str) -> dict[str, Json]:
        """What a new index is made of."""
        mapping = marked(self.template["mappings"], {"id": id_, "alias": self.alias})
        return {"settings": self.template["settings"], "mappings": mapping}

    def _make(self, client: OpenSearch, name: str, aliases: Mapping[str, Json], *, id_: str) -> None:
        client.indices.create(index=name, body={**self._body(id_), "aliases": dict(aliases)})

    def _compared(self, client: OpenSearch, found: Names) -> str:
        """What is wrong with the mappings of these indexes; fields that a new release adds are added to them here."""
        wanted, mappings = self.template["mappings"], self._mappings(client, ",".join(found.all))
        self._id = mark_of(mappings.get(found.live[-1], {})).get("id", "")
        for name in found.all:
            mapping = mappings.get(name, {})
            if not is_ours(mapping, self.alias):
                return f"{name} is no index of Newsmill's: take the alias off it, or choose another search.alias"
            if not missing(mapping, wanted):
                continue
            try:
                client.indices.put_mapping(index=name, body={"properties": wanted["properties"]})
            except TransportError as error:
                log.warning("opensearch.mapping_not_added", index=name, error=str(error)[:300])
            if lacking := missing(self._mappings(client, name).get(name, {}), wanted):
                shown = ", ".join(lacking[:FIELDS_SHOWN])
                return f"the mapping of {name} is another one than this version needs ({shown}): run `newsmill reindex`"
        return ""

    def begin(self, client: OpenSearch) -> None:
        """See SearchStore.begin_rebuild."""
        names = self.names(client)
        new = names.building
        if not new:
            self._drop_leftovers(client, names)
            new = f"{self.alias}-{self._next_number(client):06}"
            self._make(client, new, {self.building: {}}, id_=self.identity(client) or uuid.uuid4().hex)
            time.sleep(SETTLE_S)
        self._copy_deletions(client, names.live, new)

    def commit(self, client: OpenSearch) -> Rebuild:
        """See SearchStore.commit_rebuild."""
        names = self.names(client)
        new = names.building
        if not new:
            raise NotBuilding(f"{self.url}: no index is being built")
        self._copy_deletions(client, names.live, new)
        client.indices.refresh(index=",".join(names.all))
        done = Rebuild(live=self.count(client, self.alias), built=self.count(client, new))
        for name in names.live:  # so that whoever finds one of them later knows what it is
            self._mark_replaced(client, name, new)
        taken_away = [{"remove": {"index": name, "alias": self.alias}} for name in names.live]
        client.indices.update_aliases(
            body={
                "actions": [
                    *taken_away,
                    {"remove": {"index": new, "alias": self.building}},
                    {"add": {"index": new, "alias": self.alias, "is_write_index": True}},
                ]
            }
        )
        time.sleep(SETTLE_S)  # queries that have begun on the old index end on it
        client.indices.delete(index=",".join(names.live))
        return done

    def roll(self, client: OpenSearch) -> str:
        """See SearchStore.roll. Not while a rebuild makes an index: that one would miss what the new one takes."""
        names = self.names(client)
        if not self.options.rollover_days or names.building:
            return ""
        newest = names.live[-1]
        write = {"index": newest, "alias": self.alias, "is_write_index": True}  # indexes of earlier releases lack it
        client.indices.update_aliases(body={"actions": [{"add": write}]})
        age = f"{max(int(self.options.rollover_days * 86_400_000), 1)}ms"
        conditions = {"max_age": age, "max_size": LARGEST, "max_docs": 2**31 - 1_000}
        if not self.count(client, newest):
            return ""  # nothing came: an empty index need not follow another one
        made = self._body(self.identity(client) or uuid.uuid4().hex)
        done = client.indices.rollover(alias=self.alias, body={"conditions": conditions, **made})
        return str(done["new_index"]) if done["rolled_over"] else ""

    def drop_old(self, client: OpenSearch, live: tuple[str, ...], before: datetime) -> int:
        """Deletes those of these indexes in which nothing is newer; returns how many articles they had."""
        newer: list[Json] = [
            {"range": {"date": {"gte": before.isoformat()}}},
            {"range": {"rank": {"gte": rank(to_micros(before), 0)}}},  # a deletion says so long what it must
        ]
        gone = 0
        for name in live:
            if not client.count(index=name, body={"query": {"bool": {"should": newer}}})["count"]:
                gone += self.count(client, name)
                client.indices.delete(index=name)
        return gone

    def count(self, client: OpenSearch, index: str) -> int:
        """How many articles can be found in an index, or behind an alias."""
        try:
            return int(client.count(index=index, body={"query": {"term": {"deleted": False}}})["count"])
        except NotFoundError:
            return 0

    def _mark_replaced(self, client: OpenSearch, name: str, by: str) -> None:
        mapping = self._mappings(client, name).get(name, {})
        mark = {"alias": self.alias, **mark_of(mapping), "replaced_by": by}
        client.indices.put_mapping(index=name, body={"_meta": marked(mapping, mark)["_meta"]})

    def _drop_leftovers(self, client: OpenSearch, names: Names) -> None:
        """A commit was cut off between the swap and the end of the old index."""
        pattern = f"{self.alias}-*"
        mappings, aliases = self._mappings(client, pattern), client.indices.get_alias(index=pattern)
        for name in leftovers(mappings, aliases, self.alias, live=names.live):
            log.info("opensearch.leftover_deleted", index=name)
            client.indices.delete(index=name)

    def _next_number(self, client: OpenSearch) -> int:
        taken = (number_of(name, self.alias) for name in client.indices.get_alias(index=f"{self.alias}-*"))
        return max((number for number in taken if number is not None), default=0) + 1

    def _copy_deletions(self, client: OpenSearch, live: tuple[str, ...], new: str) -> None:
        client.indices.refresh(index=",".join(live))
        body = {
            "conflicts": "proceed",
            "source": {"index": list(live), "query": {"term": {"deleted": True}}},
            "dest": {"index": new, "version_type": "external_gte"},
        }
        finished(client, client.reindex(body=body, params={"refresh": "true", "wait_for_completion": "false"}))
