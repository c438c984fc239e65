"""What is held against a query without an index agrees with the index."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.search.matching import Followed, Matched
from newsmill.search.query import parse
from newsmill.search.store import SearchStore, open_search
from newsmill.testing.search_corpus import CORPUS

QUERIES = [
    *("harbour", '"the harbour"', "harb*", "=harbour", "title:harbour", "lang:de", "lang:en -harbour", "the OR der"),
    *("a", "site:example.org", "site:org", "source:courier", "url:news", "after:2020", "before:2020", "date:2026"),
    *("(the OR der) -harbour", "author:a*", "section:sport", "of the", '"of the"', "NOT lang:en", "日本", "*"),
]


@pytest.fixture(scope="module")
def store() -> Iterator[SearchStore]:
    with tempfile.TemporaryDirectory() as folder:
        made = open_search("", Path(folder))
        made.upsert(CORPUS)
        yield made
        made.close()


def test_a_query_finds_by_itself_what_it_finds_in_the_index(store: SearchStore) -> None:
    words = sorted({word for document in CORPUS for word in document.title.split()[:3]})[:60]
    found_any = 0
    for text in [*QUERIES, *words, *(f'"{d.title}"' for d in CORPUS[:20])]:
        try:
            query = parse(text)
        except ValueError:
            continue
        there = {document.id for document in store.scan(query)}
        assert {d.id for d in CORPUS if Matched(d).meets(query)} == there, text
        found_any += bool(there)
    assert found_any > 20


def test_words_are_found_in_other_forms(store: SearchStore) -> None:
    english = next(d for d in CORPUS if d.language == "en" and len(d.text) > 20)
    longer = english.model_copy(update={"text": english.text + " The bridges were closed."})
    assert Followed(parse("bridge closing")).finds(Matched(longer))
    assert not Matched(longer).meets(parse("closing"))
    assert not Followed(parse("=closing")).finds(Matched(longer))
    assert not Followed(parse("bridge zebra")).finds(Matched(longer))
    closing = Followed(parse("closing"))
    assert [closing.finds(Matched(d)) for d in (longer, longer.model_copy(update={"language": "de"}), longer)] == [
        *(True, False, True)
    ]
