"""The `newsmill` command: what an operator types.

Exit codes: 0 done, 1 a problem, 2 wrong usage or configuration, 130 stopped.

Commands print results on stdout and everything else on stderr. Each imports what it needs, so that --help is quick.
"""

import os
import sys
import traceback
from types import ModuleType, TracebackType
from typing import Annotated

import typer

from newsmill.settings import UMASK, BadSettings, settings
from workers.commands import keeping_cli, programs_cli
from workers.commands.options import DEMO_FOLDER, AsJson, Data, Sources, settings_of, sources_file, what_is_there
from workers.commands.sources import app as sources_app
from workers.commands.terminal import FOUND, say

OLD_JSON = "--json-list"  # what --json=1 stands for: the list that search --json was before 0.2; goes with 0.3
app = typer.Typer(
    name="newsmill",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Keeps a search index of news sites up to date. Start with `newsmill run`.",
)
config_app = typer.Typer(no_args_is_help=True, help="Check the configuration.")
app.add_typer(config_app, name="config")
app.add_typer(sources_app, name="sources")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"newsmill {version('newsmill')}")
        raise typer.Exit


@app.callback()
def _command(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Keeps a search index of news sites up to date. Start with `newsmill run`."""


@app.command()
def run(
    addresses: Annotated[
        list[str] | None, typer.Argument(help="Addresses of articles; - reads them from stdin.")
    ] = None,
    sources: Sources = None,
    data: Data = None,
    as_json: AsJson = False,
    demo: Annotated[bool, typer.Option("--demo", help="Ingest the demo site, whatever sources there are.")] = False,
) -> None:
    """Ingest until every address has its outcome, then stop.

    Starts a broker if none is configured, a worker for each stage, and beat. Without sources of your own it ingests the
    demo site. Ctrl-C stops cleanly and loses nothing: the same command goes on where it stopped.
    """
    from workers.commands import show
    from workers.commands.find import search_outdated
    from workers.commands.plan import make_plan
    from workers.commands.show_hits import outdated
    from workers.local.run import Run

    s = settings_of(data)
    plan = make_plan(s, sources, addresses or [], default=sources_file(None), demo=demo)
    if plan.demo and not (data or s.redis_url):  # its articles do not stay among one's own
        s = s.model_copy(update={"data": s.data / DEMO_FOLDER})
    outdated(search_outdated(s))
    working = Run(s, plan, stay=False)
    with show.Live(as_json) as live:
        progress = working(live.update, live.say)
    code = show.summary(s, progress, as_json, stopped=working.stopped)
    raise typer.Exit(code)


@app.command()
def up(sources: Sources = None, data: Data = None) -> None:
    """Run the whole mill and stay: sources are polled again and again, until Ctrl-C or SIGTERM.

    Without a source it waits for what `newsmill add` and `newsmill sources add` bring.
    """
    from workers.commands import show
    from workers.commands.find import search_outdated
    from workers.commands.plan import plan_to_stay
    from workers.commands.show_hits import outdated
    from workers.local.run import Run

    s = settings_of(data)
    outdated(search_outdated(s))
    with show.Live(as_json=False) as live:
        plan = plan_to_stay(s, sources, sources_file(None))
        if not plan.sources:
            live.say("no source yet: `newsmill sources add` and `newsmill add` bring work, from another terminal")
        Run(s, plan, stay=True, sources=sources_file(sources))(live.update, live.say)


@app.command()
def add(
    addresses: Annotated[list[str], typer.Argument(help="Addresses of articles; - reads them from stdin.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put addresses into the frontier; running workers take them from there."""
    from workers.commands import show
    from workers.commands.plan import check_contact, read_addresses
    from workers.desk.looks import nobody_works
    from workers.desk.verbs import offer
    from workers.local.access import open_wiring

    urls = read_addresses(addresses)
    check_contact(settings_of(data), urls)
    with open_wiring(settings_of(data), create=True) as wiring:
        show.added(offer(wiring, urls), as_json, nobody_works(wiring))


@app.command()
def search(
    query: Annotated[
        list[str],
        typer.Argument(
            help='Words, "phrases", =exact, begin*, -not, OR, site: lang: title: author: section: url: source: after: '
            "before: date:"
        ),
    ],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="Most hits.")] = 10,
    page: Annotated[int, typer.Option("--page", min=1, max=1000, help="Page of hits.")] = 1,
    sort: Annotated[
        str, typer.Option("--sort", help="relevance (falls with age), date, or best (by the words alone).")
    ] = "relevance",
    facets: Annotated[bool, typer.Option("--facets", help="Count sites, languages, sources and months too.")] = False,
    stories: Annotated[bool, typer.Option("--stories", help="Show copies of one article once.")] = False,
    data: Data = None,
    as_json: AsJson = False,
    as_list: Annotated[bool, typer.Option(OLD_JSON, hidden=True)] = False,
) -> None:
    """Search the index. Put the query into quotes, or after --, when it begins with a dash."""
    from workers.commands.find import find
    from workers.commands.show_hits import Output, hits

    found = find(
        *(what_is_there(data), " ".join(query), limit),
        page=page,
        sort=sort,
        facets=facets,
        collapse=stories,
        marks=("", "") if as_json or as_list else FOUND,
    )
    hits(found, Output.LIST if as_list else Output.JSON if as_json else Output.TEXT, stories)


@app.command()
def status(
    data: Data = None,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again and again, until Ctrl-C.")] = False,
    by: Annotated[str, typer.Option("--by", help="Count addresses by host, source, reason or day instead.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most rows of --by.")] = 20,
) -> None:
    """How the mill is, in one word, and why; its figures, and how the sources do.

    Exit code 0 for OK, 1 for DEGRADED, 3 for PAUSED; with --json always 0, the verdict is in it.
    """
    from workers.commands import show_status
    from workers.commands.find import search_outdated
    from workers.commands.show_hits import outdated
    from workers.desk.looks import BY, counted_by, judged
    from workers.desk.problems import BadInput
    from workers.local.access import open_wiring

    if by and by not in BY:
        raise BadInput(f"--by {by}: choose one of {', '.join(BY)}")
    s = what_is_there(data)
    with open_wiring(s) as wiring:
        if by:
            return show_status.by_table(by, counted_by(wiring, by), limit, as_json=as_json)
        if watch and not as_json:
            try:
                return show_status.watch(lambda: judged(wiring))
            except KeyboardInterrupt:
                return None
        looked = judged(wiring)
    if as_json:
        return show_status.tell_look(looked)
    show_status.print_look(looked)
    outdated(search_outdated(s))
    raise typer.Exit(looked.verdict.code)


@app.command()
def pause(
    why: Annotated[list[str] | None, typer.Argument(help="Why, for whoever looks at `newsmill status`.")] = None,
    data: Data = None,
) -> None:
    """Stop asking any host until `newsmill resume`. What was fetched is still parsed and indexed."""
    from workers.desk.verbs import pause_mill
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data), create=True) as wiring:
        pause_mill(wiring, " ".join(why or []))
    say("paused: nothing new is asked for; `newsmill resume` goes on")


@app.command()
def resume(data: Data = None) -> None:
    """Go on after `newsmill pause`."""
    from workers.desk.verbs import resume_mill
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        say("it goes on" if resume_mill(wiring) else "it was not paused")


@app.command()
def trace(
    address: Annotated[str, typer.Argument(help="An address, or its id, as logs and Flower show it.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """An address's whole story: where it was found, what happened to it, and why."""
    from workers.commands import show
    from workers.desk.looks import story
    from workers.local.access import open_wiring

    with open_wiring(what_is_there(data)) as wiring:
        raise typer.Exit(show.story(story(wiring, address), as_json))


@app.command()
def retry(
    outcome: Annotated[
        str, typer.Option("--outcome", help="Which outcomes go back: failed, quarantined, ...")
    ] = "failed",
    host: Annotated[str, typer.Option("--host", help="Only addresses of this host.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Only those whose reason contains this text.")] = "",
    newer: Annotated[float, typer.Option("--newer", help="Only those settled in the last so many hours.")] = 0.0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put settled addresses back into the frontier: failures of a host, of a reason, of the last hours."""
    from workers.commands import show
    from workers.desk.verbs import put_back
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        show.put_back(put_back(wiring, outcome, host, reason=reason, newer_s=newer * 3600), as_json)


@app.command()
def upgrade(
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="All workers are stopped, and there is a backup.")] = False,
) -> None:
    """Bring a ledger on that an older version wrote, where that is needed. The only way back is the backup."""
    from workers.commands.upgrade import bring_on

    number = bring_on(settings_of(data), yes, lambda line: say(line, error=True))
    say(f"the ledger is of schema {number}: nothing is left to do")


@app.command()
def audit(
    mend: Annotated[bool, typer.Option("--repair", help="Set right what can be, and tell each.")] = False,
    sample: Annotated[
        int, typer.Option("--sample", min=0, help="So many entries, by chance, are held against the stores, too.")
    ] = 200,
    whole: Annotated[bool, typer.Option("--whole", help="All entries are, and all that search has.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check the ledger against itself and the stores, in both directions, while the mill works or rests.

    Exit code 0 if it is whole (now), 1 if something is wrong.
    """
    from workers.commands import show
    from workers.commands.audit import check_all
    from workers.local.access import open_wiring

    with open_wiring(what_is_there(data)) as wiring:
        raise typer.Exit(show.audit(check_all(wiring, mend, None if whole else sample), as_json))


@app.command()
def extract(
    page: Annotated[
        str, typer.Argument(metavar="FILE|ADDRESS|-", help="A page: a file, an http(s) address, or - for stdin.")
    ],
    url: Annotated[str, typer.Option("--url", help="The page's address, for relative links.")] = "",
    as_json: AsJson = False,
) -> None:
    """Extract the article from one page and print it."""
    from workers.commands.page import extract_page
    from workers.commands.page import show as show_article

    show_article(extract_page(settings(), page, url), as_json)


@app.command()
def robots(address: str, as_json: AsJson = False) -> None:
    """Ask an address's host for its robots.txt now, and say whether we may fetch the address, and by which rule."""
    from workers.commands import show
    from workers.commands.verbs import why_robots

    show.robots(why_robots(settings(), address), as_json)


@app.command()
def metrics(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 9108,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    data: Data = None,
) -> None:
    """Serve the ledger's figures for Prometheus at /metrics, until Ctrl-C."""
    from workers.commands.metrics import serve
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        serve(wiring, host, port)


@app.command()
def web(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on (default: web.port).")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on (default: web.host).")] = "",
    sources: Sources = None,
    data: Data = None,
) -> None:
    """Serve the console and the API: search, pipeline, sources, failures; until Ctrl-C."""
    from workers.local.access import open_wiring
    from workers.runtime.worker import end_with_parent
    from workers.web.server import serve as serve_console

    s = what_is_there(data)
    given = {name: value for name, value in (("port", port), ("host", host or None)) if value is not None}
    end_with_parent()
    with open_wiring(s.model_copy(update={"web": s.web.model_copy(update=given)})) as wiring:
        serve_console(wiring, sources_file(sources), say)


@app.command("demo")
def demo_site(port: Annotated[int, typer.Option("--port", help="Port on 127.0.0.1 (default: demo.port).")] = 0) -> None:
    """Serve the demo news site, until Ctrl-C."""
    from workers.commands.verbs import serve_demo

    serve_demo(port or settings().demo.port)


@config_app.command("check")
def check(sources: Sources = None) -> None:
    """Read the configuration and the sources, and say all that is wrong with them at once."""
    from workers.commands.plan import check_all

    problems = check_all(sources_file(sources), needed=sources is not None)
    for problem in problems:
        say(problem, error=True)
    if problems:
        raise typer.Exit(2)
    say("the configuration is good")


keeping_cli.mount(app)
programs_cli.mount(app)


def main() -> None:
    """Runs the command; a problem an operator can act on is one line on stderr, never a traceback."""
    from workers.desk.problems import explain

    _help_without(("rich.markdown", "Markdown"), ("rich.traceback", "Traceback"))
    os.umask(UMASK)
    sys.excepthook = _told_safely
    try:
        app(args=[OLD_JSON if word == "--json=1" else word for word in sys.argv[1:]])
    except BrokenPipeError:  # `newsmill search … | head`
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        told = explain(error)
        if told is None:
            raise
        text, code = told
        say(f"newsmill: {text}", error=True)
        sys.exit(code)


def _help_without(*classes: tuple[str, str]) -> None:
    """Typer imports these, where it shows help, for what we never do: a quarter of the CPU that --help took."""
    for name, of in classes:
        stands_in = ModuleType(name)
        setattr(stands_in, of, type(of, (), {}))
        sys.modules.setdefault(name, stands_in)


def _told_safely(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    say("".join(traceback.format_exception(kind, error, trace)), error=True, end="")


__all__ = ["BadSettings", "app", "main"]

if __name__ == "__main__":
    main()
