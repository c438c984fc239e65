"""What sites ask of us beside the status: robots headers, crawl delays, pages taken down."""

from collections.abc import Callable
from pathlib import Path

import pytest

from newsmill.ledger import Candidate
from newsmill.model import RawRecord
from newsmill.policy.robots import RobotsFile
from newsmill.sources import follow
from newsmill.sources.config import parse_sources
from newsmill.sources.register import poll_fields, poll_id
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.commands.replay import Chosen, reparse

HTML = ("Content-Type", "text/html; charset=utf-8")
TEXT = (("Content-Type", "text/plain"),)
LINKED = "/2026/11/22/the-old-bridge-is-closed-for-a-week.html"
META = b"<meta name=robots content='%s'>"


@pytest.mark.parametrize(
    ("headers", "meta", "fate"),
    [
        (["noindex"], b"", ("excluded", "noindex (X-Robots-Tag)")),
        (["none"], b"", ("excluded", "noindex (X-Robots-Tag)")),
        (["otherbot: noindex", "newsmill: noindex"], b"", ("excluded", "noindex (X-Robots-Tag)")),
        (["otherbot: noindex"], b"", ("indexed", "")),
        (["nofollow"], b"", ("indexed", "")),
        (["noindex"], META % b"noindex", ("excluded", "noindex (meta and X-Robots-Tag)")),
        ([], META % b"none", ("excluded", "noindex (meta)")),
    ],
)
def test_robots_headers(line: Line, site: Site, headers: list[str], meta: bytes, fate: tuple[str, str]) -> None:
    body = article("Private matters").replace(b"</head>", meta + b"</head>")
    tags = tuple(("X-Robots-Tag", value) for value in headers)
    site.pages[site.host(), "/story"] = Page(body, headers=(HTML, *tags))
    url = site.url("/story")
    line.add(url)
    line.work()
    assert line.fate(url) == fate
    assert bool(line.found("private")) == (fate[0] == "indexed")


def test_a_page_that_gets_noindex_later_leaves_the_index(line: Line, site: Site) -> None:
    site.pages[site.host(), "/story"] = Page(article("Private matters"))
    url = site.url("/story")
    line.add(url)
    line.work()
    site.pages[site.host(), "/story"] = Page(article("Private matters"), headers=(HTML, ("X-Robots-Tag", "noindex")))
    line.frontier.now += 3 * 3600
    line.work()
    assert line.fate(url) == ("excluded", "noindex (X-Robots-Tag)")
    assert line.found("private") == []


@pytest.mark.parametrize("moved", [False, True])
def test_a_crawl_delay_is_kept_and_one_above_the_cap_is_told(line: Line, site: Site, moved: bool) -> None:
    rules = Page(b"User-agent: *\nCrawl-delay: 600\nDisallow: /no\n", headers=TEXT)
    site.pages[site.host(1 if moved else 0), "/robots.txt"] = rules
    if moved:
        site.pages[site.host(), "/robots.txt"] = Page(b"", 301, (("Location", site.url("/robots.txt", host=1)),))
    line.add(site.url("/page/x"))
    line.work()
    host = line.entry(site.url("/page/x")).host_fields
    assert (float(host["crawl_delay_wish_s"]), float(host["crawl_delay_s"])) == (600.0, 60.0)
    assert float(host["wait_s"]) == 60.0


def test_a_robots_txt_that_stays_away_is_asked_for_less_and_less(make_line: Callable[..., Line], site: Site) -> None:
    line = make_line(retry_delays_s="1,1", retry_cap_s=0)
    site.pages[site.host(), "/robots.txt"] = Page(status=500)
    url = site.url("/page/x")
    line.add(url)
    line.work()
    assert line.fate(url) == ("failed", "robots.txt unreachable: status 500 (after 3 attempts)")
    (key,) = line.frontier.client.keys(f"{line.frontier.prefix}robots:*")  # type: ignore[misc]
    assert RobotsFile.load(line.frontier.client.get(key)).fails == 3  # type: ignore[arg-type]


def _raw(line: Line) -> list[RawRecord]:
    records = map(line.wiring.raw.get, line.wiring.raw.keys())
    return sorted(records, key=lambda record: record.fetched_at)


def test_what_ends_an_article_is_kept_and_holds_in_a_reparse(line: Line, site: Site) -> None:
    site.pages[site.host(), "/story"] = Page(article("Zeppelin sighted"))
    url, never = site.url("/story"), site.url("/never-there")
    line.add(url)
    line.add(never)
    line.work()
    site.pages[site.host(), "/story"] = Page(b"<p>withdrawn by the editor", 410, (HTML,))
    line.frontier.now += 3 * 3600
    line.work()
    assert [(record.url, record.status) for record in _raw(line)] == [(url, 200), (url, 410)]
    again = reparse(line.wiring, Chosen())
    while not again.step():
        line.work()
    assert line.fate(url) == ("gone", "status 410")
    assert line.found("zeppelin") == []


def test_more_links_than_a_page_may_bring_are_counted_and_shown(
    line: Line, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MAX_FOLLOWED", 3)
    text = f'[[source]]\nname = "test"\nkind = "feed"\nurl = "{site.url("/feed")}"\nfollow = 1\n'
    (source,) = parse_sources(text, "test")
    line.frontier.put_poll(poll_id(source.name), poll_fields(source, tmp_path), None)
    links = "".join(f" <a href=/2026/11/22/a-long-story-{n}>one of many stories</a>" for n in range(10))
    site.pages[site.host(), "/story"] = Page(
        article("Read on").replace(b"</p>", links.encode() + b"</p>"), headers=(HTML,)
    )
    url = canonicalize(site.url("/story"))
    line.frontier.add([Candidate(address_id(url), url, host_key(url), source.name, follow=1)])
    line.work()
    assert line.frontier.snapshot()["over"] == {"links:test": "7"}


@pytest.mark.parametrize(("tag", "asked"), [("", 1), ("nofollow", 0), ("otherbot: nofollow", 1), ("none", 0)])
def test_links_are_followed_unless_the_header_says_no(
    line: Line, site: Site, tmp_path: Path, tag: str, asked: int
) -> None:
    text = f'[[source]]\nname = "test"\nkind = "feed"\nurl = "{site.url("/feed")}"\nfollow = 1\n'
    (source,) = parse_sources(text, "test")
    line.frontier.put_poll(poll_id(source.name), poll_fields(source, tmp_path), None)
    body = article("Read on").replace(b"</p>", b" <a href=%s>a linked story about this</a></p>" % LINKED.encode())
    site.pages[site.host(), "/story"] = Page(body, headers=(HTML, ("X-Robots-Tag", tag)) if tag else (HTML,))
    url = canonicalize(site.url("/story"))
    line.frontier.add([Candidate(address_id(url), url, host_key(url), source.name, follow=1)])
    line.work()
    assert site.log.paths().count(LINKED) == asked
