"""Metrics over HTTP, from a real ledger."""

import socket
import threading
import time
import urllib.request

from newsmill.ledger import NORMAL, Candidate, Frontier
from newsmill.outcomes import Outcome
from newsmill.settings import Settings
from workers.commands.metrics import serve
from workers.runtime.wiring import Wiring


def test_a_scrape_shows_the_ledger(frontier: Frontier):
    frontier.add([Candidate(f"id{i:014d}", f"http://a.example/{i}", "a.example", "s", NORMAL) for i in range(3)])
    frontier.drain("a.example", Outcome.FAILED, "dead")
    frontier.reopen(["id00000000000000"], NORMAL)
    wiring = Wiring(Settings(), frontier)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    stop = threading.Event()
    server = threading.Thread(target=serve, args=(wiring, "127.0.0.1", port), kwargs={"stop": stop})
    server.start()
    try:
        deadline = time.monotonic() + 10
        text = ""
        while not text:
            try:
                text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
            except OSError:
                assert time.monotonic() < deadline
    finally:
        stop.set()
        server.join()
    assert "newsmill_accepted_total 3.0" in text
    assert 'newsmill_settled_total{outcome="failed"} 3.0' in text
    assert 'newsmill_outcome{outcome="failed"} 2.0' in text
    assert 'newsmill_stage{stage="fetch",state="waiting"} 1.0' in text
    assert "newsmill_up 1.0" in text
    assert "newsmill_unbalanced 0.0" in text
