"""CPU of what runs on each link, feed and sitemap.

python bench/produce.py
"""

import io
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import feedparser

from newsmill.sources.formats.feed import parse_feed
from newsmill.sources.formats.section import read_section
from newsmill.sources.formats.sitemap import SitemapReader
from newsmill.urls.canonical import canonicalize, same_site

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BASE = "https://www.news.example/"
PARAGRAPH = '<p>Words of the body of an article, with <a href="/y">a link</a>, and some more of them to read.</p>'
ITEM = (
    "<item><title>Headline number {n} &amp; more</title><link>https://www.news.example/news/{n}?utm_source=rss</link>"
    '<guid isPermaLink="false">id-{n}</guid><pubDate>Sun, 22 Nov 2026 10:{m:02d}:00 +0200</pubDate>'
    "<category>News</category><description><![CDATA[{text}]]></description>"
    "<content:encoded><![CDATA[{body}]]></content:encoded></item>"
)
URL = "<url><loc>https://www.news.example/2026/{n}?a=1&amp;b=2</loc><lastmod>2026-11-{d:02d}T10:00:00+02:00</lastmod></url>\n"


def _feed() -> bytes:
    items = "".join(ITEM.format(n=n, m=n % 60, text=PARAGRAPH * 2, body=PARAGRAPH * 20) for n in range(50))
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<?xml version="1.0"?><rss version="2.0" {space}><channel><title>T</title>{items}</channel></rss>'.encode()


def _sitemap(entries: int) -> bytes:
    return f"<urlset>{''.join(URL.format(n=n, d=n % 22 + 1) for n in range(entries))}</urlset>".encode()


def _page() -> bytes:
    teaser = (
        '<div class="teaser"><h2><a href="/world/the-story-number-{n}">The story number {n} of today</a></h2></div>'
    )
    return f"<html><main>{''.join(teaser.format(n=n) for n in range(300))}</main></html>".encode()


def _ms(work: Callable[[], object], times: int) -> float:
    work()
    begun = time.process_time()
    for _ in range(times):
        work()
    return 1000 * (time.process_time() - begun) / times


def main() -> None:
    feed, sitemap, page = _feed(), _sitemap(50_000), _page()
    broken = feed.replace(b"</guid>", b"</guid><br>", 1)
    cases: dict[str, tuple[Callable[[], object], int]] = {
        "canonicalize, plain": (lambda: canonicalize("/news/2026/11/22/a-headline-of-the-day.html", BASE), 20_000),
        "canonicalize, tracking": (lambda: canonicalize("/a?utm_source=rss&id=1&fbclid=x#top", BASE), 20_000),
        "canonicalize, escapes": (lambda: canonicalize("/%d1%81%d1%82%d0%b0%d1%82%d1%82%d1%8f/", BASE), 20_000),
        "same_site": (lambda: same_site("https://a.bbc.co.uk/", "https://bbc.co.uk/"), 20_000),
        f"feed of 50 articles, {len(feed) >> 10} kB": (lambda: parse_feed(feed, "", BASE, now=NOW), 30),
        "the same, not well-formed": (lambda: parse_feed(broken, "", BASE, now=NOW), 10),
        "the same, feedparser's defaults": (lambda: feedparser.parse(io.BytesIO(feed)), 5),
        "section page with 300 links": (lambda: read_section(page, "text/html", BASE, now=NOW), 10),
        "sitemap of 50,000 entries": (lambda: sum(1 for _ in SitemapReader(BASE, NOW).entries([sitemap])), 1),
    }
    print("| what | CPU ms |\n|---|---:|")
    for name, (work, times) in cases.items():
        print(f"| {name} | {_ms(work, times):.4g} |", flush=True)
    pieces = [sitemap[at : at + (1 << 16)] for at in range(0, len(sitemap), 1 << 16)]
    tracemalloc.start()
    count = sum(1 for _ in SitemapReader(BASE, NOW).entries(pieces))
    print(f"\nMemory of the sitemap reader over {count:,} entries: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
