"""The page as the metadata arbiter looks at it (pure)."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.headline import MAX_HEADING_CHARS, headline_block
from newsmill.extraction.metadata.kind import page_evidence
from newsmill.extraction.metadata.sources import Sources, collect
from newsmill.extraction.page.walk import Page

MAX_PARTS = 50  # text nodes of a headline
_OPENING = "„“\"«‹»'‘"
SHOWN_CHARS = 500  # a page with less has no article in its markup


@dataclass(frozen=True, slots=True)
class View:
    """texts: raw text by block. starts: the characters before each block, and in all. headline: its block or -1.
    kind: evidence of the page, for every candidate."""

    page: Page
    texts: list[str]
    starts: NDArray[np.int64]
    sources: Sources
    headline: int
    url: str
    kind: dict[str, float]
    now: datetime | None = None

    @property
    def heading(self) -> str:
        """The headline, one line, or empty. Parts of it that templates set apart without a space are kept apart."""
        line = ""
        for piece in self.heading_parts:
            joined = line[-1:].isalnum() and (piece[:1].isupper() or piece[:1] in _OPENING)
            line += f" {piece}" if joined else piece
        return " ".join(line[:MAX_HEADING_CHARS].split())

    @property
    def heading_parts(self) -> list[str]:
        """The headline by its text nodes: a kicker often stands in one of its own."""
        if self.headline < 0:
            return []
        first, last = self.page.blk_start[self.headline], self.page.blk_end[self.headline]
        return [piece.replace("\u2028", " ") for piece in self.page.pieces[first : min(last, first + MAX_PARTS)]]

    @property
    def declares_alone(self) -> bool:
        """Whether the page shows next to nothing: its text is made by scripts, and what it declares is all there is."""
        return int(self.starts[-1]) < SHOWN_CHARS and bool(self.sources.article)

    def chars_after_headline(self, block: int) -> int:
        """How much text stands between the headline and a block; negative before it."""
        return int(self.starts[block] - self.starts[max(self.headline, 0)])


def look(page: Page, texts: list[str], url: str = "", *, now: datetime | None = None) -> View:
    """Everything the arbiter needs of a page."""
    sources = collect(page, url)
    meta, article = sources.meta, sources.article
    declared = (meta.get("og:title", ""), jsonld.text(article.get("headline")))
    headline = headline_block(page, texts, declared, site=meta.get("og:site_name", "") or sources.site)
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=starts[1:])
    kind = page_evidence(page, texts, starts, sources=sources, headline=headline, url=url)
    return View(page, texts, starts, sources, headline, url, kind, now)
