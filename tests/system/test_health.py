"""The probe of the compose file, on bare workers: what it costs, and what it says of one that does not work."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsmill.settings import Settings
from tests.system.bare import Broker, wait, worker
from tests.system.newsmill import environment
from workers.runtime.celery_app import make_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text("utf-8"))
PROBE = COMPOSE["services"]["fetch"]["healthcheck"]["test"][1].replace("$$", "$")


def probe(file: Path) -> tuple[bool, str]:
    done = subprocess.run(["sh", "-c", PROBE.replace("/tmp/health", str(file))], capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def test_it_costs_nearly_nothing_and_starts_no_celery(tmp_path: Path) -> None:
    (tmp_path / "health").write_text("well\n")
    costs = []
    for _ in range(20):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert probe(tmp_path / "health") == (True, "well\n")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(costs) < 0.02
    assert not probe(tmp_path / "nowhere")[0]


def test_a_worker_is_well_while_it_takes_messages_and_not_while_it_only_lives(tmp_path: Path) -> None:
    broker, file = Broker(tmp_path), tmp_path / "health"
    try:
        with worker(broker, tmp_path, "one", queues="fetch", NEWSMILL_HEALTH_FILE=str(file)):
            wait(lambda: probe(file)[0])
            assert "0 messages wait" in probe(file)[1]
            broker.kill()
            wait(lambda: not probe(file)[0], 60)
            broker.start()
            wait(lambda: probe(file)[0], 60)
            make_app(Settings(redis_url=broker.url)).control.cancel_consumer("fetch", reply=True)
            broker.client.rpush("fetch", "{}")
            wait(lambda: not probe(file)[0], 60)
            assert "1 messages wait" in probe(file)[1]
    finally:
        broker.kill()


def test_beat_is_well_while_it_ticks(tmp_path: Path) -> None:
    broker, file = Broker(tmp_path), tmp_path / "health"
    words = ["-m", "celery", "-q", "-A", "workers.app", "beat", "-s", str(tmp_path / "schedule"), "--pidfile="]
    given = environment(NEWSMILL_REDIS_URL=broker.url, NEWSMILL_HEALTH_FILE=str(file))
    beat = subprocess.Popen([sys.executable, *words], env=given, stderr=subprocess.DEVNULL, cwd=tmp_path)
    try:
        wait(lambda: probe(file)[0])
        assert probe(file)[1] in ("ticks\n", "the last tick waits to be taken\n")
    finally:
        beat.terminate()
        beat.wait()
        broker.kill()
