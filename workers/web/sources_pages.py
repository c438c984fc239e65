"""The page Sources, and what an operator does there."""

import time
from datetime import UTC, datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from newsmill.sources.config import SourceConfig, SourceKind, web_address
from newsmill.sources.discovery import FoundSource
from newsmill.sources.edit import Value, as_table, name_for
from newsmill.sources.formats.opml import read_opml, write_opml
from newsmill.sources.register import forget
from newsmill.sources.schedule.poll_outcome import rhythm_of
from newsmill.urls.canonical import canonicalize
from workers.desk import sources as desk
from workers.desk.problems import BadInput
from workers.web.charts import bars
from workers.web.console import Board, Call
from workers.web.filters import segment
from workers.web.rendering import page

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sources(console: Board, asked: Call) -> Response:
    """Every source: how it does, and its rhythm."""
    now = datetime.now(UTC)
    found = desk.sources_in(console.sources)
    known = desk.known_of(console.wiring, found)
    rows = [_row(source, known.get(source.name, {}), now) for source in found]
    others = _others(console, {source.name for source in found}, now)
    wanted = asked.query.get("state", "")
    states = sorted({row["facts"]["state"] for row in rows})
    shown = [row for row in rows if not wanted or row["facts"]["state"] == wanted]
    return page(
        console,
        asked,
        "sources.html",
        rows=shown,
        all=len(rows),
        others=others,
        states=states,
        wanted=wanted,
        done=asked.query.get("done", ""),
        file=console.sources,
    )


def _row(source: SourceConfig, known: desk.Known, now: datetime) -> dict[str, Any]:
    hours = rhythm_of(known).hours
    chart = bars(
        [(f"{hour:02d}:00 UTC", n) for hour, n in enumerate(hours)], "Items by hour of the day", width=120, height=28
    )
    return {"source": source, "facts": desk.facts(source, known, now), "chart": chart if any(hours) else None}


def _others(console: Board, names: set[str], now: datetime) -> list[dict[str, Any]]:
    """What is polled and does not stand in the file: the demo's sources, or those of a file that was named."""
    found = []
    for entry in console.wiring.frontier.polls():
        if not entry["root"] and entry["source"] not in names and entry["config"]:
            source = SourceConfig.stored(entry["config"])
            found.append(_row(source, entry.fields, now))
    return sorted(found, key=lambda row: row["source"].name)[:500]


def _one(console: Board, name: str) -> tuple[SourceConfig | None, bool]:
    """The source of this name, and whether it stands in the file."""
    for source in desk.sources_in(console.sources):
        if source.name == name:
            return source, True
    for entry in console.wiring.frontier.polls():
        if entry["source"] == name and not entry["root"] and entry["config"]:
            return SourceConfig.stored(entry["config"]), False
    return None, False


def source(console: Board, asked: Call) -> Response:
    """All that is known of one source."""
    found, in_file = _one(console, asked.path["name"])
    if found is None:
        return page(console, asked, "error.html", code=404, said="There is no such source.", status=404)
    now = datetime.now(UTC)
    known = desk.known_of(console.wiring, [found], parts=True).get(found.name, {})
    rhythm = rhythm_of(known)
    hours = bars(
        [(f"{hour:02d}:00 UTC: {n:.1f}", n) for hour, n in enumerate(rhythm.hours)],
        "Items by hour of the day",
        width=288,
    )
    days = bars(
        [(f"{WEEKDAYS[day]}: {n:.1f}", n) for day, n in enumerate(rhythm.weekdays)],
        "Items by day of the week",
        width=168,
    )
    return page(
        console,
        asked,
        "source.html",
        source=found,
        facts=desk.facts(found, known, now),
        configured=as_table(found),
        hours=hours if any(rhythm.hours) else None,
        days=days if any(rhythm.weekdays) else None,
        in_file=in_file,
        done=asked.query.get("done", ""),
    )


def change(console: Board, asked: Call) -> Response:
    """Pause, resume, poll now or remove a source."""
    name, what = asked.path["name"], asked.path["what"]
    found, in_file = _one(console, name)
    if found is None:
        return page(console, asked, "error.html", code=404, said="There is no such source.", status=404)
    wiring, file = console.wiring, console.sources
    match what:
        case "poll":
            desk.poll(wiring, file, [name])
            return _done(f"{name} is polled now", name)
        case "pause":
            desk.pause(wiring, file, name, since=time.time())
            return _done(f"{name} is paused", name)
        case "resume":
            desk.resume(wiring, file, name)
            return _done(f"{name} is polled again", name)
        case "remove":
            if in_file:
                desk.remove_from(file, name)
            forget(wiring.frontier, name)
            return _done(f"{name} is removed")
    return page(console, asked, "error.html", code=404, said="There is no such page.", status=404)


def _done(said: str, name: str = "") -> Response:
    return RedirectResponse(f"/sources{f'/{segment(name)}' if name else ''}?done={segment(said)}", 303)


def add(console: Board, asked: Call) -> Response:
    """Looks for the sources of a site and proposes them; then writes those that were chosen."""
    now = datetime.now(UTC)
    url = web_address(asked.fields.get("url", "").strip())
    url = canonicalize(url if "://" in url else f"https://{url}")
    chosen = [name.removeprefix("take:") for name in asked.fields if name.startswith("take:")]
    if not chosen:
        found = desk.find_sources(console.settings, url, now)
        known = {source.url for source in desk.sources_in(console.sources)}
        proposals = [_proposal(one, one in found.chosen, one.url in known, now=now) for one in found.found]
        return page(console, asked, "proposals.html", url=url, proposals=proposals, problems=found.problems)
    names, tables = [source.name for source in desk.sources_in(console.sources)], list[dict[str, Value]]()
    for address in chosen:
        kind = SourceKind(asked.fields[f"take:{address}"])
        name = name_for(address, kind, asked.fields.get(f"title:{address}", ""), taken=names)
        names.append(name)
        tables.append({"#": f"found {now:%Y-%m-%d}", "name": name, "kind": str(kind), "url": web_address(address)})
    _add(console, tables)
    return _done(f"added: {', '.join(str(table['name']) for table in tables)}")


def _proposal(one: FoundSource, best: bool, known: bool, *, now: datetime) -> dict[str, Any]:
    return {
        "kind": str(one.kind),
        "url": one.url,
        "title": one.title,
        "what": desk.in_short(one, now),
        "best": best,
        "known": known,
    }


def _add(console: Board, tables: list[dict[str, Value]]) -> None:
    for source in desk.add_to(console.sources, tables):
        desk.tell(console.wiring, source, console.sources.parent)


def import_opml(console: Board, asked: Call) -> Response:
    """Adds the feeds of an OPML file."""
    read = read_opml(asked.file)
    if read.problem and not read.feeds:
        raise BadInput(f"OPML: {read.problem}")
    tables = desk.tables_of_opml(read, desk.sources_in(console.sources))
    _add(console, tables)
    return _done(f"{len(tables)} feeds added, {len(read.feeds) - len(tables)} known before")


def opml(console: Board, asked: Call) -> Response:
    """The feeds of the sources file, for other programs."""
    headers = {"Content-Disposition": 'attachment; filename="newsmill.opml"'}
    return Response(write_opml(desk.sources_in(console.sources)), media_type="text/x-opml", headers=headers)
