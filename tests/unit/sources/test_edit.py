"""Changes to a sources file keep its comments and order."""

import pytest

from newsmill.sources.config import BadSources, SourceKind, parse_sources
from newsmill.sources.edit import NoSuchSource, add_sources, as_table, change_source, free_name, name_for, remove_source

W = "sources.toml"
TEXT = """# What we read.

# the town's own
[[source]]
name = "courier"   # daily
kind = "feed"
url = "https://courier.example/feed"

# about the sea
# (quarterly)
[[source]]
name = "sea"
kind = "sitemap"
url = "https://sea.example/sitemap.xml"
poll_min = "1h"    # they asked for it

[[site]]
site = "m.sea.example"
host = "sea.example"
# the end
"""


def test_added_at_the_end_under_a_comment() -> None:
    changed = add_sources(TEXT, W, [{"#": "found today", "name": "new", "kind": "feed", "url": "https://new.example/"}])
    assert changed.startswith(TEXT)
    assert changed.endswith(
        '# the end\n\n# found today\n[[source]]\nname = "new"\nkind = "feed"\nurl = "https://new.example/"\n'
    )
    assert [source.name for source in parse_sources(changed, W)] == ["courier", "sea", "new"]


def test_added_to_nothing() -> None:
    assert add_sources("", W, [{"name": "a", "kind": "feed", "url": "https://a.example/"}]) == (
        '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/"\n'
    )


def test_what_would_be_wrong_is_not_added() -> None:
    with pytest.raises(BadSources, match="'courier' in 2 sources"):
        add_sources(TEXT, W, [{"name": "courier", "kind": "feed", "url": "https://new.example/"}])


@pytest.mark.parametrize("name", ["courier", "sea"])
def test_changed_and_changed_back(name: str) -> None:
    paused = change_source(TEXT, W, name, changes={"enabled": False})
    assert [source.name for source in parse_sources(paused, W) if not source.enabled] == [name]
    assert len(paused.splitlines()) == len(TEXT.splitlines()) + 1
    assert change_source(paused, W, name, changes={"enabled": None}) == TEXT


def test_a_changed_value_keeps_its_comment() -> None:
    assert change_source(TEXT, W, "sea", changes={"poll_min": "2h"}) == TEXT.replace('"1h"', '"2h"')
    with pytest.raises(BadSources, match="no length of time"):
        change_source(TEXT, W, "sea", changes={"poll_min": "often"})


def test_removed_with_its_own_comment_only() -> None:
    without = remove_source(TEXT, W, "courier")
    assert without == TEXT.replace(TEXT[TEXT.index("# the town") : TEXT.index("# about the sea")], "")
    assert [source.name for source in parse_sources(remove_source(TEXT, W, "sea"), W)] == ["courier"]
    assert "[[site]]" in remove_source(TEXT, W, "sea")
    assert parse_sources(remove_source(without, W, "sea"), W) == ()


def test_unknown_names_are_told_with_the_nearest() -> None:
    with pytest.raises(NoSuchSource, match="there is no source 'couriers'; did you mean 'courier'"):
        remove_source(TEXT, W, "couriers")


@pytest.mark.parametrize(
    ("url", "kind", "title", "taken", "name"),
    [
        ("https://www.news.example/rss", SourceKind.FEED, "", [], "news-example"),
        ("https://www.news.example/rss", SourceKind.FEED, "Sport & more", ["news-example"], "news-example-sport-more"),
        ("https://www.news.example/rss", SourceKind.FEED, "Спорт", ["news-example"], "news-example-feed"),
        ("https://news.example/", SourceKind.SITEMAP, "sitemap", [], "news-example-sitemap"),
        ("https://news.example/", SourceKind.PAGE, "", ["news-example-page"], "news-example-page-2"),
    ],
)
def test_names(url: str, kind: SourceKind, title: str, taken: list[str], name: str) -> None:
    assert name_for(url, kind, title, taken=taken) == name


def test_names_are_always_good() -> None:
    assert free_name("", ()) == "source"
    assert free_name("Ж" * 100, ["source"]) == "source-2"
    assert free_name("x" * 100, ()) == "x" * 50


def test_as_table_gives_what_is_not_default() -> None:
    sea = parse_sources(TEXT.replace("# (quarterly)", "").replace('"1h"', '"1h"\npriority = "fresh"'), W)[1]
    assert as_table(sea) == {
        "name": "sea",
        "kind": "sitemap",
        "url": "https://sea.example/sitemap.xml",
        "poll_min": 3600,
        "priority": "fresh",
    }
