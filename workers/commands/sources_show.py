"""What `newsmill sources` prints: tables for people, JSON for scripts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from newsmill.sources.config import SourceConfig
from newsmill.sources.discovery import Discovery, Found
from newsmill.sources.durations import in_words
from newsmill.sources.edit import as_table
from newsmill.sources.left_out import LeftOut
from newsmill.sources.schedule.poll_outcome import health_of, rhythm_of
from workers.commands.terminal import add, columns, in_line, say, show, tell

Known = Mapping[str, str]  # a poll's ledger fields


RIGHT = ("a day", "items")


def _facts(source: SourceConfig, known: Known, now: datetime) -> dict[str, Any]:
    health = health_of(known, now) if known else None
    rhythm = rhythm_of(known)
    paused = not source.enabled or known.get("paused")
    state = "paused" if paused else "retired" if known.get("retired") else health and str(health.state)
    return {
        "name": source.name,
        "kind": str(source.kind),
        "url": known.get("url") or source.url or source.path,
        "state": state or "never polled",
        "reason": _paused_by(source, known)
        or known.get("retired")
        or (health.reason if health else "")
        or known.get("problem", ""),
        "per_day": round(rhythm.per_day, 2) if rhythm.items else None,
        "newest": _iso(rhythm.newest),
        "polled": _iso(float(known.get("polled") or 0)),
        "next": _iso(float(known.get("next") or 0)),
        "why": known.get("why", ""),
        "found": int(known.get("found") or 0),
        "new": int(known.get("new") or 0),
        "left_out": dict(LeftOut.load(known.get("left", "")).counts),
    }


def _paused_by(source: SourceConfig, known: Known) -> str:
    """Who has it paused, and what ends that; empty if nobody has."""
    if not source.enabled:
        return "`enabled = false` in the sources file"
    if since := known.get("paused"):
        return f"by `sources pause`, {_ago(datetime.fromtimestamp(float(since), UTC), datetime.now(UTC))}: `resume`"
    return ""


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{in_words(max(0.0, (now - moment).total_seconds()))} ago" if moment else ""


def sources(found: Sequence[SourceConfig], known: Mapping[str, Known], now: datetime, as_json: bool) -> None:
    rows = [_facts(source, known.get(source.name, {}), now) for source in found]
    if as_json:
        return tell(rows)
    out = columns("source", "kind", "state", "a day", "last poll", "next", "reason", right=RIGHT)
    for row in rows:
        rate = "" if row["per_day"] is None else f"{row['per_day']:.1f}"
        polled, following = (row[key][5:16].replace("T", " ") for key in ("polled", "next"))
        add(out, row["name"], row["kind"], row["state"], rate, polled, following, row["reason"])
    show(out)
    return None


def source(one: SourceConfig, known: Known, now: datetime, as_json: bool) -> None:
    facts = _facts(one, known, now) | {"configured": as_table(one)}
    if as_json:
        return tell(facts)
    out = columns("", "", right=RIGHT)
    for key, value in facts.items():
        shown = value
        if key == "left_out":
            shown = ", ".join(f"{items:,} {reason}" for reason, items in value.items())
        elif isinstance(value, dict):
            shown = ", ".join(f"{k} = {v}" for k, v in value.items())
        if shown not in ("", None):
            add(out, key.replace("_", " "), shown)
    show(out)
    return None


def in_short(found: Found, now: datetime) -> str:
    """One line: title, language, items, newest, items a day."""
    parts = [found.title, found.language, f"{found.items:,} items"]
    parts += [f"newest {_ago(found.newest, now)}" if found.newest else ""]
    parts += [f"about {found.per_day:.1f} a day" if found.per_day is not None else ""]
    return ", ".join(part for part in parts if part)


def _found(found: Found) -> dict[str, Any]:
    return {
        "kind": str(found.kind),
        "url": found.url,
        "title": found.title,
        "language": found.language,
        "items": found.items,
        "newest": _iso(found.newest.timestamp()) if found.newest else "",
        "per_day": None if found.per_day is None else round(found.per_day, 2),
        "remarks": list(found.remarks),
    }


def discovered(found: Discovery, chosen: Sequence[Found], added: Sequence[str], now: datetime, as_json: bool) -> None:
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
    for problem in found.problems:
        say(f"  {in_line(problem)}")
    if added:
        say(f"added: {', '.join(added)}")
    elif found.found:
        say("nothing added")
    return None


def checked(results: Sequence[tuple[SourceConfig, Found | None, str]], now: datetime, as_json: bool) -> None:
    if as_json:
        return tell([{"name": s.name, "problem": problem, **(_found(f) if f else {})} for s, f, problem in results])
    out = columns("source", "kind", "what", "remarks", right=RIGHT)
    for one, found, problem in results:
        remarks = "; ".join([problem] if problem else found.remarks if found else ())
        add(out, one.name, str(one.kind), in_short(found, now) if found else "", remarks)
    show(out)
    return None
