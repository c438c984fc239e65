"""The frontier and the ledger over a real server: what each script promises."""

import dataclasses

import pytest

from newsmill.ledger import BACKFILL, FRESH, NORMAL, Candidate, Frontier, Limits, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.stages import LEASE_S, REQUEST_S, Stage
from newsmill.ledger.under_way import Beside, Taken
from newsmill.outcomes import Outcome
from workers.runtime.figures import Status, status_of


def page(name: str, host: str = "a.example", priority: int = NORMAL, **more: float) -> Candidate:
    return Candidate(name.ljust(16, "x"), f"http://{host}/{name}", host, "test", priority, **more)


def status(frontier: Frontier) -> Status:
    return status_of(frontier.snapshot(), frontier.limits.window)


def dispatched(frontier: Frontier) -> list[str]:
    fetch, produce = frontier.dispatch().hints
    return [*fetch.together, *fetch.alone, *produce.alone]


def claim_all(frontier: Frontier, stage: Stage = Stage.FETCH) -> list[str]:
    ids = frontier.client.zrange(f"{frontier.prefix}ready:{stage}", 0, -1)
    return [e.id for e in frontier.claim(stage, ids, "w1")]  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _whole_at_the_end(frontier: Frontier):
    yield
    assert list(problems(frontier)) == []
    assert status(frontier).balanced


def test_an_address_is_accepted_once(frontier: Frontier):
    first = frontier.add([page("one"), page("two"), page("one")])
    assert (first.accepted, first.known) == (2, 1)
    assert frontier.add([page("one")]).known == 1
    assert status(frontier).waiting == 2


def test_one_address_of_a_host_at_a_time_and_only_after_its_delay(frontier: Frontier):
    frontier.add([page("one"), page("two"), page("three", "b.example")])
    assert len(dispatched(frontier)) == 2
    assert dispatched(frontier) == []
    (mine,) = list(frontier.claim(Stage.FETCH, [page("one").id], "w1"))
    frontier.finish(Stage.FETCH, "w1", [entries.advance(mine.id, Stage.PARSE, turn=Turn(5.0))])
    assert dispatched(frontier) == []
    frontier.now += 4.9
    assert dispatched(frontier) == []
    assert frontier.dispatch().next_due_s == pytest.approx(0.1, abs=0.01)
    frontier.now += 0.2
    assert dispatched(frontier) == [page("two").id]


def test_a_second_message_claims_nothing(frontier: Frontier):
    frontier.add([page("one")])
    ids = dispatched(frontier)
    assert len(frontier.claim(Stage.FETCH, ids, "w1")) == 1
    assert frontier.claim(Stage.FETCH, ids, "w2") == []
    assert frontier.finish(Stage.FETCH, "w2", [entries.settle(ids[0], Outcome.INDEXED, turn=Turn(0.0))]) == set()
    assert frontier.finish(Stage.FETCH, "w1", [entries.settle(ids[0], Outcome.INDEXED, turn=Turn(0.0))]) == set(ids)
    assert frontier.finish(Stage.FETCH, "w1", [entries.settle(ids[0], Outcome.INDEXED, turn=Turn(0.0))]) == set()
    assert status(frontier).outcomes["indexed"] == 1


def test_the_window_bounds_what_is_in_progress_and_fresh_addresses_have_more_of_it(frontier: Frontier):
    frontier.limits = Limits(window=4)
    frontier.add([page(f"old{i}", f"h{i}.example", BACKFILL) for i in range(9)])
    assert len(dispatched(frontier)) == 4
    frontier.add([page(f"new{i}", f"n{i}.example", FRESH) for i in range(3)])
    assert dispatched(frontier) == [page("new0").id]


def test_fresh_goes_before_backfill_of_the_same_host(frontier: Frontier):
    frontier.add([page("old", priority=BACKFILL), page("new", priority=FRESH)])
    assert dispatched(frontier) == [page("new").id]


def test_a_backlog_address_that_turns_up_as_news_moves_ahead(frontier: Frontier):
    frontier.add([page(f"old{i}", priority=BACKFILL) for i in range(5)])
    frontier.add([page("old3", priority=FRESH)])
    assert dispatched(frontier) == [page("old3").id]
    assert status(frontier).waiting == 4


def in_parse(frontier: Frontier, names: str) -> list[str]:
    """Pages that are ready for parse."""
    frontier.add([page(name, f"{name}.example") for name in names])
    claimed = frontier.claim(Stage.FETCH, dispatched(frontier), "w1")
    frontier.finish(Stage.FETCH, "w1", [entries.advance(e.id, Stage.PARSE, turn=Turn(1)) for e in claimed])
    return [e.id for e in claimed]


def died(frontier: Frontier) -> tuple[str, ...]:
    """The worker of what is leased was heard of too long ago; returns what parse is to try in messages of their own."""
    frontier.now += LEASE_S + 0.1
    return next(hint.alone for hint in frontier.sweep()[1] if hint.stage is Stage.PARSE)


def test_a_worker_that_dies_gives_its_entries_to_others_one_by_one(frontier: Frontier):
    ids = in_parse(frontier, "ab")
    assert len(claim_all(frontier, Stage.PARSE)) == 2
    assert sorted(died(frontier)) == sorted(ids)


def test_what_ends_its_worker_alone_is_quarantined_the_third_time(frontier: Frontier):
    poison, neighbour = in_parse(frontier, "ab")
    claim_all(frontier, Stage.PARSE)
    died(frontier)
    for _ in range(2):
        frontier.claim(Stage.PARSE, [poison], "child of two")
        frontier.claim(Stage.PARSE, [neighbour], "w2")
        frontier.finish(Stage.PARSE, "w2", [entries.give_back(neighbour)])
        died(frontier)
    assert status(frontier).outcomes["quarantined"] == 1
    entry = frontier.entry(poison)
    assert entry
    assert entry["reason"] == "crashed parse 3 times, last on child of two"


def test_who_is_never_alone_when_its_worker_ends_is_no_suspect_for_ever(frontier: Frontier):
    """Twenty honest pages in a threaded worker that is killed again and again: none is quarantined."""
    ids = in_parse(frontier, "abcdefghij")
    for _ in range(5):
        frontier.take(Stage.PARSE, ids, "w1", beside=Beside((), 10))
        died(frontier)
    assert status(frontier).outcomes["quarantined"] == 0
    taken = frontier.take(Stage.PARSE, ids, "w1", beside=Beside((), 3))
    assert taken == Taken((), tuple(ids)), "they were there each time: now each has to be alone"
    (first, *_) = frontier.take(Stage.PARSE, ids[:1], "w1", alone=True).won
    frontier.finish(Stage.PARSE, "w1", [entries.advance(first.id, Stage.INDEX)])
    for _ in range(2):
        assert len(frontier.take(Stage.PARSE, ids[1:2], "w1", alone=True).won) == 1
        died(frontier)
    assert status(frontier).outcomes["quarantined"] == 1


def test_a_second_claim_takes_the_first_one_out_of_its_solitude(frontier: Frontier):
    one, two, _ = in_parse(frontier, "abc")
    for _ in range(6):
        frontier.take(Stage.PARSE, [one], "w1", alone=True)
        frontier.take(Stage.PARSE, [two], "w1", beside=Beside((one,), 1), alone=True)
        died(frontier)
    assert status(frontier).outcomes["quarantined"] == 0


def test_a_worker_that_somebody_killed_counts_against_nobody_in_it(frontier: Frontier):
    ids = in_parse(frontier, "abc")
    for _ in range(6):
        assert len(frontier.claim(Stage.PARSE, ids, "w@host:1/2")) == 3
        frontier.sweep("w@host:1", killed=True)
    assert frontier.take(Stage.PARSE, ids, "w").suspects == ()


def test_a_child_that_is_gone_takes_none_of_its_parent_along(frontier: Frontier):
    one, two, _ = in_parse(frontier, "abc")
    frontier.claim(Stage.PARSE, [one], "w@host:1/22")
    frontier.claim(Stage.PARSE, [two], "w@host:1/2")
    assert frontier.sweep("w@host:1/2")[0] == 1
    assert frontier.sweep("w@host:1")[0] == 1


def test_who_lives_keeps_its_leases(frontier: Frontier):
    one, two, _ = in_parse(frontier, "abc")
    frontier.claim(Stage.PARSE, [one, two], "w1")
    for _ in range(10):
        frontier.now += LEASE_S / 2
        assert frontier.renew("w1", [(Stage.PARSE, one)]) == []
        frontier.sweep()
    assert frontier.claim(Stage.PARSE, [one, two], "w2")[0].id == two
    assert frontier.renew("w1", [(Stage.PARSE, one), (Stage.PARSE, two)]) == [two]


def test_the_host_of_a_worker_that_nobody_saw_dying_rests_until_its_request_has_ended(frontier: Frontier):
    frontier.add([page("one"), page("two")])
    (id,) = dispatched(frontier)
    frontier.claim(Stage.FETCH, [id], "w1")
    began = frontier.now
    frontier.now += LEASE_S + 1
    assert frontier.sweep()[0] == 1
    assert status(frontier).in_progress == 0, "the entry itself may be taken up"
    frontier.now = began + REQUEST_S - 0.1
    assert dispatched(frontier) == []
    frontier.now = began + REQUEST_S + 0.1
    assert dispatched(frontier) == [id]


def test_the_host_of_a_fetch_worker_that_dies_rests_its_delay(frontier: Frontier):
    frontier.add([page("one")])
    claim_all_ids = dispatched(frontier)
    frontier.claim(Stage.FETCH, claim_all_ids, "w1")
    frontier.client.hset(f"{frontier.prefix}host:a.example", "wait_s", "7")
    frontier.sweep("w1")
    frontier.now += 6.9
    assert dispatched(frontier) == []
    frontier.now += 0.2
    assert dispatched(frontier) == claim_all_ids


def test_lost_messages_are_hinted_again_but_not_each_time(frontier: Frontier):
    frontier.add([page("one")])
    ids = dispatched(frontier)
    frontier.now += frontier.limits.hint_s + 1
    assert [h.together for h in frontier.sweep()[1] if h.stage is Stage.FETCH] == [tuple(ids)]
    assert [h.together for h in frontier.sweep()[1] if h.stage is Stage.FETCH] == [()]


def test_where_all_workers_are_gone_what_was_hinted_is_hinted_again_by_the_first_tick(frontier: Frontier) -> None:
    frontier.add(page(f"p{n}", f"h{n}.example") for n in range(4))
    hinted = dispatched(frontier)
    frontier.claim(Stage.FETCH, hinted[:1], "w")
    abandoned, hints = frontier.sweep("*", killed=True)
    assert abandoned == 1
    assert not any(hint.together or hint.alone for hint in hints), "nobody is there to take it"
    hints_now = [hint.together for hint in frontier.sweep()[1] if hint.stage is Stage.FETCH]
    assert sorted(hints_now[0]) == sorted(hinted[1:])


def test_a_delayed_entry_comes_back_at_its_time(frontier: Frontier):
    frontier.add([page("one")])
    ids = dispatched(frontier)
    frontier.claim(Stage.FETCH, ids, "w1")
    frontier.finish(Stage.FETCH, "w1", [entries.delay(ids[0], 60, "503", turn=Turn(1))])
    assert status(frontier).waiting == 1
    frontier.now += 59
    frontier.sweep()
    assert dispatched(frontier) == []
    frontier.now += 2
    frontier.sweep()
    assert dispatched(frontier) == ids
    (again,) = frontier.claim(Stage.FETCH, ids, "w1")
    assert again.tries == 1


def test_a_redirect_to_another_host_waits_for_that_host(frontier: Frontier):
    frontier.add([page("one"), page("two", "b.example")])
    ids = dispatched(frontier)
    frontier.claim(Stage.FETCH, ids, "w1")
    frontier.finish(
        Stage.FETCH,
        "w1",
        [entries.requeue(page("one").id, {"at": "http://b.example/x"}, Turn(1.0), host="b.example")],
    )
    frontier.now += 100
    assert dispatched(frontier) == []
    frontier.finish(Stage.FETCH, "w1", [entries.settle(page("two").id, Outcome.GONE, "404", turn=Turn(2.0))])
    frontier.now += 3
    assert dispatched(frontier) == [page("one").id]


def test_settled_entries_shrink_but_stay_known(frontier: Frontier):
    frontier.add([page("one"), page("two", "b.example")])
    ids = dispatched(frontier)
    frontier.claim(Stage.FETCH, ids, "w1")
    frontier.finish(Stage.FETCH, "w1", [entries.settle(id, Outcome.EMPTY, "nothing", turn=Turn(1)) for id in ids])
    frontier.now += frontier.limits.retention_s + 1
    frontier.sweep()
    assert frontier.entry(ids[0]) is None
    assert frontier.shrunk(ids[0]) is Outcome.EMPTY
    assert frontier.add([page("one")]).known == 1
    assert status(frontier).outcomes["empty"] == 2


def test_a_settled_entry_is_looked_at_again_when_due_or_when_a_newer_date_is_seen(frontier: Frontier):
    frontier.add([page("one"), page("two", "b.example")])
    ids = dispatched(frontier)
    frontier.claim(Stage.FETCH, ids, "w1")
    at = {"fetched": str(frontier.now)}
    frontier.finish(
        Stage.FETCH,
        "w1",
        [
            entries.settle(page("one").id, Outcome.INDEXED, set=at, turn=Turn(1), again_s=3600),
            entries.settle(page("two").id, Outcome.INDEXED, set=at, turn=Turn(1)),
        ],
    )
    frontier.now += 3000
    assert frontier.add([page("two", "b.example", modified=frontier.now - 10)]).reopened == 1
    assert frontier.add([page("two", "b.example", modified=frontier.now - 10)]).reopened == 0
    frontier.now += 700
    frontier.sweep()
    assert set(dispatched(frontier)) == set(ids)
    assert status(frontier).outcomes["indexed"] == 0


def test_a_full_frontier_refuses_instead_of_growing(frontier: Frontier):
    frontier.limits = Limits(max_waiting=3)
    added = frontier.add([page(f"p{i}") for i in range(5)])
    assert (added.accepted, added.refused) == (3, 2)


def test_the_canonical_address_takes_its_document_from_an_alias(frontier: Frontier):
    frontier.add([page("alias"), page("real", "b.example")])
    alias, real = page("alias").id, page("real").id
    assert frontier.own([(alias, real)]) == [False]  # the real address is known and on its way
    assert frontier.own([(alias, "elsewherexxxxxxx")]) == [True]
    assert frontier.own([(real, "elsewherexxxxxxx")]) == [False]
    ids = dispatched(frontier)
    frontier.claim(Stage.FETCH, ids, "w1")
    done = entries.settle(alias, Outcome.INDEXED, turn=Turn(0), doc=("elsewherexxxxxxx", "http://c.example/"))
    frontier.finish(Stage.FETCH, "w1", [done])
    frontier.add([dataclasses.replace(page("elsewhere", "c.example"), id="elsewherexxxxxxx")])
    assert status(frontier).outcomes["indexed"] == 1
    assert frontier.own([("elsewherexxxxxxx", "elsewherexxxxxxx")]) == [True]
    assert status(frontier).outcomes["duplicate"] == 1


def test_an_alias_that_lost_its_document_meanwhile_settles_as_duplicate(frontier: Frontier):
    frontier.add([page("alias")])
    (alias,) = dispatched(frontier)
    frontier.claim(Stage.FETCH, [alias], "w1")
    assert frontier.own([(alias, "elsewherexxxxxxx")]) == [True]
    assert frontier.own([("elsewherexxxxxxx", "elsewherexxxxxxx")]) == [True]
    done = entries.settle(alias, Outcome.INDEXED, turn=Turn(0), doc=("elsewherexxxxxxx", "http://c.example/"))
    frontier.finish(Stage.FETCH, "w1", [done])
    assert status(frontier).outcomes["duplicate"] == 1


def test_a_dead_host_is_drained_with_its_reason(frontier: Frontier):
    frontier.add([page(f"p{i}") for i in range(5)])
    dispatched(frontier)
    assert frontier.drain("a.example", Outcome.FAILED, "host unreachable") == 4
    assert status(frontier).outcomes["failed"] == 4


def test_retry_puts_settled_entries_back_and_only_those(frontier: Frontier):
    frontier.add([page("one"), page("two")])
    (one,) = dispatched(frontier)
    frontier.claim(Stage.FETCH, [one], "w1")
    frontier.finish(Stage.FETCH, "w1", [entries.settle(one, Outcome.FAILED, "timeout", turn=Turn(0))])
    assert frontier.reopen([one, page("two").id, "unknownxxxxxxxxx"], NORMAL) == [one]
    assert status(frontier).outcomes["failed"] == 0
    assert status(frontier).waiting == 2


def test_hosts_that_share_an_ip_share_its_cap(frontier: Frontier):
    frontier.limits = Limits(per_ip=2)
    frontier.add([page(f"p{i}", f"h{i}.example") for i in range(4)])
    for i in range(4):
        frontier.client.hset(f"{frontier.prefix}host:h{i}.example", "ip", "192.0.2.1")
    first = dispatched(frontier)
    assert len(first) == 2
    frontier.claim(Stage.FETCH, first, "w1")
    frontier.finish(Stage.FETCH, "w1", [entries.settle(first[0], Outcome.GONE, "404", turn=Turn(1))])
    frontier.now += 0.5
    assert len(dispatched(frontier)) == 1


def test_polls_wait_for_their_host_like_pages_and_rest_between(frontier: Frontier):
    frontier.put_poll("poll:news", {"url": "http://a.example/feed", "host": "a.example", "source": "news"}, 5)
    frontier.put_poll("poll:news", {"url": "http://a.example/feed", "host": "a.example", "source": "news"}, None)
    frontier.add([page("one")])
    frontier.sweep()
    assert status(frontier).polls.waiting == 0
    frontier.now += 6
    frontier.sweep()
    assert dispatched(frontier) == ["poll:news"]
    (poll,) = frontier.claim(Stage.PRODUCE, ["poll:news"], "w1")
    frontier.finish(Stage.PRODUCE, "w1", [entries.rest(poll.id, 600, turn=Turn(1))])
    assert status(frontier).accepted == 1
    frontier.now += 2
    assert dispatched(frontier) == [page("one").id]
    frontier.sweep()
    assert status(frontier).polls.waiting == 0


@pytest.mark.parametrize("state", ["idle", "queued", "leased"])
def test_a_removed_source_is_forgotten_and_frees_its_host(frontier: Frontier, state: str):
    frontier.put_poll("poll:news", {"url": "http://a.example/feed", "host": "a.example", "source": "news"}, 5)
    frontier.now += 6
    if state != "idle":
        frontier.sweep()
    if state == "leased":
        frontier.claim(Stage.PRODUCE, dispatched(frontier), "w1")
    frontier.drop_poll("poll:news")
    frontier.finish(Stage.PRODUCE, "w1", [entries.rest("poll:news", 600, turn=Turn(1))])
    assert frontier.entry("poll:news") is None
    frontier.add([page("one")])
    frontier.now += 5
    assert dispatched(frontier) == [page("one").id]


def test_outcome_codes_in_lua_are_those_of_python(frontier: Frontier):
    from newsmill.ledger.scripts import source

    listed = source("sweep").split("local OUTCOMES = {")[1].split("}")[0]
    assert [name.strip(" '") for name in listed.split(",")] == [str(o) for o in Outcome]


def test_what_becomes_ready_while_it_is_quiet_is_hinted_when_that_is_over(frontier: Frontier) -> None:
    frontier.sweep()
    frontier.client.set(f"{frontier.prefix}server", "another")  # as if it had been started again
    frontier.put_poll("poll:list", {"url": "list.txt", "source": "list", "stage": "produce", "priority": "0"}, 0.0)
    for _ in range(2):
        assert not any(hint.together or hint.alone for hint in frontier.sweep()[1]), "claim would give nothing"
    frontier.now += 5.1  # QUIET_S of prelude.lua
    (polls,) = (hint.together for hint in frontier.sweep()[1] if hint.stage is Stage.PRODUCE)
    assert polls == ("poll:list",)
