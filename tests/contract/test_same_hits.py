"""Any query finds the same articles in SQLite and in OpenSearch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsmill.search.store import SearchStore, open_search
from newsmill.search.tree import BadQuery
from newsmill.testing.search_corpus import CORPUS

WORDS = [
    "harbour",
    "master",
    "Ships",
    "metro",
    "метро",
    "東京",
    "駅",
    "ニュース",
    "서울",
    "กรุง",
    "समाचार",
    "cafe",
    "3.14",
    "nowhere",
]
FILTERS = [
    "site:example.org",
    "site:tokyo.example",
    "lang:en",
    "lang:uk",
    "source:example",
    "after:2026",
    "before:2026-11-02",
]
terms = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(FILTERS),
    st.sampled_from(WORDS).map(lambda word: f"{word[:3]}*"),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda words: '"' + " ".join(words) + '"'),
    st.sampled_from(CORPUS).map(lambda document: f'"{document.text[3:18]}"'),
    st.sampled_from(["author:jane", "author:muller", 'author:"max muller"']),
)
queries = st.recursive(
    terms,
    lambda inner: st.one_of(
        inner.map(lambda part: f"-({part})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' OR '.join(parts)})"),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def both(
    fresh_opensearch: Callable[..., AbstractContextManager[SearchStore]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SearchStore, SearchStore]]:
    sqlite = open_search("", Path(tmp_path_factory.mktemp("same")))
    with fresh_opensearch() as opensearch:
        for store in (sqlite, opensearch):
            store.upsert(CORPUS)
        yield sqlite, opensearch
    sqlite.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries | st.text(max_size=60))
def test_the_same_hits_in_both(both: tuple[SearchStore, SearchStore], query: str) -> None:
    try:
        pages = [store.search(query, limit=100) for store in both]
    except BadQuery:
        return
    assert sorted(pages[0].ids) == sorted(pages[1].ids)
    assert pages[0].total == pages[1].total
