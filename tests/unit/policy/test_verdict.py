from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http import answer as a
from newsmill.policy.verdict import (
    Excluded,
    Facts,
    Failed,
    Gone,
    Keep,
    Redirect,
    Retry,
    Unchanged,
    Verdict,
    VerdictOptions,
    judge,
)

URL = "https://news.example/a/b"
NOW = 1_794_982_400.0
OPTIONS = VerdictOptions(retry_delays_s=(10, 100))


def fetched(status: int, *headers: tuple[str, str], body: bytes = b"<html>x", **more: Any) -> a.Fetched:
    return a.Fetched(URL, status, headers, body, "1.1.1.1", NOW, NOW + 1, 1.0, **more)


def verdict(answer: a.Fetched | a.FetchError, facts: Facts | None = None) -> Verdict:
    return judge(answer, facts or Facts(), NOW, options=OPTIONS)


HTML = ("Content-Type", "text/html")


@pytest.mark.parametrize("status", [200, 201, 203])
def test_pages_are_kept(status: int) -> None:
    assert verdict(fetched(status, HTML)) == Keep("text/html")


@pytest.mark.parametrize("status", [204, 205])
def test_no_content_is_kept_for_parse_to_find_empty(status: int) -> None:
    assert verdict(fetched(status, body=b"")) == Keep("text/html")


def test_excluded_by_type_and_size() -> None:
    pdf = fetched(200, ("content-type", "application/pdf"), body=b"%PDF-1")
    assert verdict(pdf) == Excluded("content type application/pdf")
    assert verdict(fetched(200, HTML, truncated=True)) == Excluded("too large: more than 7 bytes")
    stopped = fetched(200, ("content-type", "video/mp4"), body=b"", truncated=True, stopped=True)
    assert verdict(stopped) == Excluded("content type video/mp4")


def test_not_modified() -> None:
    assert verdict(fetched(304, body=b""), Facts(had_validators=True)) == Unchanged()
    assert verdict(fetched(304, body=b"")) == Retry("status 304", 10, False)


@pytest.mark.parametrize("status", [404, 410])
def test_gone(status: int) -> None:
    assert verdict(fetched(status)) == Gone(f"status {status}")


@pytest.mark.parametrize("status", [401, 402, 407, 451])
def test_withheld_is_excluded(status: int) -> None:
    found = verdict(fetched(status))
    assert isinstance(found, Excluded)
    assert str(status) in found.reason


@pytest.mark.parametrize(
    "status", [206, 226, 305, 306, 400, 403, 405, 406, 409, 418, 422, 499, 501, 505, 600, 999, 100]
)
def test_refusals_fail(status: int) -> None:
    assert verdict(fetched(status)) == Failed(f"status {status}")


@pytest.mark.parametrize(
    ("status", "host"), [(408, False), (425, False), (429, True), (500, False), (503, True), (522, False)]
)
def test_retries(status: int, host: bool) -> None:
    assert verdict(fetched(status)) == Retry(f"status {status}", 10, host)
    assert verdict(fetched(status), Facts(attempts=2)) == Retry(f"status {status}", 100, host)
    assert verdict(fetched(status), Facts(attempts=3)) == Failed(f"status {status} (after 3 attempts)", host)


@pytest.mark.parametrize(
    ("value", "after_s"),
    [("30", 30), ("5", 10), ("Wed, 18 Nov 2026 06:15:00 GMT", 100), ("99999999", 86400), ("later", 10)],
)
def test_retry_after(value: str, after_s: float) -> None:
    assert verdict(fetched(429, ("Retry-After", value))) == Retry("status 429", after_s, True)


@pytest.mark.parametrize(
    ("status", "location", "to", "permanent"),
    [
        (301, "https://other.example/x", "https://other.example/x", True),
        (308, "/x#part", "https://news.example/x", True),
        (302, "../c", "https://news.example/c", False),
        (303, "//cdn.example/x", "https://cdn.example/x", False),
        (307, "?q=1", "https://news.example/a/b?q=1", False),
        (300, "HTTP://User:secret@News.example:80/x", "http://news.example/x", False),
        (302, "/caf\xc3\xa9", "https://news.example/caf%C3%A9", False),
        (302, "/caf\xe9\xff", "https://news.example/caf%E9%FF", False),
    ],
)
def test_redirects(status: int, location: str, to: str, permanent: bool) -> None:
    assert verdict(fetched(status, ("Location", location))) == Redirect(to, permanent)


@pytest.mark.parametrize(
    ("location", "chain"),
    [
        (None, ()),
        ("", ()),
        ("file:///etc/passwd", ()),
        ("javascript:alert(1)", ()),
        ("http://", ()),
        ("http://[::1", ()),
        (URL, ()),
        (URL + "#top", ()),
        ("/first", ("https://news.example/first",)),
        ("/new", tuple(f"https://news.example/{i}" for i in range(5))),
    ],
)
def test_bad_redirects_fail(location: str | None, chain: tuple[str, ...]) -> None:
    headers = (("Location", location),) if location is not None else ()
    assert isinstance(verdict(fetched(302, *headers), Facts(chain=chain)), Failed)


def test_errors() -> None:
    assert verdict(a.ForbiddenAddress("10.0.0.1 is private")) == Excluded("forbidden-address: 10.0.0.1 is private")
    assert verdict(a.BadRequest("no")) == Failed("bad-request: no")
    assert verdict(a.DnsFailure("x")) == Retry("dns: x", 10, True)
    assert verdict(a.BadAnswer("x")) == Retry("bad-response: x", 10, False)
    assert verdict(a.ReadTimeout("x"), Facts(attempts=3)) == Failed("timeout-read: x (after 3 attempts)", True)


HEADER = st.tuples(st.sampled_from(["location", "content-type", "retry-after"]), st.text(max_size=40))


@given(st.integers(0, 1200), st.lists(HEADER, max_size=3), st.binary(max_size=60), st.integers(0, 9), st.booleans())
def test_every_answer_has_a_verdict(
    status: int, headers: list[tuple[str, str]], body: bytes, attempts: int, conditional: bool
) -> None:
    found = judge(fetched(status, *headers, body=body), Facts(attempts, conditional), NOW, options=OPTIONS)
    if isinstance(found, Retry):
        assert 0 < found.after_s <= OPTIONS.retry_after_max_s
        assert attempts <= len(OPTIONS.retry_delays_s)
    if isinstance(found, Redirect):
        assert found.to.startswith(("http://", "https://"))
