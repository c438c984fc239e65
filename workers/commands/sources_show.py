"""What `newsmill sources` prints: tables for people, JSON for scripts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsmill.sources.config import SourceConfig
from newsmill.sources.discovery import Discovery, FoundSource
from newsmill.sources.edit import as_table
from workers.commands.terminal import add, columns, in_line, say, show, tell
from workers.desk.sources import Known, facts, in_short, iso

RIGHT = ("a day", "items")


def sources(found: Sequence[SourceConfig], known: Mapping[str, Known], now: datetime, *, as_json: bool) -> None:
    """Shows all sources, a line each."""
    rows = [facts(source, known.get(source.name, {}), now) for source in found]
    if as_json:
        return tell(rows)
    out = columns("source", "kind", "state", "a day", "last poll", "next", "reason", right=RIGHT)
    for row in rows:
        rate = "" if row["per_day"] is None else f"{row['per_day']:.1f}"
        polled, following = (row[key][5:16].replace("T", " ") for key in ("polled", "next"))
        add(out, row["name"], row["kind"], row["state"], rate, polled, following, row["reason"])
    show(out)
    return None


def source(one: SourceConfig, known: Known, now: datetime, *, as_json: bool) -> None:
    """Shows one source with all that is known of it."""
    told = facts(one, known, now) | {"configured": as_table(one)}
    if as_json:
        return tell(told)
    out = columns("", "", right=RIGHT)
    for key, value in told.items():
        shown = value
        if key == "left_out":
            shown = ", ".join(f"{items:,} {reason}" for reason, items in value.items())
        elif isinstance(value, dict):
            shown = ", ".join(f"{k} = {v}" for k, v in value.items())
        if shown not in ("", None):
            add(out, key.replace("_", " "), shown)
    show(out)
    return None


def _found(found: FoundSource) -> dict[str, Any]:
    return {
        "kind": str(found.kind),
        "url": found.url,
        "title": found.title,
        "language": found.language,
        "items": found.items,
        "newest": iso(found.newest.timestamp()) if found.newest else "",
        "per_day": None if found.per_day is None else round(found.per_day, 2),
        "remarks": list(found.remarks),
    }


def discovered(
    found: Discovery, chosen: Sequence[FoundSource], added: Sequence[str], *, now: datetime, as_json: bool
) -> None:
    """Shows what a site offers as sources."""
    if as_json:
        listed = [_found(one) | {"chosen": one in chosen} for one in found.found]
        return tell({"found": listed, "added": list(added), "asked": found.asked, "problems": list(found.problems)})
    out = columns("", "kind", "address", "what", "a day", right=RIGHT)
    for one in found.found:
        rate = "" if one.per_day is None else f"{one.per_day:.1f}"
        add(out, "*" if one in chosen else "", str(one.kind), one.url, in_short(one, now), rate)
    if found.found:
        show(out)
    else:
        say("no feed, no sitemap, no page with article links was found")
    if any("forbidden-address" in problem for problem in found.problems):
        say("private addresses are asked only where fetch.allow_networks names them (NEWSMILL_FETCH__ALLOW_NETWORKS)")
    for problem in found.problems:
        say(f"  {in_line(problem)}")
    if added:
        say(f"added: {', '.join(added)}")
    elif found.found:
        say("nothing added")
    return None


def checked(results: Sequence[tuple[SourceConfig, FoundSource | None, str]], now: datetime, as_json: bool) -> None:
    """Shows what sources answered."""
    if as_json:
        return tell([{"name": s.name, "problem": problem, **(_found(f) if f else {})} for s, f, problem in results])
    out = columns("source", "kind", "what", "remarks", right=RIGHT)
    for one, found, problem in results:
        remarks = "; ".join([problem] if problem else found.remarks if found else ())
        add(out, one.name, str(one.kind), in_short(found, now) if found else "", remarks)
    show(out)
    return None
