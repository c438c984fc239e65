"""No source and no site takes what is everybody's: waiting addresses, new ones a day, bytes of raw pages, reopening."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from newsmill.ledger import BACKFILL, FRESH, NORMAL, Candidate, Frontier, Limits, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from newsmill.urls.canonical import address_id


def candidate(url: str, source: str, priority: int = NORMAL) -> Candidate:
    return Candidate(address_id(url), url, url.split("/")[2], source, priority)


def pages(count: int, site: str, source: str, *, hosts: int = 1) -> Iterator[Candidate]:
    return (candidate(f"http://h{i % hosts}.{site}/{i}", source) for i in range(count))


@pytest.fixture(autouse=True)
def _whole_at_the_end(frontier: Frontier) -> Iterator[None]:
    yield
    assert list(problems(frontier)) == []
    counted = frontier.client.hget(f"{frontier.prefix}waiting", "all") or "0"
    assert counted == frontier.snapshot()["counters"].get("queued", "0")


def test_newcomers_find_room_beside_a_source_that_takes_all_it_can(frontier: Frontier) -> None:
    frontier.limits = Limits(max_waiting=3_000)
    flood = frontier.add(pages(5_000, "evil.example", "evil"))
    assert 2_500 < flood.accepted < 2_900, "while nobody else waits, nearly all of it"
    assert flood.over == flood.later == 5_000 - flood.accepted
    others = [c for n in range(50) for c in pages(1, f"n{n}.example", f"n{n}")]
    assert frontier.add(others).accepted == 50
    again = frontier.add(pages(5_000, "evil.example", "evil"))
    assert (again.accepted, again.later) == (0, flood.over), "and nothing of it is lost: it is offered again"
    assert frontier.snapshot()["over"]["source:evil"]


def test_links_of_pages_are_held_to_the_same_shares_and_those_left_out_are_counted(frontier: Frontier) -> None:
    frontier.limits = Limits(max_waiting=1_000)
    frontier.add(pages(100, "calm.example", "calm"))
    links = [replace(c, depth=1) for c in pages(1_000, "deep.example", "deep")]
    added = frontier.add(links, beyond=7)
    assert (added.accepted, added.over) == (450, 550), "as many as there is room left"
    assert frontier.snapshot()["over"] == {"links:deep": "557"}
    frontier.limits = Limits(max_waiting=10)
    full = frontier.add(replace(c, depth=1) for c in pages(1, "late.example", "late"))
    assert full.refused == 1
    assert frontier.snapshot()["over"]["links:late"] == "1", "a full frontier is no other matter"


def test_many_sites_of_one_source_are_one_source_and_many_sources_of_one_site_are_one_site(frontier: Frontier) -> None:
    frontier.limits = Limits(max_waiting=1_000)
    frontier.add(pages(100, "calm.example", "calm"))
    sites = [c for n in range(1_000) for c in pages(1, f"s{n}.example", "evil")]
    assert frontier.add(sites).accepted == 450, "as many as there is room left"
    sources = [candidate(f"http://one.example/{n}", f"s{n}") for n in range(1_000)]
    assert frontier.add(sources).accepted == 225


def test_a_list_has_no_bound_a_day(frontier: Frontier) -> None:
    frontier.limits = Limits(max_waiting=20_000, per_day=100)
    frontier.add(pages(1, "calm.example", "calm"))
    assert frontier.add(pages(1_000, "feed.example", "feed")).accepted == 100
    asked = (replace(c, asked=True) for c in pages(1_000, "list.example", "list"))
    assert frontier.add(asked).accepted == 1_000
    frontier.now += 86_400
    assert frontier.add(pages(1_000, "feed.example", "feed")).accepted == 100, "tomorrow it goes on"


def test_alone_there_is_no_bound_a_day(frontier: Frontier) -> None:
    frontier.limits = Limits(max_waiting=20_000, per_day=100)
    assert frontier.add(pages(1_000, "feed.example", "feed")).accepted == 1_000


def test_shares_counted_by_another_version_are_counted_anew(frontier: Frontier) -> None:
    frontier.limits = Limits(max_waiting=1_000)
    frontier.client.hset(f"{frontier.prefix}waiting", mapping={"all": "5000", "source:feed": "5000"})
    assert frontier.add(pages(300, "feed.example", "feed")).accepted == 300
    frontier.client.delete(f"{frontier.prefix}waiting")
    assert frontier.add(pages(400, "feed.example", "feed")).known == 300
    frontier.client.hset(f"{frontier.prefix}waiting", mapping={"all": 400, "part": 1})  # as another version leaves it


def test_a_site_whose_pages_fill_the_disk_waits_while_others_wait(frontier: Frontier) -> None:
    frontier.client.hset(f"{frontier.prefix}window", mapping={"size": "1000", "free_mb": "80000"})
    for name in ("large", "small"):
        frontier.add(pages(3, f"{name}.example", name))
    fetched(frontier, kept_bytes=12_000_000_000)
    frontier.now += 10
    assert {host(frontier, id) for id in dispatched(frontier)} == {"h0.small.example"}
    assert frontier.snapshot()["over"] == {"site:large.example": "1"}


def test_a_site_alone_may_fill_the_disk_as_far_as_it_goes(frontier: Frontier) -> None:
    frontier.client.hset(f"{frontier.prefix}window", mapping={"size": "1000", "free_mb": "80000"})
    frontier.add(pages(3, "large.example", "large"))
    fetched(frontier, kept_bytes=12_000_000_000)
    frontier.now += 10
    assert dispatched(frontier)


def fetched(frontier: Frontier, kept_bytes: int) -> None:
    """One page each; those of `large` are that large."""
    for entry in frontier.claim(Stage.FETCH, dispatched(frontier), "w"):
        size = kept_bytes if "large" in entry.host else 1_000
        move = entries.advance(entry.id, Stage.PARSE, turn=Turn(1.0), kept_bytes=size)
        frontier.finish(Stage.FETCH, "w", [move])


def dispatched(frontier: Frontier) -> list[str]:
    return [id for hints in frontier.dispatch().hints for id in hints.together]


def host(frontier: Frontier, id: str) -> str:
    entry = frontier.entry(id)
    assert entry
    return entry.host


def settled(frontier: Frontier, outcome: Outcome) -> Candidate:
    page = candidate("http://victim.example/a", "victim", BACKFILL)
    frontier.add([page])
    (id,) = dispatched(frontier)
    frontier.claim(Stage.FETCH, [id], "w")
    kept = {"fetched": f"{frontier.now:.6f}"}
    frontier.finish(Stage.FETCH, "w", [entries.settle(id, outcome, set=kept, turn=Turn(1.0))])
    frontier.now += 3_600
    return page


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize(
    ("source", "own", "may"), [("victim", False, True), ("another", True, True), ("evil", False, False)]
)
def test_who_may_open_a_settled_address_again(
    frontier: Frontier, outcome: Outcome, source: str, own: bool, may: bool
) -> None:
    page = settled(frontier, outcome)
    offered = replace(page, source=source, own=own, priority=FRESH, modified=frontier.now - 1)
    may = may and outcome is not Outcome.QUARANTINED
    assert frontier.add([offered]).reopened == may
    entry = frontier.entry(page.id)
    assert entry
    assert entry["state"] == ("queued" if may else "settled")
    assert (entry.priority, entry.source) == (BACKFILL, "victim"), "at its own priority"


def test_a_source_opens_a_bounded_number_an_hour(frontier: Frontier) -> None:
    key = f"{frontier.prefix}reopened:{int((frontier.now + 3_600) // 3600)}"
    frontier.client.hset(key, "victim", 999)
    page = settled(frontier, Outcome.INDEXED)
    newer = replace(page, modified=frontier.now - 1)
    assert frontier.add([newer]).reopened == 1
    frontier.client.hset(key, "victim", 1_000)
    (id,) = dispatched(frontier)
    frontier.claim(Stage.FETCH, [id], "w")
    frontier.finish(Stage.FETCH, "w", [entries.settle(id, Outcome.INDEXED, turn=Turn(1.0))])
    assert frontier.add([replace(page, modified=frontier.now - 1)]).reopened == 0


def test_only_its_own_sources_make_a_waiting_address_more_urgent(frontier: Frontier) -> None:
    page = candidate("http://victim.example/a", "victim", BACKFILL)
    frontier.add([page])
    for source, own, priority in [("evil", False, BACKFILL), ("another", True, FRESH)]:
        frontier.add([replace(page, source=source, own=own, priority=FRESH)])
        entry = frontier.entry(page.id)
        assert entry
        assert entry.priority == priority
