"""What addresses say, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.extraction.metadata.address import address_evidence, slug_words


@pytest.mark.parametrize(
    ("url", "says", "says_not"),
    [
        ("https://x.example/news/2024/03/road-is-closed", {"address:news", "address:year"}, {"address:shop"}),
        ("https://x.example/nachrichten/strasse-gesperrt.html", {"address:news", "address:file"}, set()),
        ("https://shop.example/", {"host:shop"}, {"address:slug words"}),
        ("https://x.example/products/road-map?id=3", {"address:shop", "address:query"}, {"address:news"}),
        ("https://x.example/threads/a-road.123/", {"address:forum", "address:slash"}, set()),
        ("https://x.example/docs/latest/roads", {"address:docs"}, {"address:news"}),
        ("https://x.example/category/roads/", {"address:list"}, set()),
        ("https://x.example/tags", {"address:ends in list"}, {"address:list"}),
    ],
)
def test_the_kind_of_page(url: str, says: set[str], says_not: set[str]) -> None:
    found = address_evidence(url)
    assert says <= found.keys()
    assert not says_not & found.keys()


def test_the_words_of_an_address() -> None:
    assert slug_words("https://x.example/news/Old-road-is-closed-17") == {"news", "old", "road", "is", "closed"}


@given(st.text(max_size=80))
def test_never_raises(url: str) -> None:
    address_evidence(url)
    slug_words(url)
