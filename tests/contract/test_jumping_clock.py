"""The clock of the broker's machine jumps (suspended, or set): nobody is asked twice at once, nothing stands still.

A jump is made by moving what the ledger has written down the other way: to the server's own clock it is the same.
"""

import time
import uuid
from collections.abc import Iterator
from typing import cast

import pytest

from newsmill.ledger import Candidate, Entry, Frontier, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.held import Held
from newsmill.ledger.stages import Stage
from workers.runtime.wiring import connect

HOUR_S = 3600.0
QUIET_S = 5.0
HOSTS = [f"h{i}.example" for i in range(10)]
ZSETS = ("delayed", "sources", "recrawl", "retire", "rendering", *(f"due:{p}" for p in range(3)))
ZSETS += tuple(f"{kind}:{stage}" for kind in ("ready", "leased") for stage in Stage)


class Jumping:
    """A frontier by the server's own clock, which can jump."""

    def __init__(self, frontier: Frontier) -> None:
        self.frontier, self.client = frontier, frontier.client
        self.held = Held()

    def key(self, name: str) -> str:
        return f"{self.frontier.prefix}{name}"

    def jump(self, seconds: float) -> None:
        """Ahead, or back. What is written down stays behind."""
        for name in ZSETS:
            for member, at in cast(list[tuple[str, float]], self.client.zrange(self.key(name), 0, -1, withscores=True)):
                self.client.zadd(self.key(name), {member: at - seconds})
        for name in ("clock", "restarted"):
            if at := self.client.get(self.key(name)):
                self.client.set(self.key(name), f"{float(cast(str, at)) - seconds:.6f}")
        for entry in self.frontier.entries():
            if at := entry["claimed"]:
                self.client.hset(self.key(f"e:{entry.id}"), "claimed", f"{float(at) - seconds:.6f}")
        for host in HOSTS:
            if at := self.client.hget(self.key(f"host:{host}"), "next_at"):
                self.client.hset(self.key(f"host:{host}"), "next_at", f"{float(at) - seconds:.6f}")

    def asked(self) -> list[str]:
        """Who is sent to fetch now."""
        return [id for hint in self.frontier.dispatch().hints for id in (*hint.together, *hint.alone)]

    def ask(self, owner: str = "x") -> list[Entry]:
        claimed = self.frontier.claim(Stage.FETCH, self.asked(), owner)
        self.held.began(Stage.FETCH, claimed, time.monotonic())
        return claimed


@pytest.fixture
def at(redis_url: str) -> Iterator[Jumping]:
    client = connect(redis_url)
    made = Jumping(Frontier(client, prefix=f"jump:{uuid.uuid4().hex}:"))
    made.frontier.add([Candidate(f"{i:016d}", f"http://{h}/{i}", h, "s") for i, h in enumerate(HOSTS * 3)])
    yield made
    client.close()


def test_a_jump_ahead_ends_no_lease_and_no_pause(at: Jumping) -> None:
    under_way = at.ask()
    assert len(under_way) == 10
    ended = under_way[:5]
    at.frontier.finish(Stage.FETCH, "x", [entries.requeue(e.id, {}, Turn(30.0)) for e in ended])
    at.jump(HOUR_S)
    assert at.frontier.sweep()[0] == 0, "nobody was silent for an hour"
    assert at.asked() == [], "it is quiet, until workers have told whom they ask"
    assert at.frontier.claim(Stage.FETCH, [under_way[9].id], "y") == []
    assert at.frontier.renew("x", [(Stage.FETCH, e.id) for e in under_way[5:]]) == []
    time.sleep(QUIET_S + 0.2)
    at.frontier.sweep()
    assert at.asked() == [], "five are being asked, and the hosts of the others rest their pause"
    moves = [entries.requeue(e.id, {}, Turn(0.0)) for e in under_way[5:]]
    assert len(at.frontier.finish(Stage.FETCH, "x", moves)) == 5
    assert list(problems(at.frontier)) == []


def test_whoever_died_in_the_jump_is_given_up_all_the_same(at: Jumping) -> None:
    at.ask()
    at.jump(HOUR_S)
    at.frontier.sweep()
    time.sleep(QUIET_S + 2.2)
    assert at.frontier.sweep()[0] == 10


def test_a_jump_back_lets_nothing_stand_still(at: Jumping) -> None:
    under_way = at.ask()
    at.frontier.finish(Stage.FETCH, "x", [entries.requeue(e.id, {}, Turn(1.0)) for e in under_way[:5]])
    moves = [entries.delay(e.id, 2.0, "503", turn=Turn(1.0)) for e in under_way[5:7]]
    at.frontier.finish(Stage.FETCH, "x", moves)
    at.frontier.try_lock("tick", 3600.0)
    at.jump(-HOUR_S)
    at.asked()
    assert at.frontier.try_lock("tick", 1.0), "locks end by the same clock"
    time.sleep(QUIET_S + 1.2)
    at.frontier.sweep()
    again = at.asked()
    assert len(again) == 7
    at.frontier.claim(Stage.FETCH, again, "x")
    at.frontier.finish(Stage.FETCH, "x", [entries.requeue(id, {}, Turn(0.1)) for id in again])
    time.sleep(0.2)
    assert len(at.asked()) == 7, "a pause that was written down before the jump is not kept until then"
    leased = cast(list[tuple[str, float]], at.client.zrange(at.key("leased:fetch"), 0, -1, withscores=True))
    assert leased
    assert all(end - time.time() < 30 for _, end in leased)
    assert list(problems(at.frontier)) == []


def test_an_address_that_comes_after_a_jump_back_does_not_wait_for_the_old_pause(at: Jumping) -> None:
    key = at.key("host:late.example")
    at.client.hset(key, mapping={"next_at": f"{time.time() + HOUR_S:.6f}", "wait_s": "1.0"})
    at.frontier.add([Candidate("late".ljust(16, "x"), "http://late.example/1", "late.example", "s")])
    assert cast(float, at.client.zscore(at.key("due:1"), "late.example")) - time.time() < 80


def test_a_clock_that_goes_on_is_no_jump(at: Jumping) -> None:
    at.ask()
    for _ in range(3):
        time.sleep(0.5)
        at.frontier.sweep()
    assert at.client.get(at.key("restarted")) is None


def due_in(at: Jumping, host: str) -> float:
    return cast(float, at.client.zscore(at.key("due:1"), host)) - time.time()


def test_who_was_frozen_when_the_clock_jumped_ahead_asks_alone(at: Jumping) -> None:
    """Its request goes on, and it can tell nobody: it counts as begun at the jump."""
    at.ask()
    at.jump(HOUR_S)
    at.frontier.sweep()
    time.sleep(QUIET_S + 2.2)
    at.frontier.sweep()
    assert all(due_in(at, host) > 60 for host in HOSTS)


def test_a_host_that_was_let_go_of_unseen_rests_after_a_jump_as_well(at: Jumping) -> None:
    under_way = at.ask()
    at.client.zadd(at.key("leased:fetch"), {e.id: time.time() - 1 for e in under_way})
    assert at.frontier.sweep()[0] == 10
    assert all(due_in(at, host) > 70 for host in HOSTS)
    at.jump(HOUR_S)
    at.frontier.sweep()
    time.sleep(QUIET_S + 1.2)
    assert at.asked() == []


def test_what_a_worker_tells_of_a_pause_that_is_over_ends_no_other(at: Jumping) -> None:
    """A jump ahead has made the pause of a host long ago: it counts from the jump."""
    at.ask()
    at.frontier.finish(Stage.FETCH, "x", [entries.requeue("0".zfill(16), {}, Turn(50.0))])
    at.jump(HOUR_S)
    at.frontier.sweep()
    at.frontier.hold("y", [], [{"id": "0".zfill(16), "host": HOSTS[0], "stage": "fetch", "left": 0.0}])
    time.sleep(QUIET_S + 0.2)
    assert HOSTS[0] not in {at.frontier.entry(id).host for id in at.asked()}  # type: ignore[union-attr]


def test_a_pause_that_only_a_worker_knew_outlasts_a_jump_ahead(at: Jumping) -> None:
    at.frontier.dispatch()
    at.frontier.hold("y", [], [{"id": "gone".zfill(16), "host": "late.example", "stage": "fetch", "left": 50.0}])
    assert float(at.client.hget(at.key("host:late.example"), "wait_s") or 0) >= 50


def test_a_clock_that_went_to_and_fro_shortens_no_pause(at: Jumping) -> None:
    """The bounded time of `due` comes before the one that was meant, which is right again."""
    at.client.hset(at.key(f"host:{HOSTS[0]}"), mapping={"next_at": f"{time.time() + 30:.6f}", "wait_s": "50.0"})
    assert HOSTS[0] not in {at.frontier.entry(id).host for id in at.asked()}  # type: ignore[union-attr]
    assert due_in(at, HOSTS[0]) > 25


def test_the_audit_has_nothing_against_a_host_that_nobody_waits_for(at: Jumping) -> None:
    at.client.hset(at.key("host:idle.example"), "next_at", f"{time.time() + 90 * 86400:.6f}")
    assert list(problems(at.frontier)) == []
