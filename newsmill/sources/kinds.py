"""Kinds of source: what each makes of a polled document.

A new kind is one such function, and one entry point of the group `newsmill.source_kinds` (pyproject.toml), here or in a
package of its own.

A reader takes the document and yields what it lists, one by one, so that a large one is never held as a whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from newsmill.doors import SOURCE_KINDS
from newsmill.sources.formats.feed import parse_feed
from newsmill.sources.formats.lists import ListReader
from newsmill.sources.formats.section import read_section
from newsmill.sources.formats.sitemap import SitemapKind, SitemapReader

NO_ADDRESS = "without an address"
LATE = timedelta(days=2)  # a sitemap may be written this long after what it lists; days without a time end 24 h later


@dataclass(frozen=True, slots=True)
class Polled:
    """A document that was polled. body: decoded. url: the address that answered. now: aware.

    since: when it was last read to its end; None if never.
    """

    body: bytes
    content_type: str
    url: str
    now: datetime
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One listed address, absolute, not yet canonical. part: it is not a page but a further part of the source."""

    url: str
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""
    part: bool = False
    title: str = ""
    author: str = ""  # as written, one a line


@dataclass
class Reading:
    """The items of a document; `problem` is complete once they were read: empty, or why (some of) it is unusable.

    ttl_s, period_s: what the document says of its own updates, see `schedule.Asked`; 0 where it does not.
    left_out: what it lists and is no item, counted by reason; complete once they were read.
    """

    items: Iterator[Item]
    problem: Callable[[], str]
    ttl_s: int = 0
    period_s: int = 0
    left_out: Callable[[], dict[str, int]] = dict


def read_feed(polled: Polled) -> Reading:
    """A feed's items."""
    feed = parse_feed(polled.body, polled.content_type, polled.url, now=polled.now)
    items = (
        Item(i.url, i.published, i.modified, i.language or feed.language, title=i.title, author=i.author)
        for i in feed.items
    )
    return Reading(items, lambda: feed.problem, feed.ttl_s, feed.update_period_s, lambda: dict(feed.left_out))


def read_sitemap(polled: Polled) -> Reading:
    """A feed is a sitemap as well (https://www.sitemaps.org/protocol.html#otherformats): an index may list some."""
    reader = SitemapReader(polled.url, polled.now, content_type=polled.content_type)
    unchanged = 0

    def items() -> Iterator[Item]:
        nonlocal unchanged
        for entry in reader.entries([polled.body]):
            part = reader.kind is SitemapKind.INDEX
            if not part and polled.since and entry.lastmod and entry.lastmod < polled.since - LATE:
                unchanged += 1  # offered then, and not changed since
                continue
            yield Item(entry.loc, entry.published, entry.lastmod, entry.language, part, entry.title)

    found = items()
    first = next(found, None)
    if first is None and reader.problem:
        as_feed = read_feed(polled)
        if not as_feed.problem():
            return as_feed
    whole = chain((first,) if first else (), found)
    return Reading(
        whole,
        lambda: reader.problem,
        left_out=lambda: {NO_ADDRESS: reader.without_address, "unchanged since they were listed before": unchanged},
    )


def read_list(polled: Polled) -> Reading:
    """The addresses of a list."""
    reader = ListReader(base_url=polled.url if polled.url.startswith("http") else "")

    def problem() -> str:
        bad = f"{reader.bad_count} bad lines, the first: {reader.bad[0]}" if reader.bad_count else ""
        return "; ".join(said for said in (reader.problem, bad) if said)

    items = (Item(url) for url in reader.read(polled.body, polled.content_type))
    return Reading(items, problem, left_out=lambda: {NO_ADDRESS: reader.bad_count})


def read_page(polled: Polled) -> Reading:
    """The links of a section page that lead to articles."""
    section = read_section(polled.body, polled.content_type, polled.url, now=polled.now)
    items = (Item(link.url, link.published, None, section.language) for link in section.links)
    return Reading(items, lambda: section.problem)


def reader_of(kind: str) -> Callable[[Polled], Reading]:
    """What reads the documents of sources of this kind. Raises NotThere."""
    found: Callable[[Polled], Reading] = SOURCE_KINDS.load(kind)
    return found
