"""The sources file: what it may say, and how it is told what it may not."""

import pytest

from newsmill.sources.config import BadSources, Priority, SourceKind, parse_file, parse_sources
from newsmill.sources.scope import Scope
from newsmill.urls.canonical import canonicalize

GOOD = """
[[source]]
name = "example-news"
kind = "feed"
url = "https://www.news.example/feed.xml"
include = ["/news/*"]
max_age = "7d"
languages = ["uk"]
follow = 1
priority = "fresh"
poll_min = "5m"
poll_max = 3600

[[source]]
name = "example-map"
kind = "sitemap"
url = "https://www.news.example/sitemap.xml"
sites = ["news-mirror.example"]

[[source]]
name = "by-hand"
kind = "list"
path = "lists/by-hand.txt"
enabled = false

[[site]]
site = "m.news.example"
host = "www.news.example"
"""


def test_sources() -> None:
    feed, sitemap, by_hand = parse_sources(GOOD, "config/sources.toml")
    assert feed.kind is SourceKind.FEED
    assert feed.priority is Priority.FRESH
    assert (feed.poll_min, feed.poll_max) == (300, 3600)
    assert feed.scope == Scope(include=("/news/*",), max_age_s=604800, languages=("uk",), max_depth=1)
    assert sitemap.scope.sites == ("news.example", "news-mirror.example")
    assert not by_hand.enabled


def test_site_rules() -> None:
    rules = parse_file(GOOD, "config/sources.toml").rules
    rule = rules.of("m.news.example")
    assert rule is not None
    assert rule.host == "www.news.example"


def test_a_source_knows_the_rules_of_its_sites() -> None:
    feed, sitemap, by_hand = parse_sources(GOOD, "config/sources.toml")
    assert [len(source.site_rules) for source in (feed, sitemap, by_hand)] == [1, 1, 1]
    (other,) = parse_sources(GOOD[GOOD.index("[[site]]") :] + one(kind='"page"'), "config/sources.toml")
    assert other.site_rules == ()
    again = type(feed).model_validate_json(feed.model_dump_json(exclude_defaults=True))
    assert again == feed
    assert canonicalize("https://m.news.example/a", rules=again.rules) == "https://www.news.example/a"


def test_sources_come_back_from_the_ledger() -> None:
    for source in parse_sources(GOOD, "config/sources.toml"):
        assert type(source).model_validate_json(source.model_dump_json(exclude_defaults=True)) == source


def one(**keys: str) -> str:
    table = {"name": '"a"', "kind": '"feed"', "url": '"https://a.example/"'} | keys
    return "[[source]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items() if value)


W = "sources.toml:1: source 'a': "
BAD = [
    ("[[source]\n", "sources.toml: not TOML: Expected ']]' at the end of an array declaration (at line 1, column 9)"),
    ("[[sources]]\n", "sources.toml: unknown key 'sources' (did you mean 'source'?)"),
    ("[source]\nname = 'a'\n", "sources.toml: write [[source]] with two brackets"),
    (one(includes="[]"), W + "unknown key 'includes' (did you mean 'include'?)"),
    (one(kind=""), W + "kind is missing"),
    (one(kind='"feeds"'), W + "kind: there is no kind of source 'feeds' here (did you mean 'feed'?)"),
    (one(name='"A b"'), "sources.toml:1: source 'A b': name: 'A b' must be 1 to 63 of a-z, 0-9, '.', '_', '-', "),
    (one(url=""), W + "url is missing"),
    (one(url='"ftp://a.example/"'), W + "url: only http and https addresses can be fetched: 'ftp://a.example/'"),
    (one(path='"x"'), W + "path is for lists; a feed has a url"),
    (one(kind='"list"', url=""), W + "a list needs either url or path"),
    (one(priority='"high"'), W + "priority: write one of 'fresh', 'normal', 'backfill'"),
    (one(poll_min='"5 minutes"'), W + "poll_min: '5 minutes' is no length of time: write "),
    (one(poll_min='"2h"', poll_max='"1h"'), W + "poll_min (2h) is above poll_max (1h)"),
    (one(poll_min="0"), W + "poll_min = 0: input should be greater than or equal to 1"),
    (one(follow="11"), W + "follow = 11: input should be less than or equal to 10"),
    (one(languages='["english"]'), W + "languages: not a language: 'english' (write its ISO 639 code: "),
    (one(sites='["https://b.example/"]'), W + "sites: not a site: 'https://b.example/' "),
    (one(enabled='"perhaps"'), W + "enabled = 'perhaps': input should be a valid boolean"),
    (one() + one(url='"https://b.example/"'), "sources.toml: name: 'a' in 2 sources"),
    (one() + one(name='"b"'), "sources.toml: 'feed https://a.example/' in 2 sources"),
    ("[[site]]\nsite = 'a b'\n", "sources.toml:1: site 'a b': site: not a host name: 'a b'"),
    (
        "[[site]]\nsite='a.example'\nhost='b.example'\n[[site]]\nsite='b.example'\nhost='a.example'\n",
        "sources.toml: 'a.example' leads to 'b.example', which leads to 'a.example'",
    ),
]


@pytest.mark.parametrize(("text", "problem"), BAD)
def test_problems(text: str, problem: str) -> None:
    with pytest.raises(BadSources) as caught:
        parse_sources(text, "sources.toml")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_all_problems_at_once() -> None:
    with pytest.raises(BadSources) as caught:
        parse_sources(one(kind='"feeds"', follow="11") + "\n" + one(name='"b"', inlcude="[]"), "sources.toml")
    assert str(caught.value).splitlines() == [
        "sources.toml:1: source 'a': kind: there is no kind of source 'feeds' here (did you mean 'feed'?)",
        "sources.toml:1: source 'a': follow = 11: input should be less than or equal to 10",
        "sources.toml:7: source 'b': unknown key 'inlcude' (did you mean 'include'?)",
    ]


def test_no_sources() -> None:
    assert parse_sources("", "sources.toml") == ()
