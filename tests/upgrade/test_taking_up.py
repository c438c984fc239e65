"""This version takes up what earlier ones wrote: nothing lost, nothing counted twice, work goes on."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsmill.ledger.audit import problems
from newsmill.outcomes import Outcome
from newsmill.settings import Settings
from workers.index.reindex import reindex_turn
from workers.local.broker import LocalBroker
from workers.runtime.figures import status_of
from workers.runtime.wiring import Wiring

STATES = sorted(Path(__file__).parent.glob("state-*.tar.xz"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A running mill over an old state, and what the old version told of it."""

    wiring: Wiring
    told: dict[str, Any]


@pytest.fixture(params=STATES, ids=lambda path: path.name)
def taken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Taken]:
    with tarfile.open(request.param) as tar:
        tar.extractall(tmp_path, filter="data")
    data = tmp_path / "state" / "data"
    with LocalBroker(data) as url:
        wiring = Wiring(Settings(data=data, redis_url=url))
        yield Taken(wiring, json.loads((tmp_path / "state" / "told.json").read_text()))
        wiring.search.close()


def test_every_entry_is_as_it_was(taken: Taken) -> None:
    frontier = taken.wiring.frontier
    assert {entry.id: entry["state"] for entry in frontier.entries()} == taken.told["states"]
    assert frontier.snapshot()["counters"] == taken.told["n"]
    assert list(problems(frontier)) == []
    assert status_of(frontier.snapshot(), 1000).balanced


def test_time_goes_on(taken: Taken) -> None:
    """Leases end, delays too, entries shrink: no script stumbles over an old entry."""
    frontier = taken.wiring.frontier
    accepted = int(taken.told["n"]["accepted"])
    start = frontier.snapshot()["now"]
    for days in (0.01, 0.5, 8, 40, 41, 80):
        frontier.now = start + days * 86400
        for _ in range(4):
            frontier.sweep()
            frontier.dispatch()
        assert list(problems(frontier)) == []
        status = status_of(frontier.snapshot(), 1000)
        assert status.balanced
        assert status.accepted == accepted


def test_the_index_that_was_being_made_is_finished(taken: Taken) -> None:
    wiring = taken.wiring
    assert wiring.frontier.new_index.copying()
    assert sorted(document.url for document in wiring.search.scan()) == taken.told["urls"]
    wiring.frontier.new_index.lease_s = 0.0
    for _ in range(20):
        reindex_turn(wiring.index)
    assert not wiring.frontier.new_index.copying()
    assert sorted(document.url for document in wiring.search.scan()) == taken.told["urls"]
    assert wiring.search.check() == ()


def test_pages_and_documents_are_read(taken: Taken) -> None:
    read = 0
    for entry in taken.wiring.frontier.entries():
        if entry["outcome"] == Outcome.INDEXED and entry["raw"]:
            assert taken.wiring.raw.get(entry["raw"]).id == entry.id
            assert any(d.url == entry["doc_url"] for d in taken.wiring.documents.get(entry["documents"]))
            read += 1
    assert read > 50
