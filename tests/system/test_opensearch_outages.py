"""A real OpenSearch is killed twice and blocked once while pages come in: every page is searchable at the end, once."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opensearchpy import OpenSearch, OpenSearchException

from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.search.opensearch.store import OpenSearchStore
from newsmill.stores.errors import StoreError
from tests.system.made import PAGES, made_archive, made_page
from tests.system.opensearch.server import NotPossible, Server

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "opensearch"
    folder.mkdir()
    try:
        made = Server(folder)
    except NotPossible as reason:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs OpenSearch: {reason}")
        pytest.skip(f"OpenSearch does not run here: {reason}")
    made.start()
    yield made
    made.kill()


NOT_BY_ITSELF = {
    "cluster.routing.allocation.disk.threshold_enabled": False
}  # else it takes the block away: disk is free


def searchable(store: OpenSearchStore) -> int:
    try:
        return store.count()
    except StoreError:  # the server is away, as it should be
        return -1


def wait(until: Callable[[], bool], process: "subprocess.Popen[str]", seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < end
        time.sleep(0.2)


def block(url: str, value: bool | None) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            with OpenSearch(url) as client:
                client.cluster.put_settings(body={"persistent": NOT_BY_ITSELF})
                client.indices.put_settings(index="newsmill-*", body={"index.blocks.read_only_allow_delete": value})
            return
        except OpenSearchException:
            assert time.monotonic() < end
            time.sleep(0.5)


def test_every_page_is_searchable_once_after_two_kills_and_a_block(server: Server, tmp_path: Path) -> None:
    archive = made_archive(tmp_path / "made.warc.gz", range(PAGES))
    environment = {
        **os.environ,
        "NEWSMILL_REDIS_URL": "",
        "NEWSMILL_DATA": str(tmp_path / "data"),
        "NEWSMILL_SEARCH__URL": server.url,
    }
    store = OpenSearchStore(server.url, OpenSearchOptions())
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.commands.main", "import", str(archive), "--json"],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for part in (0.1, 0.4):
            wait(lambda part=part: searchable(store) > PAGES * part, process)
            server.kill()
            time.sleep(3)
            server.start()
        wait(lambda: searchable(store) > PAGES * 0.6, process)
        block(server.url, True)
        time.sleep(2)
        before = searchable(store)
        time.sleep(5)
        assert "read_only_allow_delete" in store.trouble()
        told = subprocess.run(
            [sys.executable, "-m", "workers.commands.main", "status", "--json"],
            env=environment,
            capture_output=True,
            check=True,
        )
        assert "read_only_allow_delete" in json.loads(told.stdout)["search_trouble"]
        assert searchable(store) == before < PAGES
        block(server.url, None)
        output, errors = process.communicate(timeout=400)
    finally:
        process.kill()
    assert process.returncode == 0, errors[-3000:]
    assert json.loads(output)["taken"] == PAGES
    with OpenSearch(server.url) as client:
        client.indices.refresh(index="newsmill")
    assert sorted(document.id for document in store.scan()) == sorted(made_page(i).id for i in range(PAGES))
    store.close()
