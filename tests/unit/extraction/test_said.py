"""What the source said counts where the page shows nothing, and only there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.extraction.article import Article
from newsmill.extraction.said import from_source, names_in_lines, with_said
from newsmill.model import MAX_SAID, Said

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 28, tzinfo=UTC)
SAID = Said(origin="feed", published=AT, title="The title", author="desk@news.example (Jane Roe)")


def test_a_page_that_shows_nothing_takes_all_of_it() -> None:
    article, used = with_said(Article(text="x"), SAID, NOW)
    assert (article.published, article.title, article.authors) == (AT, "The title", ("Jane Roe",))
    assert article.origins == {"published": "source:feed", "title": "source:feed", "authors": "source:feed"}
    assert from_source(article) == ("authors", "published", "title")
    assert used == SAID


def test_what_the_page_shows_is_believed() -> None:
    page = Article(title="Its own", published=AT + timedelta(days=1), authors=("John Doe",), origins={"title": "meta"})
    assert with_said(page, SAID, NOW) == (page, None)
    article, used = with_said(page.model_copy(update={"published": None}), SAID, NOW)
    assert (article.published, article.title, article.authors) == (AT, "Its own", ("John Doe",))
    assert used == Said(origin="feed", published=AT)
    assert from_source(article) == ("published",)


@pytest.mark.parametrize("moment", [NOW + timedelta(days=2), datetime(1970, 1, 1, tzinfo=UTC)])
def test_dates_that_cannot_be_are_not_taken(moment: datetime) -> None:
    assert with_said(Article(), Said(origin="feed", published=moment), NOW) == (Article(), None)


def test_a_page_without_article_stays_one() -> None:
    page = Article(empty_reason="no article text: 3 words")
    assert with_said(page, SAID, NOW) == (page, None)
    assert with_said(Article(), None, NOW) == (Article(), None)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Jane Roe\nJohn Doe", ["Jane Roe", "John Doe"]),
        ("Jane Roe and John Doe", ["Jane Roe", "John Doe"]),
        ("By Jane Roe", ["Jane Roe"]),
        ("desk@news.example (Jane Roe)", ["Jane Roe"]),
        ("Jane Roe (desk@news.example)", ["Jane Roe"]),
        ("desk@news.example", []),
        ("desk@news.example (", []),
        ("", []),
        ("12 May 2026", []),
        ("x\n" * 1000, ["x"] * 20),
    ],
)
def test_persons(author: str, names: list[str]) -> None:
    assert names_in_lines(author) == names


@given(st.text(max_size=2000), st.text(max_size=2000))
def test_it_is_bounded_and_comes_back(title: str, author: str) -> None:
    said = Said(origin="sitemap", published=AT, title=title, author=author)
    assert len(said.title) <= MAX_SAID
    assert not set(said.title) & set("\r\t\0\x1b\x9b\u202e\u2066\u2028")
    assert said.dump().isascii()
    assert "\n" not in said.dump()
    assert Said.load(said.dump()) == said


@pytest.mark.parametrize(
    "text", ["", None, "{", "[]", '{"title": "no origin"}', '{"origin": "x", "published": "soon"}']
)
def test_what_is_none(text: str | None) -> None:
    assert Said.load(text) is None
