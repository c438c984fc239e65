"""A new index from the documents of the live one: `newsmill reindex` asks for it, index workers do it, turn by turn.

Nothing rests on a message or on the command: the state is in Redis, ticks hint what waits, and a part whose worker died
waits again when its lease ends. What is copied twice is the same as once: both indexes order writes by version.
"""

import time
from collections.abc import Sequence

import structlog

from newsmill.ledger.new_index import BEGIN, COMMIT, Part
from newsmill.model import Document, Rebuild
from newsmill.search.store import Result
from newsmill.stores.errors import NotBuilding, StoreError, StoreUnavailable
from workers.runtime.wiring import Mill

PARTS = 4  # copied side by side at most; SQLite has one writer anyway, and batches of new pages want their turn
TURN_S = 2.0  # then what else waits in the queue comes first: a fresh page waits no longer than this
BATCH = 100  # articles a write: half a second of SQLite's only writer
PAUSE_S = 5.0  # after the store could not take something

log = structlog.get_logger()


class Refused(Exception):
    """The new index refuses an article."""


def reindex_turn(mill: Mill) -> int:
    """Takes a part and works on it for a while; returns how many hints are worth sending."""
    part = mill.frontier.new_index.take()
    if part is None:
        return 0
    try:
        _work(mill, part)
    except Refused as error:
        log.error("reindex.failed", reason=str(error))
        if mill.frontier.new_index.finish("reindex", None, str(error)):
            mill.search.abort_rebuild()
    except StoreError as error:
        log.warning("reindex.waits", part=part.name, error=str(error))
        mill.frontier.new_index.leave(part, PAUSE_S, str(error))
    waiting = mill.frontier.new_index.waiting()
    return waiting if part.name == BEGIN else min(waiting, 1)


def _work(mill: Mill, part: Part) -> None:
    if part.name == BEGIN:
        mill.search.begin_rebuild()
        state = mill.frontier.new_index
        if not state.cut(part, mill.search.count(), mill.search.spans(PARTS)) and not state.copying():
            mill.search.abort_rebuild()  # it was dropped meanwhile
    elif part.name == COMMIT:
        _commit(mill, part)
    else:
        _copy(mill, part)


def _commit(mill: Mill, part: Part) -> None:
    before = mill.frontier.new_index.swapping(part)
    if before is None:
        return None
    try:
        done = mill.search.commit_rebuild()
    except NotBuilding:
        if not before:
            return mill.frontier.new_index.again(part)
        found = mill.search.count()  # it was swapped in by a worker that was killed before it could say so
        done = Rebuild(live=found, built=found)
    mill.frontier.new_index.finish("reindex", done)
    log.info("reindex.done", before=done.live, now=done.built)
    return None


def _copy(mill: Mill, part: Part) -> None:
    """One batch at least. Raises Refused, StoreError."""
    span, until = part.span, time.monotonic() + TURN_S
    while span:
        documents, span = mill.search.read(span, BATCH)
        try:
            _fill(mill, documents)
        except NotBuilding:  # somebody has deleted it
            return mill.frontier.new_index.again(part)
        if not mill.frontier.new_index.advance(part, len(documents), span):
            return None  # too slow: somebody else goes on
        if mill.stopping.is_set() or time.monotonic() > until:
            return mill.frontier.new_index.leave(part) if span else None
    return None


def _fill(mill: Mill, documents: Sequence[Document]) -> None:
    for verdict in mill.search.fill(documents) if documents else ():
        if verdict.result is Result.REJECTED:
            raise Refused(f"{verdict.id}: {verdict.reason}")
        if not verdict.settled:
            raise StoreUnavailable(verdict.reason)
