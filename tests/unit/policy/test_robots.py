import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http import answer as a
from newsmill.policy.robots import (
    REDIRECTS_MAX,
    Decision,
    RobotsFile,
    RobotsOptions,
    RobotsRedirect,
    robots_from_response,
)
from newsmill.policy.robots_rules import SIZE_MAX, TEXT_MAX, reduced

NOW = 1_794_982_400.0
OPTIONS = RobotsOptions(token="Newsmill")
URL = "https://news.example/robots.txt"


def fetched(status: int, body: bytes = b"", *headers: tuple[str, str], **more: Any) -> a.Fetched:
    return a.Fetched(URL, status, headers, body, "1.1.1.1", NOW, NOW, 0.1, **more)


def file(answer: a.Fetched | a.FetchError, **more: Any) -> RobotsFile:
    found = robots_from_response(answer, NOW, OPTIONS, **more)
    assert isinstance(found, RobotsFile)
    return RobotsFile.load(found.dump())


def allowed(text: str, path: str) -> bool:
    return file(fetched(200, text.encode())).allowed("https://news.example" + path).allowed


# RFC 9309 §5.1 and §5.2, and what webmasters write.
@pytest.mark.parametrize(
    ("text", "path", "free"),
    [
        ("User-agent: *\nDisallow: /private", "/private/x", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("user-agent:newsmill\ndisallow:/a\nuser-agent:*\ndisallow:/b", "/a", False),
        ("user-agent:newsmill\ndisallow:/a\nuser-agent:*\ndisallow:/b", "/b", True),
        ("User-agent: NEWSMILL/2.0\nDisallow: /", "/x", False),
        ("User-agent: News\nDisallow: /", "/x", True),
        ("User-agent: Newsmill-Image\nDisallow: /", "/x", True),
        ("User-agent: other\nUser-agent: newsmill\nDisallow: /", "/x", False),
        ("User-agent: newsmill\nDisallow: /a\n\nUser-agent: newsmill\nDisallow: /b", "/b", False),
        ("User-agent: newsmill\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("User-agent: newsmill\n\nUser-agent: *\nDisallow: /", "/x", False),
        ("User-agent: newsmill\nDisallow:\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("User-agent: *\nDisallow: /*.gif$", "/a/b.gif", False),
        ("User-agent: *\nDisallow: /*.gif$", "/a/b.gif?x", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a/b\nAllow: /a", "/a/b/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /café", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /foo # not this", "/foo", False),
        ("\ufeffUser-agent: *\r\nDisallow: /foo\r\n", "/foo", False),
        ("User-agent *\nDisallow /foo", "/foo", False),
        ("Disallow: /foo", "/foo", True),
        ("User-agent: *\nSitemap: https://x/s.xml\nDisallow: /foo", "/foo", False),
        ("User-agent: *\nDisallow: /x?id=", "/x?id=5", False),
    ],
)
def test_rules(text: str, path: str, free: bool) -> None:
    assert allowed(text, path) is free


def test_the_deciding_rule_is_named() -> None:
    robots = file(fetched(200, b"User-agent: *\nDisallow: /a\nDisallow: /a/b\nAllow: /a/b/c*d"))
    assert robots.allowed("https://news.example/a/b/x") == Decision(False, "Disallow: /a/b")
    assert robots.allowed("https://news.example/a/b/cd") == Decision(True, "Allow: /a/b/c*d")
    assert robots.allowed("https://news.example/z") == Decision(True, "no rule against it")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_4xx_allows(status: int) -> None:
    robots = file(fetched(status))
    assert robots.allowed("https://news.example/x").allowed
    assert str(status) in robots.reason


@pytest.mark.parametrize("answer", [fetched(500), fetched(503), fetched(429), a.ReadTimeout("x"), a.DnsFailure("y")])
def test_unreachable_is_not_now_with_back_off(answer: a.Fetched | a.FetchError) -> None:
    robots, waits = None, []
    for _ in range(12):
        robots = file(answer, previous=robots)
        assert not robots.allowed("https://news.example/x").allowed
        waits.append(robots.expires_at - NOW)
    assert waits[:3] == [300, 600, 1200]
    assert waits[-1] == 86400


def test_retry_after_of_robots() -> None:
    assert file(fetched(503, b"", ("Retry-After", "7200"))).expires_at == NOW + 7200


def test_redirects() -> None:
    moved = fetched(301, b"", ("Location", "https://www.news.example/robots.txt"))
    assert robots_from_response(moved, NOW, OPTIONS) == RobotsRedirect("https://www.news.example/robots.txt")
    assert file(moved, hops=REDIRECTS_MAX).state == "allow"
    assert file(fetched(302)).state == "allow"
    assert file(fetched(302, b"", ("Location", "file:///etc/passwd"))).state == "allow"


@pytest.mark.parametrize(
    ("cache_control", "ttl_s"),
    [(None, 86400), ("max-age=3600", 3600), ("max-age=9999999", 86400), ("max-age=1", 600), ("no-store", 600)],
)
def test_age_limit(cache_control: str | None, ttl_s: int) -> None:
    headers = [("Cache-Control", cache_control)] if cache_control else []
    assert file(fetched(200, b"User-agent: *\nDisallow: /a", *headers)).expires_at == NOW + ttl_s


def test_html_has_no_rules() -> None:
    page = b"<!doctype html><html><body>\nUser-agent: *\nDisallow: /\n</body></html>"
    assert file(fetched(200, page)).allowed("https://news.example/x").allowed


def test_only_500_kib_are_read_and_half_a_line_is_no_rule() -> None:
    head = b"User-agent: *\nDisallow: /a\n"
    body = head + b"# padding\n" * ((SIZE_MAX - len(head)) // 10 - 1)
    body += b"Disallow: /" + b" " * 20 + b"\n" + b"Disallow: /late\n" * 100
    robots = file(fetched(200, body))
    assert not robots.allowed("https://news.example/a").allowed
    assert robots.allowed("https://news.example/late").allowed


@pytest.mark.parametrize(
    ("text", "delay_s", "wish_s"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5, 5),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5, 0.5),
        ("User-agent: *\nCrawl-delay: 3600", 60, 3600),
        ("User-agent: *\nCrawl-delay: soon", None, None),
        ("User-agent: *\nCrawl-delay: -1", None, None),
        ("User-agent: other\nCrawl-delay: 5", None, None),
    ],
)
def test_crawl_delay(text: str, delay_s: float | None, wish_s: float | None) -> None:
    robots = file(fetched(200, text.encode()))
    assert robots.crawl_delay_s(OPTIONS) == delay_s
    assert robots.crawl_delay_wish_s() == wish_s


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: a\n" * 40_000 + "Disallow: /x\n" * 40_000,
        "".join(f"User-agent: a{i}\n" for i in range(20_000)) + "Disallow: /x\n" * 20_000,
        "User-agent: *\n" + "Disallow: /*a*b*c*d*e*f$\n" * 20_000,
        "User-agent: *\n" + "Disallow: /" + "*a" * 250_000,
        "User-agent: *\n" + "".join(f"Disallow: /x{i}\n" for i in range(30_000)),
    ],
)
def test_hostile_files_cost_little(text: str) -> None:
    start = time.process_time()
    robots = file(fetched(200, text.encode()))
    robots.allowed("https://news.example/x1" + "abcdef" * 300)
    assert time.process_time() - start < 2
    assert len(robots.dump()) <= TEXT_MAX + 200


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_text_gives_a_decision(text: str, path: str) -> None:
    robots = file(fetched(200, text.encode("utf-8", "replace")))
    decision = robots.allowed("https://news.example/" + path)
    assert decision.rule or decision.allowed
    once = reduced(text.encode("utf-8", "replace"), "newsmill")
    assert reduced(once.text.encode(), "newsmill") == once
