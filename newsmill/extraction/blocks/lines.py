"""The blocks of a page as the rules after the net's choice look at them (pure)."""

from dataclasses import dataclass, field
from itertools import accumulate

from newsmill.extraction.blocks.labels import Label, heading_of
from newsmill.extraction.blocks.statistics import BlockStats
from newsmill.extraction.page.walk import Page

LONG_UNITS = 12  # of a paragraph; fewer are a heading, a label or a caption
MAX_LINKED = 0.4  # share of linked words of a paragraph
MAX_LINE_CHARS = 300  # a line of few words may be a million dashes
MAX_HEADING_UNITS = 10


@dataclass(frozen=True, slots=True)
class Blocks:
    """All blocks of the page: words and linked words of each, and their sums over the blocks before it."""

    page: Page
    texts: list[str]
    units: list[float]
    linked: list[float]
    unit_sums: list[float]
    linked_sums: list[float]
    plain: list[float]  # words outside links
    long: list[bool]  # whether it is a paragraph
    headings: dict[int, Label | None] = field(default_factory=dict)  # by block, of those that were asked for

    def heading(self, block: int) -> Label | None:
        """What a short block announces."""
        if block not in self.headings:
            short = self.units[block] <= MAX_HEADING_UNITS
            self.headings[block] = heading_of(self.line(block)) if short else None
        return self.headings[block]

    def line(self, block: int) -> str:
        """The beginning of a block, long enough for any label."""
        return " ".join(self.texts[block][:MAX_LINE_CHARS].split())

    def size(self, element: int) -> tuple[float, float]:
        """Words and linked words of an element."""
        first, last = self.page.el_first[element], self.page.el_last[element]
        return self.unit_sums[last] - self.unit_sums[first], self.linked_sums[last] - self.linked_sums[first]


def blocks_of(page: Page, stats: BlockStats, texts: list[str]) -> Blocks:
    """All blocks. texts: of every block of the page."""
    units, linked = stats.units.tolist(), stats.linked.tolist()
    sums = [list(accumulate(column, initial=0.0)) for column in (units, linked)]
    long = (stats.units >= LONG_UNITS) & (stats.linked < MAX_LINKED * stats.units)
    plain = (stats.units - stats.linked).tolist()
    return Blocks(page, texts, units, linked, sums[0], sums[1], plain, long.tolist())


def look_of(page: Page, block: int) -> tuple[int, int]:
    """What a block and the element around it look like."""
    element = page.blk_el[block]
    return page.el_look[element], page.el_look[max(page.el_parent[element], 0)]
