"""What an operator sees of the mill: figures, troubles, and what became of an address."""

import re
from collections import Counter, defaultdict
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from newsmill.ledger.entries import POLL_PREFIX
from newsmill.outcomes import Outcome
from newsmill.sources.left_out import LeftOut
from newsmill.sources.register import SourceState, left_by, state_of
from newsmill.stores.errors import StoreError
from newsmill.urls.canonical import address_id, canonicalize
from workers.runtime.figures import Status, status_of
from workers.runtime.wiring import Mill

ID = re.compile("[a-z2-7]{16}")
REMEDY = "`newsmill reparse` brings them back from the raw pages"


def look(mill: Mill) -> tuple[Status, list[SourceState]]:
    """The figures of the ledger, and of each source that is scheduled or at work."""
    status = status_of(mill.frontier.snapshot(), mill.settings.frontier.window)
    polls = list(mill.frontier.polls())
    in_parts: dict[str, LeftOut] = defaultdict(LeftOut)
    for part in polls:
        if part["root"] and part["left"]:
            in_parts[part.source].counts.update(LeftOut.load(part["left"]).counts)
    states = [state_of(e) for e in polls if not e["root"]]
    whole = [replace(s, left_out=in_parts[s.name].counts + Counter(s.left_out)) for s in states]
    return status, sorted(whole, key=lambda state: state.name)


def status_json(s: Status, sources: list[SourceState]) -> dict[str, Any]:
    """What `status --json` prints, and the API says."""
    return {
        **s.model_dump(),
        "balanced": s.balanced,
        "sources": [
            {
                "name": state.name,
                "state": state.state,
                "polled": _iso(state.polled),
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


def _iso(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


def search_trouble(mill: Mill) -> str:
    """Why the search store takes no writes now, so that pages wait; empty if it does."""
    if not mill.settings.search.url and not (mill.settings.data / "search.sqlite").exists():
        return ""
    try:
        return mill.search.trouble()
    except StoreError as error:
        return str(error)


def another_index(mill: Mill) -> str:
    """Whether the search index is another one than the articles were written to, and what to do about it; or "" if not.

    For a mill whose search store has no trouble. Nothing is counted in the index: that may take minutes.
    """
    known = mill.frontier.search_index()
    if not known:
        return ""
    gone = not mill.settings.search.url and not (mill.settings.data / "search.sqlite").exists()
    if gone or mill.search.identity() not in ("", known):
        return f"the search index is not the one that {_counted(mill):,} articles were written to: {REMEDY}"
    return ""


def lost_articles(mill: Mill) -> str:
    """As `another_index`, and whether the index has fewer articles than the ledger counts.

    Counts are compared where nothing is at work, and nothing is removed by age. Raises StoreError.
    """
    if (other := another_index(mill)) or not mill.frontier.search_index():
        return other
    stages = mill.frontier.snapshot()["stages"].values()
    if any(stage[state] for stage in stages for state in ("ready", "leased")) or mill.settings.search.days:
        return ""
    there, counted = mill.search.count(), _counted(mill)
    missing = f"{counted:,} articles are counted as indexed, and the search index has {there:,}: {REMEDY}"
    return missing if there < counted else ""


def _counted(mill: Mill) -> int:
    counters = mill.frontier.snapshot()["counters"]
    return sum(int(counters.get(f"outcome:{outcome}", 0)) for outcome in (Outcome.INDEXED, Outcome.UNCHANGED))


def story(mill: Mill, address: str) -> dict[str, Any]:
    """What the ledger knows of an address, or of the id that a log line or Flower shows. Raises BadAddress."""
    given = address.strip()
    is_id = bool(ID.fullmatch(given)) or given.startswith(POLL_PREFIX)
    url = "" if is_id else canonicalize(address)
    id = given if is_id else address_id(url)
    entry = mill.frontier.entry(id)
    if entry is None:
        shrunk = mill.frontier.shrunk(id)
        return {
            "id": id,
            "url": url,
            "known": shrunk is not None,
            "state": "settled" if shrunk else "unknown",
            "outcome": shrunk or "",
            "left_out": [] if shrunk or is_id else [asdict(left) for left in left_by(mill.frontier, url)],
        }
    fields = {name: value for name, value in entry.fields.items() if name != "cookies"}
    told = {"id": id, "known": True, **fields, "host_state": dict(entry.host_fields)}
    told["next_look"] = mill.frontier.next_look(id)
    told["story"] = [_step(line) for line in entry["story"].splitlines()]
    return told


def _step(line: str) -> dict[str, Any]:
    at, _, rest = line.partition(" ")
    stage, _, what = rest.partition(" ")
    return {"at": float(at) if at.replace(".", "").isdigit() else None, "stage": stage, "what": what}
