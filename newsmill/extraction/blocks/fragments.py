"""Text that stands in data with the markup it is shown with: its paragraphs, without tags (pure)."""

import html
import re

from newsmill.extraction.page.walk import read_page
from newsmill.text.markup_bounds import bounded

MAX_FRAGMENT_CHARS = 400_000
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_ESCAPED_TAG = re.compile(r"&lt;/?[a-zA-Z]")


def paragraphs_of(raw: str) -> list[str]:
    """The paragraphs of a text that may be markup, escaped or not, or lines."""
    text = raw[:MAX_FRAGMENT_CHARS]
    if _ESCAPED_TAG.search(text):
        text = html.unescape(text)
    if not _TAG.search(text):
        return [line for part in html.unescape(text).splitlines() if (line := " ".join(part.split()))]
    page = read_page(bounded(f"<html><body>{text}</body></html>".encode(errors="replace")))
    return [line for block in range(len(page.blk_el)) if (line := page.block_text(block))]
