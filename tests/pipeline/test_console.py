"""The console over a mill with real articles, by a plain HTTP client: what it shows, to whom, and what it refuses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from newsmill.settings import WebSettings
from newsmill.sources.register import poll_id
from newsmill.urls.canonical import address_id
from tests.pipeline.line import Line
from tests.pipeline.served import ONCE, Shown, served
from tests.pipeline.test_recrawl import put
from tests.site.routes import article
from tests.site.server import Page, Site


def csrf_of(page: str) -> str:
    return re.findall(r'name="csrf" value="([^"]+)"', page)[0]


@contextmanager
def operator(shown: Shown) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shown.base, headers={"Origin": shown.base}, follow_redirects=True) as client:
        assert client.get("/enter", params={"once": ONCE}).status_code == 200
        yield client


def test_every_page_is_there_for_readers_and_says_how_it_may_be_used(shown: Shown) -> None:
    doc = address_id(shown.ferry)
    paths = ["/", "/search?q=ferry", f"/article/{doc}", f"/article/{address_id(shown.changed)}/revisions", "/pipeline"]
    paths += ["/sources", "/sources/daily", "/sources.opml", "/hosts", f"/hosts/{shown.site.host()}", "/failures"]
    paths += ["/failures?outcome=gone", f"/trace?url={shown.broken}", "/trace?url=https://unknown.example/x"]
    with httpx.Client(base_url=shown.base) as client:
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert not re.search(r"<[^>]*\s(?:style|on\w+)=", answer.text), f"{path} has something inline"
            assert "<script>" not in answer.text
            assert "csrf" not in answer.text, "readers are offered no changes"
        assert client.get("/nothing").status_code == 404
        assert client.get("/article/unknown").status_code == 404


def test_search_shows_what_was_found_and_where_it_came_from(shown: Shown) -> None:
    with httpx.Client(base_url=shown.base) as client:
        found = client.get("/search", params={"q": "ferry"}).text
        assert "<mark>Ferry</mark>" in found
        assert "Ferry runs again &amp; again" in found
        assert f'href="{shown.ferry}"' in found
        told = client.get(f"/article/{address_id(shown.ferry)}").text
        assert told.index(f'href="{shown.ferry}"') < told.index("<h1>"), "the original comes first"
        assert all(word in told for word in ("daily", "raw/", "text/html", "searchable"))
        assert "no article has" not in found.lower()
        assert "nothere" in client.get("/search", params={"q": "nothere"}).text
        assert client.get("/search", params={"q": "(" * 40 + "a"}).status_code == 400
        changed = client.get(f"/article/{address_id(shown.changed)}/revisions").text
        assert "<del>closed" in changed
        assert "<ins>open" in changed
        hostile = client.get("/search", params={"q": "harbour"}).text
        assert "<img" not in hostile.replace('<img src="/static/icon.svg"', "")
        assert "&lt;img src=x" in hostile


def test_who_comes_by_another_name_is_not_answered(shown: Shown) -> None:
    with httpx.Client(base_url=shown.base) as client:
        for path in ("/", "/static/console.css", "/health", "/pipeline/live"):
            assert client.get(path, headers={"Host": "rebound.example"}).status_code == 421


def test_changes_need_the_address_that_works_once_and_a_form_of_ours(shown: Shown) -> None:
    pause = "/sources/daily/pause"
    with httpx.Client(base_url=shown.base) as reader:
        assert reader.post(pause).status_code == 403
        assert reader.post(pause, headers={"Origin": shown.base}).status_code == 403
        assert reader.get("/enter", params={"once": "guess"}).status_code == 403
    with operator(shown) as client:
        page = client.get("/sources/daily").text
        token = csrf_of(page)
        assert client.post(pause, data={"csrf": "other"}).status_code == 403
        assert client.post(pause, data={"csrf": token}, headers={"Origin": "https://evil.example"}).status_code == 403
        assert not shown.paused
        assert "daily is paused" in client.post(pause, data={"csrf": token}).text
        assert shown.paused
        assert shown.sources.read_text().startswith("# kept")
        assert poll_id("daily") not in set(shown.line.frontier.scheduled())
        assert "polled again" in client.post("/sources/daily/resume", data={"csrf": token}).text
        assert poll_id("daily") in {entry.id for entry in shown.line.frontier.polls()}
        assert client.post("/logout").status_code == 200
        assert client.post(pause, data={"csrf": token}).status_code == 403
    with httpx.Client(base_url=shown.base) as second:
        assert second.get("/enter", params={"once": ONCE}).status_code == 403, "it works once"


def test_sources_are_found_added_imported_and_removed(shown: Shown) -> None:
    items = "".join(
        f"<item><title>Item {n}</title><link>{shown.site.url(f'/item/{n}')}</link></item>" for n in range(5)
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Weekly</title>{items}</channel></rss>'
    xml = ("Content-Type", "application/rss+xml")
    shown.site.pages[shown.site.host(), "/weekly.xml"] = Page(feed.encode(), headers=(xml,))
    with operator(shown) as client:
        token = csrf_of(client.get("/sources").text)
        asked = {"csrf": token, "url": shown.site.url("/weekly.xml")}
        proposals = client.post("/sources/add", data=asked, timeout=60).text
        assert "Weekly" in proposals
        taken = {f"take:{shown.site.url('/weekly.xml')}": "feed"}
        assert "added: " in client.post("/sources/add", data=asked | taken).text
        assert "/weekly.xml" in shown.sources.read_text()
        opml = '<opml version="2.0"><body><outline text="T" xmlUrl="https://news.example/feed"/></body></opml>'
        sent = client.post("/sources/import", data={"csrf": token}, files={"opml": ("a.opml", opml)})
        assert "1 feeds added" in sent.text
        assert "https://news.example/feed" in client.get("/sources.opml").text
        assert "daily is removed" in client.post("/sources/daily/remove", data={"csrf": token}).text
        assert '"daily"' not in shown.sources.read_text()


def test_a_failure_goes_back(shown: Shown) -> None:
    assert shown.line.fate(shown.broken)[0] == "failed"
    with operator(shown) as client:
        page = client.get("/failures").text
        assert shown.broken in page
        answer = client.post("/failures/retry", data={"csrf": csrf_of(page), "outcome": "failed", "url": shown.broken})
        assert "1 addresses go back" in answer.text
    assert shown.line.fate(shown.broken)[0] != "failed"
    put(shown.site, "/broken", article("Mended"))
    shown.line.work()
    assert shown.line.fate(shown.broken) == ("indexed", "")


def test_searches_are_counted(line: Line, tmp_path: Path) -> None:
    with served(line, tmp_path / "sources.toml", searches_per_minute=3) as base, httpx.Client(base_url=base) as client:
        assert [client.get("/search?q=a").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get("/search?q=a")
        assert int(refused.headers["retry-after"]) > 0
        assert "q=3;w=60" in refused.headers["ratelimit-policy"]
        assert client.get("/pipeline").status_code == 200


def test_with_a_password_nothing_is_shown_before_the_login(line: Line, tmp_path: Path) -> None:
    with served(line, tmp_path / "sources.toml", password="correct horse") as base:
        with httpx.Client(base_url=base, headers={"Origin": base}) as client:
            for path in ("/", "/pipeline", "/sources.opml", "/trace"):
                answer = client.get(path)
                assert (answer.status_code, answer.headers["location"][:11]) == (303, "/login?next")
            assert client.get("/pipeline/live").status_code == 403
            assert client.get("/enter", params={"once": ONCE}).status_code == 403
            wrong = {"user": "operator", "password": "wrong"}
            assert client.post("/login?next=//evil.example", data=wrong).status_code == 403
            right = client.post("/login?next=//evil.example", data=wrong | {"password": "correct horse"})
            assert (right.status_code, right.headers["location"]) == (303, "/")
            cookie = right.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=lax" in cookie
            assert client.get("/pipeline").status_code == 200
        with httpx.Client(base_url=base, headers={"Origin": base}) as guesser:
            codes = [guesser.post("/login", data=wrong).status_code for _ in range(20)]
            assert codes[-1] == 429


def test_the_pipeline_is_told_again_and_again(shown: Shown) -> None:
    with httpx.stream("GET", f"{shown.base}/pipeline/live", timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        first = next(line for line in lines if line.startswith("data: "))
        assert "advice" in first


def test_the_pipeline_shows_webhooks_that_fail(shown: Shown) -> None:
    hooks = shown.line.frontier.hooks
    hook = hooks.add("https://me.example/hook", "", "0-0")
    hooks.disable(hook.id, "the receiver says that it is gone (410)")
    with httpx.Client(base_url=shown.base) as client:
        told = client.get("/pipeline").text
    assert "https://me.example/hook" in told
    assert "disabled: the receiver says that it is gone (410)" in told
    assert hook.secret not in told


def test_a_page_at_a_port_of_the_mill_itself_is_not_asked_for_though_its_network_is_allowed(
    line: Line, site: Site
) -> None:
    url = put(site, "/story", article("At our own port"))
    other = put(site, "/other", article("Before"))
    line.add(other)
    line.work()
    assert line.fate(other) == ("indexed", "")
    line.reopen(web=WebSettings(port=urlsplit(url).port or 0))
    line.add(url)
    line.work()
    assert "Newsmill's own" in line.fate(url)[1]
    assert not [access for access in site.log.accesses if access.path == "/story"]
