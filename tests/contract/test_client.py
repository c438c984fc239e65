"""The client against a server that misbehaves: each route ends in the right verdict, in bounded time and memory."""

import asyncio
import dataclasses
import os
import resource
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from newsmill.http import answer as a
from newsmill.http.client import Client, ClientOptions
from newsmill.http.content import unwanted
from newsmill.http.guard import parse_networks
from newsmill.policy.verdict import Excluded, Facts, Failed, Gone, Keep, Redirect, Retry, Unchanged, Verdict, judge
from tests.site.names import FakeDns
from tests.site.server import Page, Site

LOOPBACK = parse_networks(["127.0.0.0/8"])
OPTIONS = ClientOptions(
    user_agent="Newsmill-Test/1.0 (+mailto:test@newsmill.example)",
    connect_s=1.0,
    read_s=0.4,
    total_s=1.0,
    max_body_bytes=1_000_000,
    allow_networks=LOOPBACK,
)


def use(job: Callable[[Client], Awaitable[Any]], options: ClientOptions = OPTIONS, dns: FakeDns | None = None) -> Any:
    """Run `job` with a client of its own."""

    async def main() -> Any:
        async with Client(options, dns or FakeDns()) as client:
            return await job(client)

    return asyncio.run(main())


def get(
    url: str, *, options: ClientOptions = OPTIONS, dns: FakeDns | None = None, **more: Any
) -> a.Fetched | a.FetchError:
    async def job(client: Client) -> a.Fetched | a.FetchError:
        try:
            return await client.get(url, **more)
        except a.FetchError as error:
            return error

    return use(job, options, dns)  # type: ignore[no-any-return]


def verdict(url: str, **more: Any) -> Verdict:
    return judge(get(url, **more), Facts(), time.time())


def test_a_page(site: Site) -> None:
    found = get(site.url("/page/one"))
    assert isinstance(found, a.Fetched)
    assert (found.status, found.ip, found.truncated) == (200, "127.0.1.1", False)
    assert b"one word1" in found.body
    assert found.header("CONTENT-type") == "text/html; charset=utf-8"
    assert 0 < found.elapsed_s < 5
    assert found.ended_at == pytest.approx(time.time(), abs=5)
    (access,) = site.log.accesses
    assert access.headers["user-agent"] == OPTIONS.user_agent
    assert access.headers["host"] == f"127.0.1.1:{site.port}"
    assert "cookie" not in access.headers
    assert "authorization" not in access.headers


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/page/x", Keep("text/html")),
        ("/until-close", Keep("text/html")),
        ("/many-headers", Keep("text/html")),
        ("/cookies", Keep("text/html")),
        ("/too-long", Keep("text/html")),
        ("/type/none", Keep("text/html")),
        ("/type/application/pdf", Keep("text/html")),
        ("/coded/gzip", Keep("text/html")),
        ("/coded/deflate", Keep("text/html")),
        ("/coded/br", Keep("text/html")),
        ("/coded/zstd", Keep("text/html")),
        ("/pdf-as-html", Excluded("content type application/pdf (sent as text/html)")),
        ("/endless", Excluded("too large: more than 1000000 bytes")),
        ("/endless-chunks", Excluded("too large: more than 1000000 bytes")),
        ("/gzip-bomb", Excluded("too large: more than 1000000 bytes")),
        ("/brotli-bomb", Excluded("content type unknown binary (sent as text/html)")),
        ("/big/1000000", Keep("text/html")),
        ("/big/1000001", Excluded("too large: more than 1000000 bytes")),
        ("/status/410", Gone("status 410")),
        ("/no-such-page", Gone("status 404")),
        ("/status/403", Failed("status 403")),
        ("/redirect-chain/2", Redirect("/redirect-chain/1", True)),
        ("/redirect-bytes", Redirect("/page/caf%E9%FF", False)),
    ],
)
def test_answers(site: Site, path: str, expected: Verdict) -> None:
    if isinstance(expected, Redirect):
        expected = Redirect(site.url(expected.to), expected.permanent)
    found = verdict(site.url(path))
    if path == "/brotli-bomb":
        assert isinstance(found, Excluded)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/hang", a.ReadTimeout),
        ("/hang-after-headers", a.ReadTimeout),
        ("/byte-by-byte", a.TotalTimeout),
        ("/header-by-byte", a.TotalTimeout),
        ("/early-hints", a.TotalTimeout),
        ("/reset", a.Reset),
        ("/reset-in-body", a.Reset),
        ("/close", a.Reset),
        ("/half-body", a.Reset),
        ("/half-chunked", a.Reset),
        ("/two-lengths", a.BadAnswer),
        ("/bad-chunk", a.BadAnswer),
        ("/bad-status-line", a.BadAnswer),
        ("/not-http", a.BadAnswer),
        ("/bad-coding", a.BadAnswer),
        ("/header-1mb", a.HeaderTooLarge),
    ],
)
def test_failures(site: Site, path: str, error: type[a.FetchError]) -> None:
    start = time.monotonic()
    found = get(site.url(path))
    assert type(found) is error, found
    assert time.monotonic() - start < 3
    assert found.ended_at == pytest.approx(time.time(), abs=2)
    assert isinstance(judge(found, Facts(), time.time()), Retry)
    assert found.host_level == (path in ("/hang", "/reset", "/close"))


@pytest.mark.parametrize(
    ("value", "low", "high"), [("120", 119, 121), ("date", 97, 101), ("rfc850", 97, 101), ("asctime", 97, 101)]
)
def test_429_with_each_form_of_retry_after(site: Site, value: str, low: float, high: float) -> None:
    found = verdict(site.url(f"/too-many/{value}"))
    assert isinstance(found, Retry)
    assert found.host_level
    assert low <= found.after_s <= high


def test_conditional_requests(site: Site) -> None:
    answer = get(site.url("/etag"), headers={"If-None-Match": '"v1"'})
    assert isinstance(answer, a.Fetched)
    assert (answer.status, answer.body) == (304, b"")
    assert judge(answer, Facts(had_validators=True), time.time()) == Unchanged()


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/", "data:text/html,x"]
)
def test_redirects_out_of_http_fail(site: Site, target: str) -> None:
    assert isinstance(verdict(site.url(f"/redirect-to/302?{quote(target)}")), Failed)


def test_a_redirect_loop_ends(site: Site) -> None:
    assert follow(site.url("/redirect-loop/a"))[-1] == Failed(f"redirect loop: back to {site.url('/redirect-loop/a')}")
    endless = follow(site.url("/redirect-endless/0"))
    assert len(endless) == 6
    assert endless[-1] == Failed("more than 5 redirects")


def test_a_redirect_to_the_metadata_service_is_refused_at_the_next_hop(site: Site) -> None:
    hops = follow(site.url(f"/redirect-to/302?{quote('http://169.254.169.254/latest/meta-data/')}"))
    assert hops[-1] == Excluded("forbidden-address: 169.254.169.254: 169.254.169.254 is link-local")


def follow(url: str) -> list[Verdict]:
    """Follow redirects as the frontier does: each hop is judged, then asked."""
    found: list[Verdict] = []
    chain: tuple[str, ...] = ()
    while True:
        found.append(judge(get(url), Facts(chain=chain), time.time()))
        last = found[-1]
        if not isinstance(last, Redirect):
            return found
        chain, url = (*chain, url), last.to


def test_bombs_stay_within_their_memory(site: Site) -> None:
    get(site.url("/page/warm"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()

    async def all_at_once(client: Client) -> list[Any]:
        paths = ["/gzip-bomb", "/endless", "/endless-chunks", "/header-1mb"] * 5
        return await asyncio.gather(*(client.get(site.url(p)) for p in paths), return_exceptions=True)

    answers = use(all_at_once, ClientOptions(user_agent="x", allow_networks=LOOPBACK, max_body_bytes=1_000_000))
    assert {type(x) for x in answers} == {a.Fetched, a.HeaderTooLarge}
    assert time.monotonic() - start < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB; 20 at once, the server included


def test_no_cookie_comes_back(site: Site) -> None:
    async def job(client: Client) -> None:
        for _ in range(3):
            await client.get(site.url("/cookies"))

    use(job)
    assert all("cookie" not in access.headers for access in site.log.accesses)


def test_credentials_in_an_address_are_not_sent(site: Site) -> None:
    get(site.url("/page/x").replace("http://", "http://user:secret@"))
    assert "authorization" not in site.log.accesses[0].headers


def test_the_environment_has_no_say(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert verdict(site.url("/page/x")) == Keep("text/html")


def test_a_connection_is_used_again_and_not_after_a_broken_answer(site: Site) -> None:
    async def job(client: Client) -> None:
        for path in ("/page/1", "/big/2000000", "/page/2", "/status/404", "/page/3"):
            await client.get(site.url(path))

    use(job)
    assert site.log.paths() == ["/page/1", "/big/2000000", "/page/2", "/status/404", "/page/3"]


def test_a_hopeless_body_is_not_downloaded(site: Site) -> None:
    site.pages["127.0.1.1", "/film"] = Page(bytes(900_000), headers=(("Content-Type", "video/mp4"),))

    found = get(site.url("/film"), stop=unwanted)
    assert isinstance(found, a.Fetched)
    assert (found.stopped, found.truncated) == (True, True)
    assert len(found.body) < 300_000
    assert judge(found, Facts(), 0) == Excluded("content type video/mp4")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.1.1:2/", a.Refused),
        ("http://127.0.1.1:1/", a.ForbiddenAddress),
        ("http://127.0.1.1:6379/", a.ForbiddenAddress),
        ("https://redis.example:6379/", a.ForbiddenAddress),
        ("http://nowhere.example/", a.DnsFailure),
        ("http://10.1.2.3/", a.ForbiddenAddress),
        ("ftp://127.0.0.1/", a.BadRequest),
        ("file:///etc/passwd", a.BadRequest),
        ("http://", a.BadRequest),
        ("http://127.0.0.1/" + "x" * 100_000, a.BadRequest),
    ],
)
def test_addresses_that_lead_nowhere(url: str, error: type[a.FetchError]) -> None:
    assert type(get(url)) is error


def test_a_header_that_cannot_be_sent_is_refused(site: Site) -> None:
    assert type(get(site.url("/page/x"), headers={"if-none-match": "a\r\nX-Evil: 1"})) is a.BadRequest
    assert type(get(site.url("/page/x"), headers={"if-none-match": "☃"})) is a.BadRequest
    assert site.log.accesses == []


def test_tls_against_a_port_without_it(site: Site) -> None:
    hasty = dataclasses.replace(OPTIONS, connect_s=0.3)
    found = get(site.url("/page/x").replace("http://", "https://"), options=hasty)
    assert type(found) in (a.TlsFailure, a.ConnectTimeout)


def test_500_hosts_in_flight() -> None:
    with Site(hosts=250) as many:

        async def job(client: Client) -> list[Any]:
            urls = [many.url("/slow/0.3", host=i % 250) for i in range(500)]
            return await asyncio.gather(*(client.get(u) for u in urls))

        start = time.monotonic()
        patient = ClientOptions(user_agent="x", allow_networks=LOOPBACK)
        assert all(x.status == 200 for x in use(job, patient))
        assert time.monotonic() - start < 10


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the site, in this process, starves too
def test_when_our_sockets_run_out_no_host_is_blamed(site: Site) -> None:
    async def job(client: Client) -> list[Any]:
        urls = [site.url("/slow/0.2", host=i % 3) for i in range(60)]
        return await asyncio.gather(*(client.get(u) for u in urls), return_exceptions=True)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 40, hard))
    try:
        kinds = {type(found) for found in use(job, dataclasses.replace(OPTIONS, read_s=2, total_s=3))}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert a.NoResources in kinds
    assert kinds <= {a.Fetched, a.NoResources, a.ReadTimeout, a.TotalTimeout}
