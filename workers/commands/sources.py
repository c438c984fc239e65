"""`newsmill sources`: what is polled, how it does, and finding more of it. What each verb does: verbs.py."""

from typing import Annotated

import typer

from workers.commands.options import AsJson, Data, Sources, settings_of, sources_file
from workers.commands.terminal import say

app = typer.Typer(no_args_is_help=True, help="Sources: find, list, check, pause and poll them.")

Name = Annotated[str, typer.Argument(help="The source's name in the sources file.")]


@app.command("list")
def list_all(file: Sources = None, data: Data = None, as_json: AsJson = False) -> None:
    """Every source: how it does, how often it publishes, when it is polled next."""
    from workers.commands import sources_do as verbs

    verbs.list_all(settings_of(data), sources_file(file), as_json)


@app.command()
def show(name: Name, file: Sources = None, data: Data = None, as_json: AsJson = False) -> None:
    """All that is known of one source."""
    from workers.commands import sources_do as verbs

    verbs.show(settings_of(data), sources_file(file), name, as_json=as_json)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="A site, a section page, a feed or a sitemap.")],
    every: Annotated[bool, typer.Option("--all", help="Add all that was found, not only the best.")] = False,
    look: Annotated[bool, typer.Option("--look", help="Only show what there is.")] = False,
    file: Sources = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Find the feeds, sitemaps and section pages of a site, and write the best into the sources file.

    Follows link tags, links, robots.txt and common paths. The file keeps its comments and order.
    """
    from workers.commands import sources_do as verbs

    if not verbs.add(settings_of(data), sources_file(file), url, every=every, look=look, as_json=as_json):
        raise typer.Exit(1)


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Names; without any, all sources.")] = None,
    file: Sources = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask sources now, without the mill, and show what they list. Exit code 1 if one of them lists nothing."""
    from workers.commands import sources_do as verbs

    if not verbs.check(settings_of(data), sources_file(file), names or [], as_json=as_json):
        raise typer.Exit(1)


@app.command()
def pause(name: Name, file: Sources = None, data: Data = None) -> None:
    """Stop polling a source until `resume`. It is kept in the ledger: the sources file need not be writable."""
    from workers.commands import sources_do as verbs

    verbs.pause(settings_of(data), sources_file(file), name)
    say(f"{name} is paused")


@app.command()
def resume(name: Name, file: Sources = None, data: Data = None) -> None:
    """Poll a paused source again, at once."""
    from workers.commands import sources_do as verbs

    verbs.resume(settings_of(data), sources_file(file), name)
    say(f"{name} is polled again")


@app.command()
def remove(name: Name, file: Sources = None, data: Data = None) -> None:
    """Take a source out of the file. What it brought stays in the index."""
    from workers.commands import sources_do as verbs

    verbs.remove(settings_of(data), sources_file(file), name)
    say(f"{name} is removed")


@app.command()
def poll(
    names: Annotated[list[str], typer.Argument(help="Names in the sources file.")],
    file: Sources = None,
    data: Data = None,
) -> None:
    """Poll sources now instead of at their next time, retired ones too, and paused ones once."""
    from workers.commands import sources_do as verbs

    verbs.poll(settings_of(data), sources_file(file), names)
    say(f"{len(names)} due now")


@app.command()
def apply(file: Sources = None, data: Data = None) -> None:
    """Take the sources file up as it is now, also when it lost most of its sources, which else waits for a minute."""
    from workers.commands import sources_do as verbs

    say(f"{verbs.apply(settings_of(data), sources_file(file))} sources are polled")


@app.command("import")
def import_opml(
    opml: Annotated[str, typer.Argument(metavar="FILE|-", help="An OPML file, or - for stdin.")],
    file: Sources = None,
) -> None:
    """Add the feeds of an OPML file, as other feed readers export it."""
    from workers.commands import sources_do as verbs

    added, known = verbs.import_opml(sources_file(file), opml)
    say(f"{added} added, {known} known before")


@app.command("export")
def export_opml(file: Sources = None) -> None:
    """Print the feeds of the sources file as OPML."""
    from workers.commands import sources_do as verbs

    say(verbs.export_opml(sources_file(file)), end="")
