"""What `newsmill sources` does: over the sources file, and the mill where there is one."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from newsmill.settings import Settings
from newsmill.sources.config import BadSources, SourceConfig, SourceKind, web_address
from newsmill.sources.confined_documents import looked_at
from newsmill.sources.discovery import AskedPage, FoundSource, Get
from newsmill.sources.formats.opml import read_opml, write_opml
from newsmill.sources.register import forget, poll_id
from newsmill.urls.canonical import canonicalize
from workers.commands import sources_show as table
from workers.commands.terminal import say
from workers.desk import sources as desk
from workers.desk.sources import add_to, find_sources, known_of, one, sources_in, tables_of, tables_of_opml
from workers.desk.sources_probe import probing
from workers.local.access import BrokerProblem, BrokerUnreachable, NothingHere, open_wiring
from workers.runtime.sources_file import apply as take_up_now
from workers.runtime.wiring import Wiring


def _known(s: Settings, sources: Iterable[SourceConfig], *, parts: bool = False) -> dict[str, dict[str, str]]:
    """The ledger's fields of each source; none where there is no mill yet. parts: what its files left out as well."""
    try:
        with open_wiring(s) as wiring:
            return known_of(wiring, sources, parts=parts)
    except NothingHere:
        return {}


def _tell(s: Settings, source: SourceConfig, base: Path) -> None:
    """Tells the mill of a change, if there is one."""
    try:
        with open_wiring(s) as wiring:
            desk.tell(wiring, source, base)
    except NothingHere:
        return  # it reads the file when it starts
    except (BrokerUnreachable, BrokerProblem) as error:
        say(f"the file is changed, but the mill could not be told: {error}", error=True)


def list_all(s: Settings, file: Path, as_json: bool) -> None:
    """Shows all sources."""
    found = sources_in(file)
    table.sources(found, _known(s, found), datetime.now(UTC), as_json=as_json)


def show(s: Settings, file: Path, name: str, *, as_json: bool) -> None:
    """Shows one source."""
    source = one(file, name)
    known = _known(s, [source], parts=True).get(name, {})
    table.source(source, known, datetime.now(UTC), as_json=as_json)


def add(s: Settings, file: Path, url: str, *, every: bool, look: bool, as_json: bool) -> bool:
    """Looks for the sources of a site, and writes the best (every: all) into the file. False: there is none."""
    now = datetime.now(UTC)
    url = web_address(url)
    found = find_sources(s, canonicalize(url if "://" in url else f"https://{url}"), now)
    present = sources_in(file)
    chosen = found.found if every else found.chosen
    new = [f for f in chosen if f.url not in {source.url for source in present}]
    tables = [] if look else tables_of(new, [source.name for source in present], now)
    for source in add_to(file, tables):
        _tell(s, source, file.parent)
    table.discovered(found, chosen, [str(t["name"]) for t in tables], now=now, as_json=as_json)
    return bool(found.found)


def check(s: Settings, file: Path, names: Sequence[str], *, as_json: bool) -> bool:
    """Asks these sources (none: all) now. False: one of them lists nothing."""
    chosen = [one(file, name) for name in names] if names else [p for p in sources_in(file) if p.enabled]
    now = datetime.now(UTC)
    wiring = Wiring(s)

    async def work(get: Get) -> list[tuple[SourceConfig, FoundSource | None, str]]:
        return [(source, *(await _checked(get, source, file.parent, now=now))) for source in chosen]

    named = tuple(source.url for source in chosen if source.url)
    results = probing(wiring.client_options, wiring.robots, work, pause_s=s.fetch.delay_s, named=named)
    table.checked(results, now, as_json)
    return not any(problem for _, _, problem in results)


async def _checked(get: Get, source: SourceConfig, base: Path, *, now: datetime) -> tuple[FoundSource | None, str]:
    if source.kind is SourceKind.LIST:
        missing = source.path and not (base / source.path).exists()
        return None, f"there is no file {source.path}" if missing else ""
    answer = await get(canonicalize(source.url))
    if not isinstance(answer, AskedPage):
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
    with open_wiring(s, create=True) as wiring:
        desk.pause(wiring, file, name, since=datetime.now(UTC).timestamp())


def resume(s: Settings, file: Path, name: str) -> None:
    """Ends the pause; the source is due now. Raises BadSources where the file has a pause of its own."""
    with open_wiring(s, create=True) as wiring:
        desk.resume(wiring, file, name)


def remove(s: Settings, file: Path, name: str) -> None:
    """Takes a source out of the file, or, where only the ledger has it, out of that. Raises NoSuchSource."""
    if name not in {source.name for source in sources_in(file)} and _forgotten(s, name):
        return
    desk.remove_from(file, name)
    try:
        with open_wiring(s) as wiring:
            forget(wiring.frontier, name)
    except NothingHere:
        return
    except (BrokerUnreachable, BrokerProblem) as error:
        say(f"the file is changed, but the mill could not be told: {error}", error=True)


def _forgotten(s: Settings, name: str) -> bool:
    """Whether the ledger alone knew the source, and does no more."""
    try:
        with open_wiring(s) as wiring:
            known = wiring.frontier.entry(poll_id(name)) is not None
            if known:
                forget(wiring.frontier, name)
            return known
    except NothingHere:
        return False


def poll(s: Settings, file: Path, names: Sequence[str]) -> None:
    """Makes these sources due now; one that is paused, in the ledger or in the file, once."""
    with open_wiring(s) as wiring:
        desk.poll(wiring, file, names)


def apply(s: Settings, file: Path) -> int:
    """Has the file taken up as it is now, however many sources it lost; returns how many it has. Raises BadSources."""
    with open_wiring(s) as wiring:
        return take_up_now(wiring, file)


def import_opml(file: Path, opml: str) -> tuple[int, int]:
    """Adds the feeds of an OPML file ("-": stdin); returns how many were added, and how many were known."""
    listed = read_opml(sys.stdin.buffer.read() if opml == "-" else Path(opml).read_bytes())
    if listed.problem and not listed.feeds:
        raise BadSources([f"{opml}: {listed.problem}"])
    tables = tables_of_opml(listed, sources_in(file))
    add_to(file, tables)
    for problem in (*listed.skipped, *([listed.problem] if listed.problem else ())):
        say(f"{opml}: {problem}", error=True)
    return len(tables), len(listed.feeds) - len(tables)


def export_opml(file: Path) -> str:
    """The feeds as OPML."""
    return write_opml(sources_in(file))
