"""The change log for somebody who follows a search: only what it finds, and a cursor that skips nothing."""

import time
from dataclasses import dataclass
from functools import lru_cache

from newsmill.ledger.changes import Change, Kind
from newsmill.model import Document
from newsmill.search.matching import Followed, Matched
from newsmill.search.query import parse
from newsmill.search.store import SearchStore
from workers.runtime.wiring import Wiring

FOLLOWED = 1000  # queries that are kept as they were read
SAME_S = 600.0  # for so long: `after:3d` means another time then
LOOKED_AT = 500  # events a turn, whatever they match: bounded work for one request


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and the article as it is now; None where it is not there any more, or was not looked up."""

    change: Change
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Portion:
    """What was found, and where to go on: beyond all that was looked at. more: there is more right now."""

    told: tuple[Told, ...]
    cursor: str
    more: bool


def follow(wiring: Wiring, search: SearchStore | None, cursor: str, *, query: str, most: int) -> Portion:
    """The next events that `query` finds (an empty one: all). Removals are told to everybody: who never had the
    article passes over them. Raises Behind, NoCursor, BadQuery.
    """
    wanted = _followed(query, int(time.time() // SAME_S)) if query.strip() else None
    changes = wiring.frontier.changes.after(cursor, LOOKED_AT if wanted else most)
    documents = search.get_many([c.id for c in changes if c.kind is not Kind.REMOVED]) if search and changes else {}
    told: list[Told] = []
    for change in changes:
        if len(told) >= most:
            break
        cursor = change.cursor
        document = documents.get(change.id)
        if wanted is None or change.kind is Kind.REMOVED or (document and wanted.finds(Matched(document))):
            told.append(Told(change, document))
    more = bool(changes) and (cursor != changes[-1].cursor or len(changes) >= (LOOKED_AT if wanted else most))
    return Portion(tuple(told), cursor, more)


@lru_cache(maxsize=FOLLOWED)
def _followed(query: str, _stretch: int) -> Followed:
    return Followed(parse(query))
