"""Documents whose parsing never ends, of every kind, in one running mill: they are told, and harm no other source."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.site.server import Page, Site
from tests.system.newsmill import Running, as_json, newsmill

pytestmark = pytest.mark.slow

PLANTED = {"PYTHONPATH": str(Path(__file__).parent / "endless")}
VARIABLES = {
    "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
    "NEWSMILL_FETCH__DELAY_S": "0.05",
    "NEWSMILL_FETCH__USER_AGENT": "Test/1.0 (+https://test.example/contact)",
} | PLANTED
XML = (("Content-Type", "application/xml"),)
DATE = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} GMT"
FEED = f"<rss><channel><item><link>/a</link><pubDate>{DATE}</pubDate></item></channel></rss>".encode()
HONEST = 8
ROUNDS = 5
LINK = "<h2><a href='/2026/{}-five-words-of-a-headline'>Five words of a headline</a></h2>"
PAGE = "<html><body>" + "".join(LINK.format(n) for n in range(9))
ENDLESS = {  # kind of source, its address, and which of its addresses never ends
    "feed": ("feed", "/feed", "/feed"),
    "sitemap": ("sitemap", "/map.xml", "/map.xml"),
    "section": ("page", "/sport", "/sport"),
    "home": ("page", "/", "/"),
    "robots": ("feed", "/feed", "/robots.txt"),
}
HONEST_PAGES = {
    "/feed": Page(FEED, headers=XML),
    "/map.xml": Page(b"<urlset><url><loc>/a</loc></url></urlset>", headers=XML),
    "/sport": Page(PAGE.encode()),
    "/": Page(PAGE.encode()),
    "/robots.txt": Page(b"User-agent: *\nAllow: /", headers=(("Content-Type", "text/plain"),)),
}
TOLD = ENDLESS.keys()


def prepare(site: Site, folder: Path) -> None:
    """Sources for all hosts of the site, which all behave."""
    sources = {f"honest-{n}": ("feed", "/feed") for n in range(HONEST)} | {n: e[:2] for n, e in ENDLESS.items()}
    table = '[[source]]\nname = "{}"\nkind = "{}"\nurl = "{}"\npoll_min = "2s"\npoll_max = "2s"\n'
    lines = []
    for number, (name, (kind, path)) in enumerate(sources.items()):
        site.pages |= {(site.host(number), at): page for at, page in HONEST_PAGES.items()}
        lines.append(table.format(name, kind, site.url(path, number)))
    (folder / "config").mkdir()
    (folder / "config" / "sources.toml").write_text("\n".join(lines))


def misbehave(site: Site, *names: str) -> None:
    """From now on the documents of these sources (none: of all) never end."""
    for number, (name, (_, _, at)) in enumerate(ENDLESS.items(), HONEST):
        if not names or name in names:
            site.pages[site.host(number), at] = Page(b"<rss><urlset><html>ENDLESS", headers=XML)


def rounds(site: Site, times: int) -> float:
    """Seconds until each honest source was polled so many times more."""
    began = time.monotonic()
    before = [site.log.paths(site.host(n)).count("/feed") for n in range(HONEST)]
    while True:
        polls = [site.log.paths(site.host(n)).count("/feed") for n in range(HONEST)]
        if all(now >= then + times for now, then in zip(polls, before, strict=True)):
            return time.monotonic() - began
        assert time.monotonic() - began < 120, f"{before} polls, then {polls}"
        time.sleep(0.1)


def readers() -> set[int]:
    """Confined processes of this test, by what is planted in them."""
    found = set()
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"newsmill.confined" in words and PLANTED["PYTHONPATH"].encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except (OSError, ValueError):
            continue
    return found


def test_what_never_ends_is_told_and_harms_no_other(tmp_path: Path) -> None:
    with Site(hosts=HONEST + len(ENDLESS), first="127.0.77.1") as site:
        prepare(site, tmp_path)
        misbehave(site, "robots")  # a robots.txt is not asked for again for ten minutes
        with Running("up", cwd=tmp_path, **VARIABLES):
            rounds(site, 1)
            undisturbed = rounds(site, ROUNDS)
            misbehave(site)
            assert rounds(site, ROUNDS) < 4 * undisturbed, "others wait for what never ends"
            told: dict[str, str] = {}
            end = time.monotonic() + 150
            while told.keys() != TOLD and time.monotonic() < end:
                time.sleep(1)
                status = as_json(newsmill("status", "--json", cwd=tmp_path, **VARIABLES))
                told = {source["name"]: source["problem"] for source in status["sources"] if source["problem"]}
            assert told.keys() == TOLD
            assert all("reading it took more than" in problem for problem in told.values()), told
            assert readers()
        until = time.monotonic() + 10
        while readers() and time.monotonic() < until:
            time.sleep(0.1)
        assert not readers()


def test_a_command_that_looks_at_a_site_is_not_held_up(tmp_path: Path) -> None:
    with Site(hosts=1, first="127.0.78.1") as site:
        site.pages[site.host(0), "/"] = Page(b"<html><body>ENDLESS<a href='/feed'>feed</a>")
        site.pages[site.host(0), "/feed"] = Page(FEED, headers=XML)
        found = as_json(newsmill("sources", "add", site.url("/"), "--json", "--look", cwd=tmp_path, **VARIABLES))
        assert [f["url"] for f in found["found"]] == [site.url("/feed")]
        assert any("reading it took more than" in problem for problem in found["problems"])
