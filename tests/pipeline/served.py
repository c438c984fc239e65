"""A console that serves a line's mill, over loopback, in a thread of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn

from newsmill.settings import WebSettings
from newsmill.sources.config import parse_sources
from newsmill.sources.register import poll_fields, poll_id
from tests.pipeline.line import Line
from tests.pipeline.test_recrawl import look, put
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.web.app import make_app
from workers.web.console import Board
from workers.web.server import listening

HOSTILE = '<script>alert(1)</script> "onmouseover=alert(2) <img src=x onerror=alert(3)>'
ONCE = "open-sesame-once-only"


@contextmanager
def served(line: Line, sources: Path, **web: Any) -> Iterator[str]:
    """The address of a console over the mill of this line."""
    settings = WebSettings.model_validate({"searches_per_minute": 100_000, **web})
    line.wiring.settings = line.wiring.settings.model_copy(update={"web": settings})
    board = Board(line.wiring, sources, ONCE)
    sock = listening("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(make_app(board), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        board.stopping.set()
        server.should_exit = True
        thread.join(20)
        sock.close()


class Shown(NamedTuple):
    """A console that runs, and what its mill has."""

    base: str
    line: Line
    site: Site
    sources: Path
    ferry: str
    changed: str
    broken: str

    @property
    def paused(self) -> bool:
        """Whether the source is."""
        entry = self.line.frontier.entry(poll_id("daily"))
        return bool(entry and entry["paused"])


@pytest.fixture
def shown(line: Line, site: Site, tmp_path: Path) -> Iterator[Shown]:
    ferry = put(site, "/ferry", article("Ferry runs again & again"))
    changed = put(site, "/bridge", article("Bridge closed", words=80))
    said = HOSTILE.replace("<", "&lt;")
    hostile = f"<html lang=en><title>{said}</title><article><h1>{said}</h1><p>{said}{' harbour' * 200}"
    put(site, "/hostile", hostile.encode())
    site.pages[site.host(), "/broken"] = Page(b"no", 500)
    line.reopen(fetch=line.wiring.settings.fetch.model_copy(update={"retry_delays_s": ()}))
    for path in ("/ferry", "/bridge", "/hostile", "/broken", "/gone"):
        line.add(site.url(path), source="daily")
    line.work()
    put(site, "/bridge", article("Bridge open", words=80))
    look(line, changed)
    sources = tmp_path / "config" / "sources.toml"
    sources.parent.mkdir()
    sources.write_text(f'# kept\n[[source]]\nname = "daily"\nkind = "feed"\nurl = "{site.url("/feed")}"\n')
    for source in parse_sources(sources.read_text(), "test"):
        line.frontier.put_poll(poll_id(source.name), poll_fields(source, sources.parent), None)
    with served(line, sources) as base:
        yield Shown(base, line, site, sources, ferry, changed, site.url("/broken"))
