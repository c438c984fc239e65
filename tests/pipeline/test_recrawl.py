"""Articles are looked at again: for corrections, for what was taken down, and not for ever."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.commands import show
from workers.desk.looks import story

HOUR_S = 3600.0


def put(site: Site, path: str, body: bytes, etag: str = "") -> str:
    html = ("Content-Type", "text/html; charset=utf-8")
    site.pages[site.host(), path] = Page(body, headers=(html, ("ETag", etag)) if etag else (html,))
    return site.url(path)


def look(line: Line, url: str) -> None:
    """Turns the clock to the next look at `url`, and looks."""
    wait_s = line.next_look_s(url)
    assert wait_s is not None
    line.frontier.now += wait_s + 1
    line.work()


def test_looks_come_less_often_while_nothing_changes(line: Line, site: Site) -> None:
    url = put(site, "/story", article("A quiet story"))
    line.add(url)
    line.work()
    assert line.fate(url) == ("indexed", "")
    waits = []
    for _ in range(3):
        waits.append(line.next_look_s(url))
        look(line, url)
        assert line.fate(url) == ("unchanged", "the same content")
    assert waits == [pytest.approx(h * HOUR_S, abs=5) for h in (2, 6, 18)]


def test_a_changed_article_is_indexed_again_with_its_newer_version(line: Line, site: Site) -> None:
    url = put(site, "/story", article("Bridge closed"))
    line.add(url)
    line.work()
    before = line.entry(url)
    put(site, "/story", article("Bridge open again after correction"))
    look(line, url)
    after = line.entry(url)
    assert after["outcome"] == "indexed"
    assert int(after["indexed"]) > int(before["indexed"])
    assert line.found("correction") == [url]
    assert line.next_look_s(url) == pytest.approx(2 * HOUR_S, abs=5)


def test_a_corrected_headline_is_a_change(line: Line, site: Site) -> None:
    body = article("Mayor resigns")
    url = put(site, "/story", body)
    line.add(url)
    line.work()
    put(site, "/story", body.replace(b"<title>Mayor resigns", b"<title>Mayoress resigns").replace(
        b"<h1>Mayor resigns", b"<h1>Mayoress resigns"))  # fmt: skip
    look(line, url)
    assert line.fate(url) == ("indexed", "")
    assert line.found("Mayoress") == [url]


def test_a_look_is_a_conditional_request(line: Line, site: Site) -> None:
    url = put(site, "/story", article("A story with a tag"), '"v1"')
    line.add(url)
    line.work()
    site.pages[site.host(), "/story"] = Page(status=304)
    look(line, url)
    assert line.fate(url) == ("unchanged", "not modified (304)")
    assert site.log.accesses[-1].headers["if-none-match"] == '"v1"'
    assert line.entry(url)["looks"] == "1"


def test_an_article_that_was_taken_down_leaves_the_index(line: Line, site: Site) -> None:
    url = put(site, "/story", article("Zeppelin sighted"))
    line.add(url)
    line.work()
    assert line.found("zeppelin") == [url]
    site.pages[site.host(), "/story"] = Page(b"<p>gone", 410)
    look(line, url)
    assert line.fate(url) == ("gone", "status 410")
    assert line.found("zeppelin") == []
    assert line.next_look_s(url) is None


def test_a_failed_look_leaves_the_article_and_comes_again(make_line: Callable[..., Line], site: Site) -> None:
    line = make_line(retry_delays_s="1")
    url = put(site, "/story", article("Comet tonight"))
    line.add(url)
    line.work()
    site.pages[site.host(), "/story"] = Page(status=500)
    look(line, url)
    assert line.fate(url)[0] == "failed"
    assert line.found("comet") == [url]
    assert line.next_look_s(url) is not None


def test_the_articles_of_a_host_that_was_given_up_stay_and_are_looked_at_again(
    make_line: Callable[..., Line], site: Site
) -> None:
    line = make_line(dead_host_fails=2, retry_delays_s="1,1,1")
    urls = [put(site, f"/story/{i}", article(f"Eclipse {i}")) for i in range(3)]
    for url in urls:
        line.add(url)
    line.work()
    for url in urls:
        del site.pages[site.host(), urlsplit(url).path]
    site.routes["story"] = site.routes["close"]
    line.frontier.now += 2.1 * HOUR_S
    line.work()
    assert {line.fate(url)[0] for url in urls} == {"failed"}
    assert len(line.found("eclipse")) == 3
    assert None not in {line.next_look_s(url) for url in urls}


@pytest.mark.parametrize("options", [{"recrawl": False}, {"recrawl_days": 0.0}])
def test_without_recrawl_there_is_no_look(make_line: Callable[..., Line], site: Site, options: dict[str, bool]) -> None:
    line = make_line(**options)
    url = put(site, "/story", article("Once only"))
    line.add(url)
    line.work()
    assert line.fate(url) == ("indexed", "")
    assert line.next_look_s(url) is None
    line.frontier.now += 40 * 86400
    line.work()
    assert len([p for p in site.log.paths() if p == "/story"]) == 1


def test_trace_tells_when_the_next_look_is(line: Line, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    url = put(site, "/story", article("Told ahead"))
    line.add(url)
    line.work()
    told = story(line.wiring, url)
    assert told["next_look"] == pytest.approx(line.frontier.now + 2 * HOUR_S, abs=5)
    show.story(told, as_json=False)
    assert "it is looked at again" in capsys.readouterr().out
