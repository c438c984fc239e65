"""The arbiter as a table: pages in, what they say about themselves out."""

import json
from datetime import UTC, datetime

import pytest

from newsmill.extraction.metadata.arbiter import Metadata, arbitrate
from newsmill.extraction.metadata.view import View, look
from newsmill.extraction.page.walk import read_page

PROSE = (
    "The council decided on Thursday to close the old harbour road until the end of the month, residents heard. " * 3
)
ADDRESS = "https://news.example/city/old-harbour-road-is-closed"


def seen(html: str, url: str = ADDRESS, now: datetime | None = None) -> View:
    page = read_page(html)
    texts = ["".join(page.pieces[a:b]) for a, b in zip(page.blk_start, page.blk_end, strict=True)]
    return look(page, texts, url, now=now)


def judged(head: str = "", byline: str = "", after: str = "", **more: object) -> Metadata:
    """An article with these in its head, under its headline and after its text."""
    body = f"<article><h1>Old harbour road is closed</h1>{byline}" + f"<p>{PROSE}</p>" * 12 + f"</article>{after}"
    title = "<title>Old harbour road is closed | The Post</title>"
    return arbitrate(seen(f"<html lang=en><head>{title}{head}</head><body>{body}</body></html>", **more))  # type: ignore[arg-type]


def ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **node})}</script>'


def day(found: Metadata) -> str:
    return found.published.at.date().isoformat() if found.published else ""


@pytest.mark.parametrize(
    ("head", "byline", "wanted"),
    [
        (ld(datePublished="2024-03-05T10:00:00+02:00"), "", "2024-03-05"),
        ('<meta property="article:published_time" content="2024-03-05T10:00:00Z">', "", "2024-03-05"),
        ("", '<p class="meta"><time datetime="2024-03-05">5 March</time></p>', "2024-03-05"),
        ("", '<p class="byline">Published 5 March 2024</p>', "2024-03-05"),
        ("", '<p class="byline">5 березня 2024, 10:00</p>', "2024-03-05"),
        ("", '<span itemprop="datePublished" content="2024-03-05">yesterday</span>', "2024-03-05"),
        ("", "", ""),
        ("", '<p class="byline">2 hours ago</p>', ""),
        ("", '<p class="byline">vor 3 Tagen</p>', ""),
    ],
)
def test_the_day_of_publication(head: str, byline: str, wanted: str) -> None:
    assert day(judged(head, byline)) == wanted


def test_a_day_after_the_fetch_is_not_believed() -> None:
    head = ld(datePublished="2024-03-05T10:00:00Z")
    assert day(judged(head, now=datetime(2024, 3, 1, tzinfo=UTC))) == ""
    assert day(judged(head, now=datetime(2024, 3, 6, tzinfo=UTC))) == "2024-03-05"


def test_the_copyright_and_the_dates_of_related_stories_are_not_the_day() -> None:
    cards = "".join(f'<div class="card"><a href="/{n}">Story {n}</a><p>{n} May 2024</p></div>' for n in range(2, 9))
    after = f'<div class="related">{cards}</div><footer>© 2024-01-02 The Post</footer>'
    assert day(judged(after=after)) == ""
    assert day(judged(byline="<p>5 March 2024</p>", after=after)) == "2024-03-05"


@pytest.mark.parametrize(
    ("head", "byline", "wanted"),
    [
        (ld(author={"@type": "Person", "name": "Ann Li"}), "", ("Ann Li",)),
        (ld(author=[{"name": "Ann Li"}, {"name": "Bo Ek"}]), "", ("Ann Li", "Bo Ek")),
        ('<meta name="author" content="Ann Li">', "<p>By Ann Li</p>", ("Ann Li",)),
        ("", '<p class="byline">By <a rel="author" href="/author/ann-li">Ann Li</a></p>', ("Ann Li",)),
        ("", '<p class="byline">Von Ann Li</p>', ("Ann Li",)),
        ("", "", ()),
    ],
)
def test_who_wrote_it(head: str, byline: str, wanted: tuple[str, ...]) -> None:
    assert judged(head, byline).authors == wanted


def test_the_title_is_without_the_name_of_the_site() -> None:
    assert judged().title == "Old harbour road is closed"


@pytest.mark.parametrize("url", [ADDRESS, ""])
def test_a_page_that_scripts_fill_is_judged_by_what_it_declares(url: str) -> None:
    head = ld(datePublished="2024-03-05", headline="Old harbour road is closed", author={"name": "Ann Li"})
    found = arbitrate(seen(f"<title>Old harbour road is closed</title>{head}<div id=root></div>", url))
    assert (day(found), found.title, found.authors) == ("2024-03-05", "Old harbour road is closed", ("Ann Li",))


def test_modified_and_where_values_came_from() -> None:
    found = judged(ld(datePublished="2024-03-05", dateModified="2024-03-07T08:00:00+01:00"))
    assert found.modified is not None
    assert found.modified.at.isoformat() == "2024-03-07T08:00:00+01:00"
    assert (found.origins["modified"], found.origins["published"]) == ("jsonld", "jsonld:published")
