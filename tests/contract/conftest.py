"""Search stores for the contract: SQLite always, OpenSearch where it can run (in CI it must)."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.search.store import SearchStore, open_search
from newsmill.testing.search_stores import OpenStore
from tests.system.opensearch.server import NotPossible, running


@pytest.fixture(scope="session")
def opensearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server. Where there can be none the test is skipped; in CI it fails."""
    try:
        yield from running(tmp_path_factory.mktemp("opensearch"))
    except NotPossible as reason:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs OpenSearch: {reason}")
        pytest.skip(f"OpenSearch does not run here: {reason}")


@pytest.fixture(scope="session")
def fresh_opensearch(opensearch_url: str) -> Callable[..., AbstractContextManager[SearchStore]]:
    """Makes stores with an index of their own, which goes when they are closed."""

    @contextmanager
    def fresh(**options: object) -> Iterator[SearchStore]:
        alias = f"test-{uuid.uuid4().hex[:12]}"
        defaults: dict[str, object] = {"alias": alias, "refresh": "true"}
        store = open_search(opensearch_url, Path(), OpenSearchOptions(**(defaults | options)))  # type: ignore[arg-type]
        try:
            yield store
        finally:
            store.close()
            with OpenSearch(opensearch_url) as client:
                client.indices.delete(index=f"{alias}-*")
                client.indices.delete_index_template(name=alias, ignore=404)

    return fresh


@pytest.fixture(scope="module", params=["sqlite", "opensearch"])
def open_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpenStore:
    """Makes empty stores of each kind."""
    if request.param == "opensearch":
        found: OpenStore = request.getfixturevalue("fresh_opensearch")
        return found

    @contextmanager
    def fresh() -> Iterator[SearchStore]:
        store = open_search("", tmp_path_factory.mktemp("search"))
        try:
            yield store
        finally:
            store.close()

    return fresh


@pytest.fixture
def client(opensearch_url: str) -> Iterator[OpenSearch]:
    """A client of the cluster itself."""
    with OpenSearch(opensearch_url) as opened:
        yield opened
