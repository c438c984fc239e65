"""Many requests from ordinary threads: every one is answered once, also when the worker stops or something breaks."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from newsmill.download.browser import Browser, RenderOptions
from newsmill.download.pool import Answer, Cancelled, Downloads, Request
from newsmill.http.answer import BadRequest, Fetched, FetchError, ReadTimeout
from newsmill.http.client import ClientOptions
from newsmill.http.guard import parse_networks
from newsmill.policy.politeness import PolitenessOptions
from newsmill.policy.robots import RobotsOptions
from tests.site.server import Site

OPTIONS = ClientOptions(user_agent="x", read_s=0.5, allow_networks=parse_networks(["127.0.0.0/8"]))


@pytest.fixture
def downloads() -> Iterator[Downloads]:
    with closing(Downloads(OPTIONS, threading.Event())) as running:
        yield running


def all_of(downloads: Downloads, requests: list[Request]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for group in downloads.answers(requests):
        for request, answer in group:
            assert request.id not in found
            found[request.id] = answer
    return found


def test_every_request_is_answered_once(site: Site, downloads: Downloads) -> None:
    paths = ["/page/a", "/slow/0.2", "/hang", "/status/500", "/page/b"]
    found = all_of(downloads, [Request(path, site.url(path)) for path in paths])
    assert set(found) == set(paths)
    assert isinstance(found["/page/a"], Fetched)
    assert isinstance(found["/hang"], ReadTimeout)
    assert all_of(downloads, []) == {}


def test_threads_share_the_loop(site: Site, downloads: Downloads) -> None:
    results: list[dict[str, Answer]] = []

    def work(number: int) -> None:
        requests = [Request(f"{number}-{i}", site.url(f"/page/{number}/{i}", host=i % 3)) for i in range(10)]
        results.append(all_of(downloads, requests))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len({id for found in results for id in found}) == 100
    assert all(isinstance(answer, Fetched) for found in results for answer in found.values())


def test_what_is_under_way_at_a_stop_has_some_time_to_end(site: Site, downloads: Downloads) -> None:
    threading.Timer(0.1, downloads.stopping.set).start()
    found = all_of(downloads, [Request(str(i), site.url("/slow/0.4", host=i)) for i in range(3)])
    assert all(isinstance(answer, Fetched) for answer in found.values())


def test_a_request_that_comes_too_late_does_not_begin(site: Site, downloads: Downloads) -> None:
    """Its worker was stopped meanwhile: the host may be another's by now."""
    late = Request("late", site.url("/page/x"), begin_by=time.monotonic() - 0.1)
    assert all_of(downloads, [late]) == {"late": Cancelled()}
    assert site.log.paths() == []


def test_a_stop_ends_what_is_under_way(site: Site, downloads: Downloads) -> None:
    downloads.grace_s = 0.1
    threading.Timer(0.2, downloads.stopping.set).start()
    start = time.monotonic()
    found = all_of(downloads, [Request(str(i), site.url("/slow/30", host=i % 3)) for i in range(30)])
    assert set(found.values()) == {Cancelled()}
    assert len(found) == 30
    assert time.monotonic() - start < 3


def test_a_stop_before_the_start_answers_all_the_same(site: Site, downloads: Downloads) -> None:
    downloads.stopping.set()
    found = all_of(downloads, [Request(str(i), site.url("/slow/30")) for i in range(30)])
    assert len(found) == 30


def test_an_error_of_ours_is_raised_and_nothing_stays_under_way(site: Site, downloads: Downloads) -> None:
    def stop(status: int, headers: object, head: bytes) -> bool:
        raise ZeroDivisionError("ours")

    requests = [Request("slow", site.url("/slow/30", host=1)), Request("bad", site.url("/page/x"), stop=stop)]
    with pytest.raises(ZeroDivisionError):
        all_of(downloads, requests)
    assert isinstance(all_of(downloads, [Request("next", site.url("/page/y"))])["next"], Fetched)


def test_a_consumer_that_leaves_early_cancels_the_rest(site: Site, downloads: Downloads) -> None:
    requests = [Request("fast", site.url("/page/x")), Request("slow", site.url("/hang", host=1))]
    with closing(downloads.answers(requests)) as answers:
        assert len(next(answers)) == 1
    assert downloads._running()[1].client is not None


def test_without_a_browser_a_page_that_needs_one_fails_with_a_reason(site: Site) -> None:
    browser = Browser(RenderOptions(chromium="/nowhere/chromium"), PolitenessOptions(), RobotsOptions())
    with closing(Downloads(OPTIONS, threading.Event(), browser)) as downloads:
        found = all_of(downloads, [Request("a", site.url("/page/x"), render=True), Request("b", site.url("/page/y"))])
    assert isinstance(found["b"], Fetched)
    assert isinstance(found["a"], FetchError)
    assert isinstance(found["a"], BadRequest)
    assert str(found["a"]).startswith("no-browser: ")
    assert site.log.paths() == ["/page/y"]  # the host was not asked in vain
