"""What an operator, a snapshot or another tenant may do to indexes and aliases: work waits, and says what to do."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from opensearchpy import OpenSearch

from newsmill.search.opensearch.bulk import document_write
from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.search.opensearch.store import OpenSearchStore
from newsmill.search.store import Result
from newsmill.stores.errors import StoreUnavailable
from newsmill.testing.search_corpus import article

Fresh = Callable[..., AbstractContextManager[OpenSearchStore]]
QUICK: dict[str, Any] = {"tries": 2, "backoff_s": 0.01}


@pytest.fixture
def store(fresh_opensearch: Fresh) -> Iterator[OpenSearchStore]:
    with fresh_opensearch(**QUICK) as opened:
        yield opened


def another(store: OpenSearchStore, alias: str = "") -> OpenSearchStore:
    """Another process's store."""
    return OpenSearchStore(store.url, OpenSearchOptions(alias=alias or store.alias, refresh="true", **QUICK))


def waits(store: OpenSearchStore, id: str, why: str) -> None:
    """The article is given back with that reason, by this process and by a new one, and `trouble` says so too."""
    for one in (store, another(store)):
        with pytest.raises(StoreUnavailable, match=why):
            one.upsert([article(id)])
        assert why in one.trouble()


def goes_on(store: OpenSearchStore, id: str) -> None:
    assert store.upsert([article(id)])[0].result is Result.WRITTEN
    assert store.trouble() == ""
    assert store.get(id) is not None


def actions(client: OpenSearch, *some: tuple[str, dict[str, Any]]) -> None:
    client.indices.update_aliases(body={"actions": [{name: what} for name, what in some]})


def indexes_of(client: OpenSearch, alias: str) -> list[str]:
    return sorted(client.indices.get(index=f"{alias}-*"))


def test_an_alias_that_is_lost_makes_no_new_index_and_costs_none(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a"), article("b")])
    first = f"{store.alias}-000001"
    actions(client, ("remove", {"index": first, "alias": store.alias}))
    waits(store, "c", "is still there")
    with pytest.raises(StoreUnavailable, match="has gone"):
        store.begin_rebuild()
    assert indexes_of(client, store.alias) == [first]
    actions(client, ("add", {"index": first, "alias": store.alias}))
    goes_on(store, "c")
    assert store.count() == 3
    store.begin_rebuild()
    store.abort_rebuild()


def test_a_reindex_drops_only_what_a_swap_of_ours_has_replaced(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a")])
    client.indices.create(index=f"{store.alias}-000009")  # an operator's, called as ours are
    client.indices.create(index=f"{store.alias}-backup")
    store.begin_rebuild()
    assert f"{store.alias}-000010" in indexes_of(client, store.alias), "a number that nobody has"
    store.fill([article("a")])
    store.commit_rebuild()
    assert indexes_of(client, store.alias) == [f"{store.alias}-{last}" for last in ("000009", "000010", "backup")]
    assert store.count() == 1


def test_what_a_cut_off_swap_left_is_dropped_at_the_next_one(
    store: OpenSearchStore, client: OpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert([article("a")])
    store.begin_rebuild()
    store.fill([article("a")])
    monkeypatch.setattr("opensearchpy.client.indices.IndicesClient.delete", killed)
    with pytest.raises(KeyboardInterrupt):
        store.commit_rebuild()
    monkeypatch.undo()
    assert indexes_of(client, store.alias) == [f"{store.alias}-000001", f"{store.alias}-000002"]
    another(store).begin_rebuild()
    assert indexes_of(client, store.alias) == [f"{store.alias}-000002", f"{store.alias}-000003"]


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_the_write_index_is_the_one_that_says_so(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a")])
    mapping = client.indices.get_mapping(index=f"{store.alias}-000001")[f"{store.alias}-000001"]["mappings"]
    settings = store._indexes.template["settings"]
    client.indices.create(index=f"{store.alias}-000007", body={"mappings": mapping, "settings": settings})
    actions(client, ("add", {"index": f"{store.alias}-000007", "alias": store.alias}))
    assert store.upsert([article("a", version=2_000)])[0].result is Result.WRITTEN
    assert store.search("nothing").total == store.count() == 1
    goes_on(store, "b")
    assert client.count(index=f"{store.alias}-000007")["count"] == 0


def test_an_index_of_another_name_behind_the_alias(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a")])
    other = f"{store.alias}-backup"
    client.indices.create(index=other)
    actions(client, ("add", {"index": other, "alias": store.alias}))
    waits(store, "b", "which Newsmill did not make")
    actions(client, ("remove", {"index": other, "alias": store.alias}))
    goes_on(store, "b")


def test_two_indexes_and_none_to_write_to(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a")])
    first, second = (f"{store.alias}-00000{n}" for n in (1, 2))
    store.begin_rebuild()
    actions(
        client,
        ("remove", {"index": first, "alias": store.alias}),
        ("add", {"index": first, "alias": store.alias, "is_write_index": False}),
        ("add", {"index": second, "alias": store.alias, "is_write_index": False}),
        ("remove", {"index": second, "alias": f"{store.alias}-building"}),
    )
    waits(store, "b", "none of them is its write index")
    actions(client, ("add", {"index": second, "alias": store.alias, "is_write_index": True}))
    goes_on(store, "b")


def test_a_closed_index_makes_all_wait(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a")])
    client.indices.close(index=f"{store.alias}-000001")
    with pytest.raises(StoreUnavailable, match="index_closed_exception"):
        store.upsert([article(f"b{n}") for n in range(5)])
    assert "is closed: POST" in store.trouble()
    client.indices.open(index=f"{store.alias}-000001")
    client.cluster.health(params={"wait_for_status": "yellow"})
    goes_on(store, "b")


def test_a_field_that_this_version_adds_is_added_to_the_index(store: OpenSearchStore, client: OpenSearch) -> None:
    body = deepcopy(store._indexes._body("an id"))
    del body["mappings"]["properties"]["story"]
    name = f"{store.alias}-000001"
    client.indices.create(index=name, body={**body, "aliases": {store.alias: {"is_write_index": True}}})
    goes_on(store, "a")
    assert "story" in client.indices.get_mapping(index=name)[name]["mappings"]["properties"]


def test_a_field_of_another_type_makes_all_wait_for_a_reindex(store: OpenSearchStore, client: OpenSearch) -> None:
    body = deepcopy(store._indexes._body("an id"))
    body["mappings"]["properties"]["story"] = {"type": "long"}
    name = f"{store.alias}-000001"
    client.indices.create(index=name, body={**body, "aliases": {store.alias: {"is_write_index": True}}})
    waits(store, "a", "run `newsmill reindex`")
    store.begin_rebuild()
    store.commit_rebuild()
    goes_on(store, "a")


def test_an_operators_template_has_no_say(store: OpenSearchStore, client: OpenSearch) -> None:
    template = {"settings": {"number_of_shards": 2}, "mappings": {"properties": {"site": {"type": "text"}}}}
    body = {"index_patterns": [f"{store.alias}-*"], "priority": 900, "template": template}
    client.indices.put_index_template(name=f"{store.alias}-ops", body=body)
    try:
        goes_on(store, "a")
        assert store.search("site:example.org").total == store.search("").total == 1
    finally:
        client.indices.delete_index_template(name=f"{store.alias}-ops")


def test_two_mills_whose_aliases_begin_alike_share_a_cluster(store: OpenSearchStore, client: OpenSearch) -> None:
    longer = another(store, f"{store.alias}-staging")
    longer.upsert([article("theirs")])
    goes_on(store, "ours")
    for one in (store, longer):
        one.begin_rebuild()
    assert len(indexes_of(client, f"{store.alias}-staging")) == 2
    for one in (store, longer):
        one.commit_rebuild()
        assert one.count() == 0, "nobody filled it"
    assert longer.trouble() == store.trouble() == ""


def test_an_index_says_which_it_is_through_everything_that_follows_it(
    fresh_opensearch: Fresh, client: OpenSearch
) -> None:
    with fresh_opensearch(**QUICK, rollover_days=1e-9) as store:
        store.upsert([article("a")])
        known = store.identity()
        assert known
        assert store.roll()
        assert store.identity() == known
        store.begin_rebuild()
        store.commit_rebuild()
        assert store.identity() == known
        client.indices.delete(index=f"{store.alias}-*")
        store.upsert([article("b")])
        assert store.identity() not in ("", known), "an empty one took its place"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 29, tzinfo=timezone(timedelta(hours=23, minutes=59))),
        datetime(2026, 11, 29, tzinfo=timezone(-timedelta(hours=23))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=20))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=20))),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_any_date_is_indexed(store: OpenSearchStore, moment: datetime) -> None:
    assert store.upsert([article("a", published=moment)])[0].result is Result.WRITTEN


def test_a_large_article_is_a_small_request_and_has_time(store: OpenSearchStore) -> None:
    words = " ".join(f"word{n % 5000}of{n % 77}" for n in range(40_000))
    sent: list[tuple[int, float]] = []
    with store._client() as client:
        perform = client.transport.perform_request

        def watched(method: str, url: str, **more: Any) -> Any:
            if url == "/_bulk":
                sent.append((len(more["body"]), more["params"]["request_timeout"]))
            return perform(method, url, **more)

        client.transport.perform_request = watched  # type: ignore[method-assign]
        assert store.upsert([article("large", text=words)])[0].result is Result.WRITTEN
        client.transport.perform_request = perform  # type: ignore[method-assign]
    ((size, patience_s),) = sent
    assert size < len(document_write(article("large", text=words)).source) / 2
    assert patience_s > store.options.timeout_s + 5
