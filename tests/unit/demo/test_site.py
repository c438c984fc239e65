"""The demo site as values: every page renders, the expectations are complete, the chrome is told apart."""

import json
import re
import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from selectolax.lexbor import LexborHTMLParser

from newsmill.demo.editions import DemoArticle, Edition
from newsmill.demo.expected import Finds, expected
from newsmill.demo.site import HTML, PRINT_EDITION, SCRIPTED, XML, build, sources
from newsmill.download.needs_browser import needs_browser
from newsmill.outcomes import Outcome

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
BASE = "http://demo.example:8710"
SITE = build(NOW)


def articles() -> list[tuple[Edition, DemoArticle]]:
    return [(edition, article) for edition in SITE.editions for article in edition.article]


def drawn(path: str, revision: int = 0) -> str:
    return SITE.pages[path].draw(BASE, revision)


def listed_addresses() -> set[str]:
    """Every address that the sources of the site lead to."""
    found: set[str] = set()
    waiting = [source["url"] for source in tomllib.loads(sources(BASE))["source"]]
    while waiting:
        path = waiting.pop().removeprefix(BASE)
        if SITE.pages[path].content_type != XML:
            found.update(drawn(path).split())
            continue
        root = ElementTree.fromstring(drawn(path).encode())
        links = [_link(element) for element in root.iter() if element.tag.rpartition("}")[2] in ("loc", "link")]
        links = [urljoin(BASE, link) for link in links]
        if root.tag.endswith("sitemapindex"):
            waiting += links
        else:
            found.update(link for link in links if not re.search(r"/\w\w/$|\.atom$", link))
    return found


def _link(element: ElementTree.Element) -> str:
    return element.get("href") or (element.text or "").strip()


def folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def told(article: DemoArticle) -> str:
    """All that an article says, as a search would see it."""
    return folded(" ".join((article.title, article.summary, article.author, article.text, *article.updates)))


@pytest.mark.parametrize("path", SITE.pages)
def test_every_page_renders(path: str) -> None:
    page, text = SITE.pages[path], drawn(path)
    assert "{{" not in text
    if page.content_type == HTML and page.status == 200:
        tree = LexborHTMLParser(text)
        assert tree.css_first("title").text().strip()
        inside = [a.attributes["href"] or "" for a in tree.css("a[href]")]
        pages = {link for link in inside if link.startswith("/")}
        assert pages <= SITE.pages.keys()
    if page.content_type == XML:
        ElementTree.fromstring(text.encode())


@pytest.mark.parametrize(
    ("edition", "article"), articles(), ids=lambda value: value.slug if isinstance(value, DemoArticle) else value.code
)
def test_every_article_is_on_its_page(edition: Edition, article: DemoArticle) -> None:
    page = LexborHTMLParser(drawn(edition.path(article)))
    text = page.body.text() if page.body else ""
    assert all(paragraph in text for paragraph in article.paragraphs)
    assert article.title in text
    assert edition.shown_date(article.published(NOW)) in text
    assert edition.labels["read_more"] in text
    assert edition.labels["cookie"] in text
    if script := page.css_first("script[type='application/ld+json']"):
        assert json.loads(script.text())["headline"] == article.title


def test_articles_are_real_texts_on_their_own_topics() -> None:
    written = [article for _, article in articles()]
    assert len(written) >= 58
    assert len({article.title for article in written}) == len({article.text for article in written}) == len(written)
    for edition, article in articles():
        size = len(article.text) / 3 if edition.language == "ja" else len(article.text.split())
        assert 115 <= size <= 400, article.slug


def test_languages_and_layouts() -> None:
    languages = {article.language or edition.language for edition, article in articles()}
    assert languages == {"en", "uk", "de", "es", "ja"}
    assert {article.layout or edition.layout for edition, article in articles()} == {
        "broadsheet",
        "portal",
        "journal",
        "gazette",
    }
    assert [a.slug for e, a in articles() if e.language == "uk" and a.language == "en" and not a.layout]


def test_expectations_name_exactly_what_the_sources_lead_to() -> None:
    assert {BASE + path for path in expected().outcomes} == listed_addresses()


def test_expected_totals() -> None:
    totals = expected().totals()
    assert sum(totals.values()) == len(expected().outcomes)
    assert totals[Outcome.INDEXED] == sum(1 for _, a in articles() if not a.path and not a.noindex)


@pytest.mark.parametrize("finds", expected().with_browser(False).finds, ids=lambda finds: finds.query)
def test_query_words_are_in_so_many_articles(finds: Finds) -> None:
    query = folded(finds.query)
    indexed = [a for _, a in articles() if not a.path and not a.noindex]
    assert sum(query in told(article) for article in indexed) == finds.documents
    if finds.language != "ja":  # whole words: a stemmer or trigrams must not change the count
        words = [re.findall(r"\w+", told(article)) for article in indexed]
        assert sum(query in each for each in words) == finds.documents


@pytest.mark.parametrize("query", [query for silent in expected().silent for query in silent.queries])
def test_silent_words_are_on_pages_but_in_no_indexed_article(query: str) -> None:
    assert not [a.slug for _, a in articles() if not a.path and not a.noindex and folded(query) in told(a)]
    assert any(folded(query) in folded(drawn(path)) for path in SITE.pages)


def test_the_same_day_gives_the_same_site() -> None:
    later = build(NOW + timedelta(hours=8))
    assert {path: page.draw(BASE, 0) for path, page in later.pages.items()} == {
        path: drawn(path) for path in SITE.pages
    }


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_the_news_sitemap_holds_the_last_two_days_only(hour: int) -> None:
    now = NOW.replace(hour=hour, minute=59)
    root = ElementTree.fromstring(build(now).pages["/news-sitemap.xml"].draw(BASE, 0).encode())
    dates = [datetime.fromisoformat(e.text or "") for e in root.iter() if e.tag.endswith("publication_date")]
    assert len(dates) == sum(1 for _, article in articles() if article.hours_ago is not None)
    assert all(timedelta(0) <= now - date <= timedelta(days=2) for date in dates)


def test_a_revision_changes_the_page_that_changes_and_no_other() -> None:
    changed = [path for path in SITE.pages if drawn(path, revision=1) != drawn(path)]
    assert changed == ["/en/sea/storm-warning-live"]
    assert len({drawn(changed[0], revision) for revision in range(4)}) == 4


def test_the_print_edition_names_the_article_as_canonical() -> None:
    link = LexborHTMLParser(drawn(PRINT_EDITION)).css_first("link[rel=canonical]")
    assert link.attributes["href"] == BASE + PRINT_EDITION.removeprefix("/print")


def test_sources_point_to_the_base_they_are_given() -> None:
    table = tomllib.loads(sources("http://demo:8710/"))
    assert {source["kind"] for source in table["source"]} == {"feed", "sitemap", "list"}
    assert all(source["url"].startswith("http://demo:8710/") for source in table["source"])


def test_the_scripted_page_is_empty_without_a_browser_and_all_of_it_is_there_for_one() -> None:
    page = drawn(SCRIPTED)
    assert needs_browser(page.encode())
    story = json.loads(drawn(f"/api{SCRIPTED}.json"))
    (finds,) = [finds for finds in expected().with_browser(True).finds if finds.browser]
    assert finds.query in story["title"]
    assert finds.query not in page
    assert sum(len(paragraph.split()) for paragraph in story["paragraphs"]) >= 115
    assert expected().with_browser(True).outcomes[SCRIPTED] == Outcome.INDEXED
