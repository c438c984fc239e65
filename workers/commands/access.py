"""`newsmill token` and `newsmill follow`: ways for other programs."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from newsmill.ledger.changes import Kind
from workers.commands.terminal import in_line, say, tell
from workers.desk.following import Told, follow
from workers.desk.problems import BadInput
from workers.runtime.stores import has_index
from workers.runtime.wiring import Wiring

LOOK_S = 0.5  # between two looks while nothing comes
PORTION = 100


def add_token(wiring: Wiring, name: str, scopes: Sequence[str]) -> str:
    """Makes a token; returns its text, which is kept nowhere. Raises BadInput."""
    try:
        return wiring.frontier.access.make_token(name, scopes, time.time())
    except ValueError as error:
        raise BadInput(str(error)) from error


def list_tokens(wiring: Wiring, as_json: bool) -> None:
    """Prints what tokens there are, and not what they are."""
    tokens = sorted(wiring.frontier.access.tokens(), key=lambda token: token.made)
    if as_json:
        return tell([{"name": t.name, "scopes": list(t.scopes), "made": _iso(t.made), "mark": t.mark} for t in tokens])
    for token in tokens:
        say(f"{in_line(token.name)}: {', '.join(token.scopes)}, made {_iso(token.made)}, nm_{token.mark}…")
    return None


def drop_token(wiring: Wiring, name: str) -> None:
    """Takes a token back. Raises BadInput."""
    if not wiring.frontier.access.drop_token(name):
        raise BadInput(f"there is no token {name!r}")


def coming(wiring: Wiring, query: str, after: str) -> Iterator[Told]:
    """Events as they come, for ever. after: a cursor; empty for what comes from now on. Raises Behind, BadQuery."""
    cursor = after or wiring.frontier.changes.head()
    while True:
        portion = follow(
            wiring, wiring.search if has_index(wiring.settings) else None, cursor, query=query, most=PORTION
        )
        yield from portion.told
        cursor = portion.cursor
        if not portion.more:
            time.sleep(LOOK_S)


def show(told: Told, as_json: bool) -> None:
    """One event: a line, or a line of JSON with the article."""
    change, document = told.change, told.document
    if as_json:
        article = document.model_dump(mode="json") if document else None
        known = {"id": change.cursor, "type": str(change.kind), "timestamp": _iso(change.at), "article_id": change.id}
        more = {"url": change.url, "title": change.title, "story": change.story, "version": change.version}
        tell(known | more | {"article": article}, indent=None)
        return
    if change.kind is Kind.STORY_JOINED:
        return  # beside the same article's `new`
    what = "" if change.kind is Kind.NEW else f"{change.kind}: "
    say(f"{_iso(change.at)}  {what}{in_line(change.title or change.url or change.id)}\n  {in_line(change.url)}")


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
