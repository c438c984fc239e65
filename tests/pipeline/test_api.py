"""The JSON API against a mill with real articles: its answers hold its own OpenAPI document, its refusals are told."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from newsmill.ledger.access import SCOPES
from newsmill.sources.formats.feed import parse_feed
from newsmill.urls.canonical import address_id
from tests.pipeline.served import Shown, served
from tests.pipeline.test_recrawl import look, put
from tests.site.routes import article

API = "/api/v1"


@pytest.fixture
def api(shown: Shown) -> Iterator[httpx.Client]:
    """A client with all scopes."""
    token = shown.line.frontier.access.make_token("all", SCOPES, time.time())
    with httpx.Client(
        base_url=f"{shown.base}{API}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        yield client


def holds(api: httpx.Client, method: str, path: str, answer: httpx.Response) -> Any:
    """The answer's body, if it is what the OpenAPI document says of this operation."""
    described = api.get("/openapi.json").json()
    operation = described["paths"][f"{API}{path}"][method]
    said = operation["responses"][str(answer.status_code)]["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in said, f"{method} {path} answers {kind}"
    if kind.endswith("json"):
        schema = said[kind]["schema"] | {"components": described["components"]}
        Draft202012Validator(schema).validate(answer.json())
        return answer.json()
    return answer.content


def test_the_document_is_openapi_and_every_operation_answers_as_it_says(shown: Shown, api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    validate(described)
    doc = address_id(shown.ferry)
    new = {"url": shown.site.url("/other-feed"), "kind": "feed", "name": "other"}
    asked: list[tuple[str, str, str, dict[str, Any]]] = [
        ("get", "/search", "/search", {"params": {"q": "ferry", "facets": "true"}}),
        ("get", "/articles/{id}", f"/articles/{doc}", {}),
        ("get", "/articles/{id}/revisions", f"/articles/{address_id(shown.changed)}/revisions", {}),
        ("get", "/articles/{id}/raw", f"/articles/{doc}/raw", {}),
        ("get", "/articles/{id}/story", f"/articles/{doc}/story", {}),
        ("get", "/sources", "/sources", {}),
        ("get", "/sources/{name}", "/sources/daily", {}),
        ("post", "/sources", "/sources", {"json": new}),
        ("post", "/sources/{name}/pause", "/sources/daily/pause", {}),
        ("post", "/sources/{name}/resume", "/sources/daily/resume", {}),
        ("post", "/sources/{name}/poll", "/sources/daily/poll", {}),
        ("delete", "/sources/{name}", "/sources/other", {}),
        ("post", "/addresses", "/addresses", {"json": {"urls": ["https://news.example/a"], "priority": "fresh"}}),
        ("get", "/trace", "/trace", {"params": {"url": shown.broken}}),
        ("get", "/status", "/status", {}),
        ("get", "/changes", "/changes", {"params": {"after": "oldest", "articles": "true"}}),
    ]
    for method, path, at, more in asked:
        answer = api.request(method, at, **more)
        assert answer.status_code < 300, (method, at, answer.text)
        holds(api, method, path, answer)
    described_operations = {(m, p.removeprefix(API)) for p, ops in described["paths"].items() for m in ops}
    assert {(method, path) for method, path, _, _ in asked} == described_operations - {("get", "/changes/stream")}


def test_refusals_are_problems(shown: Shown, api: httpx.Client) -> None:
    cases: list[tuple[str, str, str, int, dict[str, Any]]] = [
        ("get", "/search", "/search", 400, {"params": {"q": "((((" * 10 + "a"}}),
        ("get", "/search", "/search", 400, {"params": {"q": "a", "sort": "up"}}),
        ("get", "/search", "/search", 400, {"params": {"q": "a", "cursor": "%%"}}),
        ("get", "/articles/{id}", "/articles/none", 404, {}),
        ("get", "/trace", "/trace", 400, {"params": {"url": "no address"}}),
        ("post", "/addresses", "/addresses", 422, {"json": {"urls": []}}),
        ("post", "/addresses", "/addresses", 422, {"content": b"{"}),
        ("post", "/addresses", "/addresses", 400, {"json": {"urls": ["javascript:alert(1)"]}}),
        ("get", "/changes", "/changes", 400, {"params": {"after": "yesterday"}}),
        ("get", "/changes", "/changes", 410, {"params": {"after": "99999999999999-0"}}),
        ("post", "/sources/{name}/poll", "/sources/unknown/poll", 400, {}),
    ]
    for method, path, at, status, more in cases:
        answer = api.request(method, at, **more)
        assert answer.status_code == status, (method, at, more, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        told = holds(api, method, path, answer)
        assert told["status"] == status
        assert told["detail"]
    assert api.get("/nowhere").status_code == 404
    assert api.get("/nowhere").headers["content-type"] == "application/problem+json"
    assert api.put("/search").status_code == 405


def test_a_token_does_what_its_scopes_say_until_it_is_taken_back(shown: Shown) -> None:
    access = shown.line.frontier.access
    tokens = {scope: access.make_token(scope, [scope], time.time()) for scope in SCOPES}
    assert not any(
        text in str(shown.line.frontier.client.hgetall(access.prefix + "tokens")) for text in tokens.values()
    )
    ways = {
        "read": ("get", "/status", {}),
        "submit": ("post", "/addresses", {"json": {"urls": ["https://n.example/"]}}),
    }
    ways["operate"] = ("post", "/sources/daily/poll", {})
    with httpx.Client(base_url=f"{shown.base}{API}") as client:
        for scope, token in tokens.items():
            for needed, (method, path, more) in ways.items():
                answer = client.request(method, path, headers={"Authorization": f"Bearer {token}"}, **more)
                assert (answer.status_code < 300) is (scope == needed), (scope, needed)
                assert answer.status_code in (200, 202, 403)
        refused = client.post("/addresses", json={"urls": ["https://n.example/"]}, headers={"Origin": shown.base})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/status").status_code == 200, "who is at this machine may read"
        assert access.drop_token("read")
        assert client.get("/status", headers={"Authorization": f"Bearer {tokens['read']}"}).status_code == 401
    with pytest.raises(ValueError, match="already"):
        access.make_token("submit", ["submit"], 0.0)
    with pytest.raises(ValueError, match="no scope"):
        access.make_token("x", ["everything"], 0.0)


def test_with_a_password_the_api_answers_tokens_only(shown: Shown) -> None:
    token = shown.line.frontier.access.make_token("reader", ["read"], 0.0)
    with served(shown.line, shown.sources, password="secret") as base, httpx.Client(base_url=base) as client:
        assert client.get(f"{API}/status").status_code == 401
        assert client.get(f"{API}/changes/stream").status_code == 401
        assert client.get(f"{API}/status", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_answers_have_tags_limits_and_gzip(shown: Shown, api: httpx.Client) -> None:
    path = f"/articles/{address_id(shown.ferry)}"
    first = api.get(path)
    tag = first.headers["etag"]
    same = api.get(path, headers={"If-None-Match": f'"x", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert "r=" in first.headers["ratelimit"]
    with httpx.stream("GET", f"{shown.base}{API}{path}", headers={"Accept-Encoding": "gzip"}) as coded:
        assert coded.headers["content-encoding"] == "gzip"
        assert json.loads(gzip.decompress(b"".join(coded.iter_raw()))) == first.json()
    with served(shown.line, shown.sources, searches_per_minute=1) as base, httpx.Client(base_url=base) as client:
        assert client.get(f"{API}/search?q=ferry").status_code == 200
        refused = client.get(f"{API}/search?q=ferry")
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
        assert int(refused.headers["retry-after"]) > 0


def test_pages_of_a_search_go_on_where_the_last_one_ended(shown: Shown, api: httpx.Client) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get("/search", params={"q": "word1", "sort": "date", "limit": 1, "cursor": cursor}).json()
        seen += [hit["id"] for hit in page["hits"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == page["total"] == 2


def test_raw_pages_are_never_shown_as_pages(shown: Shown, api: httpx.Client) -> None:
    answer = api.get(f"/articles/{address_id(shown.ferry)}/raw")
    assert b"<article>" in answer.content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


def test_who_follows_sees_each_change_in_order_and_waits_for_the_next(shown: Shown, api: httpx.Client) -> None:
    first = api.get("/changes", params={"after": "oldest"}).json()
    bridge = [event["type"] for event in first["events"] if event["article_id"] == address_id(shown.changed)]
    assert bridge == ["new", "revised"]
    assert api.get("/changes", params={"after": first["next"]}).json()["events"] == []
    assert api.get("/changes", params={"after": "now"}).json()["next"] == first["next"]
    only = api.get("/changes", params={"after": "oldest", "q": "bridges lang:en", "articles": "1"}).json()
    assert {event["article_id"] for event in only["events"]} == {address_id(shown.changed)}, "in any form of the word"
    assert only["events"][0]["article"]["title"] == "Bridge open"
    assert only["next"] == first["next"], "what it does not find is passed over"
    url = put(shown.site, "/late", article("Late news"))

    def work() -> None:
        time.sleep(1)
        shown.line.add(url)
        shown.line.work()

    later = threading.Thread(target=work)
    later.start()
    began = time.monotonic()
    told = api.get("/changes", params={"after": first["next"], "wait": 20}).json()
    later.join()
    assert [event["url"] for event in told["events"]] == [url]
    assert 0.5 < time.monotonic() - began < 15


def test_a_stream_goes_on_after_the_last_event_that_was_seen(shown: Shown, api: httpx.Client) -> None:
    def events(after: str, count: int) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        with api.stream("GET", "/changes/stream", headers={"Last-Event-ID": after} if after else {}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            id = ""
            for line in answer.iter_lines():
                id = line.removeprefix("id: ") if line.startswith("id: ") else id
                if line.startswith("event: "):
                    found.append((id, line.removeprefix("event: ")))
                    if len(found) == count:
                        break
        return found

    told = events("0-0", 4)
    assert [kind for _, kind in told] == ["new", "new", "new", "revised"]
    assert events(told[1][0], 2) == told[2:]
    put(shown.site, "/bridge", article("Bridge closed once more", words=80))
    look(shown.line, shown.changed)
    assert events(told[-1][0], 1)[0][1] == "revised"


def test_a_search_is_a_feed(shown: Shown) -> None:
    with httpx.Client(base_url=shown.base) as client:
        atom = client.get("/feed.atom", params={"q": "ferry OR harbour"})
        assert atom.headers["content-type"].startswith("application/atom+xml")
        address = f"{shown.base}/feed.atom"
        read = parse_feed(atom.content, atom.headers["content-type"], address, now=datetime.now(UTC))
        assert {entry.url for entry in read.items} == {shown.ferry, shown.site.url("/hostile")}
        told = client.get("/feed.json", params={"q": "ferry"}).json()
        assert told["version"] == "https://jsonfeed.org/version/1.1"
        assert [item["url"] for item in told["items"]] == [shown.ferry]
    token = shown.line.frontier.access.make_token("reader", ["read"], 0.0)
    with served(shown.line, shown.sources, password="secret") as base, httpx.Client(base_url=base) as client:
        assert client.get("/feed.atom").status_code == 401
        assert client.get("/feed.atom", auth=("x", "guess")).status_code == 401
        assert client.get("/feed.atom", auth=("x", token)).status_code == 200
