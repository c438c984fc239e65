"""The audit holds the ledger against the stores: what is frozen, lost or left over is found, and mended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Frontier
from newsmill.urls.canonical import address_id
from tests.pipeline.line import Line
from tests.site.server import Site
from workers.commands.audit import check_all
from workers.commands.audit_stores import check_stores

PAGES = 6


@pytest.fixture
def line(frontier: Frontier, redis_url: str, tmp_path: Path) -> Iterator[Line]:
    made = Line(frontier, redis_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def urls(line: Line, site: Site) -> list[str]:
    """Articles that are indexed."""
    found = [site.url(f"/page/story-{n}") for n in range(PAGES)]
    for url in found:
        line.add(url)
    line.work()
    assert {line.fate(url)[0] for url in found} == {"indexed"}
    return found


def whole(line: Line) -> list[str]:
    return [str(fault) for fault in check_stores(line.wiring, None, mend=False)]


def mended(line: Line) -> None:
    """All is mended, and after the work that this asks for all is whole."""
    assert all(fault.mended for fault in check_stores(line.wiring, None, mend=True))
    line.frontier.now += 60
    line.work()
    assert check_all(line.wiring, mend=False, most=None).wrong == []


def test_what_fits_has_no_faults(line: Line, urls: list[str]) -> None:
    assert whole(line) == []
    assert check_stores(line.wiring, 3, mend=False) == []


def test_a_frozen_article_is_found_and_thawed(line: Line, urls: list[str]) -> None:
    document = line.wiring.search.get(address_id(urls[0]))
    assert document
    later = document.version + 86_400_000_000
    line.wiring.search.upsert([document.model_copy(update={"version": later, "title": "Of tomorrow"})])
    (fault,) = whole(line)
    assert "is frozen" in fault
    mended(line)
    thawed = line.wiring.search.get(document.id)
    assert thawed
    assert (thawed.title, thawed.version) == (document.title, later + 1)


def test_an_article_that_search_has_lost_comes_back(line: Line, urls: list[str]) -> None:
    document = line.wiring.search.get(address_id(urls[1]))
    assert document
    line.wiring.search.delete([(document.id, document.version)])
    (fault,) = whole(line)
    assert "search does not have it" in fault
    mended(line)
    assert line.wiring.search.count() == PAGES


def test_an_article_that_should_be_gone_is_taken_out(line: Line, urls: list[str]) -> None:
    key = f"{line.frontier.prefix}e:{address_id(urls[2])}"
    line.frontier.client.hset(key, "outcome", "gone")
    line.frontier.client.hdel(key, "indexed")
    line.frontier.client.hincrby(f"{line.frontier.prefix}n", "outcome:gone", 1)
    line.frontier.client.hincrby(f"{line.frontier.prefix}n", "outcome:indexed", -1)
    (fault,) = whole(line)
    assert "though it ended as gone" in fault
    mended(line)
    assert line.wiring.search.count() == PAGES - 1


def test_a_raw_page_that_is_gone_and_an_article_that_nobody_knows_are_told(line: Line, urls: list[str]) -> None:
    line.wiring.raw.delete(line.entry(urls[3])["raw"])
    line.frontier.client.delete(f"{line.frontier.prefix}e:{address_id(urls[4])}")
    told = whole(line)
    assert len(told) == 2
    assert any("cannot be read" in line for line in told)
    assert any("unknown to the ledger" in line for line in told)


def test_a_sample_finds_what_is_everywhere(line: Line, urls: list[str]) -> None:
    for url in urls:
        line.wiring.search.delete([(address_id(url), 2**52)])
    assert len(check_stores(line.wiring, 2, mend=False)) == 2
