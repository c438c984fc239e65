"""Nobody's flood keeps the others from being asked: real scripts, a simulated clock, one fetch worker's hands.

Fifty ordinary hosts, known from before, with twenty pages each, beside a flood that was there first.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace

import pytest

from newsmill.ledger import FRESH, Candidate, Frontier, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from newsmill.urls.canonical import address_id

HANDS = 500  # requests in flight of one fetch worker: 20 batches of 25
FLOOD = 1_500
ANSWER_S, SLOW_S, DELAY_S = 0.3, 60.0, 1.0
LEAST = 0.8  # of the undisturbed rate
HOSTS, PAGES = 50, 20


def candidate(url: str, source: str = "s") -> Candidate:
    return Candidate(address_id(url), url, url.split("/")[2], source, FRESH)


def flood(kind: str) -> Iterator[Candidate]:
    for i in range(FLOOD):
        match kind:
            case "one host":
                yield candidate(f"http://evil.example/{i}")
            case "one source":
                yield candidate(f"http://e{i}.example/{i}", "evil")
            case "two sources":
                yield candidate(f"http://e{i}.example/{i}", f"evil{i % 2}")
            case _:
                yield candidate(f"http://s{i}.evil.example/{i}")


class Simulation:
    def __init__(self, frontier: Frontier, slow: bool) -> None:
        self.frontier, self.evil_s = frontier, SLOW_S if slow else ANSWER_S
        self.normal = [candidate(f"http://n{h}.example/{i}", "normal") for i in range(PAGES) for h in range(HOSTS)]
        self.in_flight: list[tuple[float, str]] = []
        self.hinted: list[str] = []
        frontier.dispatch()
        frontier.rest_in_order()
        for h in range(HOSTS):
            asked = {"next_at": str(frontier.now - 5), "wait_s": "1.000", "latency_s": "0.3", "ip": f"10.1.{h}.1"}
            frontier.note_host(f"n{h}.example", asked)

    def seconds(self, at_most: float = 400.0, more: Iterator[Candidate] | None = None) -> float:
        """Simulated seconds until every page of the ordinary hosts is done."""
        frontier, start = self.frontier, self.frontier.now
        left = {c.id for c in self.normal}
        frontier.add(self.normal)
        swept = start
        while left and frontier.now < start + at_most:
            if more:
                frontier.add([next(more) for _ in range(50)])
            for hints in frontier.dispatch().hints:
                self.hinted += [*hints.together, *hints.alone]
            take = self.hinted[: max(HANDS - len(self.in_flight), 0)]
            del self.hinted[: len(take)]
            for entry in frontier.claim(Stage.FETCH, take, "w"):
                lasts = ANSWER_S if entry.host.startswith("n") else self.evil_s
                heapq.heappush(self.in_flight, (frontier.now + lasts, entry.id))
            first = self.in_flight[0][0] if self.in_flight else frontier.now
            frontier.now = max(frontier.now + 0.05, min(first, frontier.now + 1.0))
            left -= set(self._end())
            if frontier.now - swept > 1:
                swept = frontier.now
                self._renew()
                frontier.sweep()
        return frontier.now - start if not left else float("inf")

    def _end(self) -> list[str]:
        done = []
        while self.in_flight and self.in_flight[0][0] <= self.frontier.now:
            done.append(heapq.heappop(self.in_flight)[1])
        turn = Turn(DELAY_S, {"latency_s": "0.3"})
        self.frontier.finish(Stage.FETCH, "w", [entries.settle(id, Outcome.INDEXED, turn=turn) for id in done])
        return done

    def _renew(self) -> None:
        """Leases of a worker that lives."""
        key = f"{self.frontier.prefix}leased:fetch"
        held = self.frontier.client.zrange(key, 0, -1)
        if held:
            self.frontier.client.zadd(key, dict.fromkeys(held, self.frontier.now + 90))  # type: ignore[arg-type]


def undisturbed() -> float:
    return PAGES * (ANSWER_S + DELAY_S)


@pytest.mark.parametrize("slow", [False, True], ids=["quick", "slow"])
@pytest.mark.parametrize("kind", ["one host", "subdomains", "one address", "one source", "two sources"])
def test_ordinary_hosts_keep_their_rate(frontier: Frontier, kind: str, slow: bool) -> None:
    simulation = Simulation(frontier, slow)
    frontier.add(flood(kind))
    if kind == "one address":
        for c in flood(kind):
            frontier.note_host(c.host, {"ip": "10.66.0.1"})
    took = simulation.seconds()
    print(f"{kind}, {'slow' if slow else 'quick'}: {took:.0f} s, undisturbed {undisturbed():.0f} s")
    assert undisturbed() / took >= LEAST
    assert list(problems(frontier)) == []


def test_endless_new_addresses(frontier: Frontier) -> None:
    endless = (candidate(f"http://s{i}.evil.example/{i}", "evil") for i in range(10**9))
    took = Simulation(frontier, slow=True).seconds(more=endless)
    assert undisturbed() / took >= LEAST


def test_who_was_put_aside_has_its_turn_in_the_end(frontier: Frontier) -> None:
    frontier.limits = replace(frontier.limits, window=100)
    simulation = Simulation(frontier, slow=False)
    frontier.add(candidate(f"http://s{i}.evil.example/") for i in range(120))
    simulation.seconds()
    assert frontier.snapshot()["counters"]["outcome:indexed"] == str(120 + HOSTS * PAGES)
    assert frontier.client.keys(f"{frontier.prefix}turns:*") == []
    assert frontier.snapshot()["parked"] in ({}, [])


def test_turns_that_were_lost_come_back(frontier: Frontier) -> None:
    """A version before this one ends turns without telling the groups."""
    frontier.limits = replace(frontier.limits, window=100)
    frontier.add(candidate(f"http://s{i}.evil.example/") for i in range(60))
    ids = [id for hints in frontier.dispatch().hints for id in hints.together]
    assert 0 < len(ids) < 60
    for entry in frontier.claim(Stage.FETCH, ids, "w"):
        frontier.client.hdel(f"{frontier.prefix}host:{entry.host}", "groups")
    frontier.finish(Stage.FETCH, "w", [entries.settle(id, Outcome.INDEXED, turn=Turn(1.0)) for id in ids])
    back: set[str] = set()
    for _ in range(3):  # a sweep for each group that had all its turns
        frontier.sweep()
        back |= {id for hints in frontier.dispatch().hints for id in hints.together}
    assert back - set(ids)
