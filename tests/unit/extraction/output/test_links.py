"""Links of a page, and what it asks of robots."""

import pytest

from newsmill.extraction.output.links import (
    MAX_ANCHOR_CHARS,
    MAX_LINKS,
    absolute,
    anchors_of,
    base_of,
    robots_directives,
)
from tests.unit.extraction.made import page_of

URL = "https://paper.example/news/today"


def links(body: str, head: str = "") -> list[tuple[str, str]]:
    page = page_of(body, head)
    return [(link.url, link.text) for link in anchors_of(page, base_of(page, URL)).links()]


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("/a", "https://paper.example/a"),
        ("b", "https://paper.example/news/b"),
        ("../c", "https://paper.example/c"),
        ("//other.example/d", "https://other.example/d"),
        ("HTTPS://Other.Example/e?utm_source=x", "https://other.example/e"),
        ("?page=2", "https://paper.example/news/today?page=2"),
        ("#part", ""),
        ("", ""),
        ("javascript:void(0)", ""),
        ("mailto:a@paper.example", ""),
        ("/" + "x" * 2000, ""),
        ("https://", ""),
    ],
)
def test_addresses_are_absolute_and_canonical(href: str, found: str) -> None:
    assert absolute(href, URL) == found


def test_an_address_once_with_its_longest_text() -> None:
    body = "<p><a href=/a>Read</a> <a href=/b>B</a> <a href=/a>The  whole\n story</a> <a href='/a#x'>on</a></p>"
    assert links(body) == [("https://paper.example/a", "The whole story"), ("https://paper.example/b", "B")]


def test_nofollow_is_left_out_and_base_is_minded() -> None:
    assert links("<p><a rel='sponsored NoFollow' href=/ad>Ad</a><a href=x>X</a></p>", "<base href=/en/>") == [
        ("https://paper.example/en/x", "X")
    ]


def test_a_base_that_is_none_counts_for_nothing() -> None:
    assert links("<p><a href=x>X</a></p>", "<base href='http://['>") == [("https://paper.example/news/x", "X")]


def test_bounds() -> None:
    many = "".join(f"<a href=/{n}>{n}</a> " for n in range(MAX_LINKS + 500))
    assert len(links(f"<p>{many}</p>")) == MAX_LINKS
    assert len(links(f"<p><a href=/a>{'x' * 5000}</a></p>")[0][1]) == MAX_ANCHOR_CHARS


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({}, (False, False)),
        ({"robots": "index, follow"}, (False, False)),
        ({"robots": "NOINDEX"}, (True, False)),
        ({"robots": "none"}, (True, True)),
        ({"googlebot-news": "nofollow;noarchive"}, (False, True)),
        ({"robots": "all", "googlebot": "noindex , nofollow"}, (True, True)),
        ({"robots": "max-snippet:-1, noindexing"}, (False, False)),
    ],
)
def test_robots(meta: dict[str, str], said: tuple[bool, bool]) -> None:
    assert robots_directives(meta) == said
