"""What only OpenSearch can meet: items it refuses, blocks, outages, several workers at once, languages."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.search.opensearch.store import TEMPLATE, OpenSearchStore
from newsmill.search.query import MAX_TERMS, MAX_TOKENS
from newsmill.search.store import Result, Sort
from newsmill.stores.errors import StoreDamaged, StoreError, StoreFull, StoreUnavailable
from newsmill.stores.raw import to_micros
from newsmill.testing.search_corpus import CORPUS, article
from tests.system.opensearch.server import NotPossible, Server

Fresh = Callable[..., AbstractContextManager[OpenSearchStore]]
QUICK = {"tries": 2, "backoff_s": 0.01}


@pytest.fixture
def store(fresh_opensearch: Fresh) -> Iterator[OpenSearchStore]:
    with fresh_opensearch(**QUICK) as opened:
        yield opened


def block(client: OpenSearch, store: OpenSearchStore, name: str, value: object) -> None:
    client.indices.put_settings(index=f"{store.alias}-*", body={f"index.blocks.{name}": value})


def test_one_refused_document_leaves_the_others_unharmed(store: OpenSearchStore) -> None:
    too_large = article("negative", -5)  # OpenSearch takes no negative version
    verdicts = store.upsert([article("a"), too_large, article("b")])
    assert [verdict.result for verdict in verdicts] == [Result.WRITTEN, Result.REJECTED, Result.WRITTEN]
    assert "illegal version" in verdicts[1].reason
    assert store.count() == 2


def test_requests_are_cut_to_size(fresh_opensearch: Fresh) -> None:
    with fresh_opensearch(bulk_bytes=20_000) as store:
        verdicts = store.upsert([article(f"a{i}", text="word " * 1000) for i in range(30)])
        assert [verdict.id for verdict in verdicts] == [f"a{i}" for i in range(30)]
        assert store.count() == 30


@pytest.mark.parametrize("name", ["read_only_allow_delete", "read_only", "write"])
def test_a_blocked_index_gives_everything_back_and_says_why(
    store: OpenSearchStore, client: OpenSearch, name: str
) -> None:
    store.upsert([article("before")])
    block(client, store, name, True)
    with pytest.raises(StoreUnavailable) as caught:
        store.upsert([article("a"), article("b")])
    assert isinstance(caught.value, StoreFull) == (name == "read_only_allow_delete")
    assert name in store.trouble()
    assert store.search("note").total == 1
    block(client, store, name, None)
    assert store.trouble() == ""
    assert store.upsert([article("a"), article("b")])[0].result is Result.WRITTEN
    assert store.count() == 3


def test_an_index_that_was_deleted_is_made_again(store: OpenSearchStore, client: OpenSearch) -> None:
    store.upsert([article("a")])
    client.indices.delete(index=f"{store.alias}-*")
    assert store.search("note").total == store.count() == 0
    assert store.get("a") is None
    assert store.upsert([article("a")])[0].result is Result.WRITTEN
    assert store.get("a") == article("a")


def test_a_template_that_is_refused_keeps_the_work_waiting(opensearch_url: str, tmp_path: Path) -> None:
    broken = TEMPLATE.read_text().replace('"type": "boolean"', '"type": "nonsense"')
    (tmp_path / "articles.json").write_text(broken)
    store = OpenSearchStore(opensearch_url, OpenSearchOptions(tmp_path / "articles.json", "test-broken", **QUICK))
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        store.upsert([article("a")])
    assert "cannot be made" in store.trouble()
    store.close()


def test_nobody_there_is_said_so() -> None:
    store = OpenSearchStore("http://127.0.0.1:9", OpenSearchOptions(tries=2, backoff_s=0.01))
    for ask in (store.count, lambda: store.upsert([article("a")]), lambda: store.search("x"), store.begin_rebuild):
        with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:9: OpenSearch cannot be reached"):
            ask()
    assert "cannot be reached" in store.trouble()


def test_workers_that_start_together_share_one_index(fresh_opensearch: Fresh, opensearch_url: str) -> None:
    with fresh_opensearch() as store:
        others = [OpenSearchStore(opensearch_url, store.options) for _ in range(6)]
        failures: list[StoreError] = []

        def work(number: int, other: OpenSearchStore) -> None:
            try:
                for version in range(1, 6):
                    other.upsert([article(f"a{i}", version * 10 + number, text=f"by{number}") for i in range(10)])
            except StoreError as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=item) for item in enumerate(others)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            other.close()
        assert not failures
        assert store.count() == 10
        assert store.search("by5").total == 10


def test_writes_go_on_while_an_index_is_swapped_in(fresh_opensearch: Fresh, opensearch_url: str) -> None:
    with fresh_opensearch(refresh="false") as store:
        store.upsert(CORPUS)
        done = threading.Event()
        written: list[str] = []
        failed_queries: list[str] = []

        def ingest() -> None:
            mine = OpenSearchStore(opensearch_url, store.options)
            while not done.is_set():
                name = f"live{len(written)}"
                if all(verdict.settled for verdict in mine.upsert([article(name)])):
                    written.append(name)
            mine.close()

        def query() -> None:
            mine = OpenSearchStore(opensearch_url, store.options)
            while not done.is_set():
                if mine.search("zeppelins").total != 1:
                    failed_queries.append("zeppelins")
                time.sleep(0.05)
            mine.close()

        threads = [threading.Thread(target=ingest), threading.Thread(target=query)]
        time.sleep(1.1)
        for thread in threads:
            thread.start()
        store.begin_rebuild()
        for name in [*written, *(document.id for document in CORPUS)]:
            store.upsert([next((document for document in CORPUS if document.id == name), article(name))])
        store.commit_rebuild()
        time.sleep(0.3)
        done.set()
        for thread in threads:
            thread.join()
        time.sleep(1.1)
        assert not failed_queries
        assert store.count() == len(written) + len(CORPUS)


def numbers(client: OpenSearch, store: OpenSearchStore) -> list[str]:
    return sorted(name.rpartition("-")[2] for name in client.indices.get_alias(name=store.alias))


@pytest.fixture
def rolling(fresh_opensearch: Fresh) -> Iterator[OpenSearchStore]:
    """Three indexes: of the two older ones, the second holds the newer version of `b`."""
    with fresh_opensearch(rollover_days=1e-8, **QUICK) as store:
        store.upsert([article("a", 10), article("b", 10), article("c", 10)])
        assert store.roll().endswith("-000002")
        store.upsert([article("b", 20, text="second")])
        assert store.roll().endswith("-000003")
        yield store


def test_an_article_lies_in_one_of_several_indexes(rolling: OpenSearchStore, client: OpenSearch) -> None:
    assert numbers(client, rolling) == ["000001", "000002", "000003"]
    assert rolling.roll() == "", "nothing was written since"
    assert rolling.count() == 3
    verdicts = rolling.upsert([article("a", 30, text="third"), article("b", 15), article("c", 10), article("d", 1)])
    assert [v.result for v in verdicts] == [Result.WRITTEN, Result.STALE, Result.WRITTEN, Result.WRITTEN]
    assert rolling.count() == 4
    assert set(rolling.search("third").ids) == {"a"}
    assert set(rolling.search("second").ids) == {"b"}
    assert sorted(document.id for document in rolling.scan()) == ["a", "b", "c", "d"]
    assert {id: document.version for id, document in rolling.get_many("abcdx").items()} == {
        "a": 30,
        "b": 20,
        "c": 10,
        "d": 1,
    }
    rolling.delete([("b", 25), ("c", 5)])
    assert {verdict.result for verdict in rolling.upsert([article("b", 20)])} == {Result.STALE}
    assert sorted(document.id for document in rolling.scan()) == ["a", "c", "d"]


def test_a_rollover_ends_in_one_index_when_it_is_built_anew(rolling: OpenSearchStore, client: OpenSearch) -> None:
    rolling.delete([("c", 40)])
    rolling.begin_rebuild()
    assert rolling.roll() == "", "not while an index is being built"
    for span in rolling.spans(2):
        rolling.fill(rolling.read(span, 100)[0])
    rolling.upsert([article("d", 50)])
    assert rolling.commit_rebuild().built == 3
    assert numbers(client, rolling) == ["000004"]
    assert {d.id: d.version for d in rolling.scan()} == {"a": 10, "b": 20, "d": 50}
    assert rolling.upsert([article("c", 30)])[0].result is Result.STALE
    assert rolling.roll().endswith("-000005")


def test_an_old_index_goes_as_a_whole(fresh_opensearch: Fresh, client: OpenSearch) -> None:
    old, new = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    with fresh_opensearch(rollover_days=1e-8) as store:
        store.upsert([article(f"old{i}", to_micros(old), published=old) for i in range(30)])
        store.delete([("buried", to_micros(old))])
        store.roll()
        store.upsert([article("older", to_micros(new), published=old), article("new", to_micros(new), published=new)])
        assert store.remove_older(datetime(2019, 1, 1, tzinfo=UTC), 5) == 0
        assert numbers(client, store) == ["000001", "000002"]
        assert store.remove_older(datetime(2026, 1, 1, tzinfo=UTC), 5) == 31
        assert numbers(client, store) == ["000002"]
        assert [document.id for document in store.scan()] == ["new"]


def test_a_failure_between_two_indexes_leaves_no_article_twice(rolling: OpenSearchStore, client: OpenSearch) -> None:
    """As if a worker was killed between writing to the newest index and taking the article out of an older one."""
    alone = {"_id": "a", "_index": f"{rolling.alias}-000003"}
    kept = client.get(index=f"{rolling.alias}-000001", id="a")["_source"]
    client.index(
        index=alone["_index"],
        id="a",
        body={**kept, "rank": 11_000},
        params={"version": 11_000, "version_type": "external_gte", "refresh": "true"},
    )
    assert rolling.count() == 4
    assert rolling.upsert([article("a", 11)])[0].result is Result.WRITTEN
    assert rolling.count() == 3


@pytest.mark.parametrize("language", ["en", "de", "uk", "nb", "zh", "xx", "", "PT"])
def test_every_language_is_taken(store: OpenSearchStore, language: str) -> None:
    assert store.upsert([article("a", text="note 東京 метро", language=language)])[0].result is Result.WRITTEN
    assert store.search("note").total == 1


def test_the_longest_queries_are_answered(store: OpenSearchStore) -> None:
    store.upsert([article("a", text="w1 " * 400)])
    terms = [f"w{i}" for i in range(MAX_TERMS)]
    assert store.search(" OR ".join(terms)).total == 1
    assert store.search(" OR ".join(f"{term}*" for term in terms), sort=Sort.DATE).total == 1
    assert store.search(" OR ".join(f'"{term} {term}"' for term in terms), facets=True).total == 1
    assert store.search('"' + "w1 " * MAX_TOKENS + '"').total == 1
    assert store.search(" ".join("w1-w1" for _ in range(MAX_TERMS))).total == 1
    assert store.search(" ".join("w1" for _ in range(MAX_TERMS - 1)) + " lang:en").total == 1


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_was_settled(tmp_path: Path) -> None:
    try:
        server = Server(tmp_path)
    except NotPossible as reason:
        pytest.skip(str(reason))
    try:
        options = OpenSearchOptions(alias="killed", tries=1)
        url = server.start()
        store = OpenSearchStore(url, options)
        settled: set[str] = set()
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                batch = [article(f"n{number + i}") for i in range(10)]
                try:
                    settled.update(verdict.id for verdict in store.upsert(batch) if verdict.settled)
                    number += 10
                except StoreUnavailable:
                    time.sleep(0.1)

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(3)
        server.kill()
        server.start()
        assert server.url == url
        time.sleep(2)
        stop.set()
        writer.join()
        time.sleep(1.5)
        assert len(settled) > 50
        assert {name for name in settled if store.get(name) is None} == set()
        assert store.count() == len(settled)
    finally:
        server.kill()


def test_a_row_that_is_no_document_is_an_error_of_the_store(store: OpenSearchStore) -> None:
    store.upsert([article("a", text="volcano erupts")])
    with store._client() as client:
        source = client.get(index=store.alias, id="a")["_source"]  # without its words: it is not found by them
        del source["document"]["url"]
        client.index(index=store.alias, id="a", body=source, refresh=True)
    with pytest.raises(StoreDamaged, match="newsmill reparse"):
        store.get("a")
    with pytest.raises(StoreDamaged, match="newsmill reparse"):
        list(store.scan())


def test_a_search_that_takes_too_long_is_cut_and_says_so(store: OpenSearchStore) -> None:
    words = " ".join(f"a{i} w{i}" for i in range(200))
    for start in range(0, 4_000, 500):
        store.upsert([article(f"x{n}", text=f"{words} b{n}", site=f"s{n}.example") for n in range(start, start + 500)])
    for query in ("a*", "a* OR w*", " ".join(["a*"] * 20)):
        # OpenSearch looks at its clock only now and then, so a short search may be over before its time is.
        pages = (store.search(query, limit=100, facets=True, within_s=0.001) for _ in range(200))
        assert any(page.cut and page.total < 4_000 for page in pages), query
        whole = store.search(query, limit=100, within_s=60.0)
        assert (whole.cut, whole.total) == (False, 4_000), "the limit was that search's own"
