"""Pages whose text is made by scripts: through a real Chromium where there is one, and to an honest end where not."""

import os
from collections.abc import Callable

import pytest

from newsmill.demo.site import SCRIPTED, build
from newsmill.download.chromium import no_browser
from newsmill.ledger import Candidate
from newsmill.ledger.stages import Stage
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.commands.replay import Chosen, reparse
from workers.fetch.step import fetch_pages

REQUIRED = bool(os.environ.get("CI"))
with_chromium = pytest.mark.skipif(bool(no_browser()) and not REQUIRED, reason=no_browser() or "there is a browser")

SHELL = b"<!doctype html><title>x</title><div id=root></div><script src=/app.js></script>"
UNREAD = "scripts make its text, and it was read without a browser"


def serve_demo_page(site: Site) -> str:
    """The demo site's scripted page, and what its script asks for."""
    from datetime import UTC, datetime

    pages = build(datetime.now(UTC)).pages
    for path in (SCRIPTED, "/static/reader.js", f"/api{SCRIPTED}.json"):
        page = pages[path]
        headers = (("Content-Type", page.content_type),)
        site.pages[site.host(), path] = Page(page.draw(site.url("")[:-1], 0).encode(), headers=headers)
    return site.url(SCRIPTED)


@pytest.fixture
def browsing(make_line: Callable[..., Line]) -> Line:
    """A line that is its own render worker."""
    line = make_line()
    line.wiring.process.renders = True
    line.frontier.note_browser()
    return line


@with_chromium
def test_a_page_that_scripts_make_is_searchable(browsing: Line, site: Site) -> None:
    url = serve_demo_page(site)
    browsing.add(url)
    browsing.work()
    assert browsing.fate(url) == ("indexed", "")
    assert browsing.found("tideglass") == [url]
    assert [path for path in site.log.paths() if path == SCRIPTED] == [SCRIPTED] * 2  # once plainly, once rendered
    assert site.log.overlaps() == []
    assert "its text is made by scripts" in browsing.entry(url)["story"]
    assert len(list(browsing.wiring.raw.keys())) == 1
    assert browsing.frontier.client.zcard(f"{browsing.frontier.prefix}rendering") == 0


@with_chromium
def test_a_page_of_a_source_that_says_so_goes_there_at_once(browsing: Line, site: Site) -> None:
    url = canonicalize(serve_demo_page(site))
    browsing.frontier.add([Candidate(address_id(url), url, host_key(url), "test", render=True)])
    browsing.work()
    assert browsing.fate(url) == ("indexed", "")
    assert site.log.paths().count(SCRIPTED) == 1


@with_chromium
def test_a_page_that_stays_empty_is_rendered_once(browsing: Line, site: Site) -> None:
    site.pages[site.host(), "/empty"] = Page(SHELL)
    url = site.url("/empty")
    browsing.add(url)
    browsing.work()
    assert browsing.fate(url)[0] == "empty"
    assert UNREAD not in browsing.fate(url)[1]
    assert site.log.paths().count("/empty") == 2


def test_without_a_browser_it_ends_as_empty_and_says_why(line: Line, site: Site) -> None:
    url = serve_demo_page(site)
    line.add(url)
    line.work()
    assert line.fate(url)[0] == "empty"
    assert UNREAD in line.fate(url)[1]
    assert site.log.paths().count(SCRIPTED) == 1


def test_without_a_browser_a_page_of_such_a_source_is_fetched_plainly(line: Line, site: Site) -> None:
    site.pages[site.host(), "/plain"] = Page(article("Readable after all"))
    url = canonicalize(site.url("/plain"))
    line.frontier.add([Candidate(address_id(url), url, host_key(url), "test", render=True)])
    line.work()
    assert line.fate(url) == ("indexed", "")


def test_a_reparse_never_sends_a_page_to_the_browser(line: Line, site: Site) -> None:
    url = serve_demo_page(site)
    line.add(url)
    line.work()
    line.frontier.note_browser()
    asked = len(site.log.accesses)
    again = reparse(line.wiring, Chosen())
    while not again.step():
        line.work()
    assert line.fate(url)[0] == "empty"
    assert len(site.log.accesses) == asked


def test_hints_for_a_browser_go_where_one_is(line: Line, site: Site) -> None:
    """While a render worker lives they are its own; when it has gone, any fetch worker takes them."""
    frontier = line.frontier
    url = canonicalize(site.url("/page/x"))
    frontier.note_browser()
    frontier.add([Candidate(address_id(url), url, host_key(url), "test", render=True)])
    fetch, _ = frontier.dispatch().hints
    assert (fetch.together, fetch.alone, fetch.rendered) == ((), (), (address_id(url),))
    frontier.now += frontier.limits.hint_s + 1
    hints = {hint.stage: hint for hint in frontier.sweep()[1]}
    assert hints[Stage.FETCH].rendered == (address_id(url),)
    frontier.client.delete(f"{frontier.prefix}browsers")
    frontier.now += frontier.limits.hint_s + 1
    hints = {hint.stage: hint for hint in frontier.sweep()[1]}
    assert hints[Stage.FETCH].together == (address_id(url),)
    fetch_pages(line.wiring.fetch, [address_id(url)])
    line.work()
    assert line.fate(url)[0] == "indexed"


def test_browsers_never_fill_the_window(line: Line, site: Site) -> None:
    frontier = line.frontier
    frontier.note_browser()
    most = frontier.limits.renders
    urls = [f"http://h{i}.example/x" for i in range(most + 5)]
    frontier.add([Candidate(address_id(url), url, host_key(url), "test", render=True) for url in urls])
    fetch, _ = frontier.dispatch().hints
    assert len(fetch.rendered) == most
    assert frontier.dispatch().hints[0].rendered == ()
    for entry in frontier.claim(Stage.FETCH, fetch.rendered, "w"):
        frontier.abandon(Stage.FETCH, "w", [entry.id])
    frontier.now += 10
    assert len(frontier.dispatch().hints[0].rendered) == most
