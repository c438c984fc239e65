"""What readers see around the headline: the headline itself, dates, and who signed the text (pure)."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from workers.parse.classflags import BIT
from workers.parse.metadata import dates
from workers.parse.metadata.dates import Stamp
from workers.parse.page import Page
from workers.parse.tags import TAG, tag_id

NEAR_BLOCKS = 12  # blocks before and after the headline in which a byline stands
MAX_BYLINE_CHARS = 160
MAX_DATED_BLOCKS = 60  # blocks with a year that are looked at, nearest to the headline first
_YEAR = re.compile(r"(?:19|20|25)\d\d")
_OTHER_YEAR = re.compile(r"[٠-٩۰-۹०-९][٠-٩۰-۹०-९]{3}")  # a class first: found twice as fast
_H1 = tag_id("h1")
_HEADINGS = tuple(tag_id(f"h{level}") for level in range(1, 4))
_PUBLISHED_WORDS = re.compile(
    r"publi|posted|created|veröffentlicht|опублік|опублик|publié|pubblicat|gepubliceerd|发布|發布|公開|게시|입력|نشر",
    re.I,
)
_MODIFIED_WORDS = re.compile(
    r"updat|modif|edited|revis|review|aktualis|оновлен|обновлен|mis à jour|actualiz|atualiz|aggiornat|bijgewerkt|"
    r"uppdaterad|opdateret|oppdatert|更新|수정|تحديث|עודכן|güncellen",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A date that stands in the page. distance: blocks from the headline, negative before it."""

    stamp: Stamp
    source: str
    block: int
    distance: int


def headline_block(page: Page, texts: list[str]) -> int:
    """The block of the headline: the h1 that the document's title repeats, else the first h1, else -1."""
    title = " ".join(page.title.split()).lower()
    headings = [block for block, element in enumerate(page.blk_el) if page.el_tag[element] == _H1]
    for block in headings[:20]:
        text = " ".join(texts[block].split()).lower()
        if len(text) > 3 and (text in title or title in text):
            return block
    if headings:
        return headings[0]
    for block, element in enumerate(page.blk_el[:400]):
        text = " ".join(texts[block].split()).lower()
        if page.el_tag[element] in _HEADINGS and len(text) > 12 and text in title:
            return block
    return -1


def dates_seen(page: Page, texts: list[str], headline: int, *, month_first: bool) -> Iterator[Seen]:
    """The dates in <time> elements and in short blocks, nearest to the headline first."""
    for order, (block, attributes) in enumerate(page.times[:40]):
        raw = attributes.get("datetime") or attributes.get("") or ""
        stamp = dates.parse(raw, month_first=month_first) or dates.parse(
            attributes.get("") or "", month_first=month_first
        )
        if stamp:
            names = " ".join(str(attributes.get(key) or "") for key in ("class", "itemprop", "pubdate"))
            yield Seen(stamp, _time_source(names, order), block, block - headline)
    dated = sorted(_blocks_with_a_year(texts), key=lambda block: abs(block - headline - 1))[:MAX_DATED_BLOCKS]
    for block in dated:
        text = " ".join(texts[block].split())
        if len(text) > MAX_BYLINE_CHARS:
            continue
        stamp = dates.parse(text, month_first=month_first)
        if stamp:
            before = " ".join(texts[block - 1].split())[-40:] if block else ""
            yield Seen(stamp, _text_source(text, before), block, block - headline)


def _time_source(names: str, order: int) -> str:
    if re.search(r"updat|modif", names):
        return "time:modified"
    if re.search(r"publi|entry-date|pubdate|posted|created", names):
        return "time:published"
    return "time:first" if order == 0 else "time"


def _text_source(text: str, before: str) -> str:
    modified = _MODIFIED_WORDS.search(text) or (len(before) < 30 and _MODIFIED_WORDS.search(before))
    published = _PUBLISHED_WORDS.search(text) or (len(before) < 30 and _PUBLISHED_WORDS.search(before))
    if "©" in text or "copyright" in text.lower():
        return "text:copyright"
    if modified:
        return "text:modified"
    if published:
        return "text:published"
    return "text:alone" if len(text) <= 40 else "text"


def _blocks_with_a_year(texts: list[str]) -> list[int]:
    """Blocks that mention a year, found in one search over the page."""
    short = [block for block, text in enumerate(texts) if len(text) <= 4 * MAX_BYLINE_CHARS]
    ends = list(accumulate(len(texts[block]) + 1 for block in short))
    joined = "\n".join([texts[block] for block in short])
    found = {bisect_right(ends, match.start()) for match in _YEAR.finditer(joined)}
    if not joined.isascii():
        found |= {bisect_right(ends, match.start()) for match in _OTHER_YEAR.finditer(joined)}
    return [short[at] for at in sorted(found)]


_BY = re.compile(
    r"^\W*(?:(?:written|posted|words|story|reported|article|text|published|created|authored)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|av:|tekst:?|text:?|autor(?:e|a|in|ka)?\s*:|author\s*:|auteur\s*:|автор\s*:?|"
    r"текст\s*:?|od|napsal|kirjoittaja|írta|yazar|作者\s*[::]?|記者|文/|บทความโดย|โดย|بقلم|كتب|מאת)(?:\s*:\s*|\s+)",
    re.I,
)
_AUTHOR_HREF = re.compile(
    r"/(?:authors?|autor(?:e|es|en)?|auteurs?|writers?|staff|profiles?|people|person|contributors?|by|users?|members?|team|"
    r"columnists?|journalists?|reporters?|redaktion|avtory?|bios?|experts?|opinion/columnists)/[^/?#]|[?&]author=",
    re.I,
)
_BYLINE_BITS = BIT["byline"]
_COMMENT_BITS = BIT["comment"] | BIT["related"] | BIT["review"] | BIT["footer"]


def bylines(page: Page, texts: list[str], headline: int) -> Iterator[tuple[str, str]]:
    """(source, raw text) of what may name the author, nearest to the headline first."""
    low, high = max(0, headline - NEAR_BLOCKS), min(len(texts), headline + NEAR_BLOCKS + 1)
    near = sorted(range(low, high), key=lambda block: abs(block - headline - 1))
    for block in near:
        text = " ".join(texts[block].split())
        if not 3 <= len(text) <= MAX_BYLINE_CHARS:
            continue
        flags = page.el_within[page.blk_el[block]]
        if flags & _COMMENT_BITS:
            continue
        linked = _author_link(page, block)
        if linked:
            yield "byline:link", linked
        if found := _BY.match(text):
            yield "byline:by", text[found.end() :]
        elif flags & _BYLINE_BITS and page.el_tag[page.blk_el[block]] not in (_H1, TAG["button"]):
            yield "byline:class", text
        if block and block - 1 != headline and _BY.fullmatch(" ".join(texts[block - 1].split()) + " "):
            yield "byline:by", text


_SIGNED = '[itemprop~=author],[rel~=author],[class*="author" i],[class*="byline" i]'
MAX_SIGNED = 20  # elements; comment sections name hundreds of authors


def signatures(page: Page) -> Iterator[tuple[str, str]]:
    """(source, raw text) of elements that are named for an author, wherever they stand. Costs a search of the tree."""
    if page.tree is None:
        return
    for node in page.tree.css(_SIGNED)[:MAX_SIGNED]:
        text = " ".join((node.text(separator=" ") or "").split())
        if 3 <= len(text) <= MAX_BYLINE_CHARS:
            yield _signed_by(node.attributes), text


def _signed_by(attributes: dict[str, str | None]) -> str:
    for key in ("itemprop", "rel"):
        if "author" in (attributes.get(key) or ""):
            return f"byline:{key}"
    return "byline:named" if "author" in (attributes.get("class") or "").lower() else "byline:named byline"


def _author_link(page: Page, block: int) -> str:
    for piece in range(page.blk_start[block], page.blk_end[block]):
        link = page.hrefs[piece]
        if link >= 0:
            href, rel = page.links[link]
            if "author" in rel or _AUTHOR_HREF.search(href):
                return " ".join(page.pieces[piece].split())
    return ""
