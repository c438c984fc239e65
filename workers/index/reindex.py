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
from workers.runtime.tools import IndexTools

PARTS = 4  # copied side by side at most; SQLite has one writer anyway, and batches of new pages want their turn
TURN_S = 2.0  # then what else waits in the queue comes first: a fresh page waits no longer than this
BATCH = 100  # articles a write: half a second of SQLite's only writer
PAUSE_S = 5.0  # after the store could not take something

log = structlog.get_logger()


class ReindexRefused(Exception):
    """The new index refuses an article."""


def reindex_turn(tools: IndexTools) -> int:
    """Takes a part and works on it for a while; returns how many hints are worth sending."""
    part = tools.worker.ledger.new_index.take()
    if part is None:
        return 0
    try:
        _work(tools, part)
    except ReindexRefused as error:
        log.error("reindex.failed", reason=str(error))
        if tools.worker.ledger.new_index.finish("reindex", None, str(error)):
            tools.search.abort_rebuild()
    except StoreError as error:
        log.warning("reindex.waits", part=part.name, error=str(error))
        tools.worker.ledger.new_index.leave(part, PAUSE_S, str(error))
    waiting = tools.worker.ledger.new_index.waiting()
    return waiting if part.name == BEGIN else min(waiting, 1)


def _work(tools: IndexTools, part: Part) -> None:
    if part.name == BEGIN:
        tools.search.begin_rebuild()
        state = tools.worker.ledger.new_index
        if not state.cut(part, tools.search.count(), tools.search.spans(PARTS)) and not state.copying():
            tools.search.abort_rebuild()  # it was dropped meanwhile
    elif part.name == COMMIT:
        _commit(tools, part)
    else:
        _copy(tools, part)


def _commit(tools: IndexTools, part: Part) -> None:
    before = tools.worker.ledger.new_index.swapping(part)
    if before is None:
        return None
    try:
        done = tools.search.commit_rebuild()
    except NotBuilding:
        if not before:
            return tools.worker.ledger.new_index.again(part)
        found = tools.search.count()  # it was swapped in by a worker that was killed before it could say so
        done = Rebuild(live=found, built=found)
    tools.worker.ledger.new_index.finish("reindex", done)
    log.info("reindex.done", before=done.live, now=done.built)
    return None


def _copy(tools: IndexTools, part: Part) -> None:
    """One batch at least. Raises ReindexRefused, StoreError."""
    span, until = part.span, time.monotonic() + TURN_S
    while span:
        documents, span = tools.search.read(span, BATCH)
        try:
            _fill(tools, documents)
        except NotBuilding:  # somebody has deleted it
            return tools.worker.ledger.new_index.again(part)
        if not tools.worker.ledger.new_index.advance(part, len(documents), span):
            return None  # too slow: somebody else goes on
        if tools.worker.process.stopping.is_set() or time.monotonic() > until:
            return tools.worker.ledger.new_index.leave(part) if span else None
    return None


def _fill(tools: IndexTools, documents: Sequence[Document]) -> None:
    for verdict in tools.search.fill(documents) if documents else ():
        if verdict.result is Result.REJECTED:
            raise ReindexRefused(f"{verdict.id}: {verdict.reason}")
        if not verdict.settled:
            raise StoreUnavailable(verdict.reason)
