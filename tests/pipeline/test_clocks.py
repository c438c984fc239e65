"""A clock that was ahead once freezes no article: what is fetched later is searchable, and what is gone is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Frontier
from newsmill.ledger.stages import Stage
from newsmill.search.store import EXTRACTORS, Result
from newsmill.urls.canonical import address_id
from tests.pipeline.line import Line
from tests.site.server import Page, Site
from workers.index.writes import write

DAY_MICROS = 86_400_000_000
FIRST = "<p>" + "The firstversion of the story about the harbour bridge, which reopens. " * 20 + "</p>"
SECOND = "<p>" + "The secondversion of the story about the harbour bridge, which closes. " * 20 + "</p>"


def article(text: str) -> Page:
    head = "<head><title>Harbour bridge</title></head>"
    return Page(f"<html>{head}<body><article><h1>Harbour bridge</h1>{text}</article></body></html>".encode())


@pytest.fixture
def line(frontier: Frontier, redis_url: str, tmp_path: Path) -> Iterator[Line]:
    made = Line(frontier, redis_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def url(site: Site) -> str:
    site.pages[site.host(0), "/story"] = article(FIRST)
    return site.url("/story")


def frozen(line: Line, url: str) -> None:
    """Search has the article as of tomorrow, and the ledger knows nothing of that."""
    line.add(url)
    line.work()
    assert line.fate(url)[0] == "indexed"
    (document,) = line.wiring.search.scan()
    line.wiring.search.upsert([document.model_copy(update={"version": document.version + DAY_MICROS})])


def look_again(line: Line, url: str) -> None:
    line.frontier.now += 3600
    assert line.frontier.reopen([address_id(url)], 1) == [address_id(url)]
    line.work()


def test_what_is_fetched_rightly_later_is_searchable(line: Line, site: Site, url: str) -> None:
    frozen(line, url)
    site.pages[site.host(0), "/story"] = article(SECOND)
    look_again(line, url)
    assert line.fate(url) == ("indexed", "")
    assert (len(line.found("secondversion")), len(line.found("firstversion"))) == (1, 0)
    (document,) = line.wiring.search.scan()
    assert line.entry(url)["indexed"] == str(document.version), "and the ledger knows its version now"


def test_what_the_ledger_knows_to_be_ahead_is_followed_by_the_next_version(line: Line, site: Site, url: str) -> None:
    frozen(line, url)
    (document,) = line.wiring.search.scan()
    line.frontier.client.hset(f"{line.frontier.prefix}e:{address_id(url)}", "indexed", document.version)
    site.pages[site.host(0), "/story"] = article(SECOND)
    look_again(line, url)
    assert line.entry(url)["indexed"] == str(document.version + 1)
    assert len(line.found("secondversion")) == 1


def test_what_is_gone_is_taken_out(line: Line, site: Site, url: str) -> None:
    frozen(line, url)
    del site.pages[site.host(0), "/story"]
    look_again(line, url)
    assert line.fate(url)[0] == "gone"
    assert line.wiring.search.count() == 0


def test_what_was_taken_out_as_of_tomorrow_comes_back(line: Line, site: Site, url: str) -> None:
    frozen(line, url)
    (document,) = line.wiring.search.scan()
    line.wiring.search.delete([(document.id, document.version + DAY_MICROS)])
    site.pages[site.host(0), "/story"] = article(SECOND)
    look_again(line, url)
    assert line.fate(url)[0] == "indexed"
    assert len(line.found("secondversion")) == 1


def test_who_has_lost_the_lease_repeats_nothing(line: Line, url: str) -> None:
    frozen(line, url)
    (document,) = line.wiring.search.scan()
    entry = line.entry(url)
    late = document.model_copy(update={"version": document.version - DAY_MICROS, "title": "Late"})
    ((_, verdict),) = write(line.wiring.index, [entry], [late])
    assert verdict.result is Result.RETRY
    (there,) = line.wiring.search.scan()
    assert there == document


def test_a_newer_extractor_has_judged_and_a_stale_write_is_not_called_indexed(line: Line, url: str) -> None:
    line.add(url)
    line.work()
    (document,) = line.wiring.search.scan()
    line.wiring.search.upsert([document.model_copy(update={"extractor": document.extractor + 1, "title": "Newer"})])
    line.frontier.client.hset(f"{line.frontier.prefix}e:{address_id(url)}", "anew", "1")
    line.frontier.reopen([address_id(url)], 1, Stage.PARSE)
    line.frontier.now += 60
    line.work()
    assert line.fate(url) == ("unchanged", "search has it by a newer extractor")
    (there,) = line.wiring.search.scan()
    assert there.title == "Newer"


def test_a_clock_that_is_a_day_ahead_writes_the_ledgers_time(line: Line, url: str) -> None:
    line.frontier.now -= 86400  # to the ledger, this process's clock is a day ahead
    line.add(url)
    line.work()
    entry = line.entry(url)
    assert abs(float(entry["fetched"]) - line.frontier.now) < 3600
    (document,) = line.wiring.search.scan()
    assert abs(document.version / 1e6 - line.frontier.now) < 3600
    assert document.version * EXTRACTORS < 2**63
