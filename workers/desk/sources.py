"""The sources file and what the ledger knows of its sources, as values; and changes of both."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsmill.settings import Settings
from newsmill.sources.config import BadSources, SourceConfig, SourceKind, parse_sources
from newsmill.sources.confined_documents import looked_at
from newsmill.sources.discovery import Discovery, FoundSource, Get, discover
from newsmill.sources.durations import in_words
from newsmill.sources.edit import NoSuchSource, Value, add_sources, name_for, remove_source
from newsmill.sources.formats.opml import Opml
from newsmill.sources.left_out import LeftOut
from newsmill.sources.register import left_in_parts, poll_fields, poll_id
from newsmill.sources.schedule.poll_outcome import health_of, rhythm_of
from workers.desk.sources_probe import probing
from workers.runtime.wiring import Wiring

Known = Mapping[str, str]  # a poll's ledger fields


class NotWritable(Exception):
    """The sources file cannot be written here; the text says what to change in it, where it can be."""


def read(file: Path) -> str:
    """The text of the sources file; empty where there is none."""
    return file.read_text("utf-8") if file.exists() else ""


def sources_in(file: Path) -> tuple[SourceConfig, ...]:
    """What the file configures. Raises BadSources."""
    return parse_sources(read(file), str(file))


def one(file: Path, name: str) -> SourceConfig:
    """The source of that name. Raises NoSuchSource."""
    for source in sources_in(file):
        if source.name == name:
            return source
    raise NoSuchSource([f"{file}: there is no source {name!r}"])


def write(file: Path, text: str, by_hand: str) -> None:
    """Replaces the file at once, so that nobody reads half of it. by_hand: what to do where it cannot be written.

    Raises NotWritable.
    """
    beside = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, "utf-8")
        beside.chmod(file.stat().st_mode if file.exists() else 0o644)  # it is for every process of the mill
        beside.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise NotWritable(f"{file} cannot be written here ({error.strerror}): {by_hand}") from error


def add_to(file: Path, tables: Sequence[Mapping[str, Value]]) -> list[SourceConfig]:
    """Writes more sources into the file, which keeps its comments and order; returns these. Raises NotWritable."""
    if not tables:
        return []
    text = read(file)
    changed = add_sources(text, str(file), tables)
    write(file, changed, f"add this to it where it is\n{add_sources('', str(file), tables)}")
    return list(parse_sources(changed, str(file))[len(parse_sources(text, str(file))) :])


def known_of(wiring: Wiring, sources: Iterable[SourceConfig], *, parts: bool = False) -> dict[str, dict[str, str]]:
    """The ledger's fields of each source that it knows. parts: what their files left out as well."""
    entries = {source.name: wiring.frontier.entry(poll_id(source.name)) for source in sources}
    found = {name: dict(entry.fields) for name, entry in entries.items() if entry}
    for name in found if parts else ():
        left = left_in_parts(wiring.frontier, name)
        left.counts.update(LeftOut.load(found[name].get("left", "")).counts)
        found[name]["left"] = left.dump()
    return found


def tell(wiring: Wiring, source: SourceConfig, base: Path) -> None:
    """Tells the ledger of a source that was added or changed: it is polled at once."""
    wiring.frontier.put_poll(poll_id(source.name), poll_fields(source, base), 0.0)


def pause(wiring: Wiring, file: Path, name: str, *, since: float) -> None:
    """Keeps a source from being polled until `resume`: in the ledger, whatever the file says. Raises NoSuchSource."""
    _known_to(wiring, file, name)
    wiring.frontier.pause_poll(poll_id(name), since)
    for part in list(wiring.frontier.scheduled(f"{poll_id(name)}:*")):
        wiring.frontier.poll_in(part, None)


def resume(wiring: Wiring, file: Path, name: str) -> None:
    """Ends the pause; the source is due now. Raises BadSources where the file has a pause of its own."""
    source = _known_to(wiring, file, name)
    wiring.frontier.resume_poll(poll_id(name))
    if source and not source.enabled:
        raise BadSources([f"{file}: {name} has `enabled = false` there: take that line out"])
    wiring.frontier.poll_in(poll_id(name), 0.0)


def poll(wiring: Wiring, file: Path, names: Sequence[str]) -> None:
    """Makes these sources due now; one that is paused, in the ledger or in the file, once."""
    sources = {name: _known_to(wiring, file, name) for name in names}
    for name, source in sources.items():
        entry = wiring.frontier.entry(poll_id(name))
        paused = bool(entry and entry["paused"]) or bool(source and not source.enabled)
        wiring.frontier.poll_in(poll_id(name), 0.0, once=paused)


def remove_from(file: Path, name: str) -> None:
    """Takes a source out of the file. Raises NoSuchSource, NotWritable."""
    source = one(file, name)
    write(file, remove_source(read(file), str(file), source.name), f"take the table of {name} out of it where it is")


def _known_to(wiring: Wiring, file: Path, name: str) -> SourceConfig | None:
    """The source as the file has it, known to the ledger; None if only the ledger has it. Raises NoSuchSource."""
    source = next((source for source in sources_in(file) if source.name == name), None)
    if source:
        wiring.frontier.put_poll(poll_id(name), poll_fields(source, file.parent), None)
    elif not wiring.frontier.entry(poll_id(name)):
        return one(file, name)
    return source


def facts(source: SourceConfig, known: Known, now: datetime) -> dict[str, Any]:
    """How a source does: what `sources list --json` prints of it."""
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
        "newest": iso(rhythm.newest),
        "polled": iso(float(known.get("polled") or 0)),
        "next": iso(float(known.get("next") or 0)),
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


def iso(moment: float) -> str:
    """A time in seconds since the epoch, to the second; empty for none."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _ago(moment: datetime, now: datetime) -> str:
    return f"{in_words(max(0.0, (now - moment).total_seconds()))} ago"


def in_short(found: FoundSource, now: datetime) -> str:
    """One line: title, language, items, newest, items a day."""
    parts = [found.title, found.language, f"{found.items:,} items"]
    parts += [f"newest {_ago(found.newest, now)}" if found.newest else ""]
    parts += [f"about {found.per_day:.1f} a day" if found.per_day is not None else ""]
    return ", ".join(part for part in parts if part)


def find_sources(s: Settings, url: str, now: datetime) -> Discovery:
    """Asks a site for its feeds, sitemaps and section pages. url: canonical."""
    wiring = Wiring(s)

    async def work(get: Get) -> Discovery:
        return await discover(get, looked_at, url, now=now)

    return probing(wiring.client_options, wiring.robots, work, pause_s=s.fetch.delay_s, named=(url,))


def tables_of(found: Sequence[FoundSource], taken: Sequence[str], now: datetime) -> list[dict[str, Value]]:
    """The tables of the sources file for what was found. taken: names that are in use."""
    tables: list[dict[str, Value]] = []
    for source in found:
        name = name_for(source.url, source.kind, source.title, taken=[*taken, *(str(t["name"]) for t in tables)])
        comment = f"{in_short(source, now)}, found {now:%Y-%m-%d}"
        tables.append({"#": comment, "name": name, "kind": str(source.kind), "url": source.url})
    return tables


def tables_of_opml(listed: Opml, present: Sequence[SourceConfig]) -> list[dict[str, Value]]:
    """The tables of the sources file for the feeds of an OPML file that it does not have."""
    names, urls = {source.name for source in present}, {source.url for source in present}
    tables: list[dict[str, Value]] = []
    for feed in (f for f in listed.feeds if f.url not in urls):
        name = name_for(feed.url, SourceKind.FEED, feed.title, taken=names)
        names.add(name)
        comment = " / ".join(part for part in (feed.folder, feed.title) if part)
        tables.append({"#": comment, "name": name, "kind": "feed", "url": feed.url})
    return tables
