"""The produce step over a real ledger, and a site whose sources are as bad as they come."""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from newsmill.ledger import Entry, Frontier, Turn
from newsmill.ledger.entries import settle
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome
from newsmill.settings import FetchSettings, Settings
from newsmill.sources.config import SourceConfig, SourceKind, parse_sources
from newsmill.sources.register import left_in_parts, poll_fields, poll_id, register, state_of
from newsmill.urls.canonical import address_id
from tests.site.server import Page, Site
from workers.desk import looks
from workers.produce import step
from workers.runtime.figures import status_of
from workers.runtime.tools import Process
from workers.runtime.wiring import Wiring

RSS = (("Content-Type", "application/rss+xml"),)


def hour_ago() -> str:
    return f"{datetime.now(UTC) - timedelta(hours=1):%a, %d %b %Y %H:%M:%S} GMT"


def rss(*links: str, date: str = "", channel: str = "") -> bytes:
    date = date or hour_ago()
    items = "".join(f"<item><link>{link}</link><pubDate>{date}</pubDate></item>" for link in links)
    return f"<rss><channel>{channel}{items}</channel></rss>".encode()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(hosts=60) as running:
        yield running


@pytest.fixture
def wiring(frontier: Frontier, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """A mill on the frontier of the test. Hints are not sent: the test is the worker."""
    fetch = FetchSettings(allow_networks=(ip_network("127.0.0.0/8"),), delay_s=0.0, read_s=2.0, total_s=4.0)
    made = Wiring(Settings(redis_url=redis_url, fetch=fetch), frontier, process=Process("test"))
    frontier.now = 0.0  # the server's clock
    monkeypatch.setattr(step, "dispatch", lambda worker: None)
    monkeypatch.setattr(step, "WAIT_S", 60.0)  # the test goes on when all is read
    yield made
    made.web.downloads.close()


def work(wiring: Wiring, most_s: float = 30.0, ends: Outcome = Outcome.EMPTY) -> None:
    """Polls until nothing waits or runs. Pages are not fetched: they end at once."""
    end = time.monotonic() + most_s
    idle = 0
    while idle < 4 and time.monotonic() < end:
        wiring.frontier.dispatch()
        pages = wiring.frontier.claim(Stage.FETCH, ready(wiring, Stage.FETCH), "fetch")
        wiring.frontier.finish(Stage.FETCH, "fetch", [settle(p.id, ends, turn=Turn(0.0)) for p in pages])
        polls = ready(wiring, Stage.PRODUCE)[:50]
        step.poll_sources(wiring.produce, polls)
        idle = 0 if polls or pages else idle + 1
        time.sleep(0.0 if polls or pages else 0.05)


def ready(wiring: Wiring, stage: Stage) -> list[str]:
    return [str(id) for id in wiring.frontier.client.zrange(f"{wiring.frontier.prefix}ready:{stage}", 0, -1)]


def source(name: str, url: str, kind: SourceKind = SourceKind.FEED, **more: object) -> SourceConfig:
    return SourceConfig.model_validate({"name": name, "kind": kind, "url": url, **more})


def entry_of(wiring: Wiring, name: str) -> Entry:
    entry = wiring.frontier.entry(poll_id(name))
    assert entry is not None
    return entry


def accepted(wiring: Wiring) -> set[str]:
    return {entry.url for entry in wiring.frontier.entries() if not entry.id.startswith("poll:")}


Body = Callable[[Site, int], Page]


def page(body: bytes, status: int = 200, *headers: tuple[str, str]) -> Body:
    return lambda site, host: Page(body, status, (*RSS, *headers))


ITEM = rss("/ok")
CASES: dict[str, tuple[Body, str, int]] = {  # what the source answers, the problem told, addresses accepted
    "fine": (page(ITEM), "", 1),
    "html error page": (page(b"<!doctype html><html><h1>Gateway timeout</h1></html>"), "an HTML page, not a feed", 0),
    "empty": (page(b""), "empty", 0),
    "100 MB": (page(b"<rss>" + b" " * (100 << 20)), "larger than", 0),
    "zip bomb": (
        page(gzip.compress(b"<rss>" + b" " * (200 << 20)), 200, ("Content-Encoding", "gzip")),
        "larger than",
        0,
    ),
    "zip bomb inside": (page(gzip.compress(b"<rss>" + b" " * (200 << 20))), "larger than", 0),
    "entity expansion": (
        page(b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rss>&b;</rss>'),
        "",
        0,
    ),
    "wrong encoding": (page(rss("/стаття").decode().encode("windows-1251")), "", 1),
    "dates in the future": (page(rss("/f", date="Sun, 22 Nov 2099 10:00:00 GMT")), "", 1),
    "ukrainian month": (page(rss("/u", date="22 листопада 2026 10:00 +0200")), "", 1),
    "relative links": (page(rss("../r1", "r2", "//127.0.0.1/elsewhere")), "", 3),
    "no links": (page(b"<rss><channel><item><title>x</title></item></channel></rss>"), "", 0),
    "one item under ten addresses": (
        page(rss(*(f"/ten?utm_source={n}" for n in range(10)))),
        "",
        1,
    ),
    "scripts for links": (page(rss("javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.example")), "", 0),
    "broken xml": (page(b"<rss><channel><item><link>/b</link><description>a <br> b</description></item>"), "", 1),
    "status 500": (page(b"", 500), "500", 0),
    "status 403": (page(b"", 403), "403", 0),
    "hangs": (lambda site, host: Page(b"", 302, (("Location", "/hang"),)), "timeout-read", 0),
    "redirect loop": (lambda site, host: Page(b"", 302, (("Location", "/feed"),)), "loop", 0),
    "endless": (lambda site, host: Page(b"", 302, (("Location", "/endless"),)), "larger than", 0),
    "cut off": (lambda site, host: Page(b"", 302, (("Location", "/half-body"),)), "reset", 0),
}


def test_each_bad_feed_has_its_reason_and_harms_no_other(wiring: Wiring, site: Site) -> None:
    for host, (body, _, _) in enumerate(CASES.values()):
        site.pages[site.host(host), "/feed"] = body(site, host)
    sources = [source(f"s{host}", site.url("/feed", host)) for host in range(len(CASES))]
    register(wiring.frontier, sources, Path())
    work(wiring)
    told = {name: entry_of(wiring, f"s{host}") for host, name in enumerate(CASES)}
    wrong = []
    for host, (name, (_, problem, count)) in enumerate(CASES.items()):
        entry = told[name]
        found = sum(1 for e in wiring.frontier.entries() if e.source == f"s{host}" and not e.id.startswith("poll:"))
        if (
            entry["state"] != "idle"
            or problem not in entry["problem"]
            or (not problem and entry["problem"])
            or found != count
        ):
            wrong.append(f"{name}: {entry['state']} {entry['problem']!r} {found} accepted")
    assert not wrong, "\n".join(wrong)
    assert {e["fails"] for n, e in told.items() if CASES[n][1]} == {"1"}
    failing = sum(1 for _, problem, _ in CASES.values() if problem)
    assert status_of(wiring.frontier.snapshot(), 1).unwell == {"silent": 0, "failing": failing, "dead": 0}
    register(wiring.frontier, sources[:3], Path())
    assert status_of(wiring.frontier.snapshot(), 1).unwell["failing"] == sum(
        1 for _, p, _ in [*CASES.values()][:3] if p
    )


def test_a_moved_feed_is_asked_at_its_new_address(wiring: Wiring, site: Site) -> None:
    site.pages[site.host(30), "/feed"] = Page(b"", 301, (("Location", site.url("/new", 31)),))
    site.pages[site.host(31), "/new"] = Page(ITEM, 200, RSS)
    register(wiring.frontier, [source("moved", site.url("/feed", 30))], Path())
    work(wiring)
    assert entry_of(wiring, "moved").url == site.url("/new", 31)
    assert accepted(wiring) == {site.url("/ok", 31)}
    before = len(site.log.paths(site.host(30)))
    wiring.frontier.poll_in(poll_id("moved"), 0.0)
    work(wiring)
    assert len(site.log.paths(site.host(30))) == before


def test_a_source_that_is_gone_is_retired(wiring: Wiring, site: Site) -> None:
    site.pages[site.host(32), "/feed"] = Page(b"", 410)
    register(wiring.frontier, [source("gone", site.url("/feed", 32))], Path())
    work(wiring)
    entry = entry_of(wiring, "gone")
    assert entry["retired"] == "gone for good (410)"
    assert status_of(wiring.frontier.snapshot(), 1).unwell == {"silent": 0, "failing": 0, "dead": 1}
    wiring.frontier.drop_poll("poll:none")
    assert status_of(wiring.frontier.snapshot(), 1).unwell["dead"] == 1
    due = wiring.frontier.client.zscore(f"{wiring.frontier.prefix}sources", poll_id("gone"))
    assert due is not None
    assert float(due) > time.time() + 10 * 365 * 86400


def test_conditional_requests_and_the_schedule(wiring: Wiring, site: Site) -> None:
    site.pages[site.host(33), "/feed"] = Page(
        rss("/1", channel="<ttl>45</ttl>"), 200, (*RSS, ("ETag", '"v1"'), ("Cache-Control", "max-age=60"))
    )
    register(wiring.frontier, [source("calm", site.url("/feed", 33), poll_max="40m")], Path())
    work(wiring)
    entry = entry_of(wiring, "calm")
    assert (entry["etag"], entry["polls"], entry["health"]) == ('"v1"', "1", "new")
    assert entry["why"].endswith("; ceiling")
    due = wiring.frontier.client.zscore(f"{wiring.frontier.prefix}sources", poll_id("calm"))
    assert due is not None
    assert 2300 < float(due) - time.time() <= 2400
    wiring.frontier.poll_in(poll_id("calm"), 0.0)
    work(wiring)
    last = site.log.by_host()[site.host(33)][-1]
    assert last.headers.get("if-none-match") == '"v1"'


def sitemap(*locs: str, root: str = "urlset", entry: str = "url", lastmod: str = "") -> bytes:
    modified = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    inside = "".join(f"<{entry}><loc>{loc}</loc>{modified}</{entry}>" for loc in locs)
    return f"<{root}>{inside}</{root}>".encode()


def index(*locs: str) -> bytes:
    return sitemap(*locs, root="sitemapindex", entry="sitemap")


def test_sitemaps_that_list_other_sites_and_each_other(wiring: Wiring, site: Site) -> None:
    host, other = 34, 35
    site.pages[site.host(host), "/map"] = Page(
        index("/map", "/one", "/two", site.url("/theirs", other), "http://127.0.0.1:9/never"), 200, RSS
    )
    site.pages[site.host(host), "/one"] = Page(index("/map", "/two", "/one"), 200, RSS)
    site.pages[site.host(host), "/two"] = Page(sitemap("/a", "/b", site.url("/c", other)), 200, RSS)
    site.pages[site.host(other), "/theirs"] = Page(sitemap("/d"), 200, RSS)
    register(wiring.frontier, [source("map", site.url("/map", host), SourceKind.SITEMAP)], Path())
    work(wiring)
    assert accepted(wiring) == {site.url("/a", host), site.url("/b", host)}
    assert site.log.paths(site.host(other)) == []
    asked = site.log.paths(site.host(host))
    assert asked.count("/one") == 1
    assert asked.count("/two") <= 2


def test_only_what_is_new_is_read_of_a_sitemap(wiring: Wiring, site: Site) -> None:
    host = 36
    site.pages[site.host(host), "/map"] = Page(sitemap("/old", lastmod="2026-01-01"), 200, RSS)
    register(wiring.frontier, [source("map", site.url("/map", host), SourceKind.SITEMAP)], Path())
    work(wiring)
    assert accepted(wiring) == {site.url("/old", host)}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    more = sitemap("/old", "/old2", lastmod="2026-01-01")[:-9] + sitemap("/new", lastmod=today)[8:]
    site.pages[site.host(host), "/map"] = Page(more, 200, RSS)
    wiring.frontier.poll_in(poll_id("map"), 0.0)
    work(wiring)
    assert accepted(wiring) == {site.url("/old", host), site.url("/new", host)}
    assert entry_of(wiring, "map")["found"] == "1"


def test_an_index_goes_on_where_it_stopped(wiring: Wiring, site: Site) -> None:
    host = 37
    parts = [f"/part/{n}" for n in range(20)]
    site.pages[site.host(host), "/map"] = Page(index(*parts), 200, RSS)
    for n, part in enumerate(parts):
        site.pages[site.host(host), part] = Page(sitemap(f"/a/{n}", f"/b/{n}"), 200, RSS)
    register(wiring.frontier, [source("map", site.url("/map", host), SourceKind.SITEMAP)], Path())
    end = time.monotonic() + 20
    while len(accepted(wiring)) < 10 and time.monotonic() < end:  # a worker that dies in the middle
        work(wiring, most_s=0.01)
    begun = len(accepted(wiring))
    assert 10 <= begun < 40
    wiring.process.name = "another worker"
    work(wiring)
    assert len(accepted(wiring)) == 40
    asked = site.log.paths(site.host(host))
    assert all(asked.count(part) == 1 for part in parts)


def test_a_section_page(wiring: Wiring, site: Site) -> None:
    host = 38
    teasers = "".join(f'<h2><a href="/a-story-of-the-day-{n}">The story number {n} of today</a></h2>' for n in range(6))
    page = f'<html><nav><a href="/sport">Sport</a></nav><main>{teasers}<a href="/about">About us</a></main></html>'
    site.pages[site.host(host), "/"] = Page(page.encode())
    register(wiring.frontier, [source("front", site.url("/", host), SourceKind.PAGE)], Path())
    work(wiring)
    assert accepted(wiring) == {site.url(f"/a-story-of-the-day-{n}", host) for n in range(6)}


def test_a_changed_file_leaves_what_did_not_change_alone(wiring: Wiring, site: Site) -> None:
    for host in (39, 40):
        site.pages[site.host(host), "/feed"] = Page(ITEM, 200, RSS)
    same, other = source("same", site.url("/feed", 39)), source("other", site.url("/feed", 40))
    register(wiring.frontier, [same, other], Path(), again=False)
    work(wiring)
    register(wiring.frontier, [same, source("other", site.url("/feed", 40), exclude=["/none"])], Path(), again=False)
    work(wiring)
    assert [len(site.log.by_host()[site.host(host)]) for host in (39, 40)] == [2, 3]  # robots.txt, and one or two polls
    register(wiring.frontier, [same], Path(), again=False)
    names = wiring.frontier.client.zrange(f"{wiring.frontier.prefix}sources", 0, -1)
    assert list(names) == [poll_id("same")]


def test_old_addresses_never_stand_before_news(wiring: Wiring, site: Site) -> None:
    host = 41
    site.pages[site.host(host), "/map"] = Page(index(*(f"/part/{n}" for n in range(30))), 200, RSS)
    old = [f"/old/{n}" for n in range(2000)]
    for n in range(30):
        site.pages[site.host(host), f"/part/{n}"] = Page(sitemap(*old[n::30], lastmod="2020-01-01"), 200, RSS)
    site.pages[site.host(host), "/feed"] = Page(rss("/fresh"), 200, RSS)
    register(wiring.frontier, [source("map", site.url("/map", host), SourceKind.SITEMAP)], Path())
    work(wiring, most_s=0.3)  # the index is read, its parts and old articles wait
    assert len(accepted(wiring)) < 2001
    wiring.frontier.put_poll(poll_id("feed"), poll_fields(source("feed", site.url("/feed", host)), Path()), 0.0)
    order: list[str] = []
    end = time.monotonic() + 20
    while site.url("/fresh", host) not in order and time.monotonic() < end:
        wiring.frontier.dispatch()
        pages = wiring.frontier.claim(Stage.FETCH, ready(wiring, Stage.FETCH), "fetch")
        order += [page.url for page in pages]
        wiring.frontier.finish(Stage.FETCH, "fetch", [settle(p.id, Outcome.EMPTY, turn=Turn(0.0)) for p in pages])
        polls = ready(wiring, Stage.PRODUCE)
        order += [entry.url for id in polls if (entry := wiring.frontier.entry(id))]
        step.poll_sources(wiring.produce, polls)
    assert len(order) <= 5, order  # at most what was under way, the feed, and its news


def test_the_delay_of_what_turns_up_between_two_polls_is_counted(wiring: Wiring, site: Site) -> None:
    host = 42
    site.pages[site.host(host), "/feed"] = Page(rss("/1"), 200, RSS)
    register(wiring.frontier, [source("news", site.url("/feed", host))], Path())
    work(wiring, ends=Outcome.INDEXED)
    assert status_of(wiring.frontier.snapshot(), 1).freshness.articles == 0
    site.pages[site.host(host), "/feed"] = Page(rss("/1", "/2"), 200, RSS)
    wiring.frontier.poll_in(poll_id("news"), 0.0)
    work(wiring, ends=Outcome.INDEXED)
    seen = status_of(wiring.frontier.snapshot(), 1).freshness
    assert seen.articles == 1
    assert 3200 < seen.p50_s < 4000  # it is an hour old
    wiring.frontier.reopen([address_id(site.url("/2", host))], 0)
    work(wiring, ends=Outcome.INDEXED)
    assert status_of(wiring.frontier.snapshot(), 1).freshness.articles == 1


def test_a_source_that_falls_silent_is_told(wiring: Wiring, site: Site) -> None:
    host = 43
    now = datetime.now(UTC)
    items = "".join(
        f"<item><link>/{n}</link><pubDate>{now - timedelta(days=3, hours=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n in range(100)
    )
    site.pages[site.host(host), "/feed"] = Page(f"<rss><channel>{items}</channel></rss>".encode(), 200, RSS)
    register(wiring.frontier, [source("quiet", site.url("/feed", host))], Path())
    work(wiring)
    assert status_of(wiring.frontier.snapshot(), 1).unwell["silent"] == 1
    assert state_of(entry_of(wiring, "quiet")).problem.startswith("nothing new for 3d, in which about ")
    site.pages[site.host(host), "/feed"] = Page(rss("/back"), 200, RSS)
    wiring.frontier.poll_in(poll_id("quiet"), 0.0)
    work(wiring)
    assert status_of(wiring.frontier.snapshot(), 1).unwell["silent"] == 0


def test_rules_of_single_sites_hold_for_what_a_source_lists(wiring: Wiring, site: Site) -> None:
    host = 44
    site.pages[site.host(host), "/feed"] = Page(rss("/a?view=mobile", "/a?view=print", "/a"), 200, RSS)
    text = f'[[source]]\nname = "r"\nkind = "feed"\nurl = "{site.url("/feed", host)}"\n'
    register(
        wiring.frontier, parse_sources(text + f'[[site]]\nsite = "{site.host(host)}"\ndrop = ["view"]\n', "s"), Path()
    )
    work(wiring)
    assert accepted(wiring) == {site.url("/a", host)}


def long_sitemap(entries: int, path: str = "long") -> Page:
    """One that takes several offers."""
    body = sitemap(*(f"/{path}-{n}" for n in range(entries)))
    return Page(body, 200, (("Content-Type", "application/xml"),))


def poll_once(wiring: Wiring, name: str) -> None:
    """Until the poll rests."""
    end = time.monotonic() + 30
    while entry_of(wiring, name)["state"] != "idle":
        wiring.frontier.dispatch()
        step.poll_sources(wiring.produce, ready(wiring, Stage.PRODUCE))
        assert time.monotonic() < end, "it never rests"


def poll_again(wiring: Wiring, name: str) -> None:
    wiring.frontier.poll_in(poll_id(name), 0.0)
    wiring.frontier.sweep()
    poll_once(wiring, name)


def test_a_sitemap_goes_on_where_the_frontier_was_full(wiring: Wiring, site: Site) -> None:
    site.pages[site.host(52), "/long.xml"] = long_sitemap(1_700)
    wiring.frontier.limits = replace(wiring.frontier.limits, max_waiting=1_200)
    register(wiring.frontier, [source("long", site.url("/long.xml", 52), SourceKind.SITEMAP)], Path())
    poll_once(wiring, "long")
    entry = entry_of(wiring, "long")
    assert "its share" in entry["problem"]
    assert entry["cut"].startswith("1000:"), "two offers were taken whole"
    assert not entry["etag"] + entry["read"] + entry["polled"], "it was not read to its end"
    waiting = len(accepted(wiring))
    wiring.frontier.limits = replace(wiring.frontier.limits, max_waiting=10_000)
    poll_again(wiring, "long")
    entry = entry_of(wiring, "long")
    assert (entry["problem"], entry["cut"], entry["found"]) == ("", "", "700")
    assert int(entry["new"]) == 1_700 - waiting
    assert len(accepted(wiring)) == 1_700


def test_another_document_is_read_from_its_beginning(wiring: Wiring, site: Site) -> None:
    site.pages[site.host(53), "/long.xml"] = long_sitemap(1_200, "before")
    wiring.frontier.limits = replace(wiring.frontier.limits, max_waiting=600)
    register(wiring.frontier, [source("other", site.url("/long.xml", 53), SourceKind.SITEMAP)], Path())
    poll_once(wiring, "other")
    assert entry_of(wiring, "other")["cut"].startswith("500:")
    site.pages[site.host(53), "/long.xml"] = long_sitemap(600, "after")
    wiring.frontier.limits = replace(wiring.frontier.limits, max_waiting=10_000)
    poll_again(wiring, "other")
    assert entry_of(wiring, "other")["found"] == "600"


def test_a_worker_that_stops_leaves_the_rest_of_a_list_to_another(wiring: Wiring, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("".join(f"http://127.0.0.1:9/item-{n}\n" for n in range(1_200)), "utf-8")
    register(wiring.frontier, [SourceConfig(name="list", kind=SourceKind.LIST, path="list.txt")], tmp_path)
    wiring.process.stopping.set()
    poll_once(wiring, "list")
    assert entry_of(wiring, "list")["cut"].startswith("500:")
    assert len(accepted(wiring)) == 500
    wiring.process.stopping.clear()
    poll_again(wiring, "list")
    entry = entry_of(wiring, "list")
    assert (entry["cut"], entry["found"], entry["new"]) == ("", "700", "700")
    assert len(accepted(wiring)) == 1_200


def test_what_is_listed_and_not_taken_is_said(wiring: Wiring, site: Site) -> None:
    host = 57
    young, old = hour_ago(), "Sun, 01 Nov 2026 09:00:00 GMT"
    items = "".join(
        f"<item><link>{link}</link><pubDate>{date}</pubDate></item>"
        for link, date in [
            ("/a", young),
            ("/b", old),
            ("/c", old),
            ("/no/d", young),
            ("mailto:x", young),
            ("/a", young),
        ]
    )
    site.pages[site.host(host), "/feed"] = Page(f"<rss><channel>{items}</channel></rss>".encode(), 200, RSS)
    chosen = SourceConfig(
        name="picky", kind=SourceKind.FEED, url=site.url("/feed", host), max_age=86400, exclude=("/no/*",)
    )
    register(wiring.frontier, [chosen], Path())
    work(wiring)
    assert accepted(wiring) == {site.url("/a", host)}
    expected = {"older than 1d": 2, "an exclude pattern fits": 1, "without an address": 1, "repeat others": 1}
    assert state_of(entry_of(wiring, "picky")).left_out == expected
    (told,) = [state for state in looks.look(wiring)[1] if state.name == "picky"]
    assert told.left_out == expected

    left = looks.story(wiring, site.url("/b", host))
    assert not left["known"]
    assert [(one["source"], one["reason"], one["remembered"]) for one in left["left_out"]] == [
        ("picky", "older than 1d", True)
    ]
    never_listed = looks.story(wiring, site.url("/no/e", host))["left_out"]
    assert [(one["reason"], one["remembered"]) for one in never_listed] == [("an exclude pattern fits", False)]
    assert [one["reason"] for one in looks.story(wiring, site.url("/f", host))["left_out"]] == [""]
    assert looks.story(wiring, "https://nobody.example/x")["left_out"] == []

    site.pages[site.host(host), "/feed"] = Page(rss("/a"), 200, RSS)
    wiring.frontier.poll_in(poll_id("picky"), 0.0)
    work(wiring)
    assert state_of(entry_of(wiring, "picky")).left_out == {}


def test_what_the_files_of_an_index_leave_out_is_said_of_the_source(wiring: Wiring, site: Site) -> None:
    host = 58
    index = f"<sitemapindex><sitemap><loc>{site.url('/p1', host)}</loc><sitemap>{site.url('/p2', host)}</sitemapindex>"
    site.pages[site.host(host), "/index"] = Page(index.encode(), 200, RSS)
    site.pages[site.host(host), "/p1"] = Page(sitemap("/new", lastmod="2026-11-27"), 200, RSS)
    site.pages[site.host(host), "/p2"] = Page(rss("/fed", "https://other.example/x"), 200, RSS)
    register(wiring.frontier, [source("parts", site.url("/index", host), SourceKind.SITEMAP)], Path())
    work(wiring)
    assert accepted(wiring) == {site.url("/new", host), site.url("/fed", host)}
    assert left_in_parts(wiring.frontier, "parts").counts == {"another site": 1}
    (told,) = [state for state in looks.look(wiring)[1] if state.name == "parts"]
    assert told.left_out == {"another site": 1}
    assert looks.story(wiring, "https://other.example/x")["left_out"][0]["remembered"]
