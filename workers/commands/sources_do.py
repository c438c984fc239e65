"""What `newsmill sources` does: over the sources file, and the mill where there is one."""

import contextlib
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from newsmill.settings import Settings
from newsmill.sources.config import BadSources, SourceConfig, SourceKind, parse_sources, web_address
from newsmill.sources.confined_documents import looked_at
from newsmill.sources.discovery import Discovery, Found, Get, Page, discover
from newsmill.sources.edit import NoSuchSource, Value, add_sources, name_for, remove_source
from newsmill.sources.formats.opml import read_opml, write_opml
from newsmill.sources.left_out import LeftOut
from newsmill.sources.register import forget, left_in_parts, poll_fields, poll_id
from newsmill.urls.canonical import canonicalize
from workers.commands import sources_show as table
from workers.commands.sources_probe import probing
from workers.commands.terminal import say
from workers.local.access import BrokerProblem, BrokerUnreachable, NothingHere, open_mill
from workers.runtime.sources_file import apply as take_up_now
from workers.runtime.wiring import Mill


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _sources(file: Path) -> tuple[SourceConfig, ...]:
    return parse_sources(_read(file), str(file))


class NotWritable(Exception):
    """The sources file cannot be written here; the text says what to change in it, where it can be."""


def _write(file: Path, text: str, by_hand: str) -> None:
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


def _known(s: Settings, sources: Iterable[SourceConfig], *, parts: bool = False) -> dict[str, dict[str, str]]:
    """The ledger's fields of each source; none where there is no mill yet. parts: what its files left out as well."""
    try:
        with open_mill(s) as mill:
            entries = {source.name: mill.frontier.entry(poll_id(source.name)) for source in sources}
            found = {name: dict(entry.fields) for name, entry in entries.items() if entry}
            for name in found if parts else ():
                left = left_in_parts(mill.frontier, name)
                left.counts.update(LeftOut.load(found[name].get("left", "")).counts)
                found[name]["left"] = left.dump()
    except NothingHere:
        return {}
    return found


def _tell(s: Settings, source: SourceConfig, base: Path, removed: bool = False) -> None:
    """Tells the mill of a change, if there is one."""
    try:
        with open_mill(s) as mill:
            if removed:
                forget(mill.frontier, source.name)
            else:
                mill.frontier.put_poll(poll_id(source.name), poll_fields(source, base), 0.0)
    except NothingHere:
        return  # it reads the file when it starts
    except (BrokerUnreachable, BrokerProblem) as error:
        say(f"the file is changed, but the mill could not be told: {error}", error=True)


def list_all(s: Settings, file: Path, as_json: bool) -> None:
    found = _sources(file)
    table.sources(found, _known(s, found), datetime.now(UTC), as_json)


def show(s: Settings, file: Path, name: str, as_json: bool) -> None:
    source = _one(file, name)
    known = _known(s, [source], parts=True).get(name, {})
    table.source(source, known, datetime.now(UTC), as_json)


def _one(file: Path, name: str) -> SourceConfig:
    for source in _sources(file):
        if source.name == name:
            return source
    raise NoSuchSource([f"{file}: there is no source {name!r}"])


def add(s: Settings, file: Path, url: str, every: bool, look: bool, as_json: bool) -> bool:
    """Looks for the sources of a site, and writes the best (every: all) into the file. False: there is none."""
    now = datetime.now(UTC)
    url = web_address(url)
    found = _discover(s, canonicalize(url if "://" in url else f"https://{url}"), now)
    text = _read(file)
    present = parse_sources(text, str(file))
    chosen = found.found if every else found.chosen
    new = [f for f in chosen if f.url not in {source.url for source in present}]
    tables = [] if look else _tables(new, [source.name for source in present], now)
    if tables:
        changed = add_sources(text, str(file), tables)
        _write(file, changed, f"add this to it where it is\n{add_sources('', str(file), tables)}")
        for source in parse_sources(changed, str(file))[len(present) :]:
            _tell(s, source, file.parent)
    table.discovered(found, chosen, [str(t["name"]) for t in tables], now, as_json)
    return bool(found.found)


def _discover(s: Settings, url: str, now: datetime) -> Discovery:
    mill = Mill(s)

    async def work(get: Get) -> Discovery:
        return await discover(get, looked_at, url, now)

    return probing(mill.client_options, mill.robots, work, pause_s=s.fetch.delay_s, named=(url,))


def _tables(found: Sequence[Found], taken: list[str], now: datetime) -> list[dict[str, Value]]:
    tables: list[dict[str, Value]] = []
    for one in found:
        name = name_for(one.url, one.kind, one.title, [*taken, *(str(t["name"]) for t in tables)])
        comment = f"{table.in_short(one, now)}, found {now:%Y-%m-%d}"
        tables.append({"#": comment, "name": name, "kind": str(one.kind), "url": one.url})
    return tables


def check(s: Settings, file: Path, names: Sequence[str], as_json: bool) -> bool:
    """Asks these sources (none: all) now. False: one of them lists nothing."""
    chosen = [_one(file, name) for name in names] if names else [p for p in _sources(file) if p.enabled]
    now = datetime.now(UTC)
    mill = Mill(s)

    async def work(get: Get) -> list[tuple[SourceConfig, Found | None, str]]:
        return [(source, *(await _checked(get, source, file.parent, now))) for source in chosen]

    named = tuple(source.url for source in chosen if source.url)
    results = probing(mill.client_options, mill.robots, work, pause_s=s.fetch.delay_s, named=named)
    table.checked(results, now, as_json)
    return not any(problem for _, _, problem in results)


async def _checked(get: Get, source: SourceConfig, base: Path, now: datetime) -> tuple[Found | None, str]:
    if source.kind is SourceKind.LIST:
        missing = source.path and not (base / source.path).exists()
        return None, f"there is no file {source.path}" if missing else ""
    answer = await get(canonicalize(source.url))
    if not isinstance(answer, Page):
        return None, answer
    if answer.status != 200:
        return None, f"answers with status {answer.status}"
    looked = await looked_at(answer, now)
    if isinstance(looked, str):
        return None, looked
    found = looked.found
    if found is None:
        return None, "neither a feed, nor a sitemap, nor a page with article links"
    return found, "" if found.kind is source.kind else f"this is a {found.kind}, not a {source.kind}"


def pause(s: Settings, file: Path, name: str) -> None:
    """Keeps a source from being polled until `resume`: in the ledger, whatever the file says."""
    with open_mill(s, create=True) as mill:
        _known_to(mill, file, name)
        mill.frontier.pause_poll(poll_id(name), datetime.now(UTC).timestamp())
        for part in list(mill.frontier.scheduled(f"{poll_id(name)}:*")):
            mill.frontier.poll_in(part, None)


def resume(s: Settings, file: Path, name: str) -> None:
    """Ends the pause; the source is due now. Raises BadSources where the file has a pause of its own."""
    with open_mill(s, create=True) as mill:
        source = _known_to(mill, file, name)
        mill.frontier.resume_poll(poll_id(name))
        if source and not source.enabled:
            raise BadSources([f"{file}: {name} has `enabled = false` there: take that line out"])
        mill.frontier.poll_in(poll_id(name), 0.0)


def _known_to(mill: Mill, file: Path, name: str) -> SourceConfig | None:
    """The source as the file has it, known to the ledger; None if only the ledger has it. Raises NoSuchSource."""
    source = next((source for source in _sources(file) if source.name == name), None)
    if source:
        mill.frontier.put_poll(poll_id(name), poll_fields(source, file.parent), None)
    elif not mill.frontier.entry(poll_id(name)):
        return _one(file, name)
    return source


def remove(s: Settings, file: Path, name: str) -> None:
    """Takes a source out of the file, or, where only the ledger has it, out of that. Raises NoSuchSource."""
    if name not in {source.name for source in _sources(file)} and _forgotten(s, name):
        return
    source = _one(file, name)
    _write(file, remove_source(_read(file), str(file), name), f"take the table of {name} out of it where it is")
    _tell(s, source, file.parent, removed=True)


def _forgotten(s: Settings, name: str) -> bool:
    """Whether the ledger alone knew the source, and does no more."""
    try:
        with open_mill(s) as mill:
            known = mill.frontier.entry(poll_id(name)) is not None
            if known:
                forget(mill.frontier, name)
            return known
    except NothingHere:
        return False


def poll(s: Settings, file: Path, names: Sequence[str]) -> None:
    """Makes these sources due now; one that is paused, in the ledger or in the file, once."""
    with open_mill(s) as mill:
        sources = {name: _known_to(mill, file, name) for name in names}
        for name, source in sources.items():
            entry = mill.frontier.entry(poll_id(name))
            paused = bool(entry and entry["paused"]) or bool(source and not source.enabled)
            mill.frontier.poll_in(poll_id(name), 0.0, once=paused)


def apply(s: Settings, file: Path) -> int:
    """Has the file taken up as it is now, however many sources it lost; returns how many it has. Raises BadSources."""
    with open_mill(s) as mill:
        return take_up_now(mill, file)


def import_opml(file: Path, opml: str) -> tuple[int, int]:
    """Adds the feeds of an OPML file ("-": stdin); returns how many were added, and how many were known."""
    read = read_opml(sys.stdin.buffer.read() if opml == "-" else Path(opml).read_bytes())
    if read.problem and not read.feeds:
        raise BadSources([f"{opml}: {read.problem}"])
    text = _read(file)
    present = parse_sources(text, str(file))
    names, urls = {p.name for p in present}, {p.url for p in present}
    tables: list[dict[str, Value]] = []
    for feed in (f for f in read.feeds if f.url not in urls):
        name = name_for(feed.url, SourceKind.FEED, feed.title, names)
        names.add(name)
        comment = " / ".join(part for part in (feed.folder, feed.title) if part)
        tables.append({"#": comment, "name": name, "kind": "feed", "url": feed.url})
    if tables:
        changed = add_sources(text, str(file), tables)
        _write(file, changed, f"add this to it where it is\n{add_sources('', str(file), tables)}")
    for problem in (*read.skipped, *([read.problem] if read.problem else ())):
        say(f"{opml}: {problem}", error=True)
    return len(tables), len(read.feeds) - len(tables)


def export_opml(file: Path) -> str:
    return write_opml(_sources(file))
