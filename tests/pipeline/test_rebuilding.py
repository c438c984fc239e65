"""`reparse --rebuild`, killed in the middle: the same command goes on in the new index, and nothing is missing."""

import pytest

from newsmill.ledger.new_index import IndexUnderWay
from newsmill.model import Rebuild
from tests.pipeline.line import Line
from tests.pipeline.test_recrawl import put
from tests.site.routes import article
from tests.site.server import Site
from workers.commands import replay
from workers.commands.keeping import rebuilding
from workers.commands.replay import Chosen, Replay, reparse

PAGES = 12


@pytest.fixture
def kept(line: Line, site: Site, monkeypatch: pytest.MonkeyPatch) -> Line:
    """A line that has indexed some pages; replays take three at a time."""
    monkeypatch.setattr(replay, "CHUNK", 3)
    for n in range(PAGES):
        line.add(put(site, f"/story-{n}", article(f"Story {n}")))
    line.work()
    assert line.wiring.search.count() == PAGES
    return line


def some(line: Line, working: Replay, steps: int) -> None:
    for _ in range(steps):
        working.step()
        line.work()


def to_the_end(line: Line, working: Replay) -> Rebuild:
    while not working.step():
        line.work()
    done = line.wiring.search.commit_rebuild()
    assert line.wiring.frontier.new_index.finish("reparse", done)
    return done


def test_it_goes_on_where_it_was_killed(kept: Line) -> None:
    some(kept, rebuilding(kept.wiring, Chosen()), 2)
    again = rebuilding(kept.wiring, Chosen())
    assert again.resumed
    assert to_the_end(kept, again) == Rebuild(live=PAGES, built=PAGES)
    assert again.tally["taken"] < PAGES, "not from the beginning"


def test_a_plain_reparse_that_was_stopped_does_not_make_it_pass_over_pages(kept: Line) -> None:
    some(kept, reparse(kept.wiring, Chosen()), 2)
    working = rebuilding(kept.wiring, Chosen())
    assert not working.resumed
    assert to_the_end(kept, working) == Rebuild(live=PAGES, built=PAGES)


def test_a_new_index_that_was_dropped_is_filled_from_the_beginning(kept: Line) -> None:
    some(kept, rebuilding(kept.wiring, Chosen()), 2)
    kept.wiring.search.abort_rebuild()
    working = rebuilding(kept.wiring, Chosen())
    assert not working.resumed
    assert to_the_end(kept, working) == Rebuild(live=PAGES, built=PAGES)


def test_not_beside_another_one(kept: Line) -> None:
    kept.wiring.frontier.new_index.begin("reindex")
    with pytest.raises(IndexUnderWay, match="newsmill reindex"):
        rebuilding(kept.wiring, Chosen())
