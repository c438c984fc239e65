"""Date, title and author of a feed reach the index where the page shows none, and come back from the raw record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Frontier, Kept
from newsmill.ledger.stages import Stage
from newsmill.model import Said
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.register import poll_id, register
from newsmill.urls.canonical import address_id, host_key
from tests.pipeline.line import Line
from tests.site.server import Page, Site
from workers.produce.step import poll_sources

TEXT = "<p>" + "The council closed the old harbour road for repairs until the end of March. " * 8 + "</p>"
BARE = f"<html><body>{TEXT}</body></html>".encode()
TIME = "<time datetime='2026-11-25T10:00Z'>25 Nov 2026</time>"
OWN = f"<html><head><title>Own title</title></head><body><h1>Own title</h1>{TIME}{TEXT}</body></html>".encode()
AT = "2026-11-20T07:30:00+00:00"
FEED = (
    "<rss><channel><item><title>Harbour road closed</title><link>/bare</link><dc:creator>Jane Roe</dc:creator>"
    "<pubDate>Fri, 20 Nov 2026 09:30:00 +02:00</pubDate></item><item><title>Another</title><link>/own</link>"
    "<pubDate>Fri, 20 Nov 2026 09:30:00 +02:00</pubDate></item></channel></rss>"
)


@pytest.fixture
def line(frontier: Frontier, redis_url: str, tmp_path: Path) -> Iterator[Line]:
    made = Line(frontier, redis_url, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(hosts=3) as running:
        running.pages[running.host(1), "/bare"] = Page(BARE, 200, (("Content-Type", "text/html"),))
        running.pages[running.host(1), "/own"] = Page(OWN, 200, (("Content-Type", "text/html"),))
        running.pages[running.host(1), "/feed"] = Page(FEED.encode(), 200, (("Content-Type", "text/xml"),))
        yield running


def poll(line: Line, site: Site) -> None:
    register(line.wiring.frontier, [SourceConfig(name="tide", kind=SourceKind.FEED, url=site.url("/feed", 1))], Path())
    for _ in range(50):
        line.frontier.dispatch()
        waiting = line.frontier.client.zrange(f"{line.frontier.prefix}ready:produce", 0, -1)
        poll_sources(line.wiring.produce, list(waiting))
        entry = line.frontier.entry(poll_id("tide"))
        if entry and entry["polled"]:
            return
        line.frontier.now += 1
    raise AssertionError("it was not polled")


def test_what_the_feed_says_travels_to_the_index_and_comes_back(line: Line, site: Site) -> None:
    bare, own = site.url("/bare", 1), site.url("/own", 1)
    poll(line, site)
    assert Said.load(line.entry(bare)["said"])
    line.work()
    document = line.wiring.search.get(address_id(bare))
    assert document is not None
    assert document.published is not None
    assert (document.published.isoformat(), document.title, document.authors) == (
        AT,
        "Harbour road closed",
        ("Jane Roe",),
    )
    assert document.from_source == ("authors", "published", "title")
    other = line.wiring.search.get(address_id(own))
    assert other is not None
    assert other.title == "Own title"
    assert "title" not in other.from_source

    kept = line.entry(bare)
    assert Said.load(kept["said"]) == line.wiring.raw.get(kept["raw"]).said
    assert len(line.entry(own)["said"]) < 80, "what the page says itself is not kept"

    page = Kept(kept.id, bare, host_key(bare), "tide", kept["raw"], float(kept["fetched"]))
    line.frontier.client.delete(f"{line.frontier.prefix}e:{kept.id}")  # as from an empty ledger
    line.wiring.search.delete([(kept.id, document.version - 1)])
    assert line.frontier.adopt([page], 10, force=True).taken
    line.work()
    again = line.wiring.search.get(address_id(bare))
    assert again is not None
    assert again == document


def test_a_second_look_still_knows_it(line: Line, site: Site) -> None:
    bare = site.url("/bare", 1)
    poll(line, site)
    line.work()
    site.pages[site.host(1), "/bare"] = Page(BARE.replace(b"March", b"April"), 200, (("Content-Type", "text/html"),))
    line.frontier.reopen([address_id(bare)], 1, Stage.FETCH)
    line.work()
    document = line.wiring.search.get(address_id(bare))
    assert document is not None
    assert "April" in document.text
    assert document.title == "Harbour road closed"
    assert document.published
