"""Is the text behind a wall? What publishers declare, read with care, since many misuse it (pure)."""

import re
from typing import Any

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.sources import Sources
from newsmill.extraction.page.walk import Page

_YES, _NO = frozenset(("true", "1", "yes")), frozenset(("false", "0", "no"))
_SIMPLE_SELECTOR = re.compile(r"[.#]?[\w-]{1,80}")
MAX_PARTS = 10


def paywalled(sources: Sources, page: Page) -> tuple[bool, str] | None:
    """Whether the article is locked, and where it says so.

    What the article says of itself goes before what it says of its parts: `true` beside a locked part is an open
    article with a locked extra. Parts alone lock it only if the page has the element that they name.
    """
    tier = sources.meta.get("article:content_tier", "").lower()
    if tier in ("free", "metered", "locked"):
        return tier == "locked", "meta:article:content_tier"
    free = _said(sources.article.get("isAccessibleForFree", sources.node.get("isAccessibleForFree")))
    if free is not None:
        return not free, "jsonld"
    free = _said(sources.meta.get("isaccessibleforfree"))
    if free is not None:
        return not free, "meta:isAccessibleForFree"
    if any(_locks(part, page) for part in _parts(sources.article.get("hasPart"))):
        return True, "jsonld:part"
    return None


def _said(value: Any) -> bool | None:
    text = jsonld.text(value).lower().rsplit("/", 1)[-1] if not isinstance(value, bool) else str(value).lower()
    return True if text in _YES else False if text in _NO else None


def _parts(value: Any) -> list[jsonld.Node]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts[:MAX_PARTS] if isinstance(part, dict)]


def _locks(part: jsonld.Node, page: Page) -> bool:
    selector = jsonld.text(part.get("cssSelector"))
    if _said(part.get("isAccessibleForFree")) is not False or page.tree is None:
        return False
    return bool(_SIMPLE_SELECTOR.fullmatch(selector)) and page.tree.css_first(selector) is not None
