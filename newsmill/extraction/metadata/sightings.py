"""The dates that readers see in a page, and what stands around them (pure)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from newsmill.extraction.metadata.view import View
from newsmill.extraction.page.class_names import BIT
from newsmill.extraction.page.tags import TAG
from newsmill.extraction.page.walk import TAG_BIT, Page
from newsmill.text.dates import Stamp, field_date, find_date, find_dates

MAX_LINE_CHARS = 160  # longer blocks are prose; a date in prose is the story's
MAX_DATED_BLOCKS = 60  # blocks with a year that are looked at, nearest to the headline first
MAX_TIMES = 40
# A paragraph may begin with place and day: "Berlin, 25 January 2022 - The".
MAX_LEADS, LEAD_BLOCKS, LEAD_CHARS = 2, 6, 60
MAX_SHORT_CHARS = 60  # of a line in which a year may have two digits
_SHORT_YEAR = re.compile(r"(?<![\d.,/-])[0-3]?\d([./])[01]?\d\1[0-3]\d(?![\d.,/-])")
MAX_PIECES = 50  # of a block that are looked through for a link
# How years begin in digits of other scripts and in other calendars.
_OTHER_CENTURIES = re.compile("٢٠|١٩|۲۰|۱۹|२०|१९|۱۴|۱۳|২০|૨૦|๒๕|20|令和|平成|民[國国]|14\\d\\d[/-]|[ก-ฮ]\\.[ก-ฮ]\\.")
_PUBLISHED_WORDS = re.compile(
    r"publi|posted|created|veröffentlicht|опублік|опублик|publié|pubblicat|gepubliceerd|发布|發布|公開|게시|입력|نشر",
    re.I,
)
_MODIFIED_WORDS = re.compile(
    r"updat|modif|edited|revis|review|aktualis|оновлен|обновлен|mis à jour|actualiz|atualiz|aggiornat|bijgewerkt|"
    r"uppdaterad|opdateret|oppdatert|更新|수정|تحديث|עודכן|güncellen",
    re.I,
)
_MODIFIED_NAMES = re.compile(r"updat|modif")
_PUBLISHED_NAMES = re.compile(r"publi|entry-date|pubdate|posted|created")
_BITS = {
    f"in {name}": BIT[name]
    for name in ("comment", "related", "card", "footer", "byline", "meta", "user", "forum", "product", "header",
                 "sidebar", "title", "content")
} | {
    f"in <{name}>": TAG_BIT[TAG[name]]
    for name in ("article", "main", "nav", "footer", "header", "aside", "table", "li", "p", "figure", "section")
}  # fmt: skip
LABEL_CHARS = 30  # a block this short before a date may be its label


@dataclass(frozen=True, slots=True)
class Sighting:
    """A date that stands in the page. look: of its element and the one around it, equal where dates repeat in a list.
    place: `text`, or `time` by what the element is called. label: what stands before it in a line that has several."""

    stamp: Stamp
    place: str
    block: int
    look: tuple[int, int]
    label: str | None = None


def sightings(view: View, *, month_first: bool, language: str) -> Iterator[Sighting]:
    """The dates in <time> elements, in order, then those in short blocks, nearest to the headline first."""
    page, texts, headline = view.page, view.texts, view.headline
    last, leads = len(texts) - 1, 0
    for block, attributes in page.times[:MAX_TIMES] if texts else ():
        shown = attributes.get("") or ""
        stamp = field_date(
            attributes.get("datetime") or shown, month_first=month_first, language=language
        ) or find_date(shown, month_first=month_first, language=language)
        if stamp:
            yield _seen(page, stamp, _time_place(attributes), block=min(block, last))
    for block in sorted(_blocks_with_a_year(texts), key=lambda block: abs(block - headline - 1))[:MAX_DATED_BLOCKS]:
        text = texts[block].strip()
        if len(text) > MAX_LINE_CHARS:
            if leads < MAX_LEADS and -LEAD_BLOCKS < block - headline < LEAD_BLOCKS:
                stamp = find_date(text[:LEAD_CHARS], month_first=month_first, language=language)
                if stamp:
                    leads += 1
                    yield _seen(page, stamp, "lead", block=block)
            continue
        found = list(find_dates(text, month_first=month_first, language=language))
        for stamp, label in found:
            yield _seen(page, stamp, "text", block=block, label=label if len(found) > 1 else None)


def describe(view: View, seen: Sighting, looks: Counter[tuple[int, int]]) -> dict[str, float]:
    """Where a date stands, as evidence."""
    page, headline = view.page, view.headline
    element = page.blk_el[seen.block]
    around = page.el_within[element]
    said: dict[str, float] = {name: 1 for name, bit in _BITS.items() if around & bit}
    text = " ".join(view.texts[seen.block][: 2 * MAX_LINE_CHARS].split())
    before = view.texts[seen.block - 1] if seen.block else ""
    said |= {f"says {word}": 1 for word in (_words(text, before) if seen.label is None else _words(seen.label, ""))}
    said["line chars"], said["place in page"] = len(text), seen.block / len(view.texts)
    said["same look"], said["block"] = looks[seen.look], seen.block
    if headline >= 0:
        said["offset"] = seen.block - headline
        said["chars after headline"] = view.chars_after_headline(seen.block)
    start, end = page.blk_start[seen.block], page.blk_end[seen.block]
    if any(link >= 0 for link in page.hrefs[start : min(end, start + MAX_PIECES)]):
        said["linked"] = 1
    if seen.place != "text":
        said["nearest is time"] = 1
    return said


def _seen(page: Page, stamp: Stamp, place: str, *, block: int, label: str | None = None) -> Sighting:
    element = page.blk_el[block]
    outer = page.el_parent[element]
    return Sighting(stamp, place, block, (page.el_look[element], page.el_look[outer] if outer >= 0 else -1), label)


def _time_place(attributes: dict[str, str | None]) -> str:
    names = f"{attributes.get('class') or ''} {attributes.get('itemprop') or ''}"
    if _MODIFIED_NAMES.search(names):
        return "time:modified"
    return "time:published" if "pubdate" in attributes or _PUBLISHED_NAMES.search(names) else "time"


def _words(text: str, before: str) -> tuple[str, ...]:
    label = before.strip() if len(before) < 4 * LABEL_CHARS else ""
    line = f"{label} {text}" if len(label) < LABEL_CHARS else text
    said = []
    if "©" in text or "copyright" in text.lower():
        said.append("copyright")
    if _PUBLISHED_WORDS.search(line):
        said.append("published")
    if _MODIFIED_WORDS.search(line):
        said.append("modified")
    return tuple(said)


def _blocks_with_a_year(texts: list[str]) -> list[int]:
    """Blocks that may mention a year: they have its first two digits, or are short and have a date of two for it."""
    return [
        block
        for block, text in enumerate(texts)
        # 25: the Thai calendar
        if ("20" in text or "19" in text or "25" in text or (not text.isascii() and _OTHER_CENTURIES.search(text)))
        or (5 < len(text) <= MAX_SHORT_CHARS and ("." in text or "/" in text) and _SHORT_YEAR.search(text))
    ]
