"""The verbs over what is kept: reparse, reindex, import, export, diff, compact. main.py mounts them."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from workers.commands.options import AsJson, Data, settings_of, what_is_there
from workers.commands.terminal import in_line, say, tell

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Site = Annotated[str, typer.Option("--site", help="Only this site and those below it.")]
Announce = Annotated[
    bool, typer.Option("--announce", help="Tell in the change log what is new or other, as if it had come by itself.")
]


def mount(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    for verb in (reparse, reindex, export, diff, compact):
        app.command()(verb)
    app.command("import")(import_)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _say(text: str) -> None:
    say(text, error=True)


def _told(figures: dict[str, int], as_json: bool) -> None:
    if as_json:
        tell(figures, indent=None)
    else:
        say("\n".join(f"{count:>10,}  {in_line(name)}" for name, count in figures.items()))


def reparse(
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only pages fetched since.")] = None,
    site: Site = "",
    version: Annotated[
        str, typer.Option("--version", help="Only pages last parsed by such extractors, as '<3' or '2'.")
    ] = "",
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Into a new index, swapped in at the end; what has no raw page leaves it.")
    ] = False,
    announce: Announce = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Parse and index raw pages again, without fetching. Stopped, the same command goes on where it was."""
    from workers.commands import keeping, show
    from workers.commands.replay import Chosen
    from workers.commands.replay import reparse as reparse_
    from workers.desk.problems import BadInput

    if rebuild and (since or site or version):
        raise BadInput("--rebuild makes a whole new index: it goes with no other choice")
    s = what_is_there(data)
    chosen = Chosen(_utc(since), site, version)
    make = keeping.rebuilding if rebuild else reparse_
    with show.Live(as_json) as live:
        done = keeping.work(
            s, lambda wiring: replace(make(wiring, chosen), announce=announce), live.update, say=live.say
        )
    figures = dict(done.tally)
    if rebuild:
        figures |= keeping.swap_in(s)
    elif not (since or site or version):
        keeping.all_are_there(s)
    _told(figures, as_json)


def reindex(
    drop: Annotated[
        bool, typer.Option("--drop", help="Drop the index that is being made, by this or by reparse --rebuild.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write every document of the index into a new one and swap it in. Searches and ingestion go on meanwhile.

    Index workers do it, turn by turn; without any this command starts its own. Running workers go on if the command is
    stopped; else the same command goes on where it was. `newsmill status` tells how far it is.
    """
    from workers.commands import keeping, show

    s = what_is_there(data)
    if drop:
        _say("dropped; the index is as it was" if keeping.drop_new_index(s) else "no index is being made")
        return
    with show.Live(as_json) as live:
        made = keeping.reindex(s, live.update, live.say)
    _told({"documents before": made.before, "documents now": made.now}, as_json)


def import_(
    files: Annotated[list[Path], typer.Argument(help="WARC files, of newsmill or of any crawler (CC-NEWS).")],
    source: Annotated[str, typer.Option("--source", help="Name of their source, where a page has none.")] = "archive",
    own: Annotated[
        bool, typer.Option("--own", help="They are exports of yours: believe ids, addresses, sources.")
    ] = False,
    *,
    announce: Announce = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Parse and index the pages of WARC files. Stopped, the same command goes on where it was."""
    from workers.commands import keeping, show
    from workers.commands.replay import import_archives

    s = settings_of(data)
    paths = keeping.readable(files)
    with show.Live(as_json) as live:
        begin = partial(import_archives, files=paths, source=source, own=own)
        done = keeping.work(s, lambda wiring: replace(begin(wiring), announce=announce), live.update, say=live.say)
    if done.claimed:
        _say(f"records with headers of a Newsmill, not believed: {done.claimed:,}; for exports of your own, use --own")
    _told(dict(done.tally), as_json)


def export(
    warc: Annotated[Path | None, typer.Option("--warc", help="Raw pages, as a standard .warc.gz file.")] = None,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", help="Documents, a JSON object a line.")] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", help="Documents, as a Parquet table.")] = None,
    *,
    query: Annotated[str, typer.Option("--query", help="Only documents that it finds (not for --warc).")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Raw pages fetched since.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Raw pages fetched before.")] = None,
    site: Site = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write raw pages or documents to files."""
    from workers.commands import export as exports
    from workers.desk.problems import BadInput
    from workers.runtime.stores import raw_store, search_store

    if not (warc or jsonl or parquet):
        raise BadInput("say what to export: --warc OUT, --jsonl OUT or --parquet OUT")
    s = what_is_there(data)
    figures: dict[str, int] = {}
    if warc:
        pages = exports.raw_pages(raw_store(s), _utc(since), _utc(until), site=site.lower(), passed_over=_say)
        figures["raw pages"] = exports.export_warc(warc, pages, datetime.now(UTC))
    if jsonl or parquet:
        store = search_store(s)
        narrowed = f"({query}) site:{site}" if query and site else query or (f"site:{site}" if site else "")
        if jsonl:
            figures["documents"] = exports.export_jsonl(jsonl, store.scan(narrowed))
        if parquet:
            figures["documents"] = exports.export_parquet(parquet, store.scan(narrowed))
        store.close()
    _told(figures, as_json)


def diff(address: str, data: Data = None, as_json: AsJson = False) -> None:
    """What changed in an article, and when, since it was first indexed."""
    from workers.commands.keeping import changes_of

    found = changes_of(what_is_there(data), address)
    if found is None:
        _say(f"newsmill: no article in the index has the address {address}")
        raise typer.Exit(1)
    if as_json:
        tell([change.model_dump(mode="json") for change in found], indent=None)
        return
    if not found:
        say("it has not changed since it was first indexed")
    for change in found:
        say(f"{change.before:%Y-%m-%d %H:%M:%S} → {change.after:%Y-%m-%d %H:%M:%S} UTC")
        for name, before, after in change.fields:
            say(f"  {name}: {in_line(before) or '(none)'} → {in_line(after) or '(none)'}")
        say("\n".join(f"  {in_line(changed)}" for changed in change.text))


def compact(
    days: Annotated[float, typer.Option("--days", min=1, help="Forget deletions older than so many days.")] = 90,
    data: Data = None,
) -> None:
    """Check the search index, and give back the room it no longer needs. Writers wait meanwhile."""
    from datetime import timedelta

    from workers.runtime.stores import search_store

    s = what_is_there(data)
    store = search_store(s)
    problems = store.check()
    for problem in problems:
        _say(f"newsmill: {problem}")
    if not problems:
        store.compact(datetime.now(UTC) - timedelta(days=days))
        say(f"{store.count():,} documents, nothing wrong")
    store.close()
    raise typer.Exit(1 if problems else 0)
