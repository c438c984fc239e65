"""`newsmill status` over bare workers that come and are killed, and what `add` says of it."""

from pathlib import Path

import pytest

from tests.system.bare import Broker, wait, worker
from tests.system.newsmill import as_json, newsmill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
URL = "http://127.0.0.1:9/nobody"


def test_a_dead_fleet_is_seen(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    given = {"NEWSMILL_REDIS_URL": broker.url, "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}

    def status() -> dict[str, object]:
        found: dict[str, object] = as_json(newsmill("status", "--json", cwd=tmp_path, **given))
        return found

    def said(*words: str, code: int | None = None) -> str:
        return newsmill(*words, cwd=tmp_path, code=code, **given).stdout

    try:
        assert "OK" in said("status", code=0), "nobody is missed while there is nothing to do"
        with worker(broker, tmp_path, "one", queues="fetch,parse,index") as process:
            wait(lambda: len(status()["alive"]) == 3)  # type: ignore[arg-type]
            assert "no produce worker runs" in said("status", code=1)
            assert "no produce worker runs" in said("add", URL)
            assert "waits" in said("trace", URL) or "settled" in said("trace", URL)
            assert "paused" in said("pause", "for", "the", "test")
            assert said("status", code=3).startswith("PAUSED  for the test")
            assert "goes on" in said("resume")
            process.kill()
            process.wait()
        said("add", f"{URL}/2")
        wait(lambda: "no worker runs" in said("status"), 60)
        assert "no worker runs" in said("add", URL)
        told = said("status", code=1)
        assert told.startswith("DEGRADED  no worker runs"), told
        assert "docker compose up -d" in told
        assert all(len(line) <= 80 for line in told.splitlines()), told
        for by in ("host", "source", "reason", "day"):
            rows = as_json(newsmill("status", "--by", by, "--json", cwd=tmp_path, **given))
            assert sum(n for row in rows for n in row.values() if isinstance(n, int)) == 2
            assert said("status", "--by", by, code=0)
        assert "choose one of host" in newsmill("status", "--by", "x", cwd=tmp_path, code=2, **given).stderr
    finally:
        broker.kill()


def test_a_worker_that_ends_in_order_is_not_missed_for_long(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    try:
        with worker(broker, tmp_path, "one", queues="fetch"):
            wait(lambda: broker.client.zcard("nm:workers") == 1)
        assert broker.client.zcard("nm:workers") == 0
    finally:
        broker.kill()
