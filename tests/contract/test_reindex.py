"""A new index made by turns, over both stores and a real Redis; workers die at every place."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Frontier
from newsmill.ledger.new_index import COMMIT, LEASE_S, IndexUnderWay, Phase, Reindex
from newsmill.model import Rebuild, Span
from newsmill.search.store import SearchStore
from newsmill.settings import Settings
from newsmill.stores.errors import StoreUnavailable
from newsmill.testing.search_corpus import article
from tests.contract.conftest import OpenStore
from workers.index import reindex as turns
from workers.index.reindex import reindex_turn
from workers.runtime.figures import status_of
from workers.runtime.wiring import Wiring

MANY = [article(f"a{i}", 1_700_000_000_000_000 + i) for i in range(350)]


@pytest.fixture
def wiring(
    open_store: OpenStore, frontier: Frontier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Wiring]:
    """A mill whose turns are of one batch."""
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(turns, "BATCH", 40)
    with open_store() as store:
        made = Wiring(Settings(data=tmp_path), frontier, store)
        store.upsert(MANY)
        yield made


def end_leases(wiring: Wiring) -> None:
    """As if a minute had passed."""
    key = f"{wiring.frontier.prefix}reindex:parts"
    for part in wiring.frontier.client.zrange(key, 0, -1):  # type: ignore[union-attr]
        wiring.frontier.client.zincrby(key, -LEASE_S - 10, part)


def work(wiring: Wiring, most: int = 1000) -> int:
    """Turns until it has ended; returns how many."""
    for count in range(most):
        if not wiring.frontier.new_index.copying():
            return count
        if not reindex_turn(wiring.index):
            time.sleep(0.01)  # another has the last part
    raise AssertionError("it does not come to an end")


def ids(store: SearchStore) -> list[str]:
    return sorted(document.id for document in store.scan())


def test_turns_copy_everything_and_swap(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_S", 60.0)
    assert wiring.frontier.new_index.begin("reindex")
    assert not wiring.frontier.new_index.begin("reindex"), "a second command waits for the first one's"
    assert work(wiring) == 1 + len(wiring.search.spans(turns.PARTS)) + 1
    made = wiring.frontier.new_index.making()
    assert made is not None
    assert (made.phase, made.total, made.done, made.before, made.now) == (Phase.DONE, 350, 350, 350, 350)
    assert wiring.search.rebuild() is None
    assert ids(wiring.search) == sorted(a.id for a in MANY)
    assert wiring.search.check() == ()
    assert reindex_turn(wiring.index) == 0
    assert wiring.frontier.new_index.begin("reindex"), "and again"


def test_an_empty_index_too(open_store: OpenStore, wiring: Wiring) -> None:
    with open_store() as empty:
        wiring = Wiring(wiring.settings, wiring.frontier, empty)
        wiring.frontier.new_index.begin("reindex")
        work(wiring)
        assert wiring.frontier.new_index.making().now == 0  # type: ignore[union-attr]
        assert empty.rebuild() is None


def test_pages_that_come_in_meanwhile_are_in_it(wiring: Wiring) -> None:
    wiring.frontier.new_index.begin("reindex")
    reindex_turn(wiring.index)
    for n in range(5):
        reindex_turn(wiring.index)
        wiring.search.upsert(
            [article(f"fresh{n}", 1_800_000_000_000_000), article(f"a{n}", 1_800_000_000_000_000, text="newer")]
        )
        wiring.search.delete([(f"a{n + 100}", 1_800_000_000_000_000)])
    work(wiring)
    assert wiring.search.count() == 350
    assert wiring.search.search("newer").total == 5
    assert all(wiring.search.get(f"fresh{n}") and not wiring.search.get(f"a{n + 100}") for n in range(5))
    assert wiring.search.check() == ()


class Killed(BaseException):
    """What kill -9 leaves: nothing after this line."""


@pytest.mark.parametrize("method", ["begin_rebuild", "spans", "read", "fill", "commit_rebuild"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_is_killed_anywhere_loses_nothing(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, method: str, when: str
) -> None:
    real, calls = getattr(wiring.search, method), [0]

    def dies(*given: object) -> object:
        calls[0] += 1
        done = real(*given) if calls[0] != 2 - (method not in ("read", "fill")) or when == "after" else None
        if calls[0] == 2 - (method not in ("read", "fill")):
            raise Killed
        return done

    monkeypatch.setattr(wiring.search, method, dies)
    wiring.frontier.new_index.begin("reindex")
    with pytest.raises(Killed):
        work(wiring)
    assert reindex_turn(wiring.index) in (0, 1), "its part is leased; others go on"
    assert wiring.search.count() == 350
    end_leases(wiring)
    work(wiring)
    made = wiring.frontier.new_index.making()
    assert made is not None
    assert (made.phase, made.before, made.now) == (Phase.DONE, 350, 350)
    assert ids(wiring.search) == sorted(a.id for a in MANY)
    assert wiring.search.rebuild() is None
    assert wiring.search.check() == ()


def test_workers_side_by_side_copy_each_part_once(wiring: Wiring) -> None:
    wiring.frontier.new_index.begin("reindex")
    reindex_turn(wiring.index)
    threads = [threading.Thread(target=work, args=(wiring,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = wiring.frontier.new_index.making()
    assert made is not None
    assert (made.done, made.now) == (350, 350)


def test_a_store_that_is_away_makes_it_wait_and_says_why(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    wiring.frontier.new_index.begin("reindex")
    reindex_turn(wiring.index)
    with monkeypatch.context() as away:

        def refuse(_documents: object) -> None:
            raise StoreUnavailable("the store is away")

        away.setattr(wiring.search, "fill", refuse)
        away.setattr(turns, "TURN_S", 60.0)
        assert reindex_turn(wiring.index) <= 1
    status = status_of(wiring.frontier.snapshot(), 1000)
    assert status.new_index is not None
    assert status.new_index.phase is Phase.COPYING
    assert "the store is away" in str(status.new_index)
    end_leases(wiring)
    monkeypatch.setattr(turns, "TURN_S", 60.0)
    work(wiring)
    assert wiring.search.count() == 350


def test_an_article_that_the_new_index_refuses_stops_it_and_the_old_one_stays(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURN_S", 60.0)
    real = wiring.search.read

    def read(span: Span, most: int) -> object:
        documents, rest = real(span, most)
        return [article("poison", -5), *documents], rest

    from newsmill.search.store import Result, WriteVerdict

    fill = wiring.search.fill
    monkeypatch.setattr(wiring.search, "read", read)
    monkeypatch.setattr(
        wiring.search,
        "fill",
        lambda batch: [
            WriteVerdict(d.id, Result.REJECTED, "illegal version") if d.id == "poison" else v
            for d, v in zip(batch, fill(batch), strict=True)
        ],
    )
    wiring.frontier.new_index.begin("reindex")
    work(wiring)
    made = wiring.frontier.new_index.making()
    assert made is not None
    assert made.phase is Phase.FAILED
    assert "poison: illegal version" in made.problem
    assert wiring.search.rebuild() is None
    assert wiring.search.count() == 350


def test_an_index_that_is_deleted_meanwhile_is_begun_again(wiring: Wiring) -> None:
    wiring.frontier.new_index.begin("reindex")
    for _ in range(4):
        reindex_turn(wiring.index)
    wiring.search.abort_rebuild()
    work(wiring)
    assert wiring.frontier.new_index.making().now == 350  # type: ignore[union-attr]
    for _ in range(2):  # and just before the swap
        wiring.frontier.new_index.begin("reindex")
        while wiring.frontier.client.zscore(f"{wiring.frontier.prefix}reindex:parts", COMMIT) is None:
            reindex_turn(wiring.index)
        wiring.search.abort_rebuild()
        work(wiring)
        assert wiring.search.count() == 350


def test_two_kinds_do_not_mix(wiring: Wiring) -> None:
    wiring.frontier.new_index.begin("reparse")
    assert not wiring.frontier.new_index.begin("reparse")
    with pytest.raises(IndexUnderWay, match="reparse --rebuild"):
        wiring.frontier.new_index.begin("reindex")
    assert reindex_turn(wiring.index) == 0
    assert not wiring.frontier.new_index.finish("reindex", None)
    assert wiring.frontier.new_index.finish("reparse", Rebuild(live=1, built=2))
    assert wiring.frontier.new_index.begin("reindex")
    with pytest.raises(IndexUnderWay, match="newsmill reindex"):
        wiring.frontier.new_index.begin("reparse")


def test_a_part_belongs_to_one_worker_and_to_nobody_after_the_end(frontier: Frontier) -> None:
    state = Reindex(frontier.client, frontier.prefix, lease_s=0.0)
    assert state.making() is None
    state.begin("reindex")
    slow = state.take()
    quick = state.take()
    assert slow
    assert quick
    assert not state.cut(slow, 10, [Span(after="0", until="5")])
    assert state.cut(quick, 10, [Span(after="0", until="5"), Span(after="5", until="9")])
    part = state.take()
    assert part
    assert part.span == Span(after="0", until="5")
    assert state.advance(part, 3, Span(after="3", until="5"))
    other, again = state.take(), state.take()
    assert other
    assert again
    assert (other.name, again.name) == ("2", part.name)
    assert not state.advance(part, 3, None)
    assert state.swapping(part) is None
    state.finish("reindex", None, "dropped")
    for late in (part, again):
        state.leave(late)
        state.again(late)
        assert not state.advance(late, 1, None)
    assert state.waiting() == 0
    assert state.take() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk that is full can only be made by root (tmpfs)")
def test_a_full_disk_makes_it_wait_until_there_is_room(
    frontier: Frontier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "none", disk], capture_output=True).returncode:
        pytest.skip("tmpfs cannot be mounted here")
    monkeypatch.setattr(turns, "BATCH", 40)
    made = Wiring(Settings(data=disk), frontier)
    try:
        many = [a.model_copy(update={"text": f"harbour {os.urandom(2000).hex()}"}) for a in MANY]
        for start in range(0, len(many), 10):
            made.search.upsert(many[start : start + 10])
        used = sum(file.stat().st_blocks * 512 for file in disk.rglob("*") if file.is_file())
        subprocess.run(
            ["mount", "-o", f"remount,size={used + 400_000}", disk], check=True
        )  # too little for a second index
        made.frontier.new_index.begin("reindex")
        for _ in range(20):
            reindex_turn(made.index)
        making = made.frontier.new_index.making()
        assert making is not None
        assert "full" in making.problem
        assert making.phase is Phase.COPYING
        assert made.search.search("harbour").total == len(many), "the live one is as it was"
        subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
        end_leases(made)
        work(made)
        assert made.frontier.new_index.making().now == len(many)  # type: ignore[union-attr]
        assert made.search.check() == ()
    finally:
        made.search.close()
        subprocess.run(["umount", disk], check=True)
