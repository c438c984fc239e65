"""Who signed the text: what readers see around the headline, and what the page's elements are named for (pure)."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from newsmill.extraction.metadata.text import words_of
from newsmill.extraction.page.class_names import BIT
from newsmill.extraction.page.tags import EM, STRONG, TAG, tag_id
from newsmill.extraction.page.walk import Page

NEAR_BLOCKS = 12  # blocks before and after the headline in which a byline stands
NAME_BLOCKS = 5  # blocks around the headline in which a bare name is a byline
THREAD_BLOCKS = 60  # blocks of a thread in which its first author is found
MAX_BYLINE_CHARS = 160
MAX_NAME_CHARS = 40
MAX_IN_THREAD = 3
MAX_TEXT_BLOCKS = 400  # behind the headline, in which a text ends
AFTER_TEXT = 2  # blocks behind it, in which it is signed
PROSE_CHARS = 100
MAX_JOINING = 4  # characters of a word between names
_SIGNING = " \t\n\u2028\u2029\xa0()[]–—-."
MAX_SIGNED = 20  # elements; comment sections name hundreds of authors
_H1 = tag_id("h1")
BY_WORDS = re.compile(
    r"^\W*(?:(?:written|posted|words|story|reported|article|text|published|created|authored)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|av:|tekst:?|text:?|autor(?:e|a|in|ka)?\s*:|author\s*:|auteur\s*:|автор\s*:?|"
    r"текст\s*:?|od|napsal|kirjoittaja|írta|yazar|作者\s*[::]?|記者|文/|บทความโดย|โดย|بقلم|كتب|מאת)(?:\s*:\s*|\s+)|^\W*(?-i:By)(?=[A-Z][a-z])",
    re.I,
)
_AUTHOR_HREF = re.compile(
    r"/(?:authors?|autor(?:e|es|en)?|auteurs?|writers?|staff|profiles?|people|person|contributors?|by|users?|members?|team|"
    r"columnists?|journalists?|reporters?|redaktion|avtory?|bios?|experts?|opinion/columnists)/[^/?#]|[?&]author=",
    re.I,
)
_BYLINE_BITS, _USER_BITS, _FORUM_BITS = BIT["byline"], BIT["user"], BIT["user"] | BIT["forum"] | BIT["byline"]
_COMMENT_BITS = BIT["comment"] | BIT["related"] | BIT["review"] | BIT["footer"]
_NO_NAME_BITS = _COMMENT_BITS | BIT["nav"] | BIT["breadcrumb"] | BIT["tags"] | BIT["share"] | BIT["button"]
_CARD_BITS = BIT["card"] | BIT["form"] | BIT["sidebar"]
_THREAD_KINDS = ("jsonld forum", "address:forum", "host:forum", "body:forum")
_SIGNED = 'span[class*="author" i],a[class*="author" i],a[class*="byline" i],[itemprop~=author],a[rel~=author]'


class Byline(NamedTuple):
    """What may name the authors. place: where it stands. offset: blocks from the headline, or None."""

    place: str
    raw: list[str]
    offset: int | None = None


def bylines(page: Page, texts: list[str], headline: int, *, kind: Mapping[str, float]) -> Iterator[Byline]:
    """What stands near the headline, nearest first; then, in a thread, who began it."""
    low, high = max(0, headline - NEAR_BLOCKS), min(len(texts), headline + NEAR_BLOCKS + 1)
    for block in sorted(range(low, high), key=lambda block: abs(block - headline - 1)):
        text = texts[block].strip()
        if 3 <= len(text) <= 2 * MAX_BYLINE_CHARS and not page.el_within[page.blk_el[block]] & _COMMENT_BITS:
            yield from _near(page, texts, block, offset=block - headline)
    yield from _at_the_end(page, texts, headline)
    if kind.get("share:forum", 0) > 0.3 or any(name in kind for name in _THREAD_KINDS):
        yield from _in_thread(page, texts, headline)


def signatures(page: Page, texts: list[str]) -> Iterator[Byline]:
    """Elements that are named for an author, wherever they stand. Costs a search of the tree."""
    found = [element for element, flags in enumerate(page.el_flags) if flags & _BYLINE_BITS]
    for element in found[:MAX_SIGNED]:
        first, last = page.el_first[element], page.el_last[element]
        if 0 < last - first <= 3:
            text = " ".join(" ".join(texts[first:last]).split())
            if 3 <= len(text) <= MAX_BYLINE_CHARS:
                yield Byline("byline:block", [text])
    if page.tree is None:
        return
    for node in page.tree.css(_SIGNED)[:MAX_SIGNED]:
        text = " ".join((node.text(separator=" ") or "").split())
        if 3 <= len(text) <= MAX_BYLINE_CHARS:
            yield Byline(_signed_by(node.attributes), [text])


def _at_the_end(page: Page, texts: list[str], headline: int) -> Iterator[Byline]:
    """A name that stands alone below the last paragraph of a text, or bold in it behind its last sentence."""
    last = max(
        (b for b in range(headline + 1, min(len(texts), headline + MAX_TEXT_BLOCKS)) if _is_prose(texts[b])), default=-1
    )
    if last < 0:
        return
    for block in range(last + 1, min(last + 1 + AFTER_TEXT, len(texts))):
        name = texts[block].strip(_SIGNING)
        flags = page.el_within[page.blk_el[block]]
        if _like_a_name(name) and not flags & (_NO_NAME_BITS | _CARD_BITS) and not _linked(page, block):
            yield Byline("byline:end", [name])
            return
    pieces = [p for p in range(page.blk_start[last], page.blk_end[last]) if page.pieces[p].strip()]
    if pieces and page.styles[pieces[-1]] & (STRONG | EM) and _like_a_name(page.pieces[pieces[-1]].strip(_SIGNING)):
        yield Byline("byline:end", [page.pieces[pieces[-1]].strip(_SIGNING)])


def _is_prose(text: str) -> bool:
    return len(text) > PROSE_CHARS


def _linked(page: Page, block: int) -> bool:
    return any(page.hrefs[piece] >= 0 for piece in range(page.blk_start[block], page.blk_end[block]))


def _near(page: Page, texts: list[str], block: int, *, offset: int) -> Iterator[Byline]:
    text = " ".join(texts[block].split())
    if len(text) > MAX_BYLINE_CHARS:
        return
    element = page.blk_el[block]
    flags = page.el_within[element]
    linked = _author_links(page, block)
    if linked:
        yield Byline("byline:link", linked[:1], offset)
        if len(linked) > 1:
            yield Byline("byline:links", linked, offset)
    spans = [
        " ".join(page.pieces[piece].split()).strip(",;& ")
        for piece in range(page.blk_start[block], page.blk_end[block])
    ]
    if len(spans) > 1 and flags & _BYLINE_BITS:
        names = [span for span in spans if _like_a_name(span)]
        if len(names) > 1 and len(names) >= len([span for span in spans if len(span) > MAX_JOINING]):
            yield Byline("byline:spans", names, offset)
    if found := BY_WORDS.match(text):
        yield Byline("byline:by", [text[found.end() :]], offset)
    elif flags & _BYLINE_BITS and page.el_tag[element] not in (_H1, TAG["button"]):
        yield Byline("byline:class", [text], offset)
    elif offset and abs(offset) <= NAME_BLOCKS and not flags & _NO_NAME_BITS and _like_a_name(text):
        yield Byline("byline:name", [text], offset)
    if block and offset != 1 and BY_WORDS.fullmatch(" ".join(texts[block - 1][:MAX_NAME_CHARS].split()) + " "):
        yield Byline("byline:by", [text], offset)


def _like_a_name(text: str) -> bool:
    """A few words that all begin with a capital, where the script has capitals."""
    if not text or len(text) > MAX_NAME_CHARS or not text[0].isalpha() or any(char.isdigit() for char in text):
        return False
    words = text.split()
    return 2 <= len(words) <= 4 and all(word[0].isalpha() and not word[0].islower() for word in words)


def _in_thread(page: Page, texts: list[str], headline: int) -> Iterator[Byline]:
    linked = named = 0
    for block in range(max(headline, 0), min(len(texts), headline + THREAD_BLOCKS)):
        text = texts[block].strip()
        if len(text) > MAX_BYLINE_CHARS:
            continue
        if linked < MAX_IN_THREAD and (names := _author_links(page, block)):
            linked += 1
            yield Byline("thread:link", names[:1], block - headline)
        own = page.el_flags[page.blk_el[block]]
        if named < MAX_IN_THREAD and own & _USER_BITS and 2 <= len(text) <= MAX_NAME_CHARS and words_of(text):
            named += 1
            yield Byline("thread:user", [text], block - headline)


def _author_links(page: Page, block: int) -> list[str]:
    names = []
    for piece in range(page.blk_start[block], page.blk_end[block]):
        link = page.hrefs[piece]
        if link >= 0:
            href, rel = page.links[link]
            name = page.pieces[piece].strip()
            if name and ("author" in rel or _AUTHOR_HREF.search(href)):
                names.append(" ".join(name.split()))
    return names


def _signed_by(attributes: dict[str, str | None]) -> str:
    for key in ("itemprop", "rel"):
        if "author" in (attributes.get(key) or ""):
            return f"byline:{key}"
    return "byline:named" if "author" in (attributes.get("class") or "").lower() else "byline:named byline"
