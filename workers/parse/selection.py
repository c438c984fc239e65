"""Which blocks of a page are its article: the net's choice, without repeats and without chrome (pure)."""

from collections.abc import Callable
from dataclasses import dataclass

from workers.parse.charstats import units
from workers.parse.chrome import article_lines
from workers.parse.features import Features
from workers.parse.metadata import jsonld
from workers.parse.net import choose, probabilities
from workers.parse.page import Page
from workers.parse.stats import BlockStats, Floats

REPEAT_UNITS = 4  # a shorter block may well occur twice in a table or a dialogue
FALLBACK_UNITS = 80  # of articleBody; shorter ones are often teasers
FALLBACK_SHARE = 0.3  # of articleBody that the page must show, else its text is rendered by scripts

Judge = Callable[[Features], Floats]


@dataclass(frozen=True, slots=True)
class Choice:
    """blocks: in document order. confidence: the F1 to expect, 0 to 1."""

    blocks: list[int]
    confidence: float


def select(page: Page, stats: BlockStats, found: Features, judge: Judge = probabilities) -> Choice:
    """The article's blocks. `judge` gives each block's probability; others than the committed nets serve evaluation."""
    keep, confidence = choose(judge(found), stats.units)
    kept = [int(block) for block in keep.nonzero()[0]]
    lines = [" ".join(found.texts[block].split()) for block in kept]
    seen: set[str] = set()
    unique = []
    for at, line in enumerate(lines):
        if line in seen and stats.units[kept[at]] >= REPEAT_UNITS:
            continue
        seen.add(line)
        unique.append(at)
    inside = article_lines([lines[at] for at in unique])
    return Choice([kept[unique[at]] for at in inside], round(confidence, 3))


def declared_body(article: jsonld.Node, shown: str) -> str:
    """The articleBody of the page's JSON-LD where the page itself shows next to nothing of it, else empty."""
    raw = article.get("articleBody")
    if not isinstance(raw, str):
        return ""
    paragraphs = [line for part in raw.splitlines() if (line := jsonld.text(part))]
    body = "\n\n".join(paragraphs[i] for i in article_lines(paragraphs))
    size = units(body)
    return body if size >= FALLBACK_UNITS and units(shown) < FALLBACK_SHARE * size else ""
