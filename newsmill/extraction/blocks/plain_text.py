"""Plain-text responses: paragraphs, without the lines that are the site's (pure)."""

import re

from newsmill.extraction.blocks.boilerplate import article_lines

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|article|meta|title|script|style|table|br|span|section|main|ul|h[1-6])\b", re.I
)
_ANY_TAG = re.compile(r"<(?:!--|!doctype|/?[a-z][a-z0-9-]{0,30}[\s/>])", re.I)
SNIFF_CHARS = 4000
_LIST_ITEM = re.compile(r"\s*(?:[-*•‣–]|\d+[.)])\s+")
MAX_LINES = 100_000
WRAPPED_CHARS = 55  # a line at least this long that is followed by another is a wrapped paragraph


def is_plain(text: str, content_type: str | None) -> bool:
    """Whether the response is text without markup. A declared text/plain that begins with markup is read as HTML; where
    HTML is declared, or nothing, one tag anywhere is enough: a long style or comment may come before the first."""
    declared = (content_type or "").lower().lstrip()
    if declared.startswith("text/plain"):
        begins = text[:SNIFF_CHARS].lstrip()[:1] in ("<", "")
        return not _MARKUP.search(text if begins else text[:SNIFF_CHARS])
    if "html" in declared:
        return not _ANY_TAG.search(text)
    return not _MARKUP.search(text) and "</" not in text[:SNIFF_CHARS]


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
