"""Promise 1 and 3 under any order of events: whatever happens, the ledger is whole and no host is asked twice at once."""

import uuid

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from workers.frontier import Candidate, Frontier, Limits, Turn, entries
from workers.mill import connect
from workers.ops.audit import problems
from workers.ops.status import status_of
from workers.outcomes import Outcome
from workers.pipeline import Stage

HOSTS = ["a.example", "b.example", "c.example"]
PAGES = [f"page{i:012d}" for i in range(12)]
PAGE_STAGES = [Stage.FETCH, Stage.PARSE, Stage.INDEX]
NEXT = {Stage.FETCH: Stage.PARSE, Stage.PARSE: Stage.INDEX}


class Ledger(RuleBasedStateMachine):
    """Workers, sweeps, operators and time, in any order."""

    url = ""

    @initialize(window=st.integers(1, 6))
    def start(self, window: int):
        limits = Limits(window=window, retention_s=5000, hint_s=30, per_ip=2)
        self.client = connect(self.url)
        self.frontier = Frontier(self.client, limits, f"machine:{uuid.uuid4().hex}:", now=1_000_000.0)
        self.ever = 0

    def teardown(self):
        if hasattr(self, "client"):
            keys = list(self.client.scan_iter(match=f"{self.frontier.prefix}*"))
            if keys:
                self.client.delete(*keys)
            self.client.close()

    @rule(ids=st.lists(st.sampled_from(PAGES), max_size=5), host=st.sampled_from(HOSTS), priority=st.integers(0, 2))
    def add(self, ids: list[str], host: str, priority: int):
        offered = [Candidate(i, f"http://{host}/{i}", host, "s", priority) for i in ids]
        self.ever += self.frontier.add(offered).accepted

    @rule()
    def dispatch(self):
        self.frontier.dispatch()

    @rule(
        stage=st.sampled_from(PAGE_STAGES),
        ids=st.lists(st.sampled_from(PAGES), max_size=6),
        owner=st.sampled_from("xy"),
    )
    def claim(self, stage: Stage, ids: list[str], owner: str):
        self.frontier.claim(stage, ids, owner)

    @rule(
        stage=st.sampled_from(PAGE_STAGES),
        id=st.sampled_from(PAGES),
        owner=st.sampled_from("xy"),
        how=st.sampled_from(["advance", "settle", "delay", "requeue", "redirect", "return"]),
        host=st.sampled_from(HOSTS),
        outcome=st.sampled_from(list(Outcome)),
        wait=st.sampled_from([0.0, 1.0, 50.0]),
    )
    def finish(self, stage: Stage, id: str, owner: str, how: str, host: str, outcome: Outcome, wait: float):
        turn = Turn(wait) if stage is Stage.FETCH else None
        if how == "advance" and stage in NEXT:
            move = entries.advance(id, NEXT[stage], turn=turn)
        elif how == "delay" and turn:
            move = entries.delay(id, wait, "later", turn=turn)
        elif how == "requeue" and turn:
            move = entries.requeue(id, turn=turn)
        elif how == "redirect" and turn:
            move = entries.requeue(id, {"at": f"http://{host}/x"}, turn, host=host)
        elif how == "return" and not turn:
            move = entries.give_back(id)
        else:
            move = entries.settle(id, outcome, "why", turn=turn, again_s=100.0 if wait == 50.0 else None)
        self.frontier.finish(stage, owner, [move])

    @rule(seconds=st.sampled_from([0.5, 2.0, 60.0, 200.0, 6000.0]))
    def time_passes(self, seconds: float):
        self.frontier.now += seconds

    @rule(dead=st.sampled_from(["", "", "", "x", "*"]))
    def sweep(self, dead: str):
        self.frontier.sweep(dead)

    @rule(
        stage=st.sampled_from(PAGE_STAGES),
        owner=st.sampled_from("xy"),
        ids=st.lists(st.sampled_from(PAGES), max_size=3),
    )
    def crash(self, stage: Stage, owner: str, ids: list[str]):
        self.frontier.abandon(stage, owner, ids)

    @rule(ids=st.lists(st.sampled_from(PAGES), max_size=4), stage=st.sampled_from(PAGE_STAGES))
    def retry(self, ids: list[str], stage: Stage):
        self.frontier.reopen(ids, 1, stage)

    @rule(host=st.sampled_from(HOSTS))
    def give_up(self, host: str):
        self.frontier.drain(host, Outcome.FAILED, "dead")

    @invariant()
    def whole(self):
        if not hasattr(self, "frontier"):
            return
        assert list(problems(self.frontier)) == []
        status = status_of(self.frontier.snapshot(), self.frontier.limits.window)
        assert status.balanced
        assert status.accepted == self.ever

    @invariant()
    def one_in_flight_a_host(self):
        if not hasattr(self, "frontier"):
            return
        busy: dict[str, str] = {}
        for entry in self.frontier.entries():
            if entry["stage"] == Stage.FETCH and entry["state"] in ("ready", "leased"):
                assert busy.setdefault(entry.host, entry.id) == entry.id, entry.host
                at_host = self.client.hget(f"{self.frontier.prefix}host:{entry.host}", "busy")
                assert at_host == entry.id
        for host in HOSTS:  # and no host is left busy by nobody
            held = self.client.hget(f"{self.frontier.prefix}host:{host}", "busy")
            assert held is None or busy.get(host) == held

    @invariant()
    def every_waiting_host_is_announced(self):
        if not hasattr(self, "frontier"):
            return
        for entry in self.frontier.entries():
            if entry["state"] == "queued" and not self.client.hget(f"{self.frontier.prefix}host:{entry.host}", "busy"):
                due = [self.client.zscore(f"{self.frontier.prefix}due:{p}", entry.host) for p in (0, 1, 2)]
                assert any(score is not None for score in due), entry.id


@pytest.mark.timeout(600)
def test_the_ledger_is_whole_whatever_happens(redis_url: str):
    Ledger.url = redis_url
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
