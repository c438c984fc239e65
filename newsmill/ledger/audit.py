"""The ledger checked against itself, entry by entry: what `newsmill audit` tells, and what the tests assert.

Meant for a mill at rest: while others work, an entry may move between two looks and be reported in vain.
"""

from collections import Counter
from collections.abc import Iterator
from typing import cast

from newsmill.ledger import Frontier
from newsmill.ledger.entries import POLL_PREFIX
from newsmill.ledger.stages import Stage
from newsmill.outcomes import Outcome


def _queued(frontier: Frontier) -> set[tuple[str, str]]:
    """(host, id) of every ticket in a host's queue."""
    found = set()
    for key in frontier.client.scan_iter(match=f"{frontier.prefix}q:*", count=1000):
        host = str(key).removeprefix(f"{frontier.prefix}q:").split(":", 1)[1]
        found |= {(host, id) for id in cast(list[str], frontier.client.lrange(key, 0, -1))}
    return found


def _members(frontier: Frontier) -> dict[str, set[str]]:
    names = ["delayed", "sources", *(f"{kind}:{stage}" for kind in ("ready", "leased") for stage in Stage)]
    return {name: set(cast(list[str], frontier.client.zrange(f"{frontier.prefix}{name}", 0, -1))) for name in names}


def _shrunk(frontier: Frontier) -> Counter[str]:
    found: Counter[str] = Counter()
    for key in frontier.client.scan_iter(match=f"{frontier.prefix}seen:*", count=1000):
        codes = cast(list[str], frontier.client.hvals(key))
        found.update(str(list(Outcome)[int(code) - 1]) for code in codes)
    return found


def _shares(frontier: Frontier, counters: dict[str, int]) -> Iterator[str]:
    """What waits of each source, held against what is counted; nothing where a version counted that knew no shares."""
    kept = {
        name: int(n) for name, n in cast(dict[str, str], frontier.client.hgetall(f"{frontier.prefix}waiting")).items()
    }
    if kept.get("all", 0) != counters.get("queued", 0):
        return
    waiting = Counter(
        f"source:{entry.source}"
        for entry in frontier.entries()
        if entry["state"] == "queued" and not entry.id.startswith(POLL_PREFIX)
    )
    for name, counted in kept.items():
        if name.startswith("source:") and waiting[name] != counted:
            yield f"{counted} addresses are counted as waiting of {name}, but {waiting[name]} are"


def problems(frontier: Frontier) -> Iterator[str]:
    """One line for each thing that does not fit; none when the ledger is whole."""
    tickets, members = _queued(frontier), _members(frontier)
    states: Counter[str] = Counter()
    outcomes = _shrunk(frontier)
    for entry in frontier.entries():
        poll = entry.id.startswith(POLL_PREFIX)
        state, place = entry["state"], ""
        states[("polls_" if poll else "") + state] += 1
        if state in ("ready", "leased"):
            place = f"{state}:{entry['stage']}"
        elif state in ("delayed", "idle"):
            place = "delayed" if state == "delayed" else "sources"
        paused = state == "idle"  # a poll without a next time
        if place and not paused and entry.id not in members[place]:
            yield f"{entry.id} is {state} but not in {place}"
        if state == "queued" and (entry.host, entry.id) not in tickets:
            yield f"{entry.id} is queued but has no ticket at {entry.host}"
        if state == "settled":
            outcomes[entry["outcome"]] += 1
        elif entry["outcome"]:
            yield f"{entry.id} is {state} but has the outcome {entry['outcome']}"
        for name, ids in members.items():
            if entry.id in ids and name != place:
                yield f"{entry.id} is {state} but also in {name}"
    counters = {name: int(n) for name, n in frontier.snapshot()["counters"].items()}
    for name, counted in [("queued", states["queued"]), ("polls_queued", states["polls_queued"])]:
        if counters.get(name, 0) != counted:
            yield f"counter {name} is {counters.get(name, 0)}, but {counted} entries are"
    yield from _shares(frontier, counters)
    for outcome in Outcome:
        counted = counters.get(f"outcome:{outcome}", 0)
        if counted != outcomes[outcome]:
            yield f"counter outcome:{outcome} is {counted}, but {outcomes[outcome]} entries are"
