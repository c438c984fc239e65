"""Three subscribers (poll, server-sent events, a webhook whose receiver fails at random) while workers and the console
are killed: each has seen every event of the log, and those of one article in order.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.ledger.audit import problems
from newsmill.ledger.changes import START, Change
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.pipeline.test_recrawl import put
from tests.pipeline.test_webhooks import receiving
from tests.site.routes import article
from tests.site.server import Page, Site
from tests.system.bare import Broker, wait
from tests.system.newsmill import environment
from workers.local.broker import free_port
from workers.runtime.wiring import connect

pytestmark = pytest.mark.slow

ARTICLES = 24
KILLS = 8
SEED = 11


class Living:
    """A process that is started again whenever it was killed."""

    def __init__(self, words: list[str], variables: dict[str, str], log: Path) -> None:
        self.words, self.variables, self.log = words, variables, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.words],
                env=environment(**self.variables),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.killpg(self.process.pid, number)
        self.process.wait()


class Subscriber(threading.Thread):
    """Goes on from its cursor after every failure. events: cursor and article, as they came."""

    def __init__(self, base: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.base, self.stop, self.cursor = base, stop, START
        self.events: list[tuple[str, str]] = []

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                with httpx.Client(base_url=f"{self.base}/api/v1", timeout=15) as client:
                    self.once(client)
            except httpx.TransportError:
                time.sleep(0.2)

    def once(self, client: httpx.Client) -> None:
        raise NotImplementedError


class Polls(Subscriber):
    def once(self, client: httpx.Client) -> None:
        while not self.stop.is_set():
            answer = client.get("/changes", params={"after": self.cursor, "limit": 7, "wait": 2})
            if answer.status_code == 200:
                told = answer.json()
                self.events += [(event["id"], event["article_id"]) for event in told["events"]]
                self.cursor = told["next"]
            else:
                time.sleep(0.2)


class Listens(Subscriber):
    def once(self, client: httpx.Client) -> None:
        with client.stream("GET", "/changes/stream", headers={"Last-Event-ID": self.cursor}) as answer:
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    self.cursor = line.removeprefix("id: ")
                elif line.startswith("data: {") and '"article_id"' in line:
                    found = line.partition('"article_id":"')[2].partition('"')[0]
                    self.events.append((self.cursor, found))
                if self.stop.is_set():
                    return


@contextmanager
def living(*processes: Living) -> Iterator[None]:
    try:
        yield
    finally:
        for one in processes:
            one.kill(signal.SIGTERM)


def in_order(log: Iterable[Change], seen: list[tuple[str, str]]) -> None:
    """Every event was seen; the first sight of each is in the order of its article's events."""
    assert {cursor for cursor, _ in seen} == {change.cursor for change in log}
    places = {change.cursor: n for n, change in enumerate(log)}
    by_article: dict[str, list[int]] = defaultdict(list)
    for cursor, id in dict.fromkeys(seen):
        by_article[id].append(places[cursor])
    assert all(order == sorted(order) for order in by_article.values())


def test_every_subscriber_sees_every_event_through_kills(tmp_path: Path, site: Site) -> None:
    dice, port = random.Random(SEED), free_port()
    broker = Broker(tmp_path)
    frontier = Frontier(connect(broker.url))
    variables = {
        "NEWSMILL_REDIS_URL": broker.url,
        "NEWSMILL_DATA": str(tmp_path / "data"),
        "NEWSMILL_CONFIG_DIR": str(tmp_path),
        "NEWSMILL_FETCH__DELAY_S": "0.02",
        "NEWSMILL_FETCH__DELAY_FACTOR": "0",
        "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
        "NEWSMILL_PARSE__PROCESSES": "1",
        "NEWSMILL_WEB__PORT": str(port),
        "NEWSMILL_WEB__SEARCHES_PER_MINUTE": "10000",
    }
    (tmp_path / "data").mkdir()
    quiet = ["-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    workers = [
        Living(["celery", "-q", "-A", "workers.app", "worker", "-Q", queues, "-n", f"{n}@%h", *quiet], variables, log)
        for n, (queues, log) in enumerate(
            [
                ("produce,fetch", tmp_path / "fetch.log"),
                ("parse", tmp_path / "parse.log"),
                ("index", tmp_path / "i.log"),
            ]
        )
    ]
    console = Living(["newsmill", "web"], variables, tmp_path / "web.log")
    stop, base = threading.Event(), f"http://127.0.0.1:{port}"

    def fails_at_random(n: int) -> tuple[int, dict[str, str]]:
        return (503, {}) if random.Random(n).random() < 0.2 else (204, {})

    with receiving(fails_at_random) as (hook_url, receiver), living(*workers, console):
        hook = frontier.hooks.add(hook_url, "", START)
        subscribers: list[Subscriber] = [Polls(base, stop), Listens(base, stop)]
        for one in subscribers:
            one.start()
        urls = [put(site, f"/story/{n}", article(f"Story number {n}", words=60)) for n in range(ARTICLES)]
        offer(frontier, urls[: ARTICLES // 2])
        for round_ in range(KILLS):
            time.sleep(dice.uniform(0.5, 2.5))
            victim = dice.choice([*workers[1:], console])
            victim.kill()
            victim.start()
            if round_ == KILLS // 2:
                offer(frontier, urls[ARTICLES // 2 :])
        settled(frontier)
        for n in range(0, ARTICLES, 2):
            put(site, f"/story/{n}", article(f"Story number {n}, corrected", words=60))
        site.pages[site.host(), "/story/1"] = Page(b"", 410)
        frontier.reopen([address_id(canonicalize(url)) for url in urls], 1)
        time.sleep(1.5)
        workers[2].kill()
        workers[2].start()
        settled(frontier)
        log = frontier.changes.after(START, 1000)
        kinds = [str(change.kind) for change in log]
        assert (kinds.count("new"), kinds.count("revised"), kinds.count("removed")) == (ARTICLES, ARTICLES // 2, 1)
        wait(lambda: all(one.cursor == log[-1].cursor for one in subscribers), 60)
        frontier.hooks.enable(hook.id)  # its pause is left out
        wait(lambda: went_on(frontier, hook.id, log[-1].cursor), 120)
        stop.set()
        for one in subscribers:
            in_order(log, one.events)
        told = receiver.told(hook.secret)
        in_order(log, [(id.removeprefix("evt_"), article_id) for id, _, article_id in told])
        assert len(receiver.sent) > len(receiver.taken), "the receiver did fail"
    assert list(problems(frontier)) == []
    frontier.client.close()
    broker.kill()


def went_on(frontier: Frontier, id: str, last: str) -> bool:
    """Whether a webhook has all; what it waits for is left out."""
    hook = frontier.hooks.get(id)
    assert hook is not None
    if hook.fails:
        frontier.hooks.enable(id)
    return hook.cursor == last


def offer(frontier: Frontier, urls: list[str]) -> None:
    found = [canonicalize(url) for url in urls]
    frontier.add(Candidate(address_id(url), url, host_key(url), "given", asked=True) for url in found)


def settled(frontier: Frontier) -> None:
    def done() -> bool:
        seen = frontier.snapshot()
        busy = sum(stage["ready"] + stage["leased"] for stage in seen["stages"].values())
        return not busy and not int(seen["counters"].get("queued", 0)) and not seen["delayed"]

    wait(done, 150)
