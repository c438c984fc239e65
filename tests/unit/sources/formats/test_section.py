"""Article links told from navigation."""

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.demo.site import Site, build
from newsmill.sources.formats.section import ENOUGH, MAX_PAGE, PageLink, address_score, read_section

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = "https://news.example/"

FRONT = """<html lang="en-GB"><head><title> The  News </title></head><body>
<header><nav><a href="/">Home</a><a href="/world">World</a><a href="/politics/">Politics</a>
<a href="/science-technology-and-public-health">Science, technology and public health today</a></nav></header>
<main>
 <div class="teaser"><a href="/2026/11/22/minister-resigns"><img></a>
  <h2><a href="/2026/11/22/minister-resigns?utm_source=front">Minister resigns after report on harbour</a></h2>
  <time datetime="2026-11-22T08:00:00Z">eight</time><a href="/2026/11/22/minister-resigns">Read more</a></div>
 <div class="teaser"><h2><a href="/world/storm-hits-the-northern-coast">Storm hits the northern coast</a></h2></div>
 <div class="teaser"><h2><a href="/news/article.php?id=123456">Rates stay where they are</a></h2></div>
 <div class="teaser"><h2><a href="/новини/рибалки-повертаються-в-порт">Рибалки повертаються в порт</a></h2></div>
 <div class="teaser"><h2><a href="/ja/8812">港の灯台が百年ぶりに改修される</a></h2></div>
 <a href="/tag/harbour">harbour</a><a href="/author/jane-doe-the-long-reporter">Jane Doe</a>
 <a href="mailto:desk@news.example">Write to the news desk today please</a><a href="#top">Back to the top of it</a>
 <a href="/page/2">Older stories from the archive here</a><a href="/img/a-large-harbour-picture.jpg">A large picture</a>
</main>
<aside class="social"><a href="https://network.example/news">Follow us on the network we like</a></aside>
<footer><a href="/about">About us</a>
<a href="/privacy-policy-and-terms-of-use">Privacy policy and terms of use</a></footer>
</body></html>"""


def test_a_front_page() -> None:
    found = read_section(FRONT.encode(), "text/html", HERE, now=NOW)
    assert (found.title, found.language, found.problem) == ("The News", "en", "")
    assert [unquote(link.url.removeprefix(HERE)) for link in found.links] == [
        "2026/11/22/minister-resigns",
        "world/storm-hits-the-northern-coast",
        "news/article.php?id=123456",
        "новини/рибалки-повертаються-в-порт",
        "ja/8812",
    ]
    first = found.links[0]
    assert (first.title, first.published) == (
        "Minister resigns after report on harbour",
        datetime(2026, 11, 22, 8, tzinfo=UTC),
    )
    assert [link.published for link in found.links[1:]] == [None] * 4


SITE = build(NOW)


def articles(site: Site) -> set[str]:
    return {edition.path(article) for edition in site.editions for article in edition.article}


@pytest.mark.parametrize("path", [path for path in SITE.pages if path.count("/") > 1 and path.endswith("/")])
def test_the_demo_sites_section_pages(path: str) -> None:
    page = SITE.pages[path].draw("http://127.0.0.1:9", 0)
    linked = {article for article in articles(SITE) if f'href="{article}"' in page}
    found = read_section(page.encode(), "text/html", f"http://127.0.0.1:9{path}", now=NOW)
    assert {unquote(link.url.removeprefix("http://127.0.0.1:9")) for link in found.links} == linked


@pytest.mark.parametrize(
    ("address", "score"),
    [
        ("https://news.example/2026/11/22/minister-resigns-after-report", 3),
        ("https://news.example/world/storm-hits-the-northern-coast", 2),
        ("https://news.example/artikel/88123456.html", 2),
        ("https://news.example/a.php?id=123456", 2),
        ("https://news.example/", -3),
        ("https://news.example/sport", -1),
        ("https://news.example/tag/harbour", -2),
        ("https://news.example/tag/the-harbour-of-the-town", 0),
        ("https://news.example/feed.xml", -3),
        ("https://news.example/photo-of-the-harbour.jpg", -3),
    ],
)
def test_addresses(address: str, score: int) -> None:
    assert address_score(address) == score


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty"),
        (b"Service unavailable", "no HTML page"),
        (b"<html><body><p>Nothing here</p></body></html>", "no link looks like an article's"),
        (b"<html>" + b" " * MAX_PAGE, "larger than 4,194,304 bytes"),
    ],
)
def test_what_lists_nothing(body: bytes, problem: str) -> None:
    found = read_section(body, "text/html", HERE, now=NOW)
    assert (found.problem, found.links) == (problem, ())


def test_a_base_address_counts() -> None:
    body = '<base href="/en/"><h2><a href="storm-hits-the-coast">Storm hits the northern coast</a></h2>'
    found = read_section(body.encode(), "", HERE, now=NOW)
    assert found.links == (
        PageLink(HERE + "en/storm-hits-the-coast", "Storm hits the northern coast", None, ENOUGH + 2),
    )


def test_endless_pages_are_cut() -> None:
    links = b"<a href='/a-b-c-d'>one two three four five</a>" * 10_000
    deep = b"<html><body>" + b"<div>" * 1500 + links
    assert len(read_section(deep, "text/html", HERE, now=NOW).links) == 1
    deeper = b"<html><body><h2>" + links[:100] + b"</h2>" + b"<div>" * 20_000 + links
    assert len(read_section(deeper, "text/html", HERE, now=NOW).links) == 1
    assert read_section(b"<html>" + b"<div>" * 20_000 + links, "text/html", HERE, now=NOW).problem


def test_an_address_of_nothing_but_slashes_is_no_article() -> None:
    assert address_score("http://a.example//") == -3


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = read_section(("<a href='" + text).encode("utf-8", "replace"), "text/html", HERE, now=NOW)
    assert found.problem or found.links
