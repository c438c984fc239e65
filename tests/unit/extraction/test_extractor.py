"""The whole of `extract`, on pages small enough to read."""

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmill.extraction import Article, DatePrecision, Link, extract

PROSE = (
    "The council met on Tuesday to discuss the bridge, which has been closed since the flood. "
    "Engineers said that the repair, planned for spring, would cost twice what was expected."
)
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bridge stays closed - The Gazette</title>
<meta property="og:site_name" content="The Gazette"><meta name="robots" content="noindex, follow">
<meta name="author" content="By Ann Li"><meta property="article:published_time" content="2024-05-06T07:08:09+02:00">
<link rel="canonical" href="/bridge"></head><body><nav><ul><li><a href="/">Home</a></li></ul></nav>
<article><h1>Bridge stays closed</h1><p>{PROSE}</p><ul><li>It was <em>built</em> in 1931.</li></ul>
<p>{PROSE[::-1]} See <a href="/map?x=1#top">the map</a>.</p></article>
<footer><p>All rights reserved.</p></footer></body></html>"""


@pytest.fixture(scope="module")
def article() -> Article:
    return extract(PAGE.encode(), "https://gazette.example/news/1", "text/html")


def test_the_text_is_the_article_and_nothing_else(article: Article) -> None:
    assert PROSE in article.text
    assert "Home" not in article.text
    assert "rights reserved" not in article.text


def test_markdown_keeps_structure(article: Article) -> None:
    assert "- It was *built* in 1931." in article.markdown
    assert "[the map](https://gazette.example/map?x=1)" in article.markdown


def test_metadata_and_where_it_came_from(article: Article) -> None:
    assert article.title == "Bridge stays closed"
    assert article.authors == ("Ann Li",)
    assert article.site_name == "The Gazette"
    assert article.canonical_url == "https://gazette.example/bridge"
    assert article.published == datetime.fromisoformat("2024-05-06T07:08:09+02:00")
    assert article.published_precision is DatePrecision.ZONED
    assert article.language == "en"
    assert article.origins["published"] == "meta:published"
    assert (article.noindex, article.nofollow) == (True, False)


def test_outlinks_are_absolute_and_canonical(article: Article) -> None:
    assert Link(url="https://gazette.example/map?x=1", text="the map") in article.links


def test_what_is_made_when_asked_for_is_part_of_the_value(article: Article) -> None:
    fresh = extract(PAGE.encode(), "https://gazette.example/news/1", "text/html")
    assert fresh == article  # of which the links were asked for already
    copy = pickle.loads(pickle.dumps(fresh))
    assert (copy, copy.links, copy.markdown) == (article, article.links, article.markdown)
    dumped = fresh.model_dump(mode="json")
    assert dumped["links"][-1] == {"url": "https://gazette.example/map?x=1", "text": "the map"}
    assert dumped["markdown"] == article.markdown
    assert not {"outline", "anchors"} & set(dumped)


def test_a_date_after_the_fetch_is_not_believed() -> None:
    before = datetime(2024, 1, 1, tzinfo=UTC)
    assert extract(PAGE.encode(), None, None, before).published is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n...", "binary"),
        (b"<html><script>x</script></html>", "0 words"),
        (b"<html><head><title>A</title></head><body></body></html>", "0 words"),
        (b'<html><frameset cols="*"><frame src="a.html"></frameset></html>', "0 words"),
    ],
)
def test_no_article_says_why(body: bytes, reason: str) -> None:
    found = extract(body, content_type="text/html")
    assert not found.is_article
    assert reason in found.empty_reason


def test_the_same_page_twice_is_the_same_article() -> None:
    assert extract(PAGE.encode()) == extract(PAGE.encode())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(body: bytes) -> None:
    extract(body, "https://a.example/")
