"""The page as the metadata arbiter looks at it (pure)."""

from dataclasses import dataclass
from datetime import datetime

from workers.parse.metadata import visible
from workers.parse.metadata.kind import page_evidence
from workers.parse.metadata.sources import Sources, collect
from workers.parse.page import Page


@dataclass(frozen=True, slots=True)
class View:
    """texts: raw text by block. headline: its block or -1. kind: evidence of the page, for every candidate."""

    page: Page
    texts: list[str]
    sources: Sources
    headline: int
    url: str
    kind: dict[str, float]
    now: datetime | None = None

    @property
    def heading(self) -> str:
        """The headline, one line, or empty."""
        return " ".join(self.texts[self.headline].split()) if self.headline >= 0 else ""


def look(page: Page, texts: list[str], url: str = "", now: datetime | None = None) -> View:
    """Everything the arbiter needs of a page."""
    sources = collect(page, url)
    headline = visible.headline_block(page, texts)
    return View(page, texts, sources, headline, url, page_evidence(page, texts, sources, headline, url), now)
