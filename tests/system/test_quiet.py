"""What a broker that goes away leaves in a log, and what Flower is told."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.settings import Settings
from newsmill.urls.canonical import address_id, host_key
from tests.system.bare import Broker, wait, worker
from workers.pipeline import TICK_TASK
from workers.runtime.celery_app import make_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Enough(Exception):
    """The time for events is over."""


def test_a_lost_broker_is_told_in_a_few_lines_of_json(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    try:
        with worker(broker, tmp_path, "one", queues="fetch"):
            wait(lambda: broker.client.zcard("nm:workers") == 1)
            begun = (tmp_path / "one.log").stat().st_size
            broker.kill()
            time.sleep(10)
            broker.start()
            wait(lambda: broker.client.zcard("nm:workers") == 1, 60)
            time.sleep(1)
            told = (tmp_path / "one.log").read_bytes()[begun:].decode().splitlines()
    finally:
        broker.kill()
    told = [line for line in told if line.strip() and "Gossip" not in line]  # compose and `newsmill up` do without it
    lines = [json.loads(line) for line in told]
    assert 0 < len(lines) <= 12, told
    assert sum(map(len, told)) < 4000
    assert not any("Traceback" in line for line in told)
    assert [line["event"] for line in lines].count("tick.failed") == 1


def test_flower_is_not_told_of_ticks(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    app = make_app(Settings(redis_url=broker.url))
    seen: list[dict[str, Any]] = []
    url = "http://127.0.0.1:9/x"
    end = time.monotonic() + 60

    def on_event(event: dict[str, Any]) -> None:
        nonlocal end
        if event["type"] == "task-received":
            seen.append(event)
            end = min(end, time.monotonic() + 4)  # ticks, two a second or more, would be told meanwhile
        if time.monotonic() > end:
            raise Enough

    try:
        with worker(broker, tmp_path, "one", queues="produce,fetch"), app.connection_for_read() as connection:
            wait(lambda: broker.client.zcard("nm:workers") == 2)
            app.control.enable_events(reply=True)
            app.send_task(TICK_TASK)
            Frontier(broker.client).add([Candidate(address_id(url), url, host_key(url), "s")])
            end = time.monotonic() + 60
            with pytest.raises(Enough):
                app.events.Receiver(connection, handlers={"*": on_event}).capture(wakeup=False)
    finally:
        broker.kill()
    assert {event["name"] for event in seen} == {"fetch.pages"}
    assert address_id(url) in seen[0]["kwargs"], "an id leads from Flower to `newsmill trace`"
