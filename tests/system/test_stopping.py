"""Workers that are stopped in order while there is work: within 10 s each, all at once or one after the other.

Nothing is lost, and nobody is asked twice: what a worker has begun it finishes or hands back.
"""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Candidate
from newsmill.ledger.audit import problems
from newsmill.ledger.entries import Kept
from newsmill.ledger.stages import Stage
from newsmill.stores.raw import RawStore
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.system.made import raw_page
from tests.system.test_politeness import wait_until
from tests.system.test_recovery import HOSTS, Mill, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STOP_S = 10.0  # what is promised
PAGES = 24  # a host, at 0.3 s between two: work for as long as the stops take
STAGES = tuple(map(str, Stage))


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[Mill]:
    with running(tmp_path) as made:
        yield made


def offer(mill: Mill) -> int:
    urls = [canonicalize(mill.site.url(f"/page/{n}", host)) for host in range(HOSTS) for n in range(PAGES)]
    mill.frontier.add([Candidate(address_id(url), url, host_key(url), "test") for url in urls])
    return len(urls)


def settled(mill: Mill) -> int:
    counters = mill.frontier.snapshot()["counters"]
    return sum(int(n) for name, n in counters.items() if name.startswith("outcome:"))


def stop(workers: list["subprocess.Popen[bytes]"]) -> list[float]:
    """Asks all at once; seconds until each has ended."""
    began = time.monotonic()
    for worker in workers:
        worker.terminate()
    took = []
    for worker in workers:
        worker.wait(60)
        took.append(time.monotonic() - began)
    return took


def nothing_lost(mill: Mill, total: int) -> None:
    wait_until(lambda: settled(mill) == total, 180, mill.frontier.snapshot)
    asked = [(a.host, a.path) for a in mill.site.log.accesses if a.path.startswith("/page/")]
    assert len(asked) == len(set(asked)) == total
    assert mill.site.log.overlaps() == []
    assert mill.frontier.snapshot()["counters"]["outcome:indexed"] == str(total)
    assert list(problems(mill.frontier)) == []


def test_all_stages_at_once(mill: Mill) -> None:
    workers = [mill.worker(stage, stage) for stage in STAGES]
    total = offer(mill)
    wait_until(lambda: settled(mill) > HOSTS, 90, mill.frontier.snapshot)
    took = stop(workers)
    assert max(took) < STOP_S, dict(zip(STAGES, took, strict=True))
    assert settled(mill) < total, "they were stopped at work"
    assert [id for stage in STAGES for id in mill.leased(stage)] == []
    for stage in STAGES:
        mill.worker(stage, f"{stage}-again")
    nothing_lost(mill, total)


def poisoned(mill: Mill, kind: str) -> tuple["subprocess.Popen[bytes]", str]:
    """A parse worker, and a page that does this to whoever parses it."""
    planted = {"PYTHONPATH": str(Path(__file__).parents[1] / "chaos" / "poison"), "CHAOS_MARK": kind}
    worker = mill.worker("parse", "parse", **planted)
    url = f"http://a.example/{kind}"
    page = raw_page(url, f"<html><body><article><p>POISON-{kind}</article>")
    raw = RawStore.open(str(mill.folder / "data" / "raw")).put(page)
    mill.frontier.adopt([Kept(page.id, url, "a.example", "test", raw, page.fetched_at.timestamp())], 100)
    return worker, page.id


def test_a_page_that_never_ends_holds_up_no_stop(mill: Mill) -> None:
    worker, id = poisoned(mill, "endless")
    wait_until(lambda: mill.leased("parse") == [id], 60, lambda: mill.leased("parse"))
    time.sleep(1)
    (took_s,) = stop([worker])
    assert took_s < STOP_S
    assert mill.leased("parse") == [], "its parent has given it back"


@pytest.mark.parametrize("kind", ["memory", "crash"])
def test_a_page_that_ends_its_child_ends_no_worker(mill: Mill, kind: str) -> None:
    worker, id = poisoned(mill, kind)
    wait_until(lambda: settled(mill) == 1, 120, mill.frontier.snapshot)
    entry = mill.frontier.entry(id)
    assert entry
    assert entry["outcome"] == "quarantined"
    assert worker.poll() is None


def test_one_after_the_other_while_others_go_on(mill: Mill) -> None:
    workers = {stage: mill.worker(stage, stage) for stage in STAGES}
    total = offer(mill)
    wait_until(lambda: settled(mill) > HOSTS, 90, mill.frontier.snapshot)
    took = {}
    for stage, worker in workers.items():
        mill.worker(stage, f"{stage}-new")
        (took[stage],) = stop([worker])
    assert max(took.values()) < STOP_S, took
    nothing_lost(mill, total)
