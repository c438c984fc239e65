"""Which blocks of a page are its article: the net's choice, without repeats and without chrome (pure)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.blocks.asides import without_asides
from newsmill.extraction.blocks.boilerplate import article_lines
from newsmill.extraction.blocks.features import Features
from newsmill.extraction.blocks.fragments import paragraphs_of
from newsmill.extraction.blocks.hydration import hydrated_text
from newsmill.extraction.blocks.net import choose, probabilities
from newsmill.extraction.blocks.statistics import BlockStats, Floats
from newsmill.extraction.metadata import jsonld
from newsmill.extraction.page.tags import TAG, tag_id
from newsmill.extraction.page.walk import Page
from newsmill.text.characters import units

LOW_ODDS = 0.3  # of a paragraph between chosen ones, or between them and the headline
PROSE_UNITS, PROSE_LINKED = 12, 0.2  # words of a paragraph, and the share of linked ones below which it is prose
LEAD_BLOCKS = 6  # blocks behind the headline in which the text begins
_H1 = tag_id("h1")
REPEAT_UNITS = 4  # a shorter block may well occur twice in a table or a dialogue
DATA_MARKS = 0.7  # quotes, colons and commas a word, above which a bracketed block is data
COPY_UNITS = 150  # a block this long may be a copy of the whole article
PROBE_UNITS, PROBE_CHARS, MAX_PROBES = 6, 30, 40  # which blocks are looked up in it, by their beginning
CAPTION_UNITS, LEAST_CAPTIONS = 12, 3  # sentences below pictures, not their titles; fewer are an article's pictures
GALLERY_SHARE = 1.5  # of the other text, that the captions of a gallery have at least
SHELL_UNITS = 120  # a page that shows as many words is no shell for scripts to fill
FALLBACK_UNITS = 80  # of articleBody; shorter ones are often teasers
FALLBACK_SHARE = 0.3  # of articleBody that the page must show, else its text is rendered by scripts

_SITE_MARK = re.compile(r" [|–—-] ")

Judge = Callable[[Features], Floats]


@dataclass(frozen=True, slots=True)
class Selection:
    """blocks: in document order. confidence: the F1 to expect, 0 to 1."""

    blocks: list[int]
    confidence: float


def select(page: Page, stats: BlockStats, found: Features, *, judge: Judge = probabilities) -> Selection:
    """The article's blocks. `judge` gives each block's probability; others than the committed nets serve evaluation."""
    likely = judge(found)
    keep, confidence = choose(likely, stats.units)
    keep |= _doubtful(page, stats, likely, keep=keep)
    kept = _with_captions(page, stats, keep.nonzero()[0].tolist())
    lines = [" ".join(found.texts[block].split()) for block in kept]
    seen: set[str] = set()
    unique = []
    for at, line in enumerate(lines):
        if line in seen and stats.units[kept[at]] >= REPEAT_UNITS:
            continue
        seen.add(line)
        unique.append(at)
    shown = [at for at in unique if not _is_data(lines[at], stats, kept[at])]
    shown = _without_copies(lines, shown, [float(stats.units[block]) for block in kept])
    blocks = without_asides(page, stats, found.texts, chosen=[kept[at] for at in shown])
    at_block = dict(zip(kept, lines, strict=True))
    told = [at_block.get(block) or " ".join(found.texts[block].split()) for block in blocks]
    inside = article_lines(told)  # last: what stands beside may be in another script
    return Selection([blocks[at] for at in inside], round(confidence, 3))


def _doubtful(page: Page, stats: BlockStats, likely: Floats, *, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Paragraphs at low odds between the headline and the last one chosen: leads, and what a box set apart."""
    chosen = np.flatnonzero(keep)
    heads = np.flatnonzero(page.columns.tag.take(page.columns.el) == _H1)
    more = (likely >= LOW_ODDS) & (stats.units >= PROSE_UNITS) & (stats.linked < PROSE_LINKED * stats.units)
    if len(chosen):
        start = chosen[0]
        if len(heads) == 1 and 0 <= start - heads[0] <= LEAD_BLOCKS:
            start = heads[0]
        more[:start] = False
        more[chosen[-1] :] = False
    result: NDArray[np.bool_] = more
    return result


def _with_captions(page: Page, stats: BlockStats, kept: list[int]) -> list[int]:
    """With the captions of a gallery: there they are the text, and what stands around them is less."""
    if TAG["figcaption"] not in page.el_tag:
        return kept
    plain = stats.units - stats.linked
    captions = [block for block, element in enumerate(page.blk_el) if page.el_tag[element] == TAG["figcaption"]]
    long = [block for block in captions if plain[block] >= CAPTION_UNITS]
    others = set(kept).difference(captions)
    if len(long) < LEAST_CAPTIONS or plain[long].sum() < GALLERY_SHARE * plain[list(others)].sum():
        return kept
    return sorted({*kept, *long})


def _is_data(line: str, stats: BlockStats, block: int) -> bool:
    """Whether the block is JSON that a template left in the page."""
    if line[:1] not in "{[" or line[-1:] not in "}]":
        return False
    marks = line.count('"') + line.count(":") + line.count(",")
    return marks > DATA_MARKS * max(1.0, float(stats.units[block]))


def _without_copies(lines: list[str], shown: list[int], size: list[float]) -> list[int]:
    """Without long blocks that hold the text of most others: the source of the article, kept beside it for scripts."""
    long = [at for at in shown if size[at] >= COPY_UNITS]
    if not long:
        return shown
    others = [lines[at][:PROBE_CHARS] for at in shown if PROBE_UNITS <= size[at] < COPY_UNITS]
    copies = {
        at
        for at in long
        if len(others) >= 3
        and sum(probe in lines[at] for probe in others[:MAX_PROBES]) * 2 > min(len(others), MAX_PROBES)
    }
    return [at for at in shown if at not in copies]


def declared_body(page: Page, article: jsonld.Node, shown: str) -> tuple[str, str]:
    """The articleBody of the page's JSON-LD, or the text that its scripts are given, where the page itself shows next
    to nothing of it, and which of the two; else empty."""
    here = units(shown)
    raw = article.get("articleBody")
    if isinstance(raw, str) and (body := _in_place_of(here, paragraphs_of(raw))):
        return body, "jsonld"
    if here >= SHELL_UNITS:
        return "", ""
    head = _SITE_MARK.split(page.title, maxsplit=1)[0]
    titles = (page.title, head, jsonld.text(article.get("headline")), _shared_title(page))
    return _in_place_of(here, hydrated_text(page, titles)), "script"


def _in_place_of(here: float, paragraphs: list[str]) -> str:
    """The paragraphs as a text, if they are one and what the page shows is a small part of it."""
    body = "\n\n".join(paragraphs[i] for i in article_lines(paragraphs))
    size = units(body)
    return body if size >= FALLBACK_UNITS and here < FALLBACK_SHARE * size else ""


def _shared_title(page: Page) -> str:
    return next((meta.get("content") or "" for meta in page.metas if meta.get("property") == "og:title"), "")
