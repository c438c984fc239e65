"""The indexes behind the aliases of a search store in OpenSearch: made, rolled over, rebuilt, swapped.

The alias (`newsmill`) names the live indexes, of which the newest takes what is written; `newsmill-building` names one
that a rebuild makes. Each is `newsmill-<number>`. An article lies in one live index: where a rollover has begun a newer
one, what is written again moves there.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any as Json

from opensearchpy import NotFoundError, OpenSearch, RequestError, TransportError

from newsmill.model import Rebuild
from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.search.store import rank
from newsmill.stores.errors import NotBuilding, StoreUnavailable
from newsmill.stores.raw import to_micros

SETTLE_S = 1.0  # a bulk request that was on its way when an alias moved has ended, and is searchable, after this
LARGEST = "30gb"  # of an index that rolls over, without copies: what is advised for a shard, and there is one
COPY_S = 600


@dataclass(frozen=True, slots=True)
class Names:
    """live: the indexes that searches see, oldest first; the last one is written to. building: of a rebuild."""

    live: tuple[str, ...]
    building: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.live, self.building) if self.building else self.live


class Indexes:
    """template: of new indexes. Errors of the client are raised as they are, but for what an operator has to mend."""

    def __init__(self, url: str, options: OpenSearchOptions, template: dict[str, Json]) -> None:
        self.url, self.options, self.template = url, options, template
        self.alias = options.alias
        self.building = f"{self.alias}-building"
        self._ready = False

    def names(self, client: OpenSearch) -> Names:
        """What there is now. The first call makes template, index and alias."""
        if not self._ready:
            try:
                self._prepare(client)
            except TransportError as error:
                if error.status_code in (400, 404, 409):  # for an operator to mend; work waits meanwhile
                    raise StoreUnavailable(f"{self.url}: the index cannot be made: {error}") from error
                raise
            self._ready = True
        found = client.indices.get_alias(name=f"{self.alias}*")
        live = sorted((name for name, about in found.items() if self.alias in about["aliases"]), key=_number)
        if not live:
            self._ready = False
            raise StoreUnavailable(f"{self.url}: the alias {self.alias} has gone")
        building = [name for name, about in found.items() if self.building in about["aliases"]]
        return Names(tuple(live), building[0] if building else "")

    def _prepare(self, client: OpenSearch) -> None:
        template = {**self.template, "index_patterns": [f"{self.alias}-*"]}
        client.indices.put_index_template(name=self.alias, body=template)
        if client.indices.exists_alias(name=self.alias):
            client.indices.put_mapping(index=f"{self.alias}-*", body=self._later_fields())
            return
        alias = {self.alias: {"is_write_index": True}}
        try:
            client.indices.create(index=f"{self.alias}-000001", body={"aliases": alias})
        except RequestError as error:
            if error.error != "resource_already_exists_exception":  # another worker was first
                raise

    def _later_fields(self) -> dict[str, Json]:
        """Fields that an index of an earlier release has not: it takes them for what is written from now on."""
        fields = self.template["template"]["mappings"]["properties"]
        section = fields["tokens"]["properties"]["section"]
        return {"properties": {"forms": fields["forms"], "tokens": {"properties": {"section": section}}}}

    def begin(self, client: OpenSearch) -> None:
        """See SearchStore.begin_rebuild."""
        names = self.names(client)
        new = names.building
        if not new:
            new = f"{self.alias}-{_number(names.live[-1]) + 1:06}"
            self._drop_leftovers(client)
            client.indices.create(index=new, body={"aliases": {self.building: {}}})
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
        done = client.indices.rollover(alias=self.alias, body={"conditions": conditions})
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

    def _drop_leftovers(self, client: OpenSearch) -> None:
        """Indexes without an alias: a commit was cut off between the swap and the end of the old one."""
        found = client.indices.get_alias(index=f"{self.alias}-*", params={"ignore_unavailable": "true"})
        for name, about in found.items():
            if not about["aliases"] and name.removeprefix(f"{self.alias}-").isdigit():
                client.indices.delete(index=name)

    def _copy_deletions(self, client: OpenSearch, live: tuple[str, ...], new: str) -> None:
        client.indices.refresh(index=",".join(live))
        body = {
            "conflicts": "proceed",
            "source": {"index": list(live), "query": {"term": {"deleted": True}}},
            "dest": {"index": new, "version_type": "external_gte"},
        }
        client.reindex(body=body, params={"refresh": "true"}, request_timeout=COPY_S)


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])
