"""Exact and near fingerprints."""

from hypothesis import given
from hypothesis import strategies as st

from newsmill.text.fingerprint import exact_fingerprint, near_fingerprint, normalized
from newsmill.text.minhash import ALIKE, NUMBERS, similarity

WIRE = (
    "The regional council approved a plan on Tuesday to rebuild the bridge across the river, which has been closed to "
    "heavy traffic since the spring floods damaged two of its five piers. Engineers said the work, paid for by the "
    "state, would begin in April and last until the autumn of next year. Residents had asked for a footbridge as well, "
    "but the council put off that question until the summer, when a new budget will be known."
)
OTHER = (
    "Farmers in the north reported the best wheat harvest in a decade after a mild winter and a wet spring. Prices at "
    "the exchange fell for the third day, and exporters expect ships to be booked until the end of the year."
)


def test_editions_of_one_text_are_equal() -> None:
    assert exact_fingerprint("“Hello”, World!  ") == exact_fingerprint("hello world")
    assert exact_fingerprint("ｈｅｌｌｏ world") == exact_fingerprint("Hello—World")
    assert exact_fingerprint("hello world") != exact_fingerprint("hello word")


def alike(text: str, other: str) -> bool:
    near = (bytes.fromhex(near_fingerprint(each)) for each in (text, other))
    return similarity(*near) * NUMBERS >= ALIKE


def test_rewritten_copies_are_near_and_other_texts_are_far() -> None:
    copy = WIRE.replace("on Tuesday ", "").replace("heavy traffic", "lorries") + " (Reporting by the agency)"
    assert alike(WIRE, copy)
    assert not alike(WIRE, OTHER + " " + OTHER)


def test_scripts_without_spaces_are_compared_by_character() -> None:
    text = "市议会周四决定关闭旧港口公路进行维修，居民们被告知施工将持续到三月底。公共汽车将改道行驶，学校照常上课。"
    assert alike(text, text.replace("周四", "周五"))


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=200))
def test_the_short_cut_for_ascii_changes_nothing(text: str) -> None:
    assert normalized(text) == normalized(text + "é").removesuffix("é").strip()


@given(st.text(max_size=200))
def test_any_text_has_both(text: str) -> None:
    assert (len(exact_fingerprint(text)), len(near_fingerprint(text))) in ((32, 0), (32, 4 * NUMBERS))
