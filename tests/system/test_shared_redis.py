"""Two mills and another program on one Redis: each by its prefix, none in the way of the others."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.urls.canonical import address_id, host_key
from tests.site.server import Site
from tests.system.bare import Broker, wait, worker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_two_mills_and_a_tenant_share_a_redis(tmp_path: Path) -> None:
    broker = Broker(tmp_path)

    def mill(name: str) -> AbstractContextManager[object]:
        said = {
            "NEWSMILL_REDIS_PREFIX": f"{name}:",
            "NEWSMILL_DATA": str(tmp_path / name),
            "NEWSMILL_FETCH__DELAY_S": "0.05",
        }
        return worker(broker, tmp_path, name, **said)

    try:
        broker.client.lpush("fetch", "a job of another program")
        broker.client.hset("unacked", "1", "its own")
        with Site(hosts=4) as site, mill("one"), mill("two"):
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
