"""A list as large as an archive, given to an idle mill."""

import os

import pytest

from newsmill.ledger import BACKFILL, Candidate, Frontier, Limits
from newsmill.urls.canonical import address_id


@pytest.mark.slow
def test_a_million_addresses_of_a_list_are_taken_whole_by_an_idle_mill(frontier: Frontier) -> None:
    """A tenth of it, in a tenth of the room; NEWSMILL_TEST_ADDRESSES=1000000 does all."""
    count = int(os.environ.get("NEWSMILL_TEST_ADDRESSES", "100000"))
    frontier.limits = Limits(max_waiting=Limits().max_waiting * count // 1_000_000)
    urls = (f"http://h{i % 1000}.list.example/{i}" for i in range(count))
    taken = frontier.add(Candidate(address_id(u), u, u.split("/")[2], "list", BACKFILL, asked=True) for u in urls)
    assert (taken.accepted, taken.later) == (count, 0)
