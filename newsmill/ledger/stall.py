"""What stands still though there is work (pure): seen from two looks at the ledger, some minutes apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsmill.ledger.stages import Stage

STALL_S = 180.0  # longer than any task may take (produce: 150 s)
OVERDUE_S = 60.0  # a host that is due is asked within a tick or two, where the window has room
AWAY_S = 60.0  # somebody ticks every second while any worker lives
FRONTIER = "frontier"


@dataclass(frozen=True, slots=True)
class Still:
    """A place where work waits. moved: what has left it, ever. since: when that number was seen first."""

    moved: int
    since: float


def progress(last: Mapping[str, str], seen: Mapping[str, Any]) -> dict[str, str]:
    """What is kept until the next look: for each place with work, what has left it and since when it has not moved.

    seen: a snapshot of the ledger (status.lua).
    """
    now, kept = float(seen["now"]), {}
    for place in _with_work(seen):
        moved = int(seen["counters"].get(f"moved:{place}", 0))
        before = _still(last.get(place, ""))
        since = before.since if before and before.moved == moved and before.since <= now else now
        kept[place] = f"{moved} {since:.3f}"
    return kept


def stalls(seen: Mapping[str, Any]) -> list[str]:
    """A sentence for each place that stands still; `progress` is that of the last look."""
    now = float(seen["now"])
    work = _with_work(seen)
    looked = float((seen["window"] or {}).get("at", 0) or 0)
    if work and looked and now - looked > AWAY_S:
        return [f"nobody has looked after the ledger for {_long(now - looked)}: does any worker run?"]
    told = []
    for place, waiting in work.items():
        still = _still((seen.get("progress") or {}).get(place, ""))
        if still and now - still.since > STALL_S:
            told.append(f"{place}: {waiting}, and nothing has moved for {_long(now - still.since)}{_hint(place)}")
    return told


def _with_work(seen: Mapping[str, Any]) -> dict[str, str]:
    """What waits, by place."""
    found = {}
    stages: Mapping[str, Mapping[str, int]] = seen["stages"]
    for stage in Stage:
        if entries := stages[stage]["ready"] + stages[stage]["leased"]:
            found[str(stage)] = f"{entries} wait or are at work"
    size = int((seen["window"] or {}).get("size", 1))
    busy = sum(stages[stage]["ready"] + stages[stage]["leased"] for stage in Stage if stage is not Stage.PRODUCE)
    overdue = float(seen["now"]) - float(seen.get("first_due") or seen["now"])
    if overdue > OVERDUE_S and busy < size:
        found[FRONTIER] = f"a host has been due for {_long(overdue)}"
    return found


def _hint(place: str) -> str:
    return ": run `newsmill audit`" if place == FRONTIER else f": does a worker of {place} run?"


def _still(text: str) -> Still | None:
    moved, _, since = text.partition(" ")
    return Still(int(moved), float(since)) if since else None


def _long(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
