"""What an operator sees of the mill: figures, troubles, and what became of an address."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from newsmill.ledger import Entry
from newsmill.ledger.entry import POLL_PREFIX
from newsmill.ledger.presence import StageRow
from newsmill.outcomes import Outcome
from newsmill.sources.durations import in_words
from newsmill.sources.left_out import LeftOut
from newsmill.sources.register import SourceState, left_by, state_of
from newsmill.stores.errors import StoreError
from newsmill.urls.canonical import address_id, canonicalize
from workers.runtime.figures import Status, status_of
from workers.runtime.stores import has_index
from workers.runtime.verdict import StatusVerdict, living, missing, verdict
from workers.runtime.wiring import Wiring

BY = ("host", "source", "reason", "day")
ID = re.compile("[a-z2-7]{16}")
REMEDY = "`newsmill reparse` brings them back from the raw pages"


def look(wiring: Wiring) -> tuple[Status, list[SourceState]]:
    """The figures of the ledger, and of each source that is scheduled or at work."""
    status = status_of(wiring.frontier.snapshot(), wiring.settings.frontier.window)
    polls = list(wiring.frontier.polls())
    in_parts: dict[str, LeftOut] = defaultdict(LeftOut)
    for part in polls:
        if part["root"] and part["left"]:
            in_parts[part.source].counts.update(LeftOut.load(part["left"]).counts)
    states = [state_of(e) for e in polls if not e["root"]]
    whole = [replace(s, left_out=in_parts[s.name].counts + Counter(s.left_out)) for s in states]
    return status, sorted(whole, key=lambda state: state.name)


@dataclass(frozen=True, slots=True)
class StatusLook:
    """One look at the mill. at_rest: nobody can be at work."""

    status: Status
    sources: list[SourceState]
    verdict: StatusVerdict
    search_trouble: str = ""
    another_index: str = ""


def status_json(s: Status, sources: Sequence[SourceState]) -> dict[str, Any]:
    """The figures, for scripts."""
    return {
        **s.model_dump(),
        "alive": living(s.workers, s.now),
        "workers": [{"queue": w.queue, "name": w.name, "heard": iso(w.heard)} for w in s.workers],
        "balanced": s.balanced,
        "sources": [
            {
                "name": state.name,
                "state": state.state,
                "polled": iso(state.polled),
                "next": iso(state.next) if state.next < 1e11 else None,
                "paused": iso(state.paused),
                "found": state.found,
                "new": state.new,
                "left_out": dict(state.left_out),
                "fails": state.fails,
                "problem": state.problem,
                "health": state.health,
                "per_day": round(state.per_day, 2),
            }
            for state in sources
        ],
    }


def iso(seconds: float) -> str | None:
    """For scripts; None for never."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


def judged(wiring: Wiring) -> StatusLook:
    """One look at everything, and its verdict."""
    status, sources = look(wiring)
    trouble = search_trouble(wiring)
    other = "" if trouble else another_index(wiring)
    found = verdict(status, sources, search_trouble=trouble, another_index=other, at_rest=wiring.at_rest)
    return StatusLook(status, sources, found, trouble, other)


def nobody_works(wiring: Wiring) -> str:
    """Why what was accepted now is not taken up: no worker, or a pause; empty if it is."""
    status = status_of(wiring.frontier.snapshot(), wiring.settings.frontier.window)
    if wiring.at_rest:
        return "nothing runs here: `newsmill run` or `newsmill up` takes it up"
    if status.paused:
        return "the mill is paused: `newsmill resume` goes on"
    return "; ".join(remark.line(status.now) for remark in missing(status))


def search_trouble(wiring: Wiring) -> str:
    """Why the search store takes no writes now, so that pages wait; empty if it does."""
    if not has_index(wiring.settings):
        return ""
    try:
        return wiring.search.trouble()
    except StoreError as error:
        return str(error)


def another_index(wiring: Wiring) -> str:
    """Whether the search index is another one than the articles were written to, and what to do about it; or "" if not.

    For a mill whose search store has no trouble. Nothing is counted in the index: that may take minutes.
    """
    known = wiring.frontier.search_index()
    if not known:
        return ""
    if not has_index(wiring.settings) or wiring.search.identity() not in ("", known):
        return f"the search index is not the one that {_counted(wiring):,} articles were written to: {REMEDY}"
    return ""


def lost_articles(wiring: Wiring) -> str:
    """As `another_index`, and whether the index has fewer articles than the ledger counts.

    Counts are compared where nothing is at work, and nothing is removed by age. Raises StoreError.
    """
    if (other := another_index(wiring)) or not wiring.frontier.search_index():
        return other
    stages = wiring.frontier.snapshot()["stages"].values()
    if any(stage[state] for stage in stages for state in ("ready", "leased")) or wiring.settings.search.days:
        return ""
    there, counted = wiring.search.count(), _counted(wiring)
    missing = f"{counted:,} articles are counted as indexed, and the search index has {there:,}: {REMEDY}"
    return missing if there < counted else ""


def _counted(wiring: Wiring) -> int:
    counters = wiring.frontier.snapshot()["counters"]
    return sum(int(counters.get(f"outcome:{outcome}", 0)) for outcome in (Outcome.INDEXED, Outcome.UNCHANGED))


def story(wiring: Wiring, address: str) -> dict[str, Any]:
    """What the ledger knows of an address, or of the id that a log line or Flower shows. Raises BadAddress."""
    given = address.strip()
    is_id = bool(ID.fullmatch(given)) or given.startswith(POLL_PREFIX)
    url = "" if is_id else canonicalize(address)
    id = given if is_id else address_id(url)
    entry = wiring.frontier.entry(id)
    if entry is None:
        shrunk = wiring.frontier.shrunk(id)
        return {
            "id": id,
            "url": url,
            "known": shrunk is not None,
            "state": "settled" if shrunk else "unknown",
            "outcome": shrunk or "",
            "left_out": [] if shrunk or is_id else [asdict(left) for left in left_by(wiring.frontier, url)],
        }
    fields = {name: value for name, value in entry.fields.items() if name != "cookies"}
    told = {"id": id, "known": True, **fields, "host_state": dict(entry.host_fields)}
    told["waits"] = waits_for(entry, wiring.frontier.place(entry), status_of(wiring.frontier.snapshot(), 0))
    told["next_look"] = wiring.frontier.next_look(id)
    told["story"] = [_step(line) for line in entry["story"].splitlines()]
    return told


def waits_for(entry: Entry, place: StageRow, status: Status) -> list[str]:
    """Why an address is not further, when it is its turn, and its place in the queue of its host (pure)."""
    state, now = entry["state"], status.now
    if state == "settled":
        return []
    if state == "leased":
        return [f"{entry['stage']} is at work on it ({entry['owner']})"]
    if state == "ready":
        return [f"{entry['stage']} takes it when a worker is free"]
    told = []
    if status.paused:
        told.append(f"the whole mill is paused ({status.paused.get('why') or 'by an operator'}): `newsmill resume`")
    if state == "delayed":
        when = "at once" if place.due is None or place.due <= now else f"in {in_words(place.due - now)}"
        return [*told, f"for its next try, {when}, after {entry.tries} that failed: {entry['reason']}"]
    if state != "queued":
        return told
    told.append(f"{place.ahead:,} addresses of {entry.host} are asked before it, one at a time")
    if place.group:
        told.append(f"{place.group.partition(':')[2]} has all its turns: others have theirs first")
    if place.busy:
        told.append(f"{entry.host} is being asked for another address ({place.busy})")
    elif place.due is not None and place.due > now:
        told.append(f"{entry.host} may be asked again in {in_words(max(place.due - now, 1.0))}")
    elif status.window_reason:
        told.append(f"nothing more is taken up now (window {status.window}): {status.window_reason}")
    return told


def counted_by(wiring: Wiring, name: str) -> dict[str, dict[str, int]]:
    """How many addresses are in which state or outcome, by host, source, reason or day (of their last change).

    Reads every entry of the ledger, some 10,000 a second.
    """
    fields = ["host", "source", "reason", "settled", "added", "outcome", "state"]
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for host, source, reason, settled, added, outcome, state in wiring.frontier.all_fields(fields):
        day = datetime.fromtimestamp(float(settled or added or 0), UTC).strftime("%Y-%m-%d")
        key = {"host": host, "source": source, "reason": reason or "-", "day": day}[name]
        counted[key][outcome or state] += 1
    return {key: dict(states) for key, states in counted.items()}


def _step(line: str) -> dict[str, Any]:
    at, _, rest = line.partition(" ")
    stage, _, what = rest.partition(" ")
    return {"at": float(at) if at.replace(".", "").isdigit() else None, "stage": stage, "what": what}
