"""The demo site's pages through the extractor: each article whole, and nothing of the chrome around it."""

from datetime import UTC, datetime
from urllib.request import urlopen

import pytest

from newsmill.demo.editions import load
from newsmill.demo.expected import expected
from newsmill.demo.server import serve
from newsmill.extraction import extract
from newsmill.outcomes import Outcome

WANT = expected()
INDEXED = [path for path, outcome in WANT.outcomes.items() if outcome is Outcome.INDEXED]
CHROME = [query for silent in WANT.silent for query in silent.queries]


@pytest.fixture(scope="module")
def base():
    with serve("127.0.0.1", 0) as server:
        yield server.base


@pytest.mark.parametrize("path", [p for p in INDEXED if "maintenance-window" not in p])
def test_nothing_of_the_chrome_is_taken_for_the_article(base: str, path: str):
    article = extract(urlopen(base + path, timeout=10).read(), base + path, now=datetime.now(UTC))
    text = f"{article.title}\n{article.description}\n{article.text}".casefold()
    assert [word for word in CHROME if word.casefold() in text] == []


def test_the_editions_have_what_the_expectations_name():
    assert {finds.language for finds in WANT.finds} == {edition.language for edition in load()}


@pytest.mark.parametrize("path", ["/uk/svit/island-post-office", "/uk/svit/glacier-ice-archive"])
def test_an_english_article_in_ukrainian_chrome_is_english_only(base: str, path: str):
    article = extract(urlopen(base + path, timeout=10).read(), base + path, now=datetime.now(UTC))
    assert article.language == "en"
    assert not [char for char in article.text if "\u0400" <= char <= "\u04ff"]
