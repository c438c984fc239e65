"""Signs of life, the pause of the mill, and the place of an address in its queue: over a real Redis."""

from newsmill.ledger import NORMAL, Candidate, Frontier
from newsmill.ledger.entries import delay
from newsmill.ledger.presence import StageRow
from newsmill.ledger.stages import Stage
from workers.desk.looks import waits_for
from workers.runtime.figures import status_of


def offer(ledger: Frontier, *names: str, host: str = "a.example") -> None:
    ledger.add(Candidate(name.ljust(16, "0"), f"http://{host}/{name}", host, "s", NORMAL) for name in names)


def place(ledger: Frontier, name: str) -> StageRow:
    entry = ledger.entry(name.ljust(16, "0"))
    assert entry
    return ledger.place(entry)


def reasons(ledger: Frontier, name: str) -> str:
    entry = ledger.entry(name.ljust(16, "0"))
    assert entry
    return "; ".join(waits_for(entry, ledger.place(entry), status_of(ledger.snapshot(), 10)))


def test_workers_come_and_go(frontier: Frontier) -> None:
    frontier.say_alive("w@one:1", ["fetch", "parse"])
    frontier.now += 10
    frontier.say_alive("beat@one:2", ["beat"])
    assert {(w.queue, w.name, w.heard) for w in frontier.workers()} == {
        ("fetch", "w@one:1", 1_000_000.0),
        ("parse", "w@one:1", 1_000_000.0),
        ("beat", "beat@one:2", 1_000_010.0),
    }
    assert len(status_of(frontier.snapshot(), 1).workers) == 3
    frontier.say_alive("w@one:1", ["fetch", "parse"], lives=False)
    assert [w.queue for w in frontier.workers()] == ["beat"]
    frontier.now += 2 * 86400
    frontier.say_alive("w@one:3", ["index"])
    assert [w.queue for w in frontier.workers()] == ["index"]


def test_nobody_is_asked_while_the_mill_is_paused(frontier: Frontier) -> None:
    offer(frontier, "one")
    frontier.pause("the proxy moves", 999_000.0)
    assert status_of(frontier.snapshot(), 1).paused == {"why": "the proxy moves", "since": "999000"}
    paused = frontier.dispatch()
    assert not any(hint.together or hint.alone for hint in paused.hints)
    assert paused.next_due_s is None, "nobody is woken for nothing"
    assert reasons(frontier, "one").startswith("the whole mill is paused (the proxy moves)")
    assert frontier.resume()
    assert not frontier.resume()
    assert any(hint.together for hint in frontier.dispatch().hints)


def test_the_place_of_an_address(frontier: Frontier) -> None:
    offer(frontier, "one", "two", "three")
    assert [place(frontier, name).ahead for name in ("one", "two", "three")] == [0, 1, 2]
    frontier.dispatch()
    assert place(frontier, "three") == StageRow(ahead=1, busy="one".ljust(16, "0"))
    assert "a.example is being asked for another address" in reasons(frontier, "three")
    assert reasons(frontier, "one") == "fetch takes it when a worker is free"
    (taken,) = frontier.claim(Stage.FETCH, ["one".ljust(16, "0")], "w")
    assert reasons(frontier, "one") == "fetch is at work on it (w)"
    frontier.finish(Stage.FETCH, "w", [delay(taken.id, 300.0, "status 503")])
    assert reasons(frontier, "one") == "for its next try, in 5m, after 1 that failed: status 503"


def test_hosts_that_rest_are_told_with_the_reason(frontier: Frontier) -> None:
    offer(frontier, "one", "two", host="slow.example")
    frontier.client.zadd(f"{frontier.prefix}due:1", {"slow.example": frontier.now + 900})
    frontier.note_host("slow.example", {"next_at": str(frontier.now + 900), "fails": "4", "unanswered": "4"})
    (rests,) = status_of(frontier.snapshot(), 1).resting
    assert (rests.host, rests.due, rests.waiting) == ("slow.example", frontier.now + 900, 2)
    assert "did not answer 4 times" in rests.reason
