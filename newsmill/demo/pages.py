"""The pages, feeds and sitemaps of the demo site, as text (pure)."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from newsmill.demo.editions import DemoArticle, Edition
from newsmill.demo.template import render, source

TEASERS = 4  # other articles that an article page advertises
FEED_ITEMS = 10  # newest first, as most sites do
NEWS_SITEMAP_AGE = timedelta(days=2)  # what Google's news sitemap allows

Listed = tuple[Edition, DemoArticle]


def article_page(
    base: str, edition: Edition, article: DemoArticle, *, now: datetime, revision: int = 0, layout: str = ""
) -> str:
    """An article in its layout, with the edition's chrome around it."""
    published = article.published(now)
    paragraphs = (*reversed(article.updates[:revision]), *article.paragraphs)
    others = [other for other in edition.article if other is not article and not other.path]
    start = edition.article.index(article)
    chosen = [others[(start + step) % len(others)] for step in range(TEASERS)]
    values: dict[str, object] = {
        **_chrome(base, edition),
        **_item(edition, article, now),
        "title": article.title,
        "summary": article.summary,
        "slug": article.slug,
        "canonical": edition.path(article),
        "noindex": article.noindex,
        "language": article.language or edition.language,
        "section_name": edition.sections[article.section],
        "section_href": f"/{edition.code}/{article.section}/",
        "shown": edition.shown_date(published),
        "clock": f"{published:%H:%M}",
        "paragraphs": paragraphs,
        "opening": paragraphs[:2],
        "rest": paragraphs[2:],
        "teasers": [_item(edition, other, now) for other in chosen],
        "inline": [_item(edition, chosen[-1], now)],
        "jsonld": _json_ld(base, edition, article, published=published),
    }
    return render(source(f"{layout or article.layout or edition.layout}.html"), values)


def front_page(base: str, edition: Edition, articles: Iterable[DemoArticle], *, heading: str, now: datetime) -> str:
    """The front page of an edition, or of one of its sections: headlines and leads, newest first."""
    teasers = newest_first(((edition, article) for article in articles), now)
    return render(
        source("front.html"),
        {**_chrome(base, edition), "heading": heading, "teasers": [_item(e, a, now) for e, a in teasers]},
    )


def bare_page(base: str, edition: Edition, template: str) -> str:
    """A page without an article: the gallery, the login form."""
    pictures = [article.slug for article in edition.article[:6]]
    return render(source(template), {**_chrome(base, edition), "pictures": pictures})


def editions_page(editions: Iterable[Edition]) -> str:
    """The root: a link to each edition."""
    links = [{"name": edition.name, "href": f"/{edition.code}/", "language": edition.language} for edition in editions]
    return render(source("editions.html"), {"editions": links})


def rss(
    base: str, edition: Edition, articles: Iterable[DemoArticle], *, extra: Iterable[Mapping[str, str]], now: datetime
) -> str:
    """The newest articles of an edition as RSS 2.0, and `extra` items that link elsewhere."""
    listed = newest_first(((edition, article) for article in articles), now)[:FEED_ITEMS]
    items = [_item(e, a, now) for e, a in listed]
    return render(
        source("rss.xml"), {**_chrome(base, edition), "items": [*items, *({**items[-1], **item} for item in extra)]}
    )


def atom(base: str, listed: Iterable[Listed], now: datetime) -> str:
    """The newest articles of all editions as Atom."""
    items = [_item(edition, article, now) for edition, article in newest_first(listed, now)[:FEED_ITEMS]]
    return render(source("atom.xml"), {"base": base, "items": items, "updated": items[0]["iso"]})


def sitemap(base: str, items: Iterable[Mapping[str, str]], kind: str = "sitemap.xml") -> str:
    """A sitemap, a sitemap index or an address list of (href, iso) pairs."""
    return render(source(kind), {"base": base, "items": list(items)})


def news_sitemap(base: str, listed: Iterable[Listed], now: datetime) -> str:
    """The articles of the last two days, with the news extension."""
    recent = [(e, a) for e, a in newest_first(listed, now) if now - a.published(now) <= NEWS_SITEMAP_AGE]
    return render(source("newssitemap.xml"), {"base": base, "items": [_item(e, a, now) for e, a in recent]})


def sitemap_items(listed: Iterable[Listed], now: datetime) -> list[dict[str, str]]:
    """What a sitemap says of these articles."""
    return [_item(edition, article, now) for edition, article in listed]


def newest_first(listed: Iterable[Listed], now: datetime) -> list[Listed]:
    """Sorted by date of publication, the newest first."""
    return sorted(listed, key=lambda pair: pair[1].published(now), reverse=True)


def _item(edition: Edition, article: DemoArticle, now: datetime) -> dict[str, str]:
    """What teasers, feeds and sitemaps tell of an article."""
    published = article.published(now)
    return {
        "name": article.title,
        "href": edition.path(article),
        "lead": article.summary,
        "author": article.author,
        "iso": published.isoformat(),
        "rfc822": format_datetime(published),
        "language": article.language or edition.language,
        "site": edition.name,
    }


def _chrome(base: str, edition: Edition) -> dict[str, object]:
    """The edition's words and its navigation."""
    nav = [{"name": name, "href": f"/{edition.code}/{section}/"} for section, name in edition.sections.items()]
    return {
        **edition.labels,
        "base": base,
        "site": edition.name,
        "edition": edition.code,
        "edition_language": edition.language,
        "language": edition.language,
        "nav": nav,
    }


def _json_ld(base: str, edition: Edition, article: DemoArticle, *, published: datetime) -> str:
    """schema.org's NewsArticle, safe inside a script element."""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.summary,
        "datePublished": published.isoformat(),
        "inLanguage": article.language or edition.language,
        "author": {"@type": "Person", "name": article.author},
        "publisher": {"@type": "Organization", "name": edition.name},
        "mainEntityOfPage": base + edition.path(article),
    }
    return json.dumps(facts, ensure_ascii=False).replace("</", "<\\/")
