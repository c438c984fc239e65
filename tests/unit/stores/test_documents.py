from hypothesis import given
from hypothesis import strategies as st

from newsmill.stores.documents import PORTION, portions
from newsmill.stores.frames import MAX_CONTENT


@given(st.lists(st.integers(1, 2 * PORTION) | st.just(MAX_CONTENT + 1)))
def test_every_line_is_in_one_portion_that_can_be_read_back(sizes: list[int]) -> None:
    found = list(portions(sizes))
    assert [i for portion in found for i in portion] == [i for i, size in enumerate(sizes) if size <= MAX_CONTENT]
    assert all(portion for portion in found)
    assert all(len(portion) == 1 or sum(sizes[i] for i in portion) <= PORTION for portion in found)
