"""Two mills and another program on one Redis: each by its prefix, none in the way of the others."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.urls.canonical import address_id, host_key
from tests.site.server import Site
from tests.system.newsmill import environment
from tests.system.test_broker_trouble import Broker, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@contextmanager
def worker(prefix: str, broker: Broker, folder: Path) -> Iterator[None]:
    name = prefix.strip(":")
    variables = {
        "NEWSMILL_REDIS_URL": broker.url,
        "NEWSMILL_REDIS_PREFIX": prefix,
        "NEWSMILL_DATA": str(folder / name),
        "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
        "NEWSMILL_FETCH__DELAY_S": "0.05",
    }
    words = ["-m", "celery", "-q", "-A", "workers.app", "worker", "-l", "WARNING", "-n", f"{name}@%h"]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *words], env=environment(**variables), stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def test_two_mills_and_a_tenant_share_a_redis(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    try:
        broker.client.lpush("fetch", "a job of another program")
        broker.client.hset("unacked", "1", "its own")
        with Site(hosts=4) as site, worker("one:", broker, tmp_path), worker("two:", broker, tmp_path):
            urls = {name: [site.url(f"/page/{name}-{n}", n) for n in range(4)] for name in ("one", "two")}
            mills = {name: Frontier(broker.client, prefix=f"{name}:") for name in urls}
            for name, frontier in mills.items():
                frontier.add(Candidate(address_id(u), u, host_key(u), "test") for u in urls[name])
            for name, frontier in mills.items():
                wait(lambda f=frontier, n=name: f.snapshot()["counters"].get("outcome:indexed") == "4", 120)  # type: ignore[misc]
                assert sorted(entry.url for entry in frontier.entries()) == sorted(urls[name])
        assert broker.client.lrange("fetch", 0, -1) == ["a job of another program"]
        assert broker.client.hgetall("unacked") == {"1": "its own"}
        others = {
            key for key in broker.client.scan_iter() if not key.startswith(("one:", "two:", "one.mq:", "two.mq:"))
        }
        assert others <= {"fetch", "unacked"}
    finally:
        broker.kill()
