"""`newsmill sources`: what is polled, how it does, and finding more of it."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from workers.mill import Mill
from workers.ops.access import BrokerProblem, BrokerUnreachable, NothingHere, open_mill
from workers.produce import table
from workers.produce.discovery import Discovery, Found, Get, Page, describe, discover
from workers.produce.opml import read_opml, write_opml
from workers.produce.probe import probing
from workers.produce.register import poll_fields, poll_id
from workers.produce.sources import BadSources, SourceConfig, SourceKind, parse_sources
from workers.produce.sources_edit import (
    NoSuchSource,
    Value,
    add_sources,
    change_source,
    name_for,
    remove_source,
)
from workers.settings import Settings, config_dir, settings
from workers.urls import canonicalize

app = typer.Typer(no_args_is_help=True, help="Sources: find, list, check, pause and poll them.")

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the local mode (default: NEWSMILL_DATA, or ./data).")
]
File = Annotated[Path | None, typer.Option("--sources", help="Sources file (default: config/sources.toml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for scripts.")]
Name = Annotated[str, typer.Argument(help="The source's name in the sources file.")]


def _settings(data: Path | None) -> Settings:
    s = settings()
    return s.model_copy(update={"data": data}) if data else s


def _file(file: Path | None) -> Path:
    return file or config_dir() / "sources.toml"


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _sources(file: Path) -> tuple[SourceConfig, ...]:
    return parse_sources(_read(file), str(file))


def _write(file: Path, text: str) -> None:
    """Replaces the file at once, so that nobody reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(file.name + ".new")
    beside.write_text(text, "utf-8")
    beside.replace(file)


def _known(s: Settings, sources: Iterable[SourceConfig]) -> dict[str, dict[str, str]]:
    """The ledger's fields of each source; none where there is no mill yet."""
    try:
        with open_mill(s) as mill:
            entries = {source.name: mill.frontier.entry(poll_id(source.name)) for source in sources}
    except NothingHere:
        return {}
    return {name: dict(entry.fields) for name, entry in entries.items() if entry}


def _tell(s: Settings, source: SourceConfig, base: Path, removed: bool = False) -> None:
    """Tells the mill of a change, if there is one."""
    try:
        with open_mill(s) as mill:
            _schedule(mill, source, base, removed)
    except NothingHere:
        return  # it reads the file when it starts
    except (BrokerUnreachable, BrokerProblem) as error:
        typer.echo(f"the file is changed, but the mill could not be told: {error}", err=True)


def _schedule(mill: Mill, source: SourceConfig, base: Path, removed: bool) -> None:
    id = poll_id(source.name)
    if removed:
        mill.frontier.drop_poll(id)
    elif not source.enabled:
        mill.frontier.poll_in(id, None)
    else:
        mill.frontier.put_poll(id, poll_fields(source, base), 0.0)


@app.command("list")
def list_sources(file: File = None, data: Data = None, as_json: AsJson = False) -> None:
    """Every source: how it does, how often it publishes, when it is polled next."""
    found = _sources(_file(file))
    table.sources(found, _known(_settings(data), found), datetime.now(UTC), as_json)


@app.command()
def show(name: Name, file: File = None, data: Data = None, as_json: AsJson = False) -> None:
    """All that is known of one source."""
    source = _one(_file(file), name)
    known = _known(_settings(data), [source]).get(name, {})
    table.source(source, known, datetime.now(UTC), as_json)


def _one(file: Path, name: str) -> SourceConfig:
    for source in _sources(file):
        if source.name == name:
            return source
    raise NoSuchSource([f"{file}: there is no source {name!r}"])


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="A site, a section page, a feed or a sitemap.")],
    every: Annotated[bool, typer.Option("--all", help="Add all that was found, not only the best.")] = False,
    look: Annotated[bool, typer.Option("--look", help="Only show what there is.")] = False,
    file: File = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Find the feeds, sitemaps and section pages of a site, and write the best into the sources file.

    Follows link tags, links, robots.txt and common paths. The file keeps its comments and order.
    """
    s, target = _settings(data), _file(file)
    now = datetime.now(UTC)
    found = _discover(s, canonicalize(url if "://" in url else f"https://{url}"), now)
    text = _read(target)
    present = parse_sources(text, str(target))
    chosen = found.found if every else found.chosen
    new = [f for f in chosen if f.url not in {source.url for source in present}]
    tables = _tables(new, [source.name for source in present], now)
    if tables and not look:
        changed = add_sources(text, str(target), tables)
        _write(target, changed)
        for source in parse_sources(changed, str(target))[len(present) :]:
            _tell(s, source, target.parent)
    table.discovered(found, chosen, [] if look else [str(t["name"]) for t in tables], now, as_json)
    if not found.found:
        raise typer.Exit(1)


def _discover(s: Settings, url: str, now: datetime) -> Discovery:
    mill = Mill(s)

    async def work(get: Get) -> Discovery:
        return await discover(get, url, now)

    return probing(mill.client_options, mill.robots, s.fetch.delay_s, work)


def _tables(found: Sequence[Found], taken: list[str], now: datetime) -> list[dict[str, Value]]:
    tables: list[dict[str, Value]] = []
    for one in found:
        name = name_for(one.url, one.kind, one.title, [*taken, *(str(t["name"]) for t in tables)])
        comment = f"{table.in_short(one, now)}, found {now:%Y-%m-%d}"
        tables.append({"#": comment, "name": name, "kind": str(one.kind), "url": one.url})
    return tables


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Names; without any, all sources.")] = None,
    file: File = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask sources now, without the mill, and show what they list. Exit code 1 if one of them lists nothing."""
    s, target = _settings(data), _file(file)
    present = _sources(target)
    chosen = [_one(target, name) for name in names] if names else [p for p in present if p.enabled]
    now = datetime.now(UTC)
    mill = Mill(s)

    async def work(get: Get) -> list[tuple[SourceConfig, Found | None, str]]:
        return [(source, *(await _checked(get, source, target.parent, now))) for source in chosen]

    results = probing(mill.client_options, mill.robots, s.fetch.delay_s, work)
    table.checked(results, now, as_json)
    if any(problem for _, _, problem in results):
        raise typer.Exit(1)


async def _checked(get: Get, source: SourceConfig, base: Path, now: datetime) -> tuple[Found | None, str]:
    if source.kind is SourceKind.LIST:
        missing = source.path and not (base / source.path).exists()
        return None, f"there is no file {source.path}" if missing else ""
    answer = await get(canonicalize(source.url))
    if not isinstance(answer, Page):
        return None, answer
    if answer.status != 200:
        return None, f"answers with status {answer.status}"
    found = describe(answer, now)
    if found is None:
        return None, "neither a feed, nor a sitemap, nor a page with article links"
    return found, "" if found.kind is source.kind else f"this is a {found.kind}, not a {source.kind}"


@app.command()
def pause(name: Name, file: File = None, data: Data = None) -> None:
    """Stop polling a source until `resume`."""
    _change(name, {"enabled": False}, _file(file), _settings(data))
    typer.echo(f"{name} is paused")


@app.command()
def resume(name: Name, file: File = None, data: Data = None) -> None:
    """Poll a paused source again, at once."""
    _change(name, {"enabled": None}, _file(file), _settings(data))
    typer.echo(f"{name} is polled again")


def _change(name: str, changes: dict[str, Value | None], file: Path, s: Settings) -> None:
    _write(file, change_source(_read(file), str(file), name, changes))
    _tell(s, _one(file, name), file.parent)


@app.command()
def remove(name: Name, file: File = None, data: Data = None) -> None:
    """Take a source out of the file. What it brought stays in the index."""
    target = _file(file)
    source = _one(target, name)
    _write(target, remove_source(_read(target), str(target), name))
    _tell(_settings(data), source, target.parent, removed=True)
    typer.echo(f"{name} is removed")


@app.command()
def poll(names: Annotated[list[str], typer.Argument()], file: File = None, data: Data = None) -> None:
    """Poll sources now instead of at their next time, retired ones too."""
    target = _file(file)
    chosen = [_one(target, name) for name in names]
    with open_mill(_settings(data)) as mill:
        for source in chosen:
            _schedule(mill, source.model_copy(update={"enabled": True}), target.parent, removed=False)
    typer.echo(f"{len(chosen)} due now")


@app.command("import")
def import_opml(
    opml: Annotated[str, typer.Argument(metavar="FILE|-", help="An OPML file, or - for stdin.")],
    file: File = None,
    data: Data = None,
) -> None:
    """Add the feeds of an OPML file, as other feed readers export it."""
    target = _file(file)
    read = read_opml(sys.stdin.buffer.read() if opml == "-" else Path(opml).read_bytes())
    if read.problem and not read.feeds:
        raise BadSources([f"{opml}: {read.problem}"])
    text = _read(target)
    present = parse_sources(text, str(target))
    names, urls = {p.name for p in present}, {p.url for p in present}
    tables: list[dict[str, Value]] = []
    for feed in (f for f in read.feeds if f.url not in urls):
        name = name_for(feed.url, SourceKind.FEED, feed.title, names)
        names.add(name)
        comment = " / ".join(part for part in (feed.folder, feed.title) if part)
        tables.append({"#": comment, "name": name, "kind": "feed", "url": feed.url})
    if tables:
        _write(target, add_sources(text, str(target), tables))
    for problem in (*read.skipped, *([read.problem] if read.problem else ())):
        typer.echo(f"{opml}: {problem}", err=True)
    typer.echo(f"{len(tables)} added, {len(read.feeds) - len(tables)} known before")


@app.command("export")
def export_opml(file: File = None) -> None:
    """Print the feeds of the sources file as OPML."""
    sys.stdout.write(write_opml(_sources(_file(file))))
