"""A new index through the queues of a running mill: its command and an index worker are killed, pages come in, a client
asks ten times a second; no query fails and every article is in the new index, once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from newsmill.ledger.new_index import Reindex
from newsmill.search.sqlite.store import SqliteStore
from tests.system.made import PAGES, made_archive, made_page
from tests.system.newsmill import Running, as_json, environment, newsmill
from tests.system.reader import Reader
from workers.runtime.wiring import connect

pytestmark = pytest.mark.slow
NEW = 200  # pages that come in meanwhile
LEAST_A_SECOND = 9.0  # of the ten that are due


def wait(until: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.05)


def state_of(folder: Path) -> Reindex:
    """The state of the mill that runs on this folder."""
    card = json.loads((folder / "data" / "broker" / "server.json").read_text())
    return Reindex(connect(card["url"]))


def generation(path: Path) -> int:
    with sqlite3.connect(path) as db:
        return int(db.execute("SELECT number FROM meta WHERE role = 'live'").fetchone()[0])


def test_it_goes_on_through_kills_while_pages_come_in(tmp_path: Path) -> None:
    newsmill("import", str(made_archive(tmp_path / "a.warc.gz", range(PAGES))), "--json", cwd=tmp_path)
    more = made_archive(tmp_path / "b.warc.gz", range(PAGES, PAGES + NEW))
    (tmp_path / "none.txt").write_text("")
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "none"\nkind = "list"\npath = "none.txt"\n')
    index = tmp_path / "data" / "search.sqlite"
    with Running("up", "--sources", "sources.toml", cwd=tmp_path) as mill:
        wait(lambda: bool(mill.workers("index")))
        with Reader(lambda: SqliteStore(index)) as reader:
            command = [sys.executable, "-m", "workers.commands.main", "reindex", "--json"]
            asked = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE)
            state = state_of(tmp_path)
            wait(lambda: (made := state.making()) is not None and made.done > 0)
            os.kill(mill.workers("index")[0], signal.SIGKILL)
            asked.kill()
            asked.communicate()
            assert state.copying(), "it was to be killed in the middle"
            assert as_json(newsmill("import", str(more), "--json", cwd=tmp_path))["taken"] == NEW
            told = as_json(newsmill("reindex", "--json", cwd=tmp_path))
        print(f"{told}; {reader}")
    assert generation(index) >= 2
    assert reader.failures == []
    assert reader.least >= PAGES
    assert reader.a_second > LEAST_A_SECOND
    store = SqliteStore(index)
    assert sorted(document.id for document in store.scan()) == sorted(made_page(i).id for i in range(PAGES + NEW))
    assert store.check() == ()
    assert store.rebuild() is None
    store.close()


def test_one_that_is_dropped_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    newsmill("import", str(made_archive(tmp_path / "a.warc.gz", range(20))), "--json", cwd=tmp_path)
    assert "no index is being made" in newsmill("reindex", "--drop", cwd=tmp_path).stderr
    with closing(SqliteStore(tmp_path / "data" / "search.sqlite")) as store:
        store.begin_rebuild()  # as a `reparse --rebuild` that was stopped leaves it
        assert "dropped" in newsmill("reindex", "--drop", cwd=tmp_path).stderr
        assert store.rebuild() is None
        assert store.count() == 20
    assert as_json(newsmill("reindex", "--json", cwd=tmp_path)) == {"documents before": 20, "documents now": 20}
