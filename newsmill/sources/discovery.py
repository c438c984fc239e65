"""Finds the sources of a site: link tags, links that speak of feeds, robots.txt, common paths (pure but for `get`).

What is asked for is up to the caller, who passes `get` and so keeps politeness, robots.txt and redirects in his hands.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from newsmill.policy.robots_rules import sitemaps_in
from newsmill.sources.config import SourceKind, web_address
from newsmill.sources.formats.feed import parse_feed
from newsmill.sources.formats.section import read_section
from newsmill.sources.formats.sitemap import SitemapKind, parse_sitemap
from newsmill.text.charset import decode
from newsmill.text.markup_bounds import bounded
from newsmill.urls.canonical import BadAddress, canonicalize, same_site

MAX_ASKED = 30  # requests for one site
MAX_HINTS = 40  # addresses taken from one page
MIN_SECTION = 5  # article links from which a page is worth polling
SAME_SHARE = 0.8  # of the items: two feeds with so many in common are one
COMMON_PATHS = (
    *("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json", "/feeds"),
    *("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml"),
)
_FEED_TYPES = re.compile(r"application/(?:rss|atom|feed|rdf|x-rss)\+?(?:xml|json)|application/json|text/xml", re.I)
_FEED_LINK = re.compile(r"(?:^|[/_.=-])(?:rss|atom|feeds?|rdf)(?:$|[/_.?&=-])|\.(?:rss|rdf|atom)$", re.I)


@dataclass(frozen=True, slots=True)
class AskedPage:
    """An answer that was had. url: the address that answered."""

    url: str
    status: int
    content_type: str
    body: bytes


Get = Callable[[str], Awaitable[AskedPage | str]]  # a text says why there is no answer
Look = Callable[[AskedPage, datetime], Awaitable["Looked | str"]]  # a text says why it could not be read


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A source that could be polled. per_day: items a day, None where their dates do not tell."""

    kind: SourceKind
    url: str
    title: str = ""
    language: str = ""
    items: int = 0
    newest: datetime | None = None
    per_day: float | None = None
    remarks: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()
    news: bool = False  # a sitemap with news, or of the last days


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a site offers, best first. chosen: those worth polling together. problems: what could not be had."""

    found: tuple[FoundSource, ...]
    chosen: tuple[FoundSource, ...]
    asked: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What one answer shows: the source that it is, and addresses that may be further ones."""

    found: FoundSource | None = None
    hints: tuple[str, ...] = ()


def look(page: AskedPage, now: datetime) -> Looked:
    """Reads one answer."""
    if urlsplit(page.url).path == "/robots.txt":
        return Looked(hints=tuple(sitemaps_of_robots(page.body, page.url)))
    return Looked(describe(page, now), tuple(feed_hints(page)))


async def discover(get: Get, look: Look, url: str, *, now: datetime) -> Discovery:
    """Looks at the page at `url` (canonical) and around it. Asks at most MAX_ASKED times, one after the other."""
    problems: list[str] = []
    found: list[FoundSource] = []
    asked: dict[str, None] = {}

    async def ask(address: str, quiet: bool) -> tuple[str, ...]:
        if address in asked or len(asked) >= MAX_ASKED:
            return ()
        asked[address] = None
        answer = await get(address)
        if isinstance(answer, str) or answer.status != 200:
            if not quiet:
                problems.append(f"{address}: {answer if isinstance(answer, str) else f'status {answer.status}'}")
            return ()
        looked = await look(answer, now)
        if isinstance(looked, str):
            problems.append(f"{address}: {looked}")
            return ()
        if looked.found and looked.found.url not in {f.url for f in found}:
            found.append(looked.found)
        return looked.hints

    hints = [*await ask(url, quiet=False), *await ask(canonicalize("/robots.txt", url), quiet=True)]
    for hint in dict.fromkeys(hints):
        await ask(hint, quiet=False)
    for path in COMMON_PATHS:
        kind = SourceKind.SITEMAP if "sitemap" in path else SourceKind.FEED
        if not any(f.kind is kind for f in found):
            await ask(canonicalize(path, url), quiet=True)
    ranked = tuple(sorted(found, key=_rank))
    return Discovery(ranked, choose(ranked), len(asked), tuple(problems))


def feed_hints(page: AskedPage) -> Iterable[str]:
    """Addresses on a page that may be feeds: what it declares first, then links that speak of one."""
    tree = LexborHTMLParser(bounded(decode(page.body, page.content_type).encode(), free_tags=0))
    base = _base(tree, page.url)
    declared, linked = [], []
    for node in tree.css("link[href], a[href]"):
        attributes = node.attributes
        href = (attributes.get("href") or "").strip()
        try:
            address = canonicalize(web_address(href), base)
        except BadAddress:
            continue  # mailto: and the like
        relations = (attributes.get("rel") or "").lower().split()
        if node.tag == "link":
            if "alternate" in relations and _FEED_TYPES.search(attributes.get("type") or ""):
                declared.append(address)
        elif _FEED_LINK.search(href) and same_site(address, page.url):
            linked.append(address)
    return list(dict.fromkeys(declared + linked))[:MAX_HINTS]


def _base(tree: LexborHTMLParser, url: str) -> str:
    """What relative addresses of the page at `url` are seen from."""
    base = tree.css_first("base[href]")
    try:
        return canonicalize(base.attributes.get("href") or "", url) if base is not None else url
    except BadAddress:
        return url


def sitemaps_of_robots(body: bytes, url: str) -> list[str]:
    """The sitemaps that a robots.txt at `url` names (https://www.sitemaps.org/protocol.html#submit_robots)."""
    found = []
    for address in sitemaps_in(body):
        try:
            found.append(canonicalize(address, url))
        except BadAddress:
            continue  # a broken line names no sitemap
    return list(dict.fromkeys(found))[:MAX_HINTS]


def describe(page: AskedPage, now: datetime) -> FoundSource | None:
    """The source that an answer is, or None."""
    feed = parse_feed(page.body, page.content_type, page.url, now=now)
    if not feed.problem:
        dates = [item.published for item in feed.items if item.published]
        links = frozenset(item.url for item in feed.items)
        remarks = feed.remarks or (() if feed.items else ("lists nothing",))
        rate = _per_day(dates, now)
        newest = max(dates, default=None)
        return FoundSource(
            SourceKind.FEED, page.url, feed.title, feed.language, len(feed.items), newest, rate, remarks, links
        )
    sitemap = parse_sitemap(page.body, page.url, now)
    if sitemap.kind in (SitemapKind.URLSET, SitemapKind.INDEX):
        moments = [moment for entry in sitemap.entries if (moment := entry.published or entry.lastmod)]
        language = next((entry.language for entry in sitemap.entries if entry.language), "")
        news = any(entry.published for entry in sitemap.entries)
        title = "sitemap index" if sitemap.kind is SitemapKind.INDEX else "news sitemap" if news else "sitemap"
        rate = _per_day(moments, now) if news else None
        remarks = (sitemap.problem,) if sitemap.problem else ()
        newest = max(moments, default=None)
        return FoundSource(
            *(SourceKind.SITEMAP, page.url, title, language, len(sitemap.entries), newest, rate, remarks),
            news=news,
        )
    section = read_section(page.body, page.content_type, page.url, now=now)
    if len(section.links) < MIN_SECTION:
        return None
    dates = [link.published for link in section.links if link.published]
    newest = max(dates, default=None)
    return FoundSource(SourceKind.PAGE, page.url, section.title, section.language, len(section.links), newest)


def choose(found: Iterable[FoundSource]) -> tuple[FoundSource, ...]:
    """Those worth polling together: feeds with items of their own; else a news sitemap, a page, a sitemap."""
    feeds: list[FoundSource] = []
    for one in (f for f in found if f.kind is SourceKind.FEED and f.items):
        known = frozenset[str]().union(*(f.links for f in feeds))
        if len(one.links & known) < SAME_SHARE * len(one.links):
            feeds.append(one)
    if feeds:
        return tuple(feeds)
    others = sorted((f for f in found if f.items), key=lambda f: (not f.news, f.kind is not SourceKind.PAGE))
    return tuple(others[:1])


def _rank(found: FoundSource) -> tuple[bool, bool, float, str]:
    """Feeds before sitemaps before pages; among them the livelier first."""
    return (found.kind is SourceKind.PAGE, found.kind is SourceKind.SITEMAP, -(found.per_day or 0.0), found.url)


def _per_day(dates: list[datetime], now: datetime) -> float | None:
    """Items a day, by the newer half of the dates: feeds keep old favourites at their end."""
    if len(dates) < 2:
        return None
    newer = sorted(dates)[len(dates) // 2 :]
    span = max(now - newer[0], timedelta(hours=1))
    return len(newer) / (span / timedelta(days=1))
