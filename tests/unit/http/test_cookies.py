import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmill.http.cookies import COOKIE_MAX, COOKIES_MAX, JAR_MAX, Jar

HERE = "https://news.example/a"
NOW = 1_794_982_400.0


def after(*lines: str, jar: Jar | None = None, url: str = HERE, place: int = 0) -> Jar:
    return (jar or Jar()).after(url, tuple(("Set-Cookie", line) for line in lines), place, now=NOW)


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        (["seen=1"], "seen=1"),
        (["seen=1; Path=/; Domain=.example; Secure; HttpOnly; SameSite=Lax"], "seen=1"),
        ([' a = "x y" ;b=2'], 'a="x y"'),
        (["a=1", "b=2", "a=3"], "b=2; a=3"),
        (["a=1=2"], "a=1=2"),
        (["a="], "a="),
        (["a=1", "a=; Max-Age=0"], ""),
        (["a=1", "a=; max-age=-5"], ""),
        (["a=1; Max-Age=600; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "a=1"),
        (["a=1", "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], ""),
        (["a=1; Expires=Thu, 01-Jan-2099 00:00:00 GMT"], "a=1"),
        (["", "novalue", "=1", "a\x00=1", "a=b\x1bc", "x" * COOKIE_MAX + "=1"], ""),
    ],
)
def test_what_comes_back(lines: list[str], sent: str) -> None:
    assert after(*lines).header(HERE) == sent


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://news.example/other?x=1", "a=1"),
        ("https://news.example:8443/", "a=1"),
        ("http://news.example/a", ""),
        ("https://www.news.example/a", ""),
        ("https://example/a", ""),
        ("https://evil.example/a", ""),
    ],
)
def test_only_its_host_gets_it_and_only_as_safely_as_it_came(url: str, sent: str) -> None:
    assert after("a=1; Domain=example").header(url) == sent


def test_what_came_by_http_goes_by_https_too() -> None:
    jar = after("b=2", jar=after("a=1", url="http://news.example/"), place=1)
    assert jar.header(HERE) == "a=1; b=2"
    assert jar.header("http://news.example/") == "a=1"


def test_only_what_changes_something_is_a_change() -> None:
    jar = after("a=1", place=3)
    assert jar.changed == 3
    assert after("a=1", jar=jar, place=4) is jar
    assert after("bad", "z=; Max-Age=0", jar=jar, place=4) is jar
    assert after("a=2", jar=jar, place=4).changed == 4


def test_bounds() -> None:
    many = after(*(f"c{i}=x" for i in range(1000)))
    assert many.header(HERE).count("=") == COOKIES_MAX
    assert len(after(*(f"c{i}={'x' * 2000}" for i in range(9))).header(HERE)) <= JAR_MAX


@settings(deadline=None)
@given(st.lists(st.text(max_size=50), max_size=5), st.lists(st.text("abc=; \t", max_size=20), max_size=5))
def test_a_jar_survives_the_ledger(lines: list[str], more: list[str]) -> None:
    jar = after(*lines, *more)
    assert Jar.load(jar.dump()) == jar
    assert not set(jar.header(HERE)) & set("\r\n\x00;" if not jar else "\r\n\x00")
    assert bool(Jar.load("")) is False
