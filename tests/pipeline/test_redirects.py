"""Redirects: what is for good moves the address, every hop stays within the source's scope, none is endless."""

from pathlib import Path

import pytest

from newsmill.sources.config import parse_sources
from newsmill.sources.register import poll_fields, poll_id
from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site


def move(site: Site, path: str, to: str, status: int = 301, host: int = 0) -> None:
    site.pages[site.host(host), path] = Page(b"", status, (("Location", to),))


def put(site: Site, path: str, body: bytes, host: int = 0) -> str:
    site.pages[site.host(host), path] = Page(body)
    return site.url(path, host)


def look(line: Line, url: str) -> None:
    wait_s = line.next_look_s(url)
    assert wait_s is not None
    line.frontier.now += wait_s + 1
    line.work()


def asked(site: Site) -> list[str]:
    """Addresses asked for, without robots.txt; the log is emptied."""
    found = [f"{a.host}{a.path}" for a in site.log.accesses if a.path != "/robots.txt"]
    site.log.accesses.clear()
    return found


@pytest.mark.parametrize("status", [301, 308])
def test_what_has_moved_for_good_is_asked_for_where_it_is(line: Line, site: Site, status: int) -> None:
    url = site.url("/old")
    new = put(site, "/new", article("Moved house"), host=1)
    move(site, "/old", new, status)
    line.add(url)
    line.work()
    assert asked(site) == [f"{site.host(0)}/old", f"{site.host(1)}/new"]
    look(line, url)
    assert line.fate(url)[0] == "unchanged"
    assert asked(site) == [f"{site.host(1)}/new"]
    assert (line.entry(url).url, line.entry(url).host) == (url, site.host(1))
    assert line.found("moved") == [new]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_what_has_moved_for_now_is_asked_for_at_its_address(line: Line, site: Site, status: int) -> None:
    url = site.url("/old")
    move(site, "/old", put(site, "/new", article("On tour"), host=1), status)
    line.add(url)
    line.work()
    asked(site)
    look(line, url)
    assert asked(site) == [f"{site.host(0)}/old", f"{site.host(1)}/new"]
    assert line.entry(url)["moved"] == ""


def test_only_the_hops_before_the_first_temporary_one_are_for_good(line: Line, site: Site) -> None:
    url = site.url("/a")
    move(site, "/a", "/b")
    move(site, "/b", "/c", 302)
    move(site, "/c", "/d")
    put(site, "/d", article("Long way"))
    line.add(url)
    line.work()
    assert line.entry(url)["moved"] == site.url("/b")
    asked(site)
    look(line, url)
    assert [path.partition("/")[2] for path in asked(site)] == ["b", "c", "d"]


def test_a_move_that_leads_nowhere_any_more_is_forgotten(line: Line, site: Site) -> None:
    url = site.url("/old")
    move(site, "/old", put(site, "/new", article("First home"), host=1))
    line.add(url)
    line.work()
    site.pages[site.host(1), "/new"] = Page(status=404)
    move(site, "/old", put(site, "/newer", article("Second home"), host=2))
    asked(site)
    look(line, url)
    assert line.entry(url)["moved"] == site.url("/newer", 2)
    assert line.fate(url)[0] in ("indexed", "unchanged")
    del site.pages[site.host(0), "/old"], site.pages[site.host(2), "/newer"]
    look(line, url)
    assert line.fate(url) == ("gone", "status 404")
    assert line.found("home") == []


def test_two_addresses_that_point_at_each_other_end(line: Line, site: Site) -> None:
    url = site.url("/a")
    move(site, "/a", put(site, "/b", article("Ping pong")))
    line.add(url)
    line.work()
    move(site, "/b", "/a")
    look(line, url)
    assert line.fate(url)[0] == "failed"
    assert "redirect loop" in line.fate(url)[1]


@pytest.mark.parametrize(
    ("scope", "fate"),
    [
        ("", "indexed"),
        ('exclude = ["/private/*"]', "excluded"),
        ('include = ["/old", "/private/*"]', "indexed"),
        ('include = ["/old"]', "excluded"),
    ],
)
def test_a_redirect_does_not_leave_the_scope_of_its_source(
    line: Line, site: Site, tmp_path: Path, scope: str, fate: str
) -> None:
    text = f'[[source]]\nname = "test"\nkind = "feed"\nurl = "{site.url("/feed")}"\n{scope}\n'
    (source,) = parse_sources(text, "test")
    line.frontier.put_poll(poll_id(source.name), poll_fields(source, tmp_path), None)
    url = site.url("/old")
    move(site, "/old", "/private/x", 302)
    put(site, "/private/x", article("Behind the curtain"))
    line.add(url)
    line.work()
    assert line.fate(url)[0] == fate
