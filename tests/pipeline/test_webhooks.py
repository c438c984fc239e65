"""Webhooks over a real receiver, which fails as receivers do: each event arrives, signed and in order."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks import Webhook

from newsmill.ledger.changes import START
from newsmill.ledger.hooks import Hook
from tests.pipeline.line import Line
from tests.pipeline.test_recrawl import look, put
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.notify import delivery
from workers.notify.delivery import deliver, due

Answer = Callable[[int], tuple[int, dict[str, str]]]


class Receiver:
    """What it was sent: headers, and the body that they sign."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []

    def told(self, secret: str) -> list[tuple[str, str, str]]:
        """Id, type and article of each event that was taken; the signatures are right."""
        found = []
        for headers, body in self.taken:
            event = Webhook(secret).verify(body, headers)
            found.append((headers["webhook-id"], event["type"], event["data"]["id"]))
        return found


@contextmanager
def receiving(answer: Answer) -> Iterator[tuple[str, Receiver]]:
    receiver = Receiver(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            given = {name.lower(): value for name, value in self.headers.items()}
            receiver.sent.append((given, body))
            status, headers = receiver.answer(len(receiver.sent))
            if 200 <= status < 300:
                receiver.taken.append((given, body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", receiver
    finally:
        server.shutdown()
        server.server_close()


def hook_of(line: Line, hook: Hook) -> Hook:
    found = line.frontier.hooks.get(hook.id)
    assert found is not None
    return found


def turns(line: Line, hook: Hook, most: int = 60) -> None:
    """Tries until it has all, with the pauses left out."""
    for _ in range(most):
        if not list(due(line.wiring, time.time() + 10 * 86400)):
            return
        deliver(line.wiring, hook.id)


def test_every_event_arrives_signed_and_in_order_whatever_the_receiver_does(line: Line, site: Site) -> None:
    dice = random.Random(7)

    def fails_at_random(_: int) -> tuple[int, dict[str, str]]:
        return (dice.choice([500, 503, 429, 302, 404]), {}) if dice.random() < 0.5 else (200, {})

    with receiving(fails_at_random) as (url, receiver):
        hook = line.frontier.hooks.add(url, "", START)
        urls = [put(site, f"/story/{n}", article(f"Story number {n}")) for n in range(4)]
        for one in urls:
            line.add(one)
        line.work()
        put(site, "/story/1", article("Story number 1 in other words"))
        look(line, urls[1])
        site.pages[site.host(), "/story/2"] = Page(b"", 410)
        look(line, urls[2])
        turns(line, hook)
        log = [(f"evt_{c.cursor}", f"article.{c.kind}", c.id) for c in line.frontier.changes.after(START)]
        assert len(log) == 6
        assert receiver.told(hook.secret) == log
        assert len(receiver.sent) > len(log), "it did fail now and then"
        assert hook_of(line, hook).cursor == line.frontier.changes.head()
        assert hook_of(line, hook).fails == 0


def test_only_what_the_query_finds_is_posted(line: Line, site: Site) -> None:
    with receiving(lambda n: (204, {})) as (url, receiver):
        hook = line.frontier.hooks.add(url, "ferries", START)
        for name in ("Ferry runs", "Bridge closed"):
            line.add(put(site, f"/{name[0]}", article(name)))
        line.work()
        turns(line, hook)
        titles = [json.loads(body)["data"]["title"] for _, body in receiver.sent]
        assert titles == ["Ferry runs"]
        assert hook_of(line, hook).cursor == line.frontier.changes.head()


def test_a_failure_waits_and_410_ends_it(line: Line, site: Site) -> None:
    answers = [(503, {"Retry-After": "3600"}), (200, {}), (410, {})]
    with receiving(lambda n: answers[min(n, 3) - 1]) as (url, _):
        hook = line.frontier.hooks.add(url, "", START)
        line.add(put(site, "/a", article("First")))
        line.work()
        assert deliver(line.wiring, hook.id) == 0
        waits = hook_of(line, hook)
        assert waits.fails == 1
        assert waits.next_at - time.time() == pytest.approx(3600, abs=30)
        assert list(due(line.wiring, time.time())) == []
        assert deliver(line.wiring, hook.id) == 1
        line.add(put(site, "/b", article("Second")))
        line.work()
        assert deliver(line.wiring, hook.id) == 0
        assert "410" in hook_of(line, hook).disabled
        assert list(due(line.wiring, time.time() + 1e6)) == []
        line.frontier.hooks.enable(hook.id)
        assert [h.id for h in due(line.wiring, time.time())] == [hook.id]


def test_a_receiver_at_a_private_address_is_not_asked(line: Line, site: Site) -> None:
    with receiving(lambda n: (200, {})) as (url, receiver):
        line.reopen(fetch=line.wiring.settings.fetch.model_copy(update={"allow_networks": ()}))
        hook = line.frontier.hooks.add(url, "", START)
        client = line.frontier.client
        fields = {"kind": "new", "id": "a" * 16, "url": "https://news.example/", "title": "T", "version": "1"}
        client.xadd(f"{line.frontier.prefix}changes", fields)  # type: ignore[arg-type]
        assert deliver(line.wiring, hook.id) == 0
        assert "loopback" in hook_of(line, hook).problem
        assert receiver.sent == []


def test_a_receiver_that_never_answers_fails_in_bounded_time(
    line: Line, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "POST_S", 0.3)
    with receiving(lambda n: (time.sleep(5), (200, {}))[1]) as (url, _):
        hook = line.frontier.hooks.add(url, "", START)
        line.add(put(site, "/a", article("First")))
        line.work()
        begun = time.monotonic()
        assert deliver(line.wiring, hook.id) == 0
        assert time.monotonic() - begun < 4
        assert "not answered" in hook_of(line, hook).problem


def test_a_slow_receiver_has_its_turn_ended_and_goes_on_in_the_next(
    line: Line, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TURN_S", 0.1)
    with receiving(lambda n: (time.sleep(0.2), (200, {}))[1]) as (url, receiver):
        hook = line.frontier.hooks.add(url, "", START)
        for n in range(3):
            line.add(put(site, f"/{n}", article(f"Story number {n}")))
        line.work()
        assert deliver(line.wiring, hook.id) == 1
        turns(line, hook)
        assert len(receiver.taken) == 3
