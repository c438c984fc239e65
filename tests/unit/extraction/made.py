"""Pages for tests of single rooms of the extractor."""

from newsmill.extraction.metadata.view import View, look
from newsmill.extraction.page.walk import Page, read_page


def page_of(body: str, head: str = "") -> Page:
    """The columns of a page with this body and head."""
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>")


def view_of(body: str, head: str = "", url: str = "https://paper.example/a-bridge-opens") -> View:
    """The same, as the arbiter looks at it."""
    page = page_of(body, head)
    return look(page, [page.block_text(block) for block in range(len(page.blk_el))], url)
