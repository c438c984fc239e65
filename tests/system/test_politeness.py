"""Politeness from the server's own log: three fetch workers at once, all killed in the middle and started again."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Frontier, Limits
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.site.server import Log, Site
from workers.local.broker import LocalBroker
from workers.runtime.wiring import connect

HOSTS, PAGES, WORKERS = 6, 12, 3
DELAY_S = 0.4
SLOW_S = 0.1  # every answer takes so long: two requests at once would be seen
CLOCKS_S = 0.02  # the client's end of a request and the server's are not quite the same


@contextmanager
def fetch_workers(environment: dict[str, str], folder: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Three fetch workers. What still lives at the end is killed."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "workers.app", "worker", "-Q", "fetch", "-l", "WARNING"]
    processes = []
    try:
        for number in range(WORKERS):
            with (folder / f"fetch{number}.log").open("ab") as out:
                named = [*command, "-n", f"fetch{number}@%h", "--without-gossip", "--without-mingle"]
                processes.append(subprocess.Popen(named, env=environment, stdout=out, stderr=out))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def wait_until(done: Callable[[], bool], seconds: float, what: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def pages_of(log: Log) -> list[str]:
    return [f"{a.host}{a.path}" for a in list(log.accesses) if a.path.startswith("/slow/")]


@pytest.mark.slow
def test_three_workers_and_a_massacre(tmp_path: Path) -> None:
    with Site(hosts=HOSTS) as site, LocalBroker(tmp_path / "redis") as url:
        environment = os.environ | {
            "NEWSMILL_REDIS_URL": url,
            "NEWSMILL_DATA": str(tmp_path / "data"),
            "NEWSMILL_CONFIG_DIR": str(tmp_path),
            "NEWSMILL_FETCH__DELAY_S": str(DELAY_S),
            "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
        }
        frontier = Frontier(connect(url), Limits())
        addresses = [canonicalize(site.url(f"/slow/{SLOW_S}/{n}", host)) for host in range(HOSTS) for n in range(PAGES)]
        frontier.add([Candidate(address_id(a), a, host_key(a), "test") for a in addresses])
        with fetch_workers(environment, tmp_path) as workers:
            half = len(addresses) // 2
            wait_until(lambda: len(pages_of(site.log)) >= half, 60, lambda: site.log.paths())
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
            killed_at = time.time()
            for worker in workers:
                worker.wait()
        frontier.sweep(dead_owner="*")  # as the supervisor does: the leases of the dead end now
        with fetch_workers(environment, tmp_path):
            wait_until(
                lambda: len(set(pages_of(site.log))) == len(addresses),
                90,
                lambda: Counter(site.log.paths()).most_common(5),
            )
            time.sleep(2 * DELAY_S)
        frontier.client.close()

        assert site.log.overlaps() == []
        cut_off = {id(a) for a in site.log.accesses if a.start <= killed_at <= (a.end or killed_at) + SLOW_S}
        for accesses in site.log.by_host().values():
            for one, two in itertools.pairwise(accesses):
                least = DELAY_S - CLOCKS_S - (SLOW_S if id(one) in cut_off else 0.0)
                assert two.start - one.end >= least, (one, two)
        again = [path for path, times in Counter(pages_of(site.log)).items() if times > 1]
        assert len(again) <= HOSTS  # at most what each host had in flight
        robots = Counter(a.host for a in site.log.accesses if a.path == "/robots.txt")
        assert max(robots.values()) <= 2  # kept for all workers, and over the restart
