"""Redirects that only our canonical form undoes, that want a cookie back, or that the page itself asks for."""

from pathlib import Path

import pytest

from newsmill.http import ports
from newsmill.sources.config import parse_sources
from newsmill.sources.register import poll_fields, poll_id
from newsmill.urls.canonical import address_id, canonicalize
from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.fetch.step import fetch_pages
from workers.produce.step import poll_sources

ESCAPED = "/news/%d0%bf%d1%80%d0%b8"
# What is listed, and where its server sends it: to a form that is ours to undo, and not the server's.
ONLY_OURS = {
    "lower-case escapes": (ESCAPED, "/news/%D0%BF%D1%80%D0%B8", ESCAPED),
    "escaped letter": ("/tanks/%50anzer", "/tanks/Panzer", "/tanks/%50anzer"),
    "tracking parameter": ("/a/track", "/a/track", "/a/track?utm_source=site"),
    "session in the path": ("/a/sess", "/a/sess", "/a/sess;jsessionid=0A1B2C3D4E5F"),
    "session in the query": ("/a/sid", "/a/sid", "/a/sid?PHPSESSID=0123456789abcdef0123456789abcdef"),
    "amp": ("/a/amp", "/a/amp", "/a/amp?amp=1"),
    "empty query": ("/a/query", "/a/query", "/a/query?"),
    "two hops": ("/a/two", "/a/two?utm_source=x", "/a/two?utm_source=x&fbclid=y"),
}


def send(site: Site, path: str, to: str, status: int = 301) -> None:
    site.pages[site.host(), path] = Page(b"", status, (("Location", to),))


@pytest.mark.parametrize("name", ONLY_OURS)
@pytest.mark.parametrize("status", [301, 302])
def test_what_the_server_names_is_asked_for(line: Line, site: Site, name: str, status: int) -> None:
    listed, asked, named = ONLY_OURS[name]
    if name == "two hops":
        send(site, listed, asked, status)
    send(site, asked, named, status)
    site.pages[site.host(), named] = Page(article("Only there"))
    url = site.url(listed)
    line.add(url)
    line.work()
    assert line.fate(url) == ("indexed", "")
    assert line.found("only") == [canonicalize(url)]  # identity stays canonical
    wait_s = line.next_look_s(url)
    assert wait_s is not None
    site.log.accesses.clear()
    line.frontier.now += wait_s + 1
    line.work()
    assert line.fate(url)[0] == "unchanged"
    if status == 301:  # it has moved for good: the next look begins there
        assert site.log.paths() == [named]


def poll(line: Line, site: Site, tmp_path: Path, kind: str, path: str) -> str:
    """Polls a source to its end; returns its id."""
    (source,) = parse_sources(f'[[source]]\nname = "test"\nkind = "{kind}"\nurl = "{site.url(path)}"\n', "test")
    id = poll_id(source.name)
    line.frontier.put_poll(id, poll_fields(source, tmp_path), 0.0)
    for _ in range(20):
        line.frontier.now += 20
        line.frontier.sweep()
        line.frontier.dispatch()
        if not (ready := line.frontier.client.zrange(f"{line.frontier.prefix}ready:produce", 0, -1)):
            break
        poll_sources(line.wiring.produce, list(ready))  # type: ignore[arg-type]
    return id


FEED = '<rss version="2.0"><channel><item><title>x</title><link>{}</link></item></channel></rss>'
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}</loc></url></urlset>'
XML = (("Content-Type", "text/xml"),)


@pytest.mark.parametrize(("kind", "text"), [("feed", FEED), ("sitemap", SITEMAP)])
@pytest.mark.parametrize("way", ["/here?utm_source=x", "/%68ere", "/cookie-wall/itself", "refresh"])
def test_sources_alike(line: Line, site: Site, tmp_path: Path, kind: str, text: str, way: str) -> None:
    body = text.format(site.url("/page/1")).encode()
    if way == "refresh":
        site.pages[site.host(), "/here"] = Page(b'<html><meta http-equiv=refresh content="0;url=/there">')
        site.pages[site.host(), "/there"] = Page(body, headers=XML)
    elif way.startswith("/cookie"):
        send(site, "/here", way)
    else:
        send(site, "/here", way)
        site.pages[site.host(), way] = Page(body, headers=XML)
    id = poll(line, site, tmp_path, kind, "/here")
    if way.startswith("/cookie"):  # it comes through, though there is no feed behind this wall
        assert site.log.paths().count(way) == 2
    else:
        assert line.frontier.entry(address_id(canonicalize(site.url("/page/1")))) is not None
    entry = line.frontier.entry(id)
    assert entry is not None
    assert (entry["cookies"], entry["chain"]) == ("", "")


@pytest.mark.parametrize("wall", ["itself", "parameter", "refresh"])
def test_a_cookie_comes_back_along_the_chain(line: Line, site: Site, wall: str) -> None:
    url = site.url(f"/cookie-wall/{wall}")
    other = site.url("/page/other")
    line.add(url)
    line.add(other)
    line.work()
    assert line.fate(url) == ("indexed", "")
    cookies = [access.headers.get("cookie", "") for access in site.log.accesses]
    assert cookies.count("seen=1") == 1
    assert all("cookie" not in a.headers for a in site.log.accesses if a.path in ("/robots.txt", "/page/other"))
    assert line.entry(url)["cookies"] == ""


@pytest.mark.parametrize(
    ("wall", "reason"),
    [
        ("deaf", "although it got the cookies that were set on the way"),
        ("new-ones", "more than 8 redirects, although it got the cookies that were set on the way"),
        ("ended", "redirect loop: back to"),
    ],
)
def test_what_still_turns_in_circles_says_so(line: Line, site: Site, wall: str, reason: str) -> None:
    url = site.url(f"/cookie-wall/{wall}")
    line.add(url)
    line.work()
    outcome, why = line.fate(url)
    assert outcome == "failed"
    assert reason in why
    assert line.entry(url)["cookies"] == ""


def test_cookies_go_to_no_other_host(line: Line, site: Site) -> None:
    cookie = ("Set-Cookie", "secret=1; Domain=127.0.1.2; Path=/")
    site.pages[site.host(), "/a"] = Page(b"", 302, (("Location", site.url("/b", 1)), cookie))
    site.pages[site.host(1), "/b"] = Page(b"", 302, (("Location", site.url("/c")),))
    site.pages[site.host(), "/c"] = Page(article("Round trip"))
    line.add(site.url("/a"))
    line.work()
    sent = {a.path: a.headers.get("cookie", "") for a in site.log.accesses if a.path in ("/a", "/b", "/c")}
    assert sent == {"/a": "", "/b": "", "/c": "secret=1"}


def test_a_chain_with_cookies_waits_for_its_host_between_two_tries(line: Line, site: Site) -> None:
    site.pages[site.host(), "/a"] = Page(b"", 302, (("Location", "/b"), ("Set-Cookie", "n=1")))
    site.pages[site.host(), "/b"] = Page(status=500)
    url = site.url("/a")
    line.add(url)
    for _ in range(6):
        line.frontier.dispatch()
        ready = line.frontier.client.zrange(f"{line.frontier.prefix}ready:fetch", 0, -1)
        fetch_pages(line.wiring.fetch, list(ready))  # type: ignore[arg-type]
        line.frontier.now += 1
    assert line.entry(url)["state"] == "delayed"
    site.pages[site.host(), "/b"] = Page(article("Second try"))
    line.work()
    assert line.fate(url) == ("indexed", "")
    assert [a.headers.get("cookie") for a in site.log.accesses if a.path == "/b"] == ["n=1", "n=1"]


META = '<html><head><meta http-equiv="refresh" content="0;url={}"></head>'


def test_a_refresh_is_a_redirect_like_any_other(line: Line, site: Site, tmp_path: Path) -> None:
    text = f'[[source]]\nname = "test"\nkind = "feed"\nurl = "{site.url("/feed")}"\nexclude = ["/private/*"]\n'
    (source,) = parse_sources(text, "test")
    line.frontier.put_poll(poll_id(source.name), poll_fields(source, tmp_path), None)
    robots = Page(b"User-agent: *\nDisallow: /hidden/\n", headers=(("Content-Type", "text/plain"),))
    site.pages[site.host(), "/robots.txt"] = robots
    targets = {
        "/moved": ("/page/one", ("indexed", "")),
        "/out": ("/private/x", ("excluded", "no include")),
        "/robots": ("/hidden/x", ("excluded", "robots.txt: Disallow: /hidden/")),
        "/guard": ("http://10.0.0.1/", ("excluded", "forbidden-address: 10.0.0.1: 10.0.0.1 is private")),
        "/circle": ("/back", ("failed", "redirect loop")),
        "/itself": ("/itself", ("empty", "")),
    }
    for path, (to, _) in targets.items():
        site.pages[site.host(), path] = Page(META.format(to).encode())
    site.pages[site.host(), "/back"] = Page(META.format("/circle").encode())
    for path in targets:
        line.add(site.url(path))
    line.work()
    found = {path: line.fate(site.url(path)) for path in targets}
    assert {path: outcome for path, (outcome, _) in found.items()} == {p: fate[0] for p, (_, fate) in targets.items()}
    for path in ("/robots", "/guard", "/circle"):
        assert targets[path][1][1] in found[path][1]
    assert "exclude pattern" in found["/out"][1]


def test_escapes_do_not_lead_around_robots_txt(line: Line, site: Site) -> None:
    robots = Page(b"User-agent: *\nDisallow: /private/\n", headers=(("Content-Type", "text/plain"),))
    site.pages[site.host(), "/robots.txt"] = robots
    send(site, "/a", "/%70rivate/x", 302)
    line.add(site.url("/a"))
    line.work()
    assert line.fate(site.url("/a")) == ("excluded", "robots.txt: Disallow: /private/")
    assert "/%70rivate/x" not in site.log.paths()


def test_no_page_opens_the_port_of_a_store(
    line: Line, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ports._OWNERS, site.port, "Redis")  # the real ones are not ours to bind
    port = str(site.port)
    (named,) = parse_sources(f'[[source]]\nname = "named"\nkind = "feed"\nurl = "{site.url("/feed")}"\n', "test")
    line.frontier.put_poll(poll_id(named.name), poll_fields(named, tmp_path), None)
    send(site, "/away", site.url("/page/x", 1), 302)
    fates = {
        site.url("/page/1"): ("named", "indexed"),
        site.url("/page/2", 1): ("named", "excluded"),
        site.url("/page/3", 1): ("other", "excluded"),
        site.url("/page/4", 2): ("given", "indexed"),
        site.url("/away"): ("named", "excluded"),
    }
    for url, (source, _) in fates.items():
        line.add(url, source)
    line.work()
    assert {url: line.fate(url)[0] for url in fates} == {url: fate for url, (_, fate) in fates.items()}
    assert f"port {port} belongs to Redis" in line.fate(site.url("/page/2", 1))[1]
    assert {a.host for a in site.log.accesses} == {site.host(0), site.host(2)}
