"""A short seeded run of what `make chaos` does for longer, and the schedule that both take their blows from."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsmill.model import Document
from newsmill.search.sqlite.store import SqliteStore
from tests.chaos.judge import documents, politeness
from tests.chaos.mill import DELAY_S
from tests.chaos.plan import SIGNALS, WEIGHTS, Kind, schedule
from tests.chaos.run import Run
from tests.chaos.site import Expected, marker
from tests.site.server import Access, Log

SEED, KILLS = 4, 5
# Not in a minute: what nobody sees dying rests a host for 75 s, a worker is stopped for half a minute, and a page
# that never ends takes three time limits.
LONG = frozenset({Kind.STOP, Kind.STILL, Kind.SUPERVISOR, Kind.HALF})


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_supervised_mill_loses_nothing_doubles_nothing_and_stays_polite(tmp_path: Path) -> None:
    result = Run(tmp_path / "run", SEED, KILLS, supervised=True, settle_s=90.0, without=LONG, poisoned=False)()
    assert result.violations == []
    assert result.kills >= KILLS
    assert result.pages > 100


def test_a_schedule_is_the_same_for_the_same_seed() -> None:
    assert schedule(1, 30, supervised=True) == schedule(1, 30, supervised=True)
    assert schedule(1, 30, supervised=True) != schedule(2, 30, supervised=True)
    assert sum(blow.kind in SIGNALS for blow in schedule(1, 30, supervised=True)) == 30


def test_twenty_schedules_have_every_kind() -> None:
    met = Counter(blow.kind for seed in range(20) for blow in schedule(seed, 15, supervised=seed % 2 == 0))
    assert set(met) == set(WEIGHTS)


def test_the_judge_sees_what_is_impolite() -> None:
    def log(*times: tuple[float, float]) -> Log:
        return Log([Access("127.0.1.1", f"/story/{n}", {}, start, end) for n, (start, end) in enumerate(times)])

    assert list(politeness(log((1.0, 2.0), (2.0 + DELAY_S, 3.0)))) == []
    assert "overlap" in next(politeness(log((1.0, 2.0), (1.9, 3.0))))
    assert "overlap" in next(politeness(log((1.0, 0.0), (9.0, 9.5))))  # the first is still under way
    assert "only" in next(politeness(log((1.0, 2.0), (2.0 + DELAY_S / 2, 3.0))))


def test_the_judge_sees_lost_strange_and_mixed_up_documents(tmp_path: Path) -> None:
    pages = [Expected(n, f"http://a.example/story/{n}") for n in range(3)]
    strange = Expected(9, "http://a.example/story/9")
    store = SqliteStore(tmp_path / "search.sqlite")
    now = datetime(2026, 11, 29, tzinfo=UTC)

    def write(page: Expected, text: str) -> None:
        made = Document(id=page.id, version=1, url=page.url, site="a.example", source="test", text=text, fetched=now)
        store.upsert([made])

    write(pages[0], marker(0))
    write(pages[1], marker(2))
    write(strange, marker(9))
    store.close()
    told = sorted(documents(tmp_path / "search.sqlite", pages))
    assert len(told) == 3
    assert "nobody expects: http://a.example/story/9" in told[0]
    assert f"story/1 has the text of ['{marker(2)}']" in told[1]
    assert told[2] == "no document of http://a.example/story/2"
