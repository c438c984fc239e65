"""The mill notices by itself what stands still, and what does not fit in its ledger, and says so in `status`."""

import pytest

from newsmill.ledger import Candidate, Frontier, Turn, entries
from newsmill.ledger.audit import repair
from newsmill.ledger.self_check import KEYS, look_on
from newsmill.ledger.stages import Stage
from newsmill.ledger.stall import AWAY_S, STALL_S, progress
from newsmill.ledger.window import Window
from newsmill.outcomes import Outcome
from workers.runtime.figures import Status, status_of

HOSTS = [f"h{i}.example" for i in range(30)]


@pytest.fixture
def working(frontier: Frontier) -> Frontier:
    frontier.add(Candidate(f"{i:016d}", f"http://{HOSTS[i % 30]}/{i}", HOSTS[i % 30], "s") for i in range(3 * KEYS))
    return frontier


def tick(frontier: Frontier) -> Status:
    """What a tick keeps, and then a look at the status."""
    frontier.set_window(Window(100, at=frontier.now))
    seen = frontier.snapshot()
    frontier.note_progress(progress(seen["progress"] or {}, seen))
    return status_of(frontier.snapshot(), 100)


def whole_round(frontier: Frontier) -> int:
    """All keys once; returns how many faults were found."""
    found = len(look_on(frontier))
    while frontier.client.hget(f"{frontier.prefix}check", "cursor") != "0":
        found += len(look_on(frontier))
    return found


def test_a_stage_that_nobody_works_for_is_told(working: Frontier) -> None:
    (hint, _) = working.dispatch().hints
    won = working.claim(Stage.FETCH, hint.together, "w")
    working.finish(Stage.FETCH, "w", [entries.advance(e.id, Stage.PARSE, turn=Turn(1e4)) for e in won])
    assert tick(working).stalls == []
    for _ in range(3):
        working.now += STALL_S / 2
        told = tick(working).stalls
    assert told == ["parse: 30 wait or are at work, and nothing has moved for 4 min: does a worker of parse run?"]
    (entry, *_) = working.claim(Stage.PARSE, [won[0].id], "w")
    working.finish(Stage.PARSE, "w", [entries.settle(entry.id, Outcome.INDEXED)])
    assert tick(working).stalls == []


def test_work_that_only_comes_back_is_a_stall(working: Frontier) -> None:
    (hint, _) = working.dispatch().hints
    won = working.claim(Stage.FETCH, hint.together, "w")
    working.finish(Stage.FETCH, "w", [entries.advance(e.id, Stage.PARSE, turn=Turn(1e4)) for e in won])
    for _ in range(4):
        told = tick(working).stalls
        working.claim(Stage.PARSE, [e.id for e in won], "w")
        working.finish(Stage.PARSE, "w", [entries.give_back(e.id) for e in won])
        working.now += STALL_S / 2
    assert len(told) == 1


def test_a_host_that_is_due_and_never_asked_is_told(working: Frontier) -> None:
    for _ in range(5):
        told = tick(working).stalls
        working.now += STALL_S / 2
    assert told == ["frontier: a host has been due for 6 min, and nothing has moved for 4 min: run `newsmill audit`"]
    working.set_window(Window(0, "disk", at=working.now))
    assert status_of(working.snapshot(), 100).stalls == [], "a window of nothing has its own reason"


def test_work_without_any_worker_is_told(working: Frontier) -> None:
    tick(working)
    working.now += AWAY_S + 1
    (told,) = status_of(working.snapshot(), 100).stalls
    assert told == "nobody has looked after the ledger for 61 s: does any worker run?"


def test_a_ledger_that_is_whole_has_nothing_to_tell(working: Frontier) -> None:
    assert whole_round(working) == 0
    assert tick(working).faults == 0


@pytest.mark.parametrize("plant", ["due", "ticket", "busy"])
def test_a_fault_is_noticed_by_itself(working: Frontier, plant: str) -> None:
    if plant == "due":
        working.client.zrem(f"{working.prefix}due:1", HOSTS[7])
    elif plant == "ticket":
        working.client.lpop(f"{working.prefix}q:1:{HOSTS[7]}")
    else:
        working.client.hset(f"{working.prefix}host:{HOSTS[7]}", "busy", "f" * 16)
    found = whole_round(working)
    assert found
    assert tick(working).faults == found
    assert tick(working).fault
    repair(working)
    assert whole_round(working) == 0
    assert tick(working).faults == 0
