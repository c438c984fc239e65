"""How soon what a worker held is taken up after its end, and what a worker does that was only stopped.

Real workers of Celery without a supervisor: nobody but a parent sees a process die.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.ledger.audit import problems
from newsmill.ledger.entries import Kept
from newsmill.ledger.stages import LEASE_S, REQUEST_S
from newsmill.stores.raw import RawStore
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.site.server import Site
from tests.system.made import raw_page
from tests.system.newsmill import environment
from tests.system.test_politeness import wait_until
from workers.local.broker import LocalBroker
from workers.runtime.wiring import connect

pytestmark = pytest.mark.slow

UNSEEN_S = 25.0  # what is promised, from the kill until an entry may be taken up
SEEN_S = 3.0  # somebody saw it die
SLOW_S = 6  # of an answer: every host is being asked when a worker is killed or stopped
HOSTS = 8
STOPPED_S = 24.0  # longer than a lease, shorter than a request may take


@dataclass
class Mill:
    """A broker, a site, and workers of single queues."""

    folder: Path
    url: str
    frontier: Frontier
    site: Site
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def worker(self, queue: str, name: str, **more: str) -> "subprocess.Popen[bytes]":
        variables = {
            "NEWSMILL_REDIS_URL": self.url,
            "NEWSMILL_DATA": str(self.folder / "data"),
            "NEWSMILL_CONFIG_DIR": str(self.folder),
            "NEWSMILL_FETCH__DELAY_S": "0.3",
            "NEWSMILL_FETCH__READ_S": "45",
            "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_PARSE__PROCESSES": "1",
            **more,
        }
        command = [sys.executable, "-m", "celery", "-q", "-A", "workers.app", "worker", "-Q", queue, "-l", "INFO"]
        command += ["-n", f"{name}@%h", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        log = self.folder / f"{name}.log"
        with log.open("ab") as out:
            made = subprocess.Popen(
                command, env=environment(**variables), stdout=out, stderr=out, start_new_session=True
            )
        self.processes[name] = made
        wait_until(lambda: "ready." in log.read_text("utf-8", "replace"), 60, lambda: log.read_text()[-2000:])
        return made

    def leased(self, stage: str) -> list[str]:
        return [str(id) for id in self.frontier.client.zrange(f"nm:leased:{stage}", 0, -1)]

    def asked(self) -> int:
        return sum(a.path.startswith("/slow/") for a in list(self.site.log.accesses))

    def add(self, pages: int, slow_s: int = SLOW_S) -> int:
        urls = [canonicalize(self.site.url(f"/slow/{slow_s}/{n}", host)) for host in range(HOSTS) for n in range(pages)]
        self.frontier.add([Candidate(address_id(u), u, host_key(u), "test") for u in urls])
        return len(urls)

    def until_given_up(self, ids: list[str], stage: str, most_s: float) -> float:
        """Seconds until none of these is in the hands of who held it."""
        began = time.monotonic()
        wait_until(lambda: not set(ids) & set(self.leased(stage)), most_s + 10, lambda: self.leased(stage))
        return time.monotonic() - began


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[Mill]:
    with running(tmp_path) as made:
        yield made


@contextmanager
def running(folder: Path) -> Iterator[Mill]:
    with Site(hosts=HOSTS) as site, LocalBroker(folder / "redis") as url:
        made = Mill(folder, url, Frontier(connect(url)), site)
        try:
            yield made
        finally:
            for process in made.processes.values():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            made.frontier.client.close()


def test_what_a_killed_worker_held_may_be_taken_up_within_25_s(mill: Mill) -> None:
    killed = mill.worker("fetch", "killed")
    mill.worker("index", "witness")
    mill.add(pages=1)
    wait_until(lambda: mill.asked() == HOSTS, 60, mill.asked)
    ids = mill.leased("fetch")
    assert len(ids) == HOSTS
    killed.kill()
    killed.wait()
    took_s = mill.until_given_up(ids, "fetch", UNSEEN_S)
    assert took_s < UNSEEN_S
    assert list(problems(mill.frontier)) == []


def test_who_lives_is_left_alone_for_longer_than_a_lease(mill: Mill) -> None:
    """Answers that take longer than a lease: their worker renews it, and each is asked for once."""
    mill.worker("fetch", "patient")
    mill.worker("index", "witness")
    total = mill.add(pages=1, slow_s=int(LEASE_S) + 6)
    wait_until(lambda: int(mill.frontier.client.zcard("nm:ready:parse")) == total, 90, mill.frontier.snapshot)
    assert mill.asked() == total
    assert "lost" not in (mill.folder / "patient.log").read_text()


def test_what_a_killed_child_held_may_be_taken_up_within_3_s(mill: Mill) -> None:
    """The child of a prefork worker: its parent sees it die."""
    raw = RawStore.open(str(mill.folder / "data" / "raw"))
    text = "<p>" + "The harbour reopens on Monday, said the mayor, after a long winter. " * 20 + "</p>"
    body = f"<html><body><article><h1>Harbour</h1>{text * 700}</article></body></html>"
    pages = []
    for n in range(25):
        url = f"http://a.example/{n}"
        record = raw_page(url, body)
        pages.append(Kept(record.id, url, "a.example", "test", raw.put(record), record.fetched_at.timestamp()))
    parent = mill.worker("parse", "parent")
    mill.frontier.adopt(pages, 100)
    wait_until(lambda: len(mill.leased("parse")) > 5, 60, lambda: mill.leased("parse"))
    (child,) = (int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split())
    ids = mill.leased("parse")
    os.kill(child, signal.SIGKILL)
    began = time.monotonic()

    def given_up() -> bool:
        return not any((e := mill.frontier.entry(id)) and e["owner"].endswith(f"/{child}") for id in ids)

    wait_until(given_up, 30, lambda: mill.leased("parse"))
    assert time.monotonic() - began < SEEN_S
    assert parent.poll() is None


def test_a_worker_that_was_only_stopped_asks_nobody_beside_another(mill: Mill) -> None:
    """Stopped for longer than its lease while it asks: the other worker leaves its hosts alone until it has ended."""
    stopped = mill.worker("fetch", "stopped")
    total = mill.add(pages=2)
    wait_until(lambda: mill.asked() == HOSTS, 60, mill.asked)
    time.sleep(0.5)
    began = time.monotonic()
    os.kill(stopped.pid, signal.SIGSTOP)
    mill.worker("fetch", "other")
    time.sleep(max(STOPPED_S - (time.monotonic() - began), 0))
    assert mill.leased("fetch") == [], "its leases have ended"
    assert mill.asked() == HOSTS, "and nobody asks its hosts"
    os.kill(stopped.pid, signal.SIGCONT)
    wait_until(
        lambda: int(mill.frontier.client.zcard("nm:ready:parse")) == total,
        REQUEST_S + 60,
        lambda: mill.frontier.snapshot(),
    )
    assert mill.site.log.overlaps() == []
    assert list(problems(mill.frontier)) == []


def test_an_orderly_stop_takes_at_most_10_s_loses_nothing_and_asks_nobody_twice(mill: Mill) -> None:
    worker = mill.worker("fetch", "first")
    total = mill.add(pages=2, slow_s=3)
    wait_until(lambda: mill.asked() == HOSTS, 60, mill.asked)
    began = time.monotonic()
    worker.terminate()
    worker.wait(30)
    assert time.monotonic() - began < 10
    assert mill.leased("fetch") == []
    mill.worker("fetch", "second")
    wait_until(lambda: int(mill.frontier.client.zcard("nm:ready:parse")) == total, 90, mill.frontier.snapshot)
    assert mill.site.log.overlaps() == []
    assert mill.asked() == total
    assert list(problems(mill.frontier)) == []
