"""The candidates for authors and title, by the places that give them."""

import pytest

from newsmill.extraction.metadata.naming import authors_contest, title_contest
from tests.unit.extraction.made import view_of

PROSE = "The council met on Tuesday to discuss the bridge, which has been closed since the flood. " * 5


def titles(head: str, heading: str = "") -> dict[str, str]:
    """Each title with the place that gave it first."""
    body = f"<article>{f'<h1>{heading}</h1>' if heading else ''}<p>{PROSE}</p></article>"
    contest = title_contest(view_of(body, head), settle=False)
    return {candidate.value: candidate.origin for candidate in contest.candidates}


@pytest.mark.parametrize(
    ("title", "without"),
    [
        ("Bridge opens | The Paper", "Bridge opens"),
        ("Bridge opens - The Paper", "Bridge opens"),
        ("Bridge opens — The Paper", "Bridge opens"),
        ("Bridge opens » The Paper", "Bridge opens"),
        ("橋が開通｜新聞", "橋が開通"),
        ("橋が開通_新聞", "橋が開通"),
        ("Co-op opens", None),
        ("Score 3-2 at home", None),
    ],
)
def test_a_title_is_offered_without_its_site(title: str, without: str | None) -> None:
    found = titles(f"<title>{title}</title>")
    assert found[title] == "title"
    assert found.get(without or "") == ("title:head" if without else None)


def test_each_place_gives_its_title() -> None:
    head = """<title>One</title><meta property=og:title content=Two><meta name=twitter:title content=Three>
    <script type=application/ld+json>{"@type": "NewsArticle", "headline": "Four"}</script>"""
    assert titles(head, "Five") == {"One": "title", "Two": "og", "Three": "twitter", "Four": "jsonld", "Five": "h1"}


def test_a_kicker_in_the_headline_is_offered_apart() -> None:
    assert (
        titles("", "<span>Traffic</span> <span>The old bridge opens again</span>")["The old bridge opens again"]
        == "h1:rest"
    )


def test_a_headline_that_is_declared_settles_it() -> None:
    view = view_of(f"<h1>Bridge opens</h1><p>{PROSE}</p>", "<title>Bridge opens | The Paper</title>")
    contest = title_contest(view)
    assert contest.settled
    assert [(one.value, one.origin) for one in contest.candidates] == [("Bridge opens", "h1")]


def authors(body: str, head: str = "", *, settle: bool = False) -> dict[tuple[str, ...], str]:
    contest = authors_contest(
        view_of(f"<article><h1>Bridge opens</h1>{body}<p>{PROSE}</p></article>", head), settle=settle
    )
    return {candidate.value: candidate.origin for candidate in contest.candidates}


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("<meta name=author content='Ana Meller'>", {("Ana Meller",): "meta:author"}),
        (
            "<meta name=author content='Ana Meller, Ben Orr and Cy Dee'>",
            {("Ana Meller", "Ben Orr", "Cy Dee"): "meta:author"},
        ),
        ("<meta name=author content='By Ana Meller'>", {("Ana Meller",): "meta:author"}),
        (
            """<script type=application/ld+json>{"@type": "NewsArticle", "author": [{"name": "Ana Meller"},
            {"name": "Ben Orr"}]}</script>""",
            {("Ana Meller", "Ben Orr"): "jsonld"},
        ),
        ("<meta name=author content='https://facebook.com/paper'>", {}),
        ("", {}),
    ],
)
def test_declared_authors(head: str, found: dict[tuple[str, ...], str]) -> None:
    assert authors("", head) == found


def test_the_site_beside_a_person_is_none() -> None:
    head = "<meta property=og:site_name content='The Paper'><meta name=author content='Ana Meller, The Paper'>"
    assert list(authors("", head)) == [("Ana Meller",)]


def test_shown_and_declared_settles_it_with_all_who_wrote() -> None:
    head = """<meta name=author content="Ana Meller"><script type=application/ld+json>{"@type": "NewsArticle",
    "author": [{"name": "Ana Meller"}, {"name": "Ben Orr"}]}</script>"""
    assert list(authors("<div class=byline>By Ana Meller</div>", head, settle=True)) == [("Ana Meller", "Ben Orr")]
