"""What follows from a webhook's answer (pure). https://www.standardwebhooks.com"""

from dataclasses import dataclass

GIVEN_UP_S = 3 * 86400.0  # of failures in a row
FIRST_S, LONGEST_S = 5.0, 6 * 3600.0  # pauses double from the first to the longest
JITTER = 0.2  # of the pause, up or down, so that many do not come at once
WISH_MOST_S = 86400.0  # a longer Retry-After is honoured as a day


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has the event."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """It is tried again after so many seconds."""

    wait_s: float
    why: str


@dataclass(frozen=True, slots=True)
class HookEnded:
    """It is not tried any more."""

    why: str


def follows(
    status: int, why: str, *, fails: int, failing_s: float, wish_s: float | None, chance: float
) -> Delivered | RetryLater | HookEnded:
    """status: of the answer; 0 where there was none. why: in words. fails: before this one, in a row.

    failing_s: seconds since the first of them. wish_s: Retry-After. chance: from 0 to 1, for the jitter.
    """
    if 200 <= status < 300:
        return Delivered()
    if status == 410:
        return HookEnded("the receiver says that it is gone (410)")
    if failing_s >= GIVEN_UP_S:
        return HookEnded(f"it failed for three days: {why}")
    pause = min(FIRST_S * 2.0 ** min(fails, 20), LONGEST_S) * (1 + JITTER * (2 * chance - 1))
    return RetryLater(max(pause, min(wish_s or 0.0, WISH_MOST_S)), why)
