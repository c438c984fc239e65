"""The demo site over real HTTP, asked with the client that the fetch stage uses."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from newsmill.demo.server import DemoServer, PortInUse, serve
from newsmill.demo.site import build

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
LIVE = "/en/sea/storm-warning-live"


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with serve(now=NOW) as running:
        yield running


@pytest.fixture
def client(server: DemoServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base, trust_env=False) as opened:
        yield opened


def test_every_path_answers_as_the_site_says(client: httpx.Client) -> None:
    for path, page in build(NOW).pages.items():
        answer = client.get(path)
        if page.busy_once:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            answer = client.get(path)
        assert answer.status_code == page.status, path
        assert answer.headers["content-type"] == page.content_type


def test_absolute_links_follow_the_host_that_was_asked(client: httpx.Client) -> None:
    feed = client.get("/en/feed.xml", headers={"Host": "news.example:99"}).text
    assert "<link>http://news.example:99/en/sea/storm-warning-live</link>" in feed
    moved = client.get("/go/island-post", headers={"Host": "news.example:99"})
    assert moved.headers["location"] == "http://news.example:99/uk/svit/island-post-office"


def test_a_host_that_is_no_host_is_refused(client: httpx.Client) -> None:
    assert client.get("/", headers={"Host": "a'><script>"}).status_code == 400


def test_a_redirect_leads_to_its_article(client: httpx.Client) -> None:
    answer = client.get("/go/island-post", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/uk/svit/island-post-office")
    assert [step.status_code for step in answer.history] == [301]


@pytest.mark.parametrize("name", ["etag", "last-modified"])
def test_what_is_known_is_not_sent_again(client: httpx.Client, name: str) -> None:
    first = client.get(LIVE)
    asked = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}[name]
    again = client.get(LIVE, headers={asked: first.headers[name]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/admin/revise").text == "revision 1\n"
    changed = client.get(LIVE, headers={asked: first.headers[name]})
    assert changed.status_code == 200
    assert changed.content != first.content


def test_validators_that_mean_nothing_are_ignored(client: httpx.Client) -> None:
    assert client.get(LIVE, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    assert client.get(LIVE, headers={"If-None-Match": '"other", W/"another"'}).status_code == 200


def test_head_has_no_body(client: httpx.Client) -> None:
    answer = client.head("/")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0


def test_the_log_tells_who_asked_what_when(server: DemoServer, client: httpx.Client) -> None:
    client.get("/robots.txt")
    client.get("/nowhere?at=all", headers={"Host": "News.example:99"})
    first, second = server.log
    assert (first.host, first.path, first.status) == ("127.0.0.1", "/robots.txt", 200)
    assert (second.host, second.path, second.status) == ("news.example", "/nowhere?at=all", 404)
    assert first.start <= first.end <= second.start <= second.end


def test_one_site_on_several_addresses() -> None:
    with serve("127.0.0.1", bind=["127.0.0.2"], now=NOW) as server:
        for address in ("127.0.0.1", "127.0.0.2"):
            assert httpx.get(f"http://{address}:{server.port}/robots.txt", trust_env=False).status_code == 200
        assert [access.host for access in server.log] == ["127.0.0.1", "127.0.0.2"]


def test_a_port_in_use_is_one_clear_sentence(server: DemoServer) -> None:
    with pytest.raises(PortInUse, match=rf"Port {server.port} of 127.0.0.1 is in use: stop what listens there"):
        serve("127.0.0.1", server.port, now=NOW)
