"""The audit finds whatever does not fit in a ledger, mends it, and says nothing of one that is whole."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from newsmill.ledger import Candidate, Frontier, Limits, Turn, entries
from newsmill.ledger.audit import audit, problems, repair
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from tests.contract.test_ledger_machine import Walk
from workers.runtime.figures import status_of
from workers.runtime.wiring import connect

CENTURY_S = 100 * 365 * 86400.0


@dataclass
class Ledger:
    """A ledger with entries in every state, and the raw client to break it with."""

    frontier: Frontier

    @property
    def client(self) -> Any:
        return self.frontier.client

    def key(self, name: str) -> str:
        return f"{self.frontier.prefix}{name}"

    def build(self) -> None:
        f = self.frontier
        ids = [f"{'abcdefgh'[i % 8]}{i:015d}" for i in range(200)]
        f.add([Candidate(x, f"http://h{i % 20}.example/{i}", f"h{i % 20}.example", "s") for i, x in enumerate(ids)])
        f.put_poll("poll:one", {"url": "http://h0.example/feed", "host": "h0.example", "source": "one"}, 500.0)
        f.put_poll("poll:paused", {"url": "http://h1.example/feed", "host": "h1.example", "source": "two"}, 500.0)
        f.poll_in("poll:paused", None)
        for _ in range(4):
            got = [x for hint in f.dispatch().hints for x in hint.together]
            for k, e in enumerate(f.claim(Stage.FETCH, got, "w")):
                if k % 3 == 0:
                    turn = Turn(0.0, {"ip": f"1.2.3.{k % 4}"})
                    move = entries.advance(e.id, Stage.PARSE, {"raw": "k"}, turn=turn)
                elif k % 3 == 1:
                    move = entries.settle(e.id, Outcome.GONE, "404", turn=Turn(0.0))
                else:
                    move = entries.delay(e.id, 900, "later", turn=Turn(0.0))
                if k < 15:
                    f.finish(Stage.FETCH, "w", [move])
        got = [x for hint in f.dispatch(4).hints for x in hint.together]
        f.claim(Stage.FETCH, got[:2], "w")
        parse = self.client.zrange(self.key("ready:parse"), 0, 7)
        f.claim(Stage.PARSE, parse, "w")
        settled = entries.settle(parse[0], Outcome.INDEXED, "", set={"doc": parse[0], "indexed": "1"}, again_s=100.0)
        f.finish(Stage.PARSE, "w", [settled, entries.advance(parse[1], Stage.INDEX)])

    def one(self, state: str, **having: str) -> str:
        """An address in this state."""
        for entry in self.frontier.entries():
            poll = entry.id.startswith("poll:")
            if entry["state"] == state and not poll and all(entry[name] == value for name, value in having.items()):
                return entry.id
        raise AssertionError(f"nothing is {state}")

    def member(self, name: str) -> str:
        return str(self.client.zrange(self.key(name), 0, 0)[0])

    def entry(self, id: str) -> str:
        return self.key(f"e:{id}")

    def waiting(self) -> str:
        """A host with addresses that wait, free."""
        return str(self.client.zrange(self.key("due:1"), 0, 0)[0])

    def busy(self) -> str:
        """A host that is being asked."""
        return next(h for i in range(20) if self.client.hexists(self.key(f"host:{(h := f'h{i}.example')}"), "busy"))


def _busy_with_settled(at: Ledger) -> None:
    host = at.waiting()
    at.client.hset(at.key(f"host:{host}"), "busy", at.one("settled"))
    at.client.zrem(at.key("due:1"), host)


def _seen_too(at: Ledger) -> None:
    id = at.one("settled")
    at.client.hset(at.key(f"seen:{id[:4]}"), id[4:], 1)


def _queue(at: Ledger) -> str:
    return at.key(f"q:1:{at.waiting()}")


PLANTS: dict[str, Callable[[Ledger], object]] = {
    "an entry that is queued is gone": lambda at: at.client.delete(at.entry(at.one("queued"))),
    "an entry that is settled is gone": lambda at: at.client.delete(at.entry(at.one("settled"))),
    "an entry that is ready is gone": lambda at: at.client.delete(at.entry(at.one("ready"))),
    "an entry that is leased is gone": lambda at: at.client.delete(at.entry(at.one("leased"))),
    "an entry that is delayed is gone": lambda at: at.client.delete(at.entry(at.one("delayed"))),
    "accepted + 1": lambda at: at.client.hincrby(at.key("n"), "accepted", 1),
    "accepted - 1": lambda at: at.client.hincrby(at.key("n"), "accepted", -1),
    "queued + 1": lambda at: at.client.hincrby(at.key("n"), "queued", 1),
    "polls_queued + 1": lambda at: at.client.hincrby(at.key("n"), "polls_queued", 1),
    "outcome:gone + 1": lambda at: at.client.hincrby(at.key("n"), "outcome:gone", 1),
    "waiting of all + 1": lambda at: at.client.hincrby(at.key("waiting"), "all", 1),
    "waiting of all - 1": lambda at: at.client.hincrby(at.key("waiting"), "all", -1),
    "waiting of a source + 1": lambda at: at.client.hincrby(at.key("waiting"), "source:s", 1),
    "waiting of a site - 1": lambda at: at.client.hincrby(at.key("waiting"), "site:h3.example", -1),
    "a waiting host is not due": lambda at: at.client.zrem(at.key("due:1"), at.waiting()),
    "a host is due in 100 years": lambda at: at.client.zadd(
        at.key("due:1"), {at.waiting(): at.frontier.now + CENTURY_S}
    ),
    "a host is due tomorrow": lambda at: at.client.zadd(at.key("due:1"), {at.waiting(): at.frontier.now + 86400}),
    "a host rests for 100 years": lambda at: at.client.hset(
        at.key(f"host:{at.waiting()}"), "next_at", at.frontier.now + CENTURY_S
    ),
    "a host is due where nobody waits": lambda at: at.client.zadd(at.key("due:0"), {"nobody.example": 1}),
    "a busy host is due": lambda at: at.client.zadd(at.key("due:1"), {at.busy(): 1}),
    "a host is busy with what is settled": _busy_with_settled,
    "a host is not busy though it is asked": lambda at: at.client.hdel(at.key(f"host:{at.busy()}"), "busy"),
    "ipbusy is at its cap": lambda at: at.client.hset(at.key("ipbusy"), "1.2.3.1", 4),
    "ipbusy of an address that nobody has": lambda at: at.client.hset(at.key("ipbusy"), "9.9.9.9", 1),
    "a turn that is over": lambda at: at.client.sadd(at.key("turns:page:new"), "nobody.example"),
    "a ticket is lost": lambda at: at.client.lpop(_queue(at)),
    "a whole queue is lost": lambda at: at.client.delete(_queue(at)),
    "a ticket twice": lambda at: at.client.rpush(_queue(at), at.client.lindex(_queue(at), 0)),
    "leased, not in leased": lambda at: at.client.zrem(at.key("leased:fetch"), at.member("leased:fetch")),
    "ready, not in ready": lambda at: at.client.zrem(at.key("ready:parse"), at.member("ready:parse")),
    "ready for two stages": lambda at: at.client.zadd(at.key("ready:index"), {at.member("ready:parse"): 1}),
    "delayed, not in delayed": lambda at: at.client.zrem(at.key("delayed"), at.member("delayed")),
    "a member of ready without an entry": lambda at: at.client.zadd(at.key("ready:parse"), {"z" * 16: 1}),
    "a member of delayed without an entry": lambda at: at.client.zadd(at.key("delayed"), {"z" * 16: 1}),
    "a member of retire without an entry": lambda at: at.client.zadd(at.key("retire"), {"z" * 16: 1}),
    "a page among the sources": lambda at: at.client.zadd(at.key("sources"), {at.one("queued"): 1}),
    "rendering what is settled": lambda at: at.client.zadd(at.key("rendering"), {at.one("settled"): 1}),
    "a lease of 100 years": lambda at: at.client.zadd(
        at.key("leased:fetch"), {at.member("leased:fetch"): at.frontier.now + CENTURY_S}
    ),
    "a hint in 100 years": lambda at: at.client.zadd(
        at.key("ready:parse"), {at.member("ready:parse"): at.frontier.now + CENTURY_S}
    ),
    "a delay of 100 years": lambda at: at.client.zadd(
        at.key("delayed"), {at.member("delayed"): at.frontier.now + CENTURY_S}
    ),
    "a poll in 100 years": lambda at: at.client.zadd(at.key("sources"), {"poll:one": at.frontier.now + CENTURY_S}),
    "a look in 100 years": lambda at: at.client.zadd(
        at.key("recrawl"), {at.member("recrawl"): at.frontier.now + CENTURY_S}
    ),
    "settled, in neither retire nor recrawl": lambda at: [
        at.client.zrem(at.key(name), *ids) for ids in [(at.one("settled"),)] for name in ("retire", "recrawl")
    ],
    "settled, in both": lambda at: at.client.zadd(at.key("recrawl"), {at.member("retire"): at.frontier.now}),
    "settled with an unknown outcome": lambda at: at.client.hset(at.entry(at.one("settled")), "outcome", "nonsense"),
    "settled without an outcome": lambda at: at.client.hdel(at.entry(at.one("settled")), "outcome"),
    "an outcome though it is ready": lambda at: at.client.hset(at.entry(at.one("ready")), "outcome", "gone"),
    "an unknown state": lambda at: at.client.hset(at.entry(at.one("queued")), "state", "lost"),
    "no state": lambda at: at.client.hdel(at.entry(at.one("queued")), "state"),
    "no address": lambda at: at.client.hdel(at.entry(at.one("ready", stage="parse")), "url"),
    "an unknown stage": lambda at: at.client.hset(at.entry(at.one("ready")), "stage", "bake"),
    "a poll in no schedule": lambda at: at.client.zrem(at.key("sources"), "poll:one"),
    "an entry at another host than its queue": lambda at: at.client.hset(
        at.entry(at.one("queued")), "host", "elsewhere.example"
    ),
    "an entry without a host": lambda at: at.client.hdel(at.entry(at.one("queued")), "host"),
    "settled, and shrunk at once": _seen_too,
    "shrunk with no outcome": lambda at: at.client.hset(at.key("seen:zzzz"), "z" * 12, 9),
    "leased by nobody": lambda at: at.client.hdel(at.entry(at.member("leased:fetch")), "owner"),
    "an owner though it waits": lambda at: at.client.hset(at.entry(at.one("queued")), "owner", "w"),
    "a document of a page that does not hold it": lambda at: at.client.set(at.key("own:dddd"), at.one("settled")),
    "a document of a page that is gone": lambda at: at.client.set(at.key("own:dddd"), "z" * 16),
    "a lock that never ends": lambda at: at.client.set(at.key("lock:tick"), "1"),
}
NOT_MENDED = {"shrunk with no outcome"}


@pytest.fixture
def ledger(frontier: Frontier) -> Ledger:
    made = Ledger(frontier)
    made.build()
    return made


def test_a_whole_ledger_has_no_faults(ledger: Ledger) -> None:
    states = {entry["state"] for entry in ledger.frontier.entries()}
    assert states == {"queued", "ready", "leased", "delayed", "settled", "idle"}
    assert audit(ledger.frontier) == []
    assert repair(ledger.frontier) == ([], [])


@pytest.mark.parametrize("plant", PLANTS)
def test_what_does_not_fit_is_found_and_mended(ledger: Ledger, plant: str) -> None:
    PLANTS[plant](ledger)
    assert audit(ledger.frontier) != []
    mended, left = repair(ledger.frontier)
    if plant in NOT_MENDED:
        assert left
        return
    assert mended
    assert left == []
    assert audit(ledger.frontier) == []
    assert status_of(ledger.frontier.snapshot(), 1000).balanced


def test_nothing_is_reported_in_vain_while_the_mill_works(redis_url: str) -> None:
    """The sums are told only where they are off by more than has moved meanwhile."""
    client = connect(redis_url)
    walk = Walk(Frontier(client, Limits(window=5, per_ip=2), f"walk:{uuid.uuid4().hex}:", 1_000_000.0), seed=5)
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            walk.step()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while sum(walk.moved.values()) < 100:
            assert list(problems(walk.frontier)) == []
    finally:
        ended.set()
        worker.join()
        client.close()


def test_300_000_entries_take_less_than_30_s_of_cpu(frontier: Frontier) -> None:
    """A tenth of them, so that the test is quick: what an entry costs does not depend on how many there are."""
    tenth = 30_000
    for start in range(0, tenth, 5_000):
        hosts = [f"h{i % 2000}.example" for i in range(start, start + 5_000)]
        frontier.add(Candidate(f"{start + k:016d}", f"http://{h}/{k}", h, "s") for k, h in enumerate(hosts))
    frontier.add(Candidate(f"one{i:013d}", f"http://one.example/{i}", "one.example", "s") for i in range(5_000))

    def used_s() -> float:
        there = frontier.client.info("cpu")
        return time.process_time() + float(there["used_cpu_user"]) + float(there["used_cpu_sys"])

    before = used_s()
    assert audit(frontier) == []
    assert used_s() - before < 3
