"""What a hit shows of its text: once as it is, once escaped."""

import html
import re

import pytest

from newsmill.search.marking import wanted
from newsmill.search.query import parse
from newsmill.search.store import _snippets
from newsmill.testing.search_corpus import article


@pytest.mark.parametrize(
    "text",
    ["<script>alert('lamp')</script>", 'a lamp & a "lamp"', "</mark><b>lamp", "\x02lamp\x03 lamp", "lamp", "<lamp", ""],
)
def test_the_escaped_form_shows_just_the_plain_one(text: str) -> None:
    made = _snippets(article("a", text=text), wanted(parse("lamp")), ("", ""))
    bare = re.sub("</?mark>", "", made["snippet_html"])
    assert html.unescape(bare) == made["snippet"] == re.sub("[\x02\x03]", "", text)
    assert not set(bare) & set("<>\"'\x02\x03")
    assert made["snippet_html"].count("<mark>") == made["snippet_html"].count("</mark>") == text.count("lamp")
