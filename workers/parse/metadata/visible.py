"""What readers see around the headline: the headline itself, and who signed the text (pure)."""

import re
from collections.abc import Iterator

from workers.parse.classflags import BIT
from workers.parse.page import Page
from workers.parse.tags import TAG, tag_id

NEAR_BLOCKS = 12  # blocks before and after the headline in which a byline stands
MAX_BYLINE_CHARS = 160
_H1 = tag_id("h1")
_HEADINGS = tuple(tag_id(f"h{level}") for level in range(1, 4))


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
