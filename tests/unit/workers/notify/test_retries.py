"""What follows from a webhook's answer."""

import pytest

from workers.notify.retries import GIVEN_UP_S, Delivered, HookEnded, RetryLater, follows


@pytest.mark.parametrize(
    ("status", "fails", "failing_s", "wish_s", "expected"),
    [
        (200, 0, 0.0, None, Delivered()),
        (204, 9, GIVEN_UP_S * 2, None, Delivered()),
        (500, 0, 0.0, None, RetryLater(5.0, "why")),
        (0, 3, 60.0, None, RetryLater(40.0, "why")),
        (302, 0, 0.0, None, RetryLater(5.0, "why")),
        (429, 0, 0.0, 120.0, RetryLater(120.0, "why")),
        (503, 8, 60.0, 1.0, RetryLater(1280.0, "why")),
        (429, 0, 0.0, 1e9, RetryLater(86400.0, "why")),
        (500, 500, GIVEN_UP_S - 1, None, RetryLater(21600.0, "why")),
        (500, 500, GIVEN_UP_S, None, HookEnded("it failed for three days: why")),
        (410, 0, 0.0, None, HookEnded("the receiver says that it is gone (410)")),
    ],
)
def test_what_follows(
    status: int, fails: int, failing_s: float, wish_s: float | None, expected: Delivered | RetryLater | HookEnded
) -> None:
    assert follows(status, "why", fails=fails, failing_s=failing_s, wish_s=wish_s, chance=0.5) == expected


def test_pauses_differ_by_chance() -> None:
    waits = [follows(500, "", fails=4, failing_s=1, wish_s=None, chance=chance) for chance in (0.0, 1.0)]
    assert waits == [RetryLater(64.0, ""), RetryLater(96.0, "")]
