"""What is found of a site, from what its addresses answer."""

import asyncio
from datetime import UTC, datetime

from newsmill.demo.site import build
from newsmill.sources.config import SourceKind
from newsmill.sources.discovery import MAX_ASKED, AskedPage, Discovery, Get, Looked, discover, look

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = "https://news.example/"


def site(pages: dict[str, str], asked: list[str] | None = None) -> Get:
    async def get(url: str) -> AskedPage | str:
        if asked is not None:
            asked.append(url)
        path = url.removeprefix("https://news.example")
        if path not in pages:
            return AskedPage(url, 404, "text/html", b"<html>not here</html>")
        return pages[path] if pages[path].startswith("!") else AskedPage(url, 200, "", pages[path].encode())

    return get


async def looked_at(page: AskedPage, now: datetime) -> Looked:
    return look(page, now)


def found(pages: dict[str, str], asked: list[str] | None = None) -> Discovery:
    return asyncio.run(discover(site(pages, asked), looked_at, HERE, now=NOW))


def rss(*paths: str, title: str = "News", hours: int = 6) -> str:
    items = "".join(
        f"<item><link>{path}</link><pubDate>Sun, 22 Nov 2026 {11 - n * hours % 12:02d}:00:00 GMT</pubDate></item>"
        for n, path in enumerate(paths)
    )
    return f"<rss><channel><title>{title}</title><language>en</language>{items}</channel></rss>"


def test_what_a_page_declares() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/all.xml">'
    result = found({"/": f"<html><head>{link}</head></html>", "/all.xml": rss("/1", "/2")})
    (feed,) = result.chosen
    assert (feed.kind, feed.url, feed.title, feed.language, feed.items) == (
        *(SourceKind.FEED, HERE + "all.xml", "News", "en"),
        2,
    )
    assert feed.newest == datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_what_a_page_declares_is_seen_from_its_base() -> None:
    head = (
        '<base href="/papers/"><link rel="alternate" type="application/rss+xml" href="all.xml">'
        '<link rel="alternate" type="application/atom+xml" href="feed:https://news.example/atom.xml">'
    )
    pages = {"/": f"<html><head>{head}</head></html>", "/papers/all.xml": rss("/1"), "/atom.xml": rss("/2")}
    assert {feed.url for feed in found(pages).chosen} == {HERE + "papers/all.xml", HERE + "atom.xml"}
    broken = {"/": head.replace("/papers/", "mailto:x"), "/all.xml": rss("/1")}
    assert [feed.url for feed in found(broken).chosen] == [HERE + "all.xml"]


def test_feeds_of_the_same_items_are_one() -> None:
    pages = {
        "/": '<a href="/rss/all">RSS</a><a href="/atom/all">Atom</a><a href="/feeds/sport">Sport</a><a href="/x">x</a>',
        "/rss/all": rss("/1", "/2", "/3"),
        "/atom/all": rss("/1", "/2", "/3", title="News again"),
        "/feeds/sport": rss("/4", "/5", "/3", title="Sport"),
    }
    result = found(pages)
    assert len(result.found) == 3
    assert sorted(feed.title for feed in result.chosen) in (["News", "Sport"], ["News again", "Sport"])


def test_common_paths_and_robots() -> None:
    sitemap = "<urlset><url><loc>/1</loc></url></urlset>"
    result = found({"/robots.txt": f"Sitemap: {HERE}maps/one.xml", "/maps/one.xml": sitemap, "/feed.xml": rss("/1")})
    assert [(f.kind, f.url) for f in result.found] == [
        (SourceKind.FEED, HERE + "feed.xml"),
        (SourceKind.SITEMAP, HERE + "maps/one.xml"),
    ]
    assert [f.url for f in result.chosen] == [HERE + "feed.xml"]
    assert result.problems == (f"{HERE}: status 404",)


def test_a_site_without_feeds_is_polled_by_its_page() -> None:
    links = "".join(
        f'<h2><a href="/story-number-{n}-of-the-day">The story number {n} of today</a></h2>' for n in range(9)
    )
    result = found(
        {"/": f"<html><main>{links}</main></html>", "/sitemap.xml": "<urlset><url><loc>/1</loc></url></urlset>"}
    )
    assert [f.kind for f in result.chosen] == [SourceKind.PAGE]
    news = (
        "<urlset><url><loc>/1</loc><n:news><n:publication_date>2026-11-22</n:publication_date></n:news></url></urlset>"
    )
    result = found({"/": f"<html><main>{links}</main></html>", "/sitemap.xml": news})
    assert [f.title for f in result.chosen] == ["news sitemap"]


def test_nothing_is_found_in_bounded_requests() -> None:
    asked: list[str] = []
    hints = "".join(f'<a href="/rss/{n}">x</a>' for n in range(1000))
    result = found({"/": hints}, asked)
    assert (result.found, result.chosen) == ((), ())
    assert len(asked) == len(set(asked)) == result.asked == MAX_ASKED


def test_the_demo_site() -> None:
    pages = build(NOW).pages

    async def get(url: str) -> AskedPage | str:
        page = pages.get(url.removeprefix("http://127.0.0.1:9"))
        return (
            AskedPage(url, page.status, page.content_type, page.draw("http://127.0.0.1:9", 0).encode())
            if page
            else "no"
        )

    result = asyncio.run(discover(get, looked_at, "http://127.0.0.1:9/uk/", now=NOW))
    assert [f.url for f in result.chosen] == ["http://127.0.0.1:9/uk/feed.xml"]
    assert {f.kind for f in result.found} == {SourceKind.FEED, SourceKind.SITEMAP, SourceKind.PAGE}
