"""The change log: each thing that becomes of an article is told once, in order, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from newsmill.ledger import Entry
from newsmill.ledger.changes import START, Behind, Kind, NoCursor
from newsmill.stores.raw import fetched_micros
from newsmill.urls.canonical import address_id
from tests.pipeline.line import Line
from tests.pipeline.test_recrawl import look, put
from tests.site.routes import article
from tests.site.server import Page, Site


def kinds(line: Line, url: str = "") -> list[str]:
    """What was told, of one article or of all."""
    told = line.frontier.changes.after(START, 1000)
    return [str(change.kind) for change in told if not url or change.id == address_id(url)]


def kept(entry: Entry):  # type: ignore[no-untyped-def]
    from newsmill.ledger import Kept

    at = fetched_micros(entry["raw"]) / 1e6
    return Kept(entry.id, entry.url, entry.host, entry.source, entry["raw"], at)


def test_an_article_comes_changes_and_goes(line: Line, site: Site) -> None:
    url = put(site, "/story", article("Bridge closed"))
    line.add(url)
    line.work()
    assert kinds(line, url) == ["new"]
    look(line, url)
    assert line.fate(url)[0] == "unchanged"
    assert kinds(line, url) == ["new"], "nothing has changed"
    put(site, "/story", article("Bridge open again"))
    look(line, url)
    assert kinds(line, url) == ["new", "revised"]
    site.pages[site.host(), "/story"] = Page(b"", 410)
    look(line, url)
    assert line.fate(url)[0] == "gone"
    told = line.frontier.changes.after(START)
    assert [str(change.kind) for change in told] == ["new", "revised", "removed"]
    assert [change.title for change in told] == ["Bridge closed", "Bridge open again", ""]
    assert {change.url for change in told} == {url}
    assert told[0].version < told[1].version
    assert line.entry(url)["told"] == ""


def test_one_that_comes_back_is_new_again(line: Line, site: Site) -> None:
    url = put(site, "/story", article("Bridge closed"))
    line.add(url)
    line.work()
    site.pages[site.host(), "/story"] = Page(b"", 404)
    look(line, url)
    put(site, "/story", article("Bridge closed"))
    line.frontier.reopen([address_id(url)], 1)
    line.work()
    assert kinds(line, url) == ["new", "removed", "new"]


def test_what_ends_without_an_article_is_not_told(line: Line, site: Site) -> None:
    line.add(site.url("/nowhere"))
    line.add(put(site, "/empty", b"<html><title>x</title></html>"))
    line.work()
    assert kinds(line) == []


def test_a_copy_joins_the_story(line: Line, site: Site) -> None:
    body = article("The same words by the same agency")
    first, second = put(site, "/first", body), put(site, "/second", body)
    line.add(first)
    line.work()
    line.add(second)
    line.work()
    assert kinds(line, first) == ["new"]
    assert kinds(line, second) == ["new", "story-joined"]
    assert line.frontier.changes.after(START)[-1].story == address_id(first)


def test_parsing_again_is_told_only_where_that_is_asked_for(line: Line, site: Site) -> None:
    url = put(site, "/story", article("Bridge closed"))
    line.add(url)
    line.work()
    again = [kept(line.entry(url))]
    line.frontier.client.hset(f"{line.frontier.prefix}e:{address_id(url)}", "told", "what-it-was")
    assert line.frontier.adopt(again, 10, force=True).taken
    line.work()
    assert kinds(line, url) == ["new"]
    line.frontier.client.hset(f"{line.frontier.prefix}e:{address_id(url)}", "told", "what-it-was")
    assert line.frontier.adopt(again, 10, force=True, announce=True).taken
    line.work()
    assert kinds(line, url) == ["new", "revised"]


def test_what_was_there_before_there_was_a_log_is_no_event_until_it_changes(line: Line, site: Site) -> None:
    url = put(site, "/story", article("Bridge closed"))
    line.add(url)
    line.work()
    line.frontier.client.hdel(f"{line.frontier.prefix}e:{address_id(url)}", "told")
    line.frontier.client.delete(f"{line.frontier.prefix}changes")
    look(line, url)
    assert kinds(line) == []
    put(site, "/story", article("Bridge open again"))
    look(line, url)
    assert kinds(line, url) == ["revised"]


def test_a_worker_that_dies_after_its_write_loses_no_event(
    line: Line, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Search has the new version, the ledger does not know it: the next worker finds nothing to change, and tells."""
    url = put(site, "/story", article("Bridge closed"))
    line.add(url)
    line.work()
    put(site, "/story", article("Bridge open again"))

    def dies(*_: object) -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("workers.index.step.finish", dies)
        with pytest.raises(KeyboardInterrupt):
            look(line, url)
    assert line.found("again") == [url]
    assert kinds(line, url) == ["new"]
    line.wiring.process.under_way.ended([address_id(url)])
    line.frontier.sweep(line.wiring.process.owner)
    line.work()
    assert kinds(line, url) == ["new", "revised"]


def test_an_address_that_moved_takes_its_article_along(line: Line, site: Site) -> None:
    old, new = put(site, "/old", article("Bridge closed")), put(site, "/new", article("Bridge open again"))
    line.add(old)
    line.work()
    site.pages[site.host(), "/old"] = Page(b"", 301, headers=(("Location", new),))
    look(line, old)
    assert kinds(line, old) == ["new", "removed"]
    assert kinds(line, new) == ["new"]


def test_the_log_is_bounded_and_says_who_is_behind(make_line: Callable[..., Line], site: Site) -> None:
    line = make_line()
    line.frontier.limits = replace(line.frontier.limits, events=5)
    urls = [put(site, f"/story/{n}", article(f"Story number {n}")) for n in range(9)]
    for url in urls:
        line.add(url)
        line.work()
    changes = line.frontier.changes
    with pytest.raises(Behind, match="not kept any more"):
        changes.after(START)
    kept_now = changes.after(changes.trimmed())
    assert [change.url for change in kept_now] == urls[-5:]
    assert changes.after(kept_now[-1].cursor) == []
    assert changes.head() == kept_now[-1].cursor
    assert [change.url for change in changes.after(kept_now[1].cursor, 2)] == urls[-3:-1]
    for cursor in ("", "x", "1", "-", "1-1-1", "1-1; DROP"):
        with pytest.raises(NoCursor):
            changes.after(cursor)
    with pytest.raises(Behind, match="lost its last moments"):
        changes.after("99999999999999-0")
    assert {change.kind for change in kept_now} == {Kind.NEW}


def test_no_event_is_older_than_its_days(make_line: Callable[..., Line], site: Site) -> None:
    line = make_line()
    line.frontier.client.xadd(f"{line.frontier.prefix}changes", {"kind": "new", "id": "a" * 16}, id="1000-0")
    line.add(put(site, "/story", article("Bridge closed")))
    line.work()
    assert line.frontier.changes.trimmed() == "1000-0"
    assert kinds_after(line, "1000-0") == ["new"]


def kinds_after(line: Line, cursor: str) -> list[str]:
    return [str(change.kind) for change in line.frontier.changes.after(cursor)]
