"""Bookmarks hold for the document they were made of, and for no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.sources.bookmark import bookmark, resume_at


@given(st.integers(min_value=0), st.binary())
def test_it_leads_back_to_where_it_was_made(position: int, body: bytes) -> None:
    assert resume_at(bookmark(position, body), body) == position


@given(st.integers(min_value=1), st.binary(), st.binary())
def test_another_document_is_read_from_its_beginning(position: int, body: bytes, other: bytes) -> None:
    assert resume_at(bookmark(position, body), other) == (position if body == other else 0)


@pytest.mark.parametrize("mark", ["", ":", "7", "-1:x", "x:y", "٣:z"])
def test_what_is_no_mark_is_no_position(mark: str) -> None:
    assert resume_at(mark, b"body") == 0
