"""Pages that are kept already, taken into parse: the ledger stays whole whatever it knew of them."""

from collections.abc import Iterator

import pytest

from newsmill.ledger import NORMAL, Candidate, Frontier, Kept, Limits, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from workers.runtime.figures import Status, status_of


def kept(name: str = "one", fetched: float = 100.5) -> Kept:
    return Kept(
        name.ljust(16, "x"), f"http://a.example/{name}", "a.example", "archive", f"raw/{name}-{fetched}", fetched
    )


def status(frontier: Frontier) -> Status:
    return status_of(frontier.snapshot(), frontier.limits.window)


def settle(frontier: Frontier, page: Kept) -> None:
    (entry,) = frontier.claim(Stage.PARSE, [page.id], "w")
    assert entry["raw"] == page.raw
    frontier.finish(Stage.PARSE, "w", [entries.settle(entry.id, Outcome.EMPTY)])


@pytest.fixture(autouse=True)
def _whole_at_the_end(frontier: Frontier) -> Iterator[None]:
    yield
    assert list(problems(frontier)) == []
    assert status(frontier).balanced


def test_an_unknown_page_is_accepted_and_ready_to_parse(frontier: Frontier) -> None:
    assert frontier.adopt([kept()], 10).taken == (kept().id,)
    assert status(frontier).accepted == status(frontier).in_progress == 1
    assert frontier.adopt([kept()], 10).busy == (kept().id,)
    settle(frontier, kept())


def test_what_was_done_is_known_unless_forced(frontier: Frontier) -> None:
    frontier.adopt([kept()], 10)
    settle(frontier, kept())
    assert frontier.adopt([kept()], 10).known == (kept().id,)
    assert frontier.adopt([kept(fetched=99.0)], 10, force=True).known == (kept().id,)  # an older record
    assert frontier.adopt([kept()], 10, force=True).taken == (kept().id,)
    settle(frontier, kept())
    assert frontier.adopt([kept(fetched=101.0)], 10).taken == (kept().id,)
    settle(frontier, kept(fetched=101.0))
    assert status(frontier).outcomes["empty"] == status(frontier).accepted == 1


def test_no_more_than_there_is_room_for(frontier: Frontier) -> None:
    pages = [kept(name) for name in ("one", "two", "three")]
    first = frontier.adopt(pages, 2)
    assert (first.taken, first.refused) == ((pages[0].id, pages[1].id), (pages[2].id,))
    settle(frontier, pages[0])
    assert frontier.adopt(pages, 2).taken == (pages[2].id,)


def test_a_page_that_waits_to_be_fetched_is_left_alone(frontier: Frontier) -> None:
    page = kept()
    frontier.add([Candidate(page.id, page.url, page.host, "feed", NORMAL)])
    assert frontier.adopt([page], 10, force=True).busy == (page.id,)


def test_an_entry_that_had_shrunk_grows_again(frontier: Frontier) -> None:
    frontier.limits = Limits(retention_s=10)
    frontier.adopt([kept()], 10)
    settle(frontier, kept())
    frontier.now += 20
    frontier.sweep()
    assert frontier.entry(kept().id) is None
    assert frontier.adopt([kept()], 10).known == (kept().id,)
    assert frontier.adopt([kept()], 10, force=True).taken == (kept().id,)
    assert status(frontier).accepted == 1
    settle(frontier, kept())
    assert status(frontier).outcomes["empty"] == 1
