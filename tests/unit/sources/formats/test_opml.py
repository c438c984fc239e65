"""OPML in and out."""

import pytest

from newsmill.sources.config import parse_sources
from newsmill.sources.formats.opml import Opml, OpmlFeed, read_opml, write_opml

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Towns"><outline text="North"><outline type="rss" text="Courier" title="The Courier &amp; Post"
 xmlUrl="https://courier.example/feed" htmlUrl="https://courier.example/"/></outline></outline>
<outline text="Again" XMLURL="https://courier.example/feed"/>
<outline text="Mail" xmlUrl="mailto:x@y.example"/><outline text="Plain" xmlUrl="https://plain.example/rss"/>
</body></opml>"""


def test_read() -> None:
    assert read_opml(OPML.encode()) == Opml(
        (
            OpmlFeed("https://courier.example/feed", "The Courier & Post", "https://courier.example/", "Towns / North"),
            OpmlFeed("https://plain.example/rss", "Plain"),
        ),
        skipped=("only http and https addresses can be fetched: 'mailto:x@y.example'",),
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not well-formed: no element found, line 1"),
        (b"<rss/>", "<rss> is no OPML"),
        (b'<!DOCTYPE opml [<!ENTITY a "b"><opml/>', "its DTD does not end"),
        (b"<opml>" + b"<outline>" * 200, "more than 500,000 feeds, or outlines 100 levels deep"),
    ],
)
def test_what_is_none(body: bytes, problem: str) -> None:
    assert read_opml(body) == Opml(problem=problem)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("feed://courier.example/feed", "http://courier.example/feed"),
        ("feed:https://courier.example/feed", "https://courier.example/feed"),
        ("FEEDS://courier.example/feed", "https://courier.example/feed"),
        ("feed:courier.example/feed", "http://courier.example/feed"),
    ],
)
def test_addresses_of_the_feed_scheme(url: str, found: str) -> None:
    dtd = '<!DOCTYPE opml [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p; <!ENTITY a "&b;&b;">]>'
    read = read_opml(f'{dtd}<opml><body><outline xmlUrl="{url}" text="a &a; b"/></body></opml>'.encode())
    assert [feed.url for feed in read.feeds] == [found]
    (source,) = parse_sources(f'[[source]]\nname = "a"\nkind = "feed"\nurl = "{url}"\n', "sources.toml")
    assert source.url == found


def test_what_was_read_before_the_break_counts() -> None:
    found = read_opml(OPML.encode()[:400])
    assert [feed.title for feed in found.feeds] == ["The Courier & Post"]
    assert found.problem.startswith("not well-formed")


def test_what_is_written_can_be_read() -> None:
    sources = parse_sources(
        '[[source]]\nname="a"\nkind="feed"\nurl="https://a.example/?x=1&y=2"\n'
        '[[source]]\nname="b"\nkind="sitemap"\nurl="https://b.example/"\n',
        "s",
    )
    assert read_opml(write_opml(sources, "A & B").encode()).feeds == (OpmlFeed("https://a.example/?x=1&y=2", "a"),)
