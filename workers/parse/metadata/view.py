"""The page as the metadata arbiter looks at it (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from workers.parse.metadata import jsonld, visible
from workers.parse.metadata.sources import Sources, collect
from workers.parse.page import Page

_PRODUCT = frozenset(("product", "offer", "productgroup"))
_FORUM = frozenset(("discussionforumposting", "qapage"))
_LIST = frozenset(("collectionpage", "itemlist", "searchresultspage"))


@dataclass(frozen=True, slots=True)
class View:
    """texts: raw text by block. headline: its block or -1. traits: what is true of the page, for every candidate."""

    page: Page
    texts: list[str]
    sources: Sources
    headline: int
    url: str
    traits: frozenset[str]
    now: datetime | None = None

    @property
    def heading(self) -> str:
        """The headline, one line, or empty."""
        return " ".join(self.texts[self.headline].split()) if self.headline >= 0 else ""


def look(page: Page, texts: list[str], url: str = "", now: datetime | None = None) -> View:
    """Everything the arbiter needs of a page."""
    sources = collect(page, url)
    headline = visible.headline_block(page, texts)
    return View(page, texts, sources, headline, url, frozenset(_traits(sources, headline, url)), now)


def _traits(sources: Sources, headline: int, url: str) -> set[str]:
    kind = sources.meta.get("og:type", "").lower()
    traits = {f"og:{kind.split(':')[0].split('.')[0]}"} if kind else {"og:none"}
    if sources.article:
        traits.add("jsonld article")
    for name, kinds in (("product", _PRODUCT), ("forum", _FORUM), ("list", _LIST)):
        if sources.kinds & kinds:
            traits.add(f"jsonld {name}")
    if headline < 0:
        traits.add("no headline")
    path = urlsplit(url).path.strip("/") if url else "-"
    last = path.rsplit("/", 1)[-1]
    if not path:
        traits.add("url root")
    elif url:
        traits.add(f"url slug {min(len(re.split('[-_]', last)), 4)}")
    if jsonld.text(sources.article.get("author")) or sources.authors:
        traits.add("author declared")
    return traits
