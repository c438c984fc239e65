"""Tricky pages of our own making (tests/pages): each with what must, and must not, come out of it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from newsmill.extraction import Article, extract

PAGES = Path(__file__).parents[2] / "pages"
EXPECTATIONS = sorted(path for path in PAGES.glob("*.json") if any(PAGES.glob(f"{path.stem}.[ht]*")))


def load(expectation: Path) -> tuple[Article, dict[str, Any]]:
    wanted = json.loads(expectation.read_text("utf-8"))
    body = next(path for path in PAGES.glob(f"{expectation.stem}.*") if path.suffix != ".json").read_bytes()
    return extract(body, wanted.get("url"), wanted.get("content_type")), wanted


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda path: path.stem)
def test_page(expectation: Path) -> None:
    article, wanted = load(expectation)
    assert article.is_article != wanted.get("empty", False), article.empty_reason
    for text in wanted.get("has", ()):
        assert text in article.text
    for text in wanted.get("has_not", ()):
        assert text not in article.text
        assert text not in article.markdown
    for text in wanted.get("markdown", ()):
        assert text in article.markdown
    if "published" in wanted:
        assert article.published == datetime.fromisoformat(wanted["published"])
    for name in ("title", "language", "paywalled", "section", "site_name"):
        if name in wanted:
            assert getattr(article, name) == wanted[name]
    if "authors" in wanted:
        assert list(article.authors) == wanted["authors"]
