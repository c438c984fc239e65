"""The verbs for other programs: follow, hook and token. main.py mounts them."""

import sys
from typing import Annotated

import typer

from workers.commands.options import AsJson, Data, settings_of, what_is_there
from workers.commands.terminal import say

hook_app = typer.Typer(no_args_is_help=True, help="Webhooks: who is told of new articles, and how that goes.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens of the API: make, list and take them back.")


def mount(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    app.command()(follow)
    app.add_typer(hook_app, name="hook")
    app.add_typer(token_app, name="token")


def follow(
    query: Annotated[list[str] | None, typer.Argument(help="A query, as `search` takes it.")] = None,
    after: Annotated[str, typer.Option("--after", help="Go on after this event (the id of --json).")] = "",
    data: Data = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each event, with the article.")] = False,
) -> None:
    """Print new articles as they come, what changes in them, and what is removed; until Ctrl-C."""
    from workers.commands.access import coming, show
    from workers.local.access import open_wiring

    with open_wiring(what_is_there(data)) as wiring:
        try:
            for told in coming(wiring, " ".join(query or []), after):
                show(told, as_json)
                sys.stdout.flush()
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


@hook_app.command("add")
def hook_add(
    url: Annotated[str, typer.Argument(help="Where events are posted.")],
    query: Annotated[str, typer.Argument(help="A query, as `search` takes it; none: all articles.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Post each article that the query finds, from now on, by the Standard Webhooks specification."""
    from workers.commands import hooks
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        hooks.add(wiring, url, query, as_json=as_json)


@hook_app.command("list")
def hook_list(data: Data = None, as_json: AsJson = False) -> None:
    """Which there are, and how far they are."""
    from workers.commands import hooks
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        hooks.show(wiring, as_json)


@hook_app.command("remove")
def hook_remove(id: Annotated[str, typer.Argument(help="Of the webhook.")], data: Data = None) -> None:
    """Tell it of nothing any more."""
    from workers.commands import hooks
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        hooks.remove(wiring, id)
    say(f"{id} is removed")


@hook_app.command("enable")
def hook_enable(id: Annotated[str, typer.Argument(help="Of the webhook.")], data: Data = None) -> None:
    """Have one go on where it was, that was disabled or waits for its next try."""
    from workers.commands import hooks
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        hooks.enable(wiring, id)
    say(f"{id} goes on")


@token_app.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scopes: Annotated[list[str] | None, typer.Option("--scope", help="read, submit or operate; several times.")] = None,
    data: Data = None,
) -> None:
    """Make a token and print it: it is kept nowhere, only its hash is."""
    from workers.commands.access import add_token
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        say(add_token(wiring, name, scopes or ["read"]))


@token_app.command("list")
def token_list(data: Data = None, as_json: AsJson = False) -> None:
    """Which tokens there are."""
    from workers.commands.access import list_tokens
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        list_tokens(wiring, as_json)


@token_app.command("remove")
def token_remove(name: Annotated[str, typer.Argument(help="Of the token.")], data: Data = None) -> None:
    """Take a token back: it works no more."""
    from workers.commands.access import drop_token
    from workers.local.access import open_wiring

    with open_wiring(settings_of(data)) as wiring:
        drop_token(wiring, name)
    say(f"{name} works no more")
