"""Pages that say to be copies of another: who they are in the end, in every order; none takes another's place."""

from itertools import permutations

import pytest

from newsmill.ledger import Kept
from newsmill.urls.canonical import address_id, canonicalize
from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site

OTHER = "Shipwrights of the northern bay finished the hull of a ferry that will carry passengers between two islands. "


def put(site: Site, path: str, title: str, canonical: str = "", host: int = 0, text: str = "") -> str:
    body = article(title).decode()
    if canonical:
        body = body.replace("</head>", f'<link rel="canonical" href="{canonical}"></head>')
    if text:
        head, story = f"<head><title>{title}</title></head>", f"<article><h1>{title}</h1><p>{text * 12}</p></article>"
        body = f"<html>{head}<body>{story}</body></html>"
        body = body.replace("</head>", f'<link rel="canonical" href="{canonical}"></head>') if canonical else body
    site.pages[site.host(host), path] = Page(body.encode())
    return site.url(path, host)


@pytest.mark.parametrize("order", list(permutations(["/real", "/print", "/amp"])))
def test_copies_end_as_duplicates_in_any_order(line: Line, site: Site, order: tuple[str, ...]) -> None:
    put(site, "/real", "The harbour")
    for path in ("/print", "/amp"):
        put(site, path, "The harbour", site.url("/real"))
    for path in order:
        line.add(site.url(path))
        line.work()
    assert {path: line.fate(site.url(path))[0] for path in order} == {
        "/real": "indexed",
        "/print": "duplicate",
        "/amp": "duplicate",
    }
    assert line.found("harbour") == [canonicalize(site.url("/real"))]


def test_the_page_that_is_named_is_asked_for(line: Line, site: Site) -> None:
    real = put(site, "/real", "The harbour")
    line.add(put(site, "/print", "The harbour", real))
    line.work()
    assert line.found("harbour") == [canonicalize(real)]
    assert line.fate(site.url("/print")) == ("duplicate", f"of {canonicalize(real)}")


def test_a_page_that_names_one_that_is_not_there_stands_for_itself(line: Line, site: Site) -> None:
    page = put(site, "/print", "The harbour", site.url("/nowhere"))
    line.add(page)
    line.work()
    assert line.fate(site.url("/nowhere"))[0] == "gone"
    assert line.found("harbour") == [canonicalize(page)]


def test_an_article_that_names_another_one_stands_for_itself(line: Line, site: Site) -> None:
    """A section page that every article names, and somebody who wants another's place."""
    victim = put(site, "/victim", "The harbour")
    liar = put(site, "/liar", "The ferry", victim, text=OTHER)
    for url in (liar, victim):
        line.add(url)
        line.work()
    assert line.found("harbour") == [canonicalize(victim)]
    assert line.found("shipwrights") == [canonicalize(liar)]


def test_two_that_name_each_other_both_stay(line: Line, site: Site) -> None:
    one, two = put(site, "/one", "The harbour", site.url("/two")), put(site, "/two", "The harbour", site.url("/one"))
    line.add(one)
    line.add(two)
    line.work()
    assert sorted(line.found("harbour")) == sorted(map(canonicalize, (one, two)))


def test_what_was_indexed_for_itself_leaves_the_index_when_the_original_comes(line: Line, site: Site) -> None:
    copy = put(site, "/print", "The harbour", site.url("/real"))
    line.add(copy)
    line.work()
    assert line.found("harbour") == [canonicalize(copy)]
    line.frontier.now += 5 * 86_400
    real = put(site, "/real", "The harbour")
    line.frontier.reopen([line.entry(site.url("/real")).id], 0)
    line.work()
    assert line.found("harbour") == [canonicalize(real)]


def test_a_reparse_asks_for_nothing(line: Line, site: Site) -> None:
    """Nor does it for a page that was fetched by a version that knew nothing of copies."""
    url = put(site, "/print", "The harbour")
    line.add(url)
    line.work()
    kept = line.entry(url)
    body = site.pages[site.host(0), "/print"].body
    said = body.replace(b"</head>", f'<link rel="canonical" href="{site.url("/real")}"></head>'.encode())
    record = line.wiring.raw.get(kept["raw"]).model_copy(update={"body": said})
    page = Kept(kept.id, kept.url, kept.host, kept.source, line.wiring.raw.put(record), float(kept["fetched"]))
    assert line.frontier.adopt([page], 1_000, force=True).taken
    line.work()
    assert line.entry(url)["copy_of"] == canonicalize(site.url("/real"))
    assert line.frontier.entry(address_id(canonicalize(site.url("/real")))) is None
