"""`newsmill hook`: webhooks, which are told of what a search finds."""

from urllib.parse import urlsplit

from newsmill.search.query import parse
from workers.commands.terminal import in_line, say, tell
from workers.desk.hooks import state_of
from workers.desk.problems import BadInput
from workers.runtime.wiring import Wiring


def add(wiring: Wiring, url: str, query: str, *, as_json: bool) -> None:
    """Makes a webhook that is told of what comes from now on, and prints its secret. Raises BadInput, BadQuery."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"{url}: an address that begins with http:// or https:// is needed")
    if query.strip():
        parse(query)
    hook = wiring.frontier.hooks.add(url, query, wiring.frontier.changes.head())
    if as_json:
        return tell({"id": hook.id, "url": hook.url, "query": hook.query, "secret": hook.secret})
    say(f"{hook.id}\nsecret {hook.secret}")
    say("`newsmill up` or `newsmill web` posts the events, while it runs", error=True)
    return None


def show(wiring: Wiring, as_json: bool) -> None:
    """Prints all, without their secrets."""
    hooks = list(wiring.frontier.hooks.all())
    if as_json:
        names = ("id", "url", "query", "cursor", "fails", "problem", "disabled")
        return tell([{name: getattr(hook, name) for name in names} for hook in hooks])
    head = wiring.frontier.changes.head()
    for hook in hooks:
        say(f"{hook.id} {in_line(hook.url)} {in_line(hook.query)}".rstrip() + f"\n  {in_line(state_of(hook, head))}")
    return None


def remove(wiring: Wiring, id: str) -> None:
    """Ends a webhook. Raises BadInput."""
    if not wiring.frontier.hooks.remove(id):
        raise BadInput(f"there is no webhook {id}")


def enable(wiring: Wiring, id: str) -> None:
    """Has a disabled one go on where it was. Raises BadInput."""
    if wiring.frontier.hooks.get(id) is None:
        raise BadInput(f"there is no webhook {id}")
    wiring.frontier.hooks.enable(id)
