"""The canonical form of addresses: a table of cases, and what holds for any address."""

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsmill.urls.canonical import (
    MAX_ADDRESS,
    BadAddress,
    CanonicalRules,
    SiteRule,
    address_id,
    canonicalize,
    host_key,
    same_site,
    site_of,
)

S = "https://news.example/a"

SAME = [  # (what was found, its canonical form)
    ("https://news.example", "https://news.example/"),
    ("HTTPS://News.Example/Path", "https://news.example/Path"),
    ("https://news.example:443/a", S),
    ("http://news.example:80/a", "http://news.example/a"),
    ("http://news.example:8080/a", "http://news.example:8080/a"),
    ("https://news.example./a", S),
    ("https://user:secret@news.example/a", S),
    ("https://news.example/a#top", S),
    ("https://news.example/a?", S),
    ("https://news.example/a?#x", S),
    ("  https://news.example/a\n", S),
    ('"https://news.example/a"', S),
    ("<https://news.example/a>", S),
    ("\ufeffhttps://news.example/a\u200b", S),
    ("https://news.example/a%20", S),
    ("https://news.example/a%22", S),
    ("https://news.example/a?id=1%0A", S + "?id=1"),
    ("https://news.example/a?utm_source=x%20", S),
    ("https://news.example/b/../a", S),
    ("https://news.example/./a", S),
    ("https:\\\\news.example\\a", S),
    ("https://news.example/%7Euser/%e4%bd%a0", "https://news.example/~user/%E4%BD%A0"),
    ("https://news.example/a%2fb", "https://news.example/a%2Fb"),
    ("https://news.example/ü ö", "https://news.example/%C3%BC%20%C3%B6"),
    ("https://news.example/a%zz", "https://news.example/a%zz"),
    ("https://news.example/a//b/", "https://news.example/a//b/"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://новини.укр/стаття", "https://xn--b1amarcd.xn--j1amh/%D1%81%D1%82%D0%B0%D1%82%D1%82%D1%8F"),
    ("https://news.example/a?utm_source=rss&utm_medium=feed", S),
    ("https://news.example/a?id=7&UTM_Campaign=x&fbclid=Iw", S + "?id=7"),
    ("https://news.example/a?b=2&a=1", S + "?b=2&a=1"),
    ("https://news.example/a?&&id=7&", S + "?id=7"),
    ("https://news.example/a?id=7&amp;utm_source=x&amp;p=2", S + "?id=7&p=2"),
    ("https://news.example/a?ref=rss", S),
    ("https://news.example/a?ref=main", S + "?ref=main"),
    ("https://news.example/?feed=rss2", "https://news.example/?feed=rss2"),
    ("https://news.example/a;jsessionid=0A1B?id=7", S + "?id=7"),
    ("https://news.example/(S(lit3py55t21z5v55vlm25s55))/a", S),
    ("https://news.example/a?PHPSESSID=0123456789abcdef&id=7", S + "?id=7"),
    ("https://news.example/a?sid=0123456789abcdef0123456789abcdef", S),
    ("https://news.example/a?sid=123", S + "?sid=123"),
    ("https://news.example/a?amp=1", S),
    ("https://news.example/a?outputType=amp", S),
    ("https://news.example/amp/", "https://news.example/amp/"),
    ("https://news-example.cdn.ampproject.org/c/s/news.example/a", S),
    ("https://news-example.cdn.ampproject.org/v/s/news.example/a?amp_js_v=0.1&id=7", S + "?id=7"),
    ("https://cdn.ampproject.org/c/news.example/a", "http://news.example/a"),
    ("https://www.google.com/amp/s/news.example/a", S),
    ("https://www.google.com/url?rct=j&sa=t&url=https://news.example/a&ct=ga", S),
    ("https://www.google.com/url?q=https%3A%2F%2Fnews.example%2Fa%3Fid%3D7&sa=D", S + "?id=7"),
    ("https://www.google.com/amp/s/www.google.com/amp/s/news.example/a", S),
    ("https://uk.m.wikinews.org/wiki/x", "https://uk.wikinews.org/wiki/x"),
    ("https://m.news.example/a", "https://m.news.example/a"),
    ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
    ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
]


@pytest.mark.parametrize(("found", "canonical"), SAME)
def test_canonical_form(found: str, canonical: str) -> None:
    assert canonicalize(found) == canonical


@pytest.mark.parametrize(
    ("found", "base", "canonical"),
    [
        ("/a?id=1", "https://news.example/b/c", "https://news.example/a?id=1"),
        ("../a", "https://news.example/b/c/d", "https://news.example/b/a"),
        ("//other.example/a", "https://news.example/", "https://other.example/a"),
        ("?page=2", "https://news.example/a", "https://news.example/a?page=2"),
        ("", "https://news.example/a#x", "https://news.example/a"),
    ],
)
def test_relative_to_a_base(found: str, base: str, canonical: str) -> None:
    assert canonicalize(found, base) == canonical


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "/relative",
        "mailto:desk@news.example",
        "javascript:void(0)",
        "data:text/html," + "x" * 100_000,
        "ftp://news.example/a",
        "https://",
        "https://a b/",
        "https://a..b/",
        "https://./",
        "https://[::1",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 127 + "example/",
        "https://news.example/" + "x" * MAX_ADDRESS,
        "https://www.google.com" + "/amp/s/www.google.com" * 20 + "/amp/s/news.example/a",
    ],
)
def test_what_cannot_be_fetched(bad: str) -> None:
    with pytest.raises(BadAddress):
        canonicalize(bad)


def test_rules_of_single_sites() -> None:
    rules = CanonicalRules.with_sites(
        (
            SiteRule(site="m.news.example", host="www.news.example"),
            SiteRule(site="shop.example", drop=frozenset({"*"}), keep=frozenset({"id"})),
            SiteRule(site="amp.example", strip_end=("/amp/", "/amp")),
            SiteRule(site="keep.example", keep=frozenset({"utm_content"})),
        )
    )
    assert canonicalize("https://m.news.example/a", rules=rules) == "https://www.news.example/a"
    assert canonicalize("https://m.news.example:8443/a", rules=rules) == "https://www.news.example/a"
    assert canonicalize("https://www.shop.example/a?id=1&x=2", rules=rules) == "https://www.shop.example/a?id=1"
    assert canonicalize("https://amp.example/story/amp/", rules=rules) == "https://amp.example/story"
    assert canonicalize("https://keep.example/?utm_content=1&utm_source=2", rules=rules) == (
        "https://keep.example/?utm_content=1"
    )
    assert canonicalize("https://other.example/a?id=1&x=2", rules=rules) == "https://other.example/a?id=1&x=2"


def test_rules_that_map_hosts_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match=r"leads to 'a\.example'"):
        CanonicalRules.with_sites(
            (SiteRule(site="a.example", host="b.example"), SiteRule(site="b.example", host="a.example"))
        )


@pytest.mark.parametrize("site", ["a b", "https://a.example", "a.example/x", "a.example:80"])
def test_a_rule_names_a_host(site: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        SiteRule(site=site)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://news.example.com/", "example.com"),
        ("https://a.github.io/", "a.github.io"),
        ("https://github.io/", "github.io"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://localhost/", "localhost"),
        ("https://xn--b1amarcd.xn--j1amh/", "xn--b1amarcd.xn--j1amh"),
    ],
)
def test_site(url: str, site: str) -> None:
    assert site_of(url) == site


def test_same_site() -> None:
    assert same_site("https://a.bbc.co.uk/", "http://bbc.co.uk/x")
    assert not same_site("https://a.co.uk/", "https://b.co.uk/")
    assert not same_site("http://127.0.0.1/", "http://127.0.0.2/")


def test_host_key_and_id() -> None:
    assert host_key("https://News.Example:8443/a") == "news.example"
    assert host_key("http://[::1]:80/") == "::1"
    assert len(address_id(S)) == 16
    assert address_id(S) == address_id(S) != address_id(S + "/")


PIECE = st.text(alphabet=string.ascii_letters + string.digits + "%/;=&?.()~+_-:#@ \\'\"ü\u00a0и", max_size=40)
HOST = st.sampled_from(["news.example", "M.News.Example.", "cdn.ampproject.org", "www.google.com", "[::1]", "1.2.3.4"])
ADDRESS = st.builds("{}://{}/{}?{}".format, st.sampled_from(["http", "HTTPS"]), HOST, PIECE, PIECE)


@given(ADDRESS)
@example("http://news.example/..;jsessionid=1/a")
@example("http://news.example/?utm_source%20")
@example("http://news.example/%2e%2E/x%252e")
@example("http://news.example/'#?")
def test_once_is_enough(found: str) -> None:
    try:
        canonical = canonicalize(found)
    except BadAddress:
        return
    assert canonicalize(canonical) == canonical
    assert len(canonical) <= MAX_ADDRESS


@given(st.sampled_from(["news.example", "a.b.example", "m.news.example", "amp.news.example"]), PIECE, PIECE)
def test_the_host_stays(host: str, path: str, query: str) -> None:
    canonical = canonicalize(f"https://{host}/{path}?{query}")
    assert urlsplit(canonical).netloc == host


@given(st.text(max_size=200), st.sampled_from([None, "https://news.example/a/"]))
def test_any_text_is_an_address_or_refused(text: str, base: str | None) -> None:
    try:
        canonical = canonicalize(text, base)
    except BadAddress:
        return
    assert canonical.startswith(("http://", "https://"))
    assert canonical.isascii()
