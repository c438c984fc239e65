"""The misbehaving site through a real fetch worker: each address gets its outcome and a reason, the worker lives."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from newsmill.ledger import Candidate, Entry, Frontier, Limits
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.site.server import Page, Site
from workers.local.broker import LocalBroker
from workers.runtime.wiring import connect

TEXT = (("Content-Type", "text/plain"),)
PARSED = "parse"  # the page was kept, and waits for parse
WAITS = "delayed"  # not ended: the server asked for more time than the test has

# What each address ends in: the outcome, and words of its reason.
EXPECTED = {
    "/page/fine": (PARSED, ""),
    "/until-close": (PARSED, ""),
    "/many-headers": (PARSED, ""),
    "/cookies": (PARSED, ""),
    "/coded/zstd": (PARSED, ""),
    "/redirect-chain/3": (PARSED, ""),
    "/redirect-bytes": (PARSED, ""),
    "/type/image/png": (PARSED, ""),
    "/status/410": ("gone", "410"),
    "/nothing-here": ("gone", "404"),
    "/pdf-as-html": ("excluded", "application/pdf"),
    "/endless": ("excluded", "too large"),
    "/endless-chunks": ("excluded", "too large"),
    "/gzip-bomb": ("excluded", "too large"),
    f"/redirect-to/302?{quote('http://169.254.169.254/', safe='')}": ("excluded", "link-local"),
    f"/redirect-to/301?{quote('file:///etc/passwd', safe='')}": ("failed", "only http"),
    "/redirect-loop/a": ("failed", "loop"),
    "/redirect-endless/0": ("failed", "redirects"),
    "/hang": ("failed", "timeout-read"),
    "/hang-after-headers": ("failed", "timeout-read"),
    "/byte-by-byte": ("failed", "timeout-total"),
    "/early-hints": ("failed", "timeout-total"),
    "/reset": ("failed", "reset"),
    "/reset-in-body": ("failed", "reset"),
    "/half-body": ("failed", "reset"),
    "/bad-status-line": ("failed", "bad-response"),
    "/header-1mb": ("failed", "header-too-large"),
    "/bad-coding": ("failed", "bad-response"),
    "/too-many/1": ("failed", "429"),
    "/too-many/date": (WAITS, "429"),
    "/too-many/3600": (WAITS, "429"),
    "/status/403": ("failed", "403"),
    "/status/500": ("failed", "500"),
}
ROBOTS = {
    "forbids": (Page(b"User-agent: *\nDisallow: /", headers=TEXT), ("excluded", "robots.txt: Disallow: /")),
    "html": (Page(b"<!doctype html><p>Disallow: /"), (PARSED, "")),
    "5 MB": (
        Page(b"User-agent: *\nDisallow: /page\n" + b"# x\n" * 1_250_000, headers=TEXT),
        ("excluded", "robots.txt"),
    ),
    "500": (Page(b"", 500), ("failed", "robots.txt unreachable: status 500")),
    "redirected": (Page(b"", 301, (("Location", "/robots-elsewhere"),)), (PARSED, "")),
    "hangs": (Page(b"", 302, (("Location", "/hang"),)), ("failed", "robots.txt unreachable: timeout-read")),
}


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Frontier]:
    """A fetch worker over a ledger of its own."""
    with LocalBroker(tmp_path / "redis") as url:
        environment = os.environ | {
            "NEWSMILL_REDIS_URL": url,
            "NEWSMILL_DATA": str(tmp_path / "data"),
            "NEWSMILL_CONFIG_DIR": str(tmp_path),
            "NEWSMILL_FETCH__DELAY_S": "0.05",
            "NEWSMILL_FETCH__READ_S": "0.7",
            "NEWSMILL_FETCH__TOTAL_S": "2.5",
            "NEWSMILL_FETCH__MAX_BODY_MB": "2",
            "NEWSMILL_FETCH__RETRY_DELAYS_S": "0.1,0.1",
            "NEWSMILL_FETCH__RETRY_CAP_S": "0.5",
            "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
        }
        command = [sys.executable, "-m", "celery", "-q", "-A", "workers.app", "worker", "-Q", "fetch", "-l", "WARNING"]
        with (tmp_path / "fetch.log").open("wb") as out:
            process = subprocess.Popen([*command, "-n", "fetch@%h"], env=environment, stdout=out, stderr=out)
        frontier = Frontier(connect(url), Limits())
        try:
            yield frontier
            assert process.poll() is None, (tmp_path / "fetch.log").read_text()
        finally:
            frontier.client.close()
            process.kill()
            process.wait()


def fate(entry: Entry) -> str:
    """Its outcome; where it has none yet, that it went on to parse, or its state."""
    return entry["outcome"] or (PARSED if entry["stage"] == "parse" else entry["state"])


def settled(frontier: Frontier, expected: dict[str, tuple[str, str]]) -> bool:
    """Whether fetch is done with all of them, as far as it can be."""
    entries = [(frontier.entry(address_id(url)), outcome) for url, (outcome, _) in expected.items()]
    return all(e is not None and (outcome == fate(e) or e["state"] == "settled") for e, outcome in entries)


@pytest.mark.slow
def test_every_address_gets_its_outcome(worker: Frontier) -> None:
    with Site(hosts=len(EXPECTED) + len(ROBOTS)) as site:
        expected = {}
        for host, (path, end) in enumerate(EXPECTED.items()):
            expected[canonicalize(site.url(path, host))] = end
        for host, (file, end) in enumerate(ROBOTS.values(), start=len(EXPECTED)):
            site.pages[site.host(host), "/robots.txt"] = file
            expected[canonicalize(site.url("/page/x", host))] = end
        worker.add([Candidate(address_id(url), url, host_key(url), "test") for url in expected])
        deadline = time.monotonic() + 90
        while not settled(worker, expected) and time.monotonic() < deadline:
            time.sleep(0.2)
    wrong = []
    for url, (outcome, words) in expected.items():
        entry = worker.entry(address_id(url))
        assert entry is not None
        if fate(entry) != outcome or words not in entry["reason"]:
            wrong.append(f"{url}: {fate(entry)} {entry['reason']!r} instead of {outcome} {words!r}")
    assert not wrong, "\n".join(wrong)
