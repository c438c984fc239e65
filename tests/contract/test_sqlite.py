"""What only the SQLite store can meet: several processes on one file, kill -9, a full disk, foreign files."""

import itertools
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsmill.search.sqlite import store as sqlite
from newsmill.search.sqlite.store import SqliteStore
from newsmill.search.store import Result
from newsmill.stores import frames
from newsmill.stores.errors import StoreDamaged, StoreFull
from newsmill.testing.search_corpus import CORPUS, article
from newsmill.text import tokens as analysis

SPAWN = multiprocessing.get_context("spawn")


def write_all(path: Path, worker: int, version: int) -> None:
    store = SqliteStore(path)
    for batch in range(10):
        store.upsert(
            [article(f"a{(batch * 10 + i + worker * 7) % 100}", version, text=f"v{version}") for i in range(10)]
        )
    store.close()


def write_for_ever(path: Path) -> None:
    store = SqliteStore(path)
    version = 0
    while True:
        version += 1
        store.upsert([article(f"a{i}", version, text=f"v{version}") for i in range(100)])


def run(target: Callable[..., None], *arguments: object) -> "multiprocessing.process.BaseProcess":
    process = SPAWN.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def test_several_processes_write_and_the_newest_stays(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    writers = [run(write_all, path, worker, version) for worker, version in enumerate((3, 1, 4, 2))]
    store = SqliteStore(path)
    while any(writer.is_alive() for writer in writers):
        assert store.count() <= 100
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert store.search("v4").total == 100
    assert store.search("v1 OR v2 OR v3").total == 0
    assert store.check() == ()


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "search.sqlite")
    threads = [
        threading.Thread(target=lambda n=n: store.upsert([article(f"{n}-{i}") for i in range(20)])) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count() == 160
    store.close()
    assert store.count() == 160


def test_a_killed_writer_leaves_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    for delay_s in (0.0, 0.03, 0.07):
        writer = run(write_for_ever, path)
        store = SqliteStore(path)
        while not store.count():
            time.sleep(0.01)
        time.sleep(delay_s)
        assert writer.pid
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        assert store.count() == 100
        version = store.get_many(["a0"])["a0"].version
        assert store.search(f"v{version}").total == 100
        assert store.check() == ()
        store.close()


def test_a_forked_child_gets_a_connection_of_its_own(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "search.sqlite")
    store.upsert(CORPUS)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom newsmill.search.sqlite.store import SqliteStore\n"
        "from newsmill.testing.search_corpus import article\n"
        "store = SqliteStore(Path(sys.argv[1]))\nstore.count()\npid = os.fork()\n"
        "store.upsert([article(f'forked{bool(pid)}')])\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if pid else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(store.path)], check=False, timeout=60)
    assert done.returncode == 0
    assert store.count() == len(CORPUS) + 2


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk that is full can only be made by root (tmpfs)")
def test_a_full_disk_is_said_to_be_full_and_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        store = SqliteStore(place / "search.sqlite")
        batches = ([article(f"{n}-{i}", text=f"full {os.urandom(2000).hex()}") for i in range(10)] for n in range(1000))
        with pytest.raises(StoreFull):
            all(store.upsert(batch) for batch in batches)
        kept = store.count()
        assert kept % 10 == 0
        assert store.search("full").total == kept > 0
        store.close()
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    path.write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(StoreDamaged, match=r"search\.sqlite"):
        SqliteStore(path)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    with pytest.raises(StoreDamaged, match="no search index"):
        SqliteStore(other)


def test_articles_indexed_by_other_rules_are_replaced_cleanly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(tmp_path / "search.sqlite")
    store.upsert([article("a", 1, text="before"), article("b", 1, text="before")])
    monkeypatch.setattr(analysis, "VERSION", analysis.VERSION + 1)
    assert store.upsert([article("a", 2, text="after")])[0].result is Result.WRITTEN
    assert store.search("before").ids == ("b",)
    assert store.search("after").ids == ("a",)
    assert store.check() == ()


def test_the_log_stays_small_though_somebody_always_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOG_BYTES", 1 << 20)
    path = tmp_path / "search.sqlite"
    store = SqliteStore(path)
    store.upsert([article(f"a{i}", text="harbour " * 200) for i in range(200)])
    done = threading.Event()

    def read() -> None:
        mine = SqliteStore(path)
        while not done.is_set():
            assert mine.search("harbour").total == 200
        mine.close()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    sizes = []
    for version in range(2_000, 2_060):
        store.upsert([article(f"a{i}", version, text="harbour " * 200) for i in range(40)])
        sizes.append((tmp_path / "search.sqlite-wal").stat().st_size)
    done.set()
    for thread in threads:
        thread.join()
    store.close()
    assert max(sizes) < 4 << 20
    assert sum(one > two for one, two in itertools.pairwise(sizes)) > 2, "it was written back again and again"


def test_a_search_that_takes_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "s.sqlite")
    words = " ".join(f"a{i} w{i}" for i in range(50))
    store.upsert([article(f"x{i}", text=words, site=f"s{i}.example") for i in range(200)])
    for query in ("a*", "a* OR w*", "-zzz", " ".join(["a*"] * 60)):
        page = store.search(query, limit=100, facets=True, within_s=0.0)
        assert (page.cut, page.hits) == (True, ()), query
        whole = store.search(query, limit=100, within_s=60.0)
        assert not whole.cut, "the limit was that search's own"
        assert whole.hits
    assert len(list(store.scan())) == 200
    store.close()


def test_a_row_that_is_no_document_is_an_error_of_the_store(tmp_path: Path) -> None:
    for body in (b"", b"no frame", frames.compress(b"no document"), frames.compress(b'{"id": "a"}')):
        path = tmp_path / "search.sqlite"
        path.unlink(missing_ok=True)
        store = SqliteStore(path)
        store.upsert([article("a", text="volcano erupts")])
        with sqlite3.connect(path) as db:
            db.execute("UPDATE articles_1 SET body = ?", (body,))
        db.close()
        for read in (lambda s: s.search("volcano"), lambda s: s.get("a"), lambda s: list(s.scan())):
            with pytest.raises(StoreDamaged, match="newsmill reparse"):
                read(store)
        store.close()


def test_what_is_known_of_the_index_is_asked_again_when_it_has_changed(tmp_path: Path) -> None:
    mine, theirs = SqliteStore(tmp_path / "s.sqlite"), SqliteStore(tmp_path / "s.sqlite")
    theirs.upsert([article("a", text="The harbour is old.", published=datetime(2020, 1, 1, tzinfo=UTC))])
    assert mine.search("lighthouse").total == 0
    assert theirs.remove_older(datetime(2021, 1, 1, tzinfo=UTC), 10) == 1
    theirs.upsert([article("b", text="The lighthouses are old.")])  # in the row of the one that was removed
    assert [hit.title for hit in mine.search("lighthouse").hits] == ["Title b"]
