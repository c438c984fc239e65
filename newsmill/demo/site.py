"""Every address of the demo site and what it answers (pure: `now`, the base address and the revision are values)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files

from newsmill.demo import pages
from newsmill.demo.editions import DemoArticle, Edition, load
from newsmill.demo.template import source

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
SCRIPT = "text/javascript; charset=utf-8"

REDIRECT = ("/go/island-post", "/uk/svit/island-post-office")
MISSING = "/en/town/summer-fair-cancelled"
PRINT_EDITION = "/print/en/culture/chess-in-the-laundrette"
SCRIPTED = "/en/culture/tideglass"  # made by a script: readable only with a browser
PDF = "/docs/harbour-plan.pdf"
REVISE = "/admin/revise"
RETRY_AFTER_S = 1  # what a busy page asks for

Draw = Callable[[str, int], str]  # (base address, revision) -> text


@dataclass(frozen=True, slots=True)
class DemoPage:
    """What one path answers. `busy_once`: 503 with Retry-After the first time it is asked."""

    draw: Draw
    modified: datetime
    content_type: str = HTML
    status: int = 200
    location: str = ""
    busy_once: bool = False
    live: bool = False  # the revision changes it


@dataclass(frozen=True, slots=True)
class Site:
    """The whole site: pages by path, and the editions they were made from."""

    editions: tuple[Edition, ...]
    now: datetime
    pages: dict[str, DemoPage] = field(repr=False)


def build(now: datetime) -> Site:
    """The site as it is at `now` (aware). The same day gives the same site."""
    editions = load()
    pages_by_path = {
        **dict(_article_pages(editions, now)),
        **dict(_fronts(editions, now)),
        **dict(_feeds(editions, now)),
        **dict(_sitemaps(editions, now)),
        **dict(_oddities(editions, now)),
    }
    return Site(editions, now, pages_by_path)


def missing_page(now: datetime) -> DemoPage:
    """What every unknown path answers."""
    return DemoPage(lambda base, revision: source("missing.html"), _midnight(now), status=404)


def sources(base: str) -> str:
    """A sources file (TOML) that points to the demo site served at `base` (scheme://host:port)."""
    return (files("newsmill.demo") / "sources.toml").read_text(encoding="utf-8").replace("{base}", base.rstrip("/"))


def _article_pages(editions: tuple[Edition, ...], now: datetime) -> Iterator[tuple[str, DemoPage]]:
    for edition in editions:
        for article in edition.article:
            yield edition.path(article), _article(edition, article, now)
            if f"/print{edition.path(article)}" == PRINT_EDITION:
                yield PRINT_EDITION, _article(edition, article, now, layout="gazette")


def _article(edition: Edition, article: DemoArticle, now: datetime, *, layout: str = "") -> DemoPage:
    def draw(base: str, revision: int) -> str:
        return pages.article_page(base, edition, article, now=now, revision=revision, layout=layout)

    return DemoPage(draw, article.published(now), busy_once=article.busy_once, live=bool(article.updates))


def _fronts(editions: tuple[Edition, ...], now: datetime) -> Iterator[tuple[str, DemoPage]]:
    def front(edition: Edition, articles: list[DemoArticle], heading: str) -> DemoPage:
        return DemoPage(
            lambda base, revision: pages.front_page(base, edition, articles, heading=heading, now=now), _midnight(now)
        )

    yield "/", DemoPage(lambda base, revision: pages.editions_page(editions), _midnight(now))
    for edition in editions:
        public = _public(edition)
        yield f"/{edition.code}/", front(edition, public, edition.name)
        for section, name in edition.sections.items():
            yield f"/{edition.code}/{section}/", front(edition, [a for a in public if a.section == section], name)


def _feeds(editions: tuple[Edition, ...], now: datetime) -> Iterator[tuple[str, DemoPage]]:
    def feed(edition: Edition) -> DemoPage:
        articles, extra = _public(edition), _extra_items(edition)
        return DemoPage(
            lambda base, revision: pages.rss(base, edition, articles, extra=extra, now=now), _midnight(now), XML
        )

    for edition in editions:
        yield f"/{edition.code}/feed.xml", feed(edition)
    yield "/latest.atom", DemoPage(lambda base, revision: pages.atom(base, _listed(editions), now), _midnight(now), XML)


def _extra_items(edition: Edition) -> list[dict[str, str]]:
    """Feed items that are not what they seem: an old address that redirects, a draft that robots.txt closes."""
    if edition.code != "en":
        return []
    drafts = [{"name": a.title, "href": a.path, "lead": a.summary} for a in edition.article if a.path]
    return [{"name": "Post for the island", "href": REDIRECT[0], "lead": "This address has moved."}, *drafts]


def _sitemaps(editions: tuple[Edition, ...], now: datetime) -> Iterator[tuple[str, DemoPage]]:
    stamp = _midnight(now).isoformat()
    for edition in editions:
        items = pages.sitemap_items([(edition, article) for article in edition.article if not article.path], now)
        if edition.code == "en":
            items += [{"href": MISSING, "iso": stamp}, {"href": PDF, "iso": stamp}]
        yield f"/sitemap-{edition.code}.xml", _drawn(partial(pages.sitemap, items=items), now, XML)
    index = [{"href": f"/sitemap-{edition.code}.xml", "iso": stamp} for edition in editions]
    index.append({"href": "/news-sitemap.xml", "iso": stamp})
    yield "/sitemap.xml", _drawn(partial(pages.sitemap, items=index, kind="sitemapindex.xml"), now, XML)
    yield "/news-sitemap.xml", _drawn(partial(pages.news_sitemap, listed=_listed(editions), now=now), now, XML)


def _oddities(editions: tuple[Edition, ...], now: datetime) -> Iterator[tuple[str, DemoPage]]:
    english = editions[0]
    leftovers = [{"href": href} for href in (PRINT_EDITION, "/en/gallery", "/en/login", SCRIPTED)]
    yield "/robots.txt", _drawn(partial(pages.sitemap, items=(), kind="robots.txt"), now, TEXT)
    yield "/addresses.txt", _drawn(partial(pages.sitemap, items=leftovers, kind="addresses.txt"), now, TEXT)
    yield "/en/gallery", _drawn(partial(pages.bare_page, edition=english, template="gallery.html"), now)
    yield "/en/login", _drawn(partial(pages.bare_page, edition=english, template="login.html"), now)
    yield SCRIPTED, _drawn(partial(pages.bare_page, edition=english, template="scripted.html"), now)
    yield "/static/reader.js", _drawn(lambda base: source("reader.js"), now, SCRIPT)
    yield f"/api{SCRIPTED}.json", _drawn(lambda base: source("scripted.json"), now, JSON)
    yield PDF, DemoPage(lambda base, revision: source("plan.pdf"), _midnight(now), "application/pdf")
    moved = DemoPage(lambda base, revision: "", _midnight(now), status=301, location=REDIRECT[1])
    yield REDIRECT[0], moved


def _drawn(draw: Callable[[str], str], now: datetime, content_type: str = HTML) -> DemoPage:
    return DemoPage(lambda base, revision: draw(base), _midnight(now), content_type)


def _public(edition: Edition) -> list[DemoArticle]:
    """The articles that fronts and feeds show."""
    return [article for article in edition.article if not article.path and not article.noindex]


def _listed(editions: tuple[Edition, ...]) -> list[tuple[Edition, DemoArticle]]:
    return [(edition, article) for edition in editions for article in _public(edition)]


def _midnight(now: datetime) -> datetime:
    """When everything that is not an article was last touched; one whole day keeps the same validators."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def modified(page: DemoPage, revision: int) -> datetime:
    """Last-Modified of a page: each revision is a minute younger than the one before it."""
    return page.modified + timedelta(minutes=revision) if page.live else page.modified
