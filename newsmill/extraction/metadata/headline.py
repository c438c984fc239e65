"""The headline of a page (pure)."""

from newsmill.extraction.page.tags import tag_id
from newsmill.extraction.page.walk import Page

MAX_HEADING_CHARS = 2000  # a broken page may be one heading
TITLE_SHARE = 0.5  # of a declared title, that a lower heading has to be where there are h1
_H1 = tag_id("h1")
_HEADINGS = tuple(tag_id(f"h{level}") for level in range(1, 4))


def headline_block(page: Page, texts: list[str], declared: tuple[str, ...] = (), *, site: str = "") -> int:
    """The block of the headline: the h1 that a declared title repeats, or that is repeated in one; a lower heading
    that is nearly all of a title, where no h1 is any of it (the h1 is the site's logo); else the first h1, else -1.

    declared: titles beside the document's own. site: the site's name, which is no headline.
    """
    titles = [" ".join(title.split()).lower() for title in (page.title, *declared) if title]
    name = " ".join(site.split()).lower()
    headings = [block for block, element in enumerate(page.blk_el) if page.el_tag[element] == _H1][:20]
    lines = {block: _line(texts[block]) for block in headings}
    for block in headings:
        text = lines[block]
        if len(text) > 3 and text != name and any(text in title or title in text for title in titles):
            return block
    for block, element in enumerate(page.blk_el[:400]):
        if page.el_tag[element] not in _HEADINGS or len(texts[block]) > MAX_HEADING_CHARS:
            continue
        text = _line(texts[block])
        least = TITLE_SHARE if headings else 0.0
        if len(text) > 12 and any(text in title and len(text) >= least * len(title) for title in titles):
            return block
    return next((block for block in headings if lines[block] and lines[block] != name), headings[0] if headings else -1)


def _line(text: str) -> str:
    return " ".join(text[:MAX_HEADING_CHARS].split()).lower()
