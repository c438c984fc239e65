"""What extraction yields: one frozen value a page."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from workers.messages import Frozen


class DatePrecision(StrEnum):
    """How much of a date the page states; what it does not state is zero in the datetime, in UTC."""

    DAY = "day"
    TIME = "time"  # a time of day without zone, read as UTC
    ZONED = "zoned"  # a time of day with its zone


class Link(Frozen):
    """An outgoing link: its canonical address and its anchor text, whitespace collapsed."""

    url: str
    text: str


class Article(Frozen):
    """The article in a page, and what the page says about itself. Strings are empty where nothing is known.

    text: paragraphs separated by a blank line. markdown: the same choice of blocks, with structure.
    language: ISO 639-1 (639-2/3 where there is none) of the article's text.
    confidence: 0 to 1, how sure the extractor is of the choice of text.
    paywalled: None where the page does not say.
    origins: metadata field -> the source it was taken from, such as `jsonld` or `meta:og:title`.
    fingerprint: hex, equal exactly when the normalised texts are; near_fingerprint: 64-bit simhash, hex.
    empty_reason: why there is no article in the page; empty when there is one.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: DatePrecision | None = None
    modified: datetime | None = None
    modified_precision: DatePrecision | None = None
    language: str = ""
    site_name: str = ""
    canonical_url: str = ""
    description: str = ""
    image: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    paywalled: bool | None = None
    text: str = ""
    markdown: str = ""
    links: tuple[Link, ...] = ()
    confidence: float = 0.0
    origins: dict[str, str] = Field(default_factory=dict)
    noindex: bool = False
    nofollow: bool = False
    fingerprint: str = ""
    near_fingerprint: str = ""
    empty_reason: str = ""

    @property
    def is_article(self) -> bool:
        """Whether there is an article to index; `empty_reason` says why not."""
        return not self.empty_reason
