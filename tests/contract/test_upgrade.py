"""Numbers of schemas over a real server, and `newsmill upgrade`: fenced, resumable, without a way back."""

import pytest
import redis

from newsmill.ledger import Candidate, Frontier, Kept, entries, scripts
from newsmill.ledger.audit import problems
from newsmill.ledger.schema import SCHEMA, Schema, WrongSchema
from newsmill.ledger.stages import Stage
from newsmill.ledger.upgrade import FENCED, Migration, Upgrade
from newsmill.outcomes import Outcome

TO = SCHEMA + 1


def pages(count: int, host: str = "a.example") -> list[Candidate]:
    return [Candidate(f"page{i:012d}", f"http://{host}/{i}", host, "s") for i in range(count)]


def same(frontier: Frontier) -> Frontier:
    """Another process on the same ledger."""
    return Frontier(frontier.client, frontier.limits, frontier.prefix, frontier.now)


def mark(client: "redis.Redis", prefix: str, position: str) -> str:
    """A change in two parts: it notes how often each was done."""
    client.hincrby(f"{prefix}marks", position or "first", 1)
    return "" if position else "second"


def of(frontier: Frontier) -> Upgrade:
    return Upgrade(frontier.client, frontier.prefix, [Migration(TO, "marks are kept", mark)])


def dump(client: "redis.Redis") -> dict[str, bytes]:
    """Every key as it is. The server's own clock does not change it."""
    raw = redis.Redis(
        connection_pool=redis.ConnectionPool(**{**client.connection_pool.connection_kwargs, "decode_responses": False})
    )
    found = {key.decode(): raw.dump(key) for key in raw.scan_iter(count=1000)}
    raw.close()
    return found


def test_a_new_ledger_has_the_numbers_of_who_made_it(frontier: Frontier) -> None:
    frontier.add(pages(1))
    assert Upgrade(frontier.client, frontier.prefix).schema == Schema(SCHEMA, 1)


def test_the_version_before_and_after_work_side_by_side(frontier: Frontier, monkeypatch: pytest.MonkeyPatch) -> None:
    frontier.add(pages(1))
    monkeypatch.setattr(scripts, "SCHEMA", TO)
    later = same(frontier)
    later.sweep()
    assert Upgrade(frontier.client, frontier.prefix).schema == Schema(TO, 1)
    monkeypatch.undo()
    back = same(frontier)
    back.dispatch()
    assert back.claim(Stage.FETCH, [pages(1)[0].id], "x"), "what was there before goes on with it"
    assert Upgrade(frontier.client, frontier.prefix).schema == Schema(TO, 1), "numbers never fall"


def test_who_is_too_old_does_nothing(frontier: Frontier) -> None:
    frontier.add(pages(1))
    frontier.client.hset(f"{frontier.prefix}schema", mapping={"number": TO, "oldest": TO})
    before = dump(frontier.client)
    for call in (lambda f: f.add(pages(3)), lambda f: f.dispatch(), lambda f: f.snapshot(), lambda f: f.sweep()):
        with pytest.raises(WrongSchema, match="a later Newsmill"):
            call(same(frontier))
    with pytest.raises(WrongSchema):
        frontier.join()  # a worker that runs asks again with each beat of its heart
    assert dump(frontier.client) == before


def busy(frontier: Frontier) -> dict[str, str]:
    """A ledger with entries in several states; returns them."""
    frontier.add([*pages(6), Candidate("other00000000001", "http://b.example/", "b.example", "s")])
    for _ in range(3):
        frontier.dispatch()
        frontier.claim(Stage.FETCH, [c.id for c in pages(6)], "x")
        frontier.finish(
            Stage.FETCH, "x", [entries.advance(c.id, Stage.PARSE, turn=entries.Turn(0.0)) for c in pages(6)]
        )
        frontier.now += 10
    frontier.claim(Stage.PARSE, [pages(1)[0].id], "x")
    frontier.finish(Stage.PARSE, "x", [entries.settle(pages(1)[0].id, Outcome.EMPTY, "nothing")])
    frontier.dispatch()
    frontier.put_poll("poll:feed", {"url": "http://b.example/feed", "host": "b.example", "source": "feed"})
    return {entry.id: entry["state"] for entry in frontier.entries()}


def test_scripts_of_an_older_version_change_nothing_once_the_fence_stands(frontier: Frontier) -> None:
    busy(frontier)
    frontier.claim(Stage.PARSE, [pages(2)[1].id], "x")
    upgrade = of(frontier)
    assert upgrade.turn()
    while any(not key.startswith(upgrade.target(TO)) and ":e:" in key for key in dump(frontier.client)):
        assert upgrade.turn()
    before = dump(frontier.client)
    one = pages(2)[1].id
    calls = [
        lambda: frontier.add(pages(9)),
        lambda: frontier.dispatch(),
        lambda: frontier.claim(Stage.PARSE, [one], "x"),
        lambda: frontier.finish(Stage.PARSE, "x", [entries.settle(one, Outcome.INDEXED)]),
        lambda: frontier.abandon(Stage.PARSE, "x", [one]),
        lambda: frontier.sweep("*"),
        lambda: frontier.hold("x", [{"id": one, "host": "a.example", "stage": "fetch", "lease": 9}], []),
        lambda: frontier.reopen([pages(1)[0].id], 1),
        lambda: frontier.adopt([Kept("kept000000000001", "http://c.example/", "c.example", "s", "raw", 1.0)], 100),
        lambda: frontier.drain("a.example", Outcome.FAILED, "dead"),
        lambda: frontier.poll_in("poll:feed", 1.0),
        lambda: frontier.drop_poll("poll:feed"),
        lambda: frontier.snapshot(),
    ]
    failed = []
    for call in calls:
        try:
            call()
        except redis.ResponseError as error:
            failed.append(str(error))
    assert len(failed) >= 7
    assert all("WRONGTYPE" in error for error in failed)
    strays = {f"{frontier.prefix}e:kept000000000001", f"{frontier.prefix}host:a.example", f"{frontier.prefix}lock:tick"}
    after = {key: value for key, value in dump(frontier.client).items() if key not in strays}
    assert after == {key: value for key, value in before.items() if key not in strays}


def test_an_upgrade_that_is_stopped_anywhere_goes_on(frontier: Frontier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsmill.ledger.upgrade.SCANNED_AT_ONCE", 3)
    states = busy(frontier)
    assert [change.what for change in of(frontier).pending()] == ["marks are kept"]
    turns = 0
    while of(frontier).turn():  # each in a process of its own, as it were
        turns += 1
        if turns > 1:
            with pytest.raises(WrongSchema):
                same(frontier).sweep()
        assert turns < 100
    assert turns > 6
    assert of(frontier).schema == Schema(TO, TO)
    monkeypatch.setattr(scripts, "SCHEMA", TO)
    new = Frontier(frontier.client, frontier.limits, of(frontier).target(TO), frontier.now)
    assert {entry.id: entry["state"] for entry in new.entries()} == states
    assert list(problems(new)) == []
    assert new.client.hgetall(f"{new.prefix}marks") == {"first": "1", "second": "1"}
    assert new.dispatch() is not None
    assert not of(frontier).turn()
    assert all(new.client.type(f"{frontier.prefix}{name}") == "string" for name in FENCED)
