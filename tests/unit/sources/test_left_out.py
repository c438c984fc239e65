"""What was listed and not taken, as a poll keeps it."""

from hypothesis import given
from hypothesis import strategies as st

from newsmill.sources.left_out import KEPT, MAX_REASON, REASONS, LeftOut
from newsmill.urls.canonical import address_id


def url(n: int) -> str:
    return f"https://news.example/{n}"


def test_reasons_are_counted_and_the_last_addresses_remembered() -> None:
    left = LeftOut()
    for n in range(KEPT + 50):
        left.note("older than 1 d" if n % 2 else "another site: other.example", url(n))
    left.note("without an address", items=7)
    left.note("nothing", items=0)
    again = LeftOut.load(left.dump())
    assert again == left
    assert again.total == KEPT + 57
    assert str(again) == "75 another site, 75 older than 1 d, 7 without an address"
    assert again.why(address_id(url(KEPT + 49))) == "older than 1 d"
    assert again.why(address_id(url(3))) == ""
    assert LeftOut().dump() == ""


def test_what_it_keeps_is_bounded() -> None:
    left = LeftOut()
    for n in range(1000):
        left.note(f"reason {n} " + "x" * 1000, url(n))
    assert len(left.counts) == REASONS + 1
    assert left.total == 1000
    assert len(left.dump()) < (REASONS + 1) * 2 * (MAX_REASON + 10) + KEPT * 8


@given(st.text(max_size=60) | st.sampled_from(["[]", "[1,2]", '[{"a":"b"},{}]', '[{"a":1},{"a":5}]', "{}"]))
def test_any_text_is_read(text: str) -> None:
    assert LeftOut.load(text).total >= 0
