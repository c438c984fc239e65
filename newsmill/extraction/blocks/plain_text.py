"""Plain-text responses: paragraphs, without the lines that are the site's (pure)."""

import re

from newsmill.extraction.blocks.boilerplate import article_lines

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|article|meta|title|script|table|br)\b", re.I)
SNIFF_CHARS = 4000
_LIST_ITEM = re.compile(r"\s*(?:[-*•‣–]|\d+[.)])\s+")
MAX_LINES = 100_000
WRAPPED_CHARS = 55  # a line at least this long that is followed by another is a wrapped paragraph


def is_plain(text: str, content_type: str | None) -> bool:
    """Whether the response is text without markup. A declared text/plain full of markup is read as HTML."""
    marked = bool(_MARKUP.search(text[:SNIFF_CHARS]))
    if (content_type or "").lower().lstrip().startswith("text/plain"):
        return not marked
    return not marked and "</" not in text[:SNIFF_CHARS]


def paragraphs(text: str) -> list[str]:
    """The article's paragraphs: blocks between blank lines, wrapped lines joined, chrome left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n", MAX_LINES)[:MAX_LINES]
    joined: list[str] = []
    previous = ""
    for raw in lines:
        line = " ".join(raw.replace("\x00", "").split())
        wrapped = len(previous) >= WRAPPED_CHARS and line and not _LIST_ITEM.match(raw)
        if (wrapped and joined and previous[-1] not in '.!?…。！？»”"') or (
            wrapped and joined and line[:1].isalnum() and len(previous) < 100 and raw[:1] not in " \t"
        ):
            joined[-1] += " " + line
        elif line:
            joined.append(line)
        previous = line
    return [joined[i] for i in article_lines(joined)]


def title_of(found: list[str]) -> str:
    """The first line, where it is short and does not end like a sentence."""
    first = found[0] if found else ""
    return first if len(found) > 1 and 0 < len(first) <= 150 and first[-1] not in ".,;:" else ""
