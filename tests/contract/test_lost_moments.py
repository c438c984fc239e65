"""Promise 3 when Redis is killed and its file lacks the last moments: nobody is asked twice at once, or too soon.

The file is synced every second; while a sync is under way it is written late. What a kill may lose is made here by
putting back an earlier copy of the file.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Entry, Frontier, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.held import Held
from newsmill.ledger.stages import Stage
from workers.local.broker import LocalBroker
from workers.runtime.figures import status_of
from workers.runtime.wiring import connect

START, QUIET_S, DELAY_S = 1_000_000.0, 5.0, 20.0
HOST = "a.example"
TURN = Turn(DELAY_S, {})


class Mill:
    """A frontier on a broker of its own, and what two workers know."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = LocalBroker(folder)
        self.frontier = Frontier(connect(self.broker.__enter__()), now=START)
        self.held = {"x": Held(), "y": Held()}
        self.frontier.add([Candidate(id, f"http://{HOST}/{id}", HOST, "s") for id in ("one", "two")])

    def keep(self) -> None:
        """From here on everything will be lost."""
        time.sleep(1.1)  # until it is written
        self.copy = self.folder / "copy"
        shutil.copytree(self.folder / "broker", self.copy)

    def kill(self) -> None:
        assert self.broker._process
        os.kill(self.broker._process.pid, signal.SIGKILL)
        self.broker._process.wait()
        for name in ("appendonlydir", "appendonly.aof"):
            if (self.copy / name).is_dir():
                shutil.rmtree(self.folder / "broker" / name)
                shutil.copytree(self.copy / name, self.folder / "broker" / name)
        self.broker.restart()

    def asked(self) -> list[str]:
        """Who is sent to fetch now."""
        dispatched = self.frontier.dispatch()
        return [*dispatched.hints[0].together, *dispatched.hints[0].alone]

    def ask(self, owner: str = "x", ids: tuple[str, ...] = ()) -> list[Entry]:
        """A worker takes what is dispatched, and its requests begin."""
        claimed = self.frontier.claim(Stage.FETCH, ids or self.asked(), owner)
        self.held[owner].began(Stage.FETCH, claimed, self.frontier.now)
        return claimed

    def end(self, id: str, owner: str = "x") -> set[str]:
        moves = [entries.requeue(id, {}, TURN)]
        self.held[owner].ended(moves, self.frontier.now)
        return self.frontier.finish(Stage.FETCH, owner, moves)

    def hold(self, owner: str = "x") -> int:
        return self.frontier.hold(owner, *self.held[owner].known(self.frontier.now))


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[Mill]:
    made = Mill(tmp_path)
    yield made
    made.frontier.now += 1000
    made.frontier.sweep()
    assert list(problems(made.frontier)) == []
    assert status_of(made.frontier.snapshot(), 1000).balanced
    made.frontier.client.close()
    made.broker.__exit__()


def test_a_request_whose_dispatch_is_lost_is_still_the_only_one(mill: Mill) -> None:
    mill.asked()
    mill.end("one")  # nothing: the server is known now
    mill.keep()
    mill.frontier.now += DELAY_S
    (entry,) = mill.ask() or mill.ask(ids=("one",))
    mill.kill()
    assert mill.asked() == [], "it is quiet"
    assert mill.frontier.claim(Stage.FETCH, ["one", "two"], "y") == []
    mill.hold()
    assert mill.hold() == 0, "twice is the same as once"
    mill.frontier.now += QUIET_S + DELAY_S + 0.1
    assert mill.asked() == [], "its host is still being asked"
    assert mill.end(entry.id) == {entry.id}, "and what comes of it counts"
    mill.frontier.now += DELAY_S - 0.1
    assert mill.asked() == []
    mill.frontier.now += 0.2
    assert mill.asked() == [entry.id]


def test_a_pause_that_is_lost_is_kept(mill: Mill) -> None:
    mill.frontier.dispatch(0)
    mill.keep()
    (entry,) = mill.ask()
    mill.end(entry.id)
    ended = mill.frontier.now
    mill.frontier.now += 1
    mill.kill()
    assert mill.asked() == []
    mill.hold()
    mill.frontier.now = ended + DELAY_S - 0.1
    assert mill.asked() == []
    mill.frontier.now = ended + DELAY_S + 0.1
    assert mill.asked() == [entry.id]


def test_an_end_that_is_lost_does_not_keep_the_host_until_the_lease_ends(mill: Mill) -> None:
    (entry,) = mill.ask()
    mill.keep()
    mill.end(entry.id)
    mill.kill()
    mill.asked()
    mill.hold()
    mill.frontier.now += DELAY_S - 0.1
    assert mill.asked() == []
    mill.frontier.now += 0.2
    (again,) = mill.ask()
    assert (again.id, again["crashes"]) == (entry.id, ""), "no crash is counted"


def test_a_claim_that_is_lost_is_not_claimed_by_another(mill: Mill) -> None:
    ids = mill.asked()
    mill.keep()
    (entry,) = mill.ask(ids=tuple(ids))
    mill.kill()
    assert mill.frontier.claim(Stage.FETCH, ids, "y") == [], "its message may come once more"
    mill.hold()
    mill.hold("y")
    mill.frontier.now += QUIET_S + 0.1
    assert mill.frontier.claim(Stage.FETCH, ids, "y") == []
    assert mill.end(entry.id) == {entry.id}


def test_what_has_gone_on_to_another_stage_stays_there(mill: Mill) -> None:
    """A ledger of an hour ago may have ready for parse what is being fetched once more: it is never in two stages."""
    (entry,) = mill.ask()
    mill.frontier.finish(Stage.FETCH, "x", [entries.advance(entry.id, Stage.PARSE, {"raw": "k"}, turn=TURN)])
    asking = {"id": entry.id, "host": HOST, "stage": "fetch", "lease": 20, "lasts": 75}
    mill.frontier.hold("y", [asking], [])
    assert list(problems(mill.frontier)) == []
    assert [e.id for e in mill.frontier.claim(Stage.PARSE, [entry.id], "p")] == [entry.id]
    mill.frontier.now += DELAY_S + 1
    assert mill.asked() == [], "its host is being asked"


def test_where_all_died_every_host_rests_its_usual_pause(mill: Mill) -> None:
    (entry,) = mill.ask()
    mill.end(entry.id)
    mill.frontier.now += DELAY_S + 0.1
    mill.keep()
    mill.ask()
    mill.kill()
    assert mill.asked() == []
    restarted = mill.frontier.now
    mill.frontier.now += DELAY_S - 0.1
    assert mill.asked() == []
    mill.frontier.now = restarted + DELAY_S + 0.1
    assert mill.asked() == [entry.id]


def test_an_orderly_end_costs_nothing(mill: Mill) -> None:
    mill.frontier.dispatch(0)
    mill.frontier.rest_in_order()
    mill.keep()
    mill.kill()
    assert mill.asked() == ["one"]


def test_what_a_worker_knows_does_not_grow() -> None:
    held = Held()
    for n in range(1000):
        claimed = [Entry(f"id{n}", {"host": f"{n}.example"}, {"wait_s": "3.5"})]
        held.began(Stage.FETCH, claimed, float(n))
        held.began(Stage.PARSE, [Entry("parse", {"host": "p.example"})], float(n))
        (held.dropped([f"id{n}"], n + 0.5) if n % 2 else held.ended([entries.requeue(f"id{n}", {}, TURN)], n + 0.5))
    asking, asked = held.known(1000.0)
    assert asking == []
    assert len(asked) < 15
    assert {a["left"] for a in asked[-2:]} == {DELAY_S - 1.5, 3.0}
