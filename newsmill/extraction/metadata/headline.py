"""The headline of a page (pure)."""

from newsmill.extraction.page.tags import tag_id
from newsmill.extraction.page.walk import Page

MAX_HEADING_CHARS = 2000  # a broken page may be one heading
_H1 = tag_id("h1")
_HEADINGS = tuple(tag_id(f"h{level}") for level in range(1, 4))


def headline_block(page: Page, texts: list[str]) -> int:
    """The block of the headline: the h1 that the document's title repeats, else the first h1, else -1."""
    title = " ".join(page.title.split()).lower()
    headings = [block for block, element in enumerate(page.blk_el) if page.el_tag[element] == _H1]
    for block in headings[:20]:
        text = " ".join(texts[block][:MAX_HEADING_CHARS].split()).lower()
        if len(text) > 3 and (text in title or title in text):
            return block
    if headings:
        return headings[0]
    for block, element in enumerate(page.blk_el[:400]):
        text = " ".join(texts[block][:MAX_HEADING_CHARS].split()).lower()
        if page.el_tag[element] in _HEADINGS and len(text) > 12 and text in title:
            return block
    return -1
