import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.policy.recrawl import Look, RecrawlOptions, next_look_s

HOUR, DAY = 3600.0, 86400.0
OPTIONS = RecrawlOptions()


@pytest.mark.parametrize(
    ("age_s", "unchanged", "wait_s"),
    [
        (0, 0, 2 * HOUR),
        (2 * HOUR, 1, 6 * HOUR),
        (8 * HOUR, 2, 18 * HOUR),
        (DAY, 3, 54 * HOUR),
        (5 * DAY, 4, 162 * HOUR),
        (5 * DAY, 0, 30 * HOUR),
        (5 * DAY, 9, 7 * DAY),
        (24 * DAY, 0, 6 * DAY),
        (24 * DAY, 5, None),
        (30 * DAY, 0, None),
        (float("inf"), 0, None),
        (-HOUR, 0, 2 * HOUR),
    ],
)
def test_intervals(age_s: float, unchanged: int, wait_s: float | None) -> None:
    assert next_look_s(Look(age_s, unchanged)) == wait_s


@given(st.integers(0, 2**60 - 1))
def test_looks_are_few_and_end_whatever_happens(changes: int) -> None:
    age_s, unchanged, looks = 0.0, 0, 0
    for look in range(60):
        changed = bool(changes >> look & 1)
        wait_s = next_look_s(Look(age_s, unchanged), OPTIONS)
        if wait_s is None:
            break
        age_s, looks = age_s + wait_s, looks + 1
        unchanged = 0 if changed else unchanged + 1
    else:
        raise AssertionError("looks at it for ever")
    assert age_s <= OPTIONS.stop_age_s
    assert 5 <= looks <= 25


@given(st.floats(0, 29 * DAY), st.integers(0, 100))
def test_the_interval_never_shrinks_while_nothing_changes(age_s: float, unchanged: int) -> None:
    one, two = next_look_s(Look(age_s, unchanged)), next_look_s(Look(age_s, unchanged + 1))
    assert one is None or two is None or two >= one
