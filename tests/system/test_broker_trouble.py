"""Workers without a supervisor through what a broker can do to them: killed, read-only, out of memory, garbage."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.urls.canonical import address_id, host_key
from tests.site.server import Site
from tests.system.bare import Broker, wait, worker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HOSTS = 20


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.kill()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(hosts=HOSTS) as made:
        yield made


def offer(broker: Broker, site: Site, round_: int) -> list[str]:
    """Pages that take a while, so that the worker is busy."""
    urls = []
    for host in range(HOSTS):
        for number in range(3):
            urls.append(site.url(f"/slow/0.5?n={round_}-{number}", host))
    Frontier(broker.client).add(Candidate(address_id(u), u, host_key(u), "test") for u in urls)
    return urls


def fetched(broker: Broker, urls: list[str]) -> int:
    return sum(bool(broker.client.hget(f"nm:e:{address_id(url)}", "raw")) for url in urls)


def busy(broker: Broker) -> bool:
    return int(broker.client.zcard("nm:leased:fetch")) >= 5


def test_a_busy_worker_outlives_its_broker(tmp_path: Path, broker: Broker, site: Site) -> None:
    with worker(broker, tmp_path, "worker", queues="fetch", NEWSMILL_FETCH__DELAY_S="0.5") as process:
        for round_ in range(3):
            offer(broker, site, round_)
            wait(lambda: busy(broker), 120)  # it works again after the kill before this one
            broker.kill()
            time.sleep(1)
            broker.start()
            time.sleep(3)
            assert process.poll() is None, (tmp_path / "worker.log").read_text()[-2000:]
        wait(lambda: busy(broker), 120)


@pytest.mark.parametrize("trouble", ["replica", "full"])
def test_a_worker_waits_while_its_broker_refuses(tmp_path: Path, broker: Broker, site: Site, trouble: str) -> None:
    with worker(broker, tmp_path, "worker", queues="fetch", NEWSMILL_FETCH__DELAY_S="0.5") as process:
        urls = offer(broker, site, 0)
        wait(lambda: busy(broker))
        if trouble == "replica":
            broker.client.execute_command("REPLICAOF", "127.0.0.1", "1")
        else:
            broker.client.config_set("maxmemory", "1")
        time.sleep(12)
        assert process.poll() is None, (tmp_path / "worker.log").read_text()[-2000:]
        if trouble == "replica":
            broker.client.execute_command("REPLICAOF", "NO", "ONE")
        else:
            broker.client.config_set("maxmemory", "0")
        wait(lambda: fetched(broker, urls) == len(urls), 240)
        assert process.poll() is None


def test_what_is_no_message_ends_nobody(tmp_path: Path, broker: Broker, site: Site) -> None:
    with worker(broker, tmp_path, "worker", queues="fetch", NEWSMILL_FETCH__DELAY_S="0.5") as process:
        urls = offer(broker, site, 0)
        wait(lambda: busy(broker))
        for garbage in (
            "hello",
            "",
            "7",
            "[1, 2]",
            '{"body": "x"}',
            '{"body": "!!!", "headers": {}, "properties": {}}',
        ):
            broker.client.lpush("fetch", garbage)
        wait(lambda: broker.client.llen("fetch") == 0)
        wait(lambda: fetched(broker, urls) == len(urls), 180)
        assert process.poll() is None, (tmp_path / "worker.log").read_text()[-2000:]
