"""What a poll leaves in the ledger, and when the next one is: the schedule on ledger fields (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsmill.sources.schedule.rhythm import Rhythm, observe
from newsmill.sources.schedule.schedule import (
    Bounds,
    Failures,
    Health,
    Next,
    State,
    Wishes,
    health,
    next_poll,
    next_try,
    spread_of,
)

NEVER_S = 100 * 365 * 86400.0  # rests until an operator asks for it
MAX_DATES = 5000  # dates of one document that are looked at, the newest


@dataclass(frozen=True, slots=True)
class PollEnded:
    """How a poll leaves its stage: the pause, and the fields that change ("" drops one)."""

    wait_s: float
    fields: Mapping[str, str]
    health: Health


def succeeded(
    known: Mapping[str, str],
    name: str,
    bounds: Bounds,
    *,
    now: datetime,
    asked: Wishes,
    dates: Sequence[datetime] = (),
    undated_new: int = 0,
) -> PollEnded:
    """After a document was read, or a 304. known: the poll's ledger fields.

    dates: of all dated items in the document; undated_new: items without a date that were not known before.
    """
    rhythm = observe(rhythm_of(known), sorted(dates)[-MAX_DATES:], undated_new, now=now)
    polls = int(known.get("polls") or 0) + 1
    following = next_poll(rhythm, asked, bounds, now=now, spread=spread_of(name, polls))
    state = health(rhythm, Failures(), now)
    cleared = dict.fromkeys(("fails", "failing_since", "status", "problem", "retired", "crashed"), "")
    return PollEnded(
        following.wait_s, cleared | {"rhythm": rhythm.dump()} | _common(following, state, polls, now=now), state
    )


def failed(
    known: Mapping[str, str],
    name: str,
    bounds: Bounds,
    *,
    now: datetime,
    asked: Wishes,
    reason: str,
    status: int = 0,
    crashed: bool = False,
) -> PollEnded:
    """After a poll that brought nothing usable. status: HTTP status, 0 when there was no answer.

    crashed: reading the document had to be ended.
    """
    at = now.timestamp()
    crashes = int(known.get("crashed") or 0) + 1 if crashed else 0
    since = float(known.get("failing_since") or at)
    failures = Failures(int(known.get("fails") or 0) + 1, since, status, reason[:300], crashes)
    polls = int(known.get("polls") or 0) + 1
    usual_s = float(known.get("usual_s") or bounds.shortest_s)
    following = next_try(failures.count, usual_s, asked, bounds=bounds, spread=spread_of(name, polls))
    state = health(rhythm_of(known), failures, now)
    fields = {
        "problem": failures.reason,
        "fails": str(failures.count),
        "failing_since": f"{failures.since:.0f}",
        "status": str(status or ""),
        "crashed": str(crashes or ""),
    }
    fields |= _common(following, state, polls, now=now) | {"usual_s": f"{usual_s:.0f}"}
    if state.state is State.DEAD:
        return PollEnded(NEVER_S, fields | {"retired": state.reason, "why": f"retired: {state.reason}"}, state)
    return PollEnded(following.wait_s, fields, state)


def health_of(known: Mapping[str, str], now: datetime) -> Health:
    """How the source of these ledger fields does at `now`."""
    failures = Failures(
        int(known.get("fails") or 0),
        float(known.get("failing_since") or now.timestamp()),
        int(known.get("status") or 0),
        known.get("problem", ""),
        int(known.get("crashed") or 0),
    )
    return health(rhythm_of(known), failures, now)


def rhythm_of(known: Mapping[str, str]) -> Rhythm:
    """The rhythm kept in the ledger; an empty one where there is none, or of another version."""
    try:
        return Rhythm.load(known.get("rhythm", ""))
    except (ValueError, TypeError):
        return Rhythm()


def _common(following: Next, state: Health, polls: int, *, now: datetime) -> dict[str, str]:
    return {
        "polls": str(polls),
        "polled": f"{now.timestamp():.6f}",
        "usual_s": f"{following.wait_s:.0f}",
        "next": f"{now.timestamp() + following.wait_s:.0f}",
        "why": following.why,
        "health": str(state.state),
    }
