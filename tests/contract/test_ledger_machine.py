"""Promises 1 and 3 under any order of events: the ledger stays whole, and no host is asked twice at once.

Seeded random walks rather than Hypothesis' state machine: its walks rarely got as far as a finished fetch, and did not
notice a script that forgot to announce a freed host; these do.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest

from newsmill.ledger import Candidate, Frontier, Limits, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from workers.runtime.figures import status_of
from workers.runtime.wiring import connect

HOSTS = ["a.example", "b.example", "c.example"]
PAGES = [f"page{i:012d}" for i in range(14)]
STAGES = [Stage.FETCH, Stage.FETCH, Stage.PARSE, Stage.INDEX]  # fetch is where most can go wrong
NEXT = {Stage.FETCH: Stage.PARSE, Stage.PARSE: Stage.INDEX}
STEPS = 250


class Walk:
    """Workers, sweeps, operators and time, in an order that the seed chooses."""

    def __init__(self, frontier: Frontier, seed: int) -> None:
        self.frontier, self.client, self.random = frontier, frontier.client, random.Random(seed)
        self.accepted = 0
        self.moved: Counter[str] = Counter()

    def among(self, key: str) -> str:
        ids = self.client.zrange(f"{self.frontier.prefix}{key}", 0, -1)
        return self.random.choice(ids or PAGES)

    def add(self) -> None:
        host = self.random.choice(HOSTS)
        ids = self.random.sample(PAGES, self.random.randint(1, 6))
        offered = [Candidate(i, f"http://{host}/{i}", host, "s", self.random.randint(0, 2)) for i in ids]
        self.accepted += self.frontier.add(offered).accepted

    def dispatch(self) -> None:
        self.frontier.dispatch()

    def claim(self) -> None:
        stage = self.random.choice(STAGES)
        ids = [self.among(f"ready:{stage}") for _ in range(self.random.randint(1, 3))]
        self.frontier.claim(stage, ids, self.random.choice("xy"))

    def finish(self) -> None:
        stage = self.random.choice(STAGES)
        id = self.among(f"leased:{stage}")
        owner = self.client.hget(f"{self.frontier.prefix}e:{id}", "owner") or "z"
        if self.random.random() < 0.1:
            owner = "z"  # a worker whose lease has ended
        turn = Turn(self.random.choice([0.0, 1.0, 50.0])) if stage is Stage.FETCH else None
        host = self.random.choice(HOSTS)
        moves = [
            entries.settle(id, self.random.choice(list(Outcome)), "why", turn=turn),
            entries.settle(id, Outcome.INDEXED, turn=turn, again_s=100.0),
            entries.delay(id, self.random.choice([0.0, 40.0]), "later", turn=turn),
            entries.requeue(id, turn=turn),
        ]
        moves += [entries.advance(id, NEXT[stage], turn=turn)] * 3 if stage in NEXT else []
        moves += [entries.requeue(id, {"at": f"http://{host}/x"}, turn, host=host)] if turn else [entries.give_back(id)]
        move = self.random.choice(moves)
        if self.frontier.finish(stage, owner, [move]):
            self.moved[move.op] += 1

    def time_passes(self) -> None:
        self.frontier.now += self.random.choice([0.5, 2.0, 2.0, 60.0, 200.0, 6000.0])

    def sweep(self) -> None:
        self.frontier.sweep(self.random.choice(["", "", "", "x", "*"]))

    def crash(self) -> None:
        stage = self.random.choice(STAGES)
        self.frontier.abandon(stage, self.random.choice("xy"), [self.among(f"leased:{stage}")])

    def operate(self) -> None:
        if self.random.random() < 0.8:
            self.frontier.reopen([self.random.choice(PAGES)], 1, self.random.choice(STAGES))
        else:
            self.frontier.drain(self.random.choice(HOSTS), Outcome.FAILED, "dead")

    def step(self) -> None:
        steps = [
            self.add,
            self.dispatch,
            self.claim,
            self.finish,
            self.time_passes,
            self.sweep,
            self.crash,
            self.operate,
        ]
        self.random.choices(steps, weights=[2, 6, 8, 10, 3, 2, 1, 1])[0]()

    def check(self) -> None:
        assert list(problems(self.frontier)) == []
        status = status_of(self.frontier.snapshot(), self.frontier.limits.window)
        assert status.balanced
        assert status.accepted == self.accepted
        hosts = {h: self.client.hget(f"{self.frontier.prefix}host:{h}", "busy") for h in HOSTS}
        in_flight = {h: [] for h in HOSTS}
        for entry in self.frontier.entries():
            if entry["stage"] == Stage.FETCH and entry["state"] in ("ready", "leased"):
                in_flight[entry.host].append(entry.id)
            elif entry["state"] == "queued" and not hosts[entry.host]:
                due = [self.client.zscore(f"{self.frontier.prefix}due:{p}", entry.host) for p in (0, 1, 2)]
                assert any(score is not None for score in due), f"{entry.host} is free and not announced"
        assert in_flight == {h: [busy] if busy else [] for h, busy in hosts.items()}


@pytest.fixture
def walks(redis_url: str) -> Iterator[list[Walk]]:
    client = connect(redis_url)
    limits = Limits(window=5, retention_s=5000, hint_s=30, per_ip=2)
    yield [Walk(Frontier(client, limits, f"walk:{uuid.uuid4().hex}:", 1_000_000.0), seed) for seed in range(12)]
    client.close()


def test_the_ledger_is_whole_whatever_happens(walks: list[Walk]):
    moved: Counter[str] = Counter()
    for walk in walks:
        for number in range(STEPS):
            walk.step()
            if number % 5 == 0:
                walk.check()
        walk.check()
        moved += walk.moved
    assert set(moved) == {"advance", "settle", "delay", "requeue", "return"}
    assert min(moved.values()) > 5, "the walks must get everywhere"
