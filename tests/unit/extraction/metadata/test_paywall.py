"""What locks an article, as a table."""

import json
from typing import Any

import pytest

from newsmill.extraction.metadata.paywall import paywalled
from newsmill.extraction.metadata.sources import collect
from newsmill.extraction.page.walk import read_page

LOCKED = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".wall"}


@pytest.mark.parametrize(
    ("node", "meta", "wanted"),
    [
        ({"isAccessibleForFree": False}, "", True),
        ({"isAccessibleForFree": "False"}, "", True),
        ({"isAccessibleForFree": "http://schema.org/False"}, "", True),
        ({"isAccessibleForFree": "true"}, "", False),
        ({"isAccessibleForFree": True, "hasPart": LOCKED}, "", False),
        ({"isAccessibleForFree": "maybe"}, "", None),
        ({"hasPart": LOCKED}, "", True),
        ({"hasPart": [{**LOCKED, "isAccessibleForFree": True}, LOCKED]}, "", True),
        ({"hasPart": {**LOCKED, "cssSelector": ".elsewhere"}}, "", None),
        ({"hasPart": {**LOCKED, "cssSelector": ":::["}}, "", None),
        ({"hasPart": "x"}, "", None),
        ({}, '<meta property="article:content_tier" content="locked">', True),
        ({}, '<meta property="article:content_tier" content="metered">', False),
        ({}, '<meta itemprop="isAccessibleForFree" content="false">', True),
        ({}, "", None),
    ],
)
def test_what_locks_an_article(node: dict[str, Any], meta: str, wanted: bool | None) -> None:
    script = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **node})}</script>'
    page = read_page(f'<head>{script}{meta}</head><body><div class="wall">Text</div></body>')
    found = paywalled(collect(page), page)
    assert (found[0] if found else None) is wanted
