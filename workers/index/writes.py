"""Writes to the search store, and what follows when it refuses one as older than what it has.

Order there is by version, the time of a fetch. A clock that was ahead once, or a ledger of an hour ago, leaves one
there that what was fetched rightly later does not reach: the article would be frozen. Who holds the entry now knows
better: the write is repeated once, behind what is there. Who has lost the lease repeats nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from newsmill.ledger import PageEntry
from newsmill.ledger.stages import Stage
from newsmill.model import Document
from newsmill.search.store import DELETED, EXTRACTORS, Result, WriteVerdict
from workers.runtime.tools import IndexTools

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Removal:
    """A document that is to be taken out for an entry, as of a version."""

    entry: PageEntry
    doc: str
    version: int


def write(
    tools: IndexTools, held: Sequence[PageEntry], documents: Sequence[Document]
) -> list[tuple[Document, WriteVerdict]]:
    """Writes the document of each of these entries; returns what was written at last, and what became of it.

    STALE is left only where a newer extractor has judged this very page.
    """
    verdicts = list(tools.search.upsert(documents)) if documents else []
    made = list(zip(documents, verdicts, strict=True))
    late = [i for i, (document, verdict) in enumerate(made) if _is_older(document, verdict)]
    if not late:
        return made
    mine = _still_held(tools, [held[i] for i in late])
    repeated = [i for i in late if held[i].id in mine]
    behind = [_behind(*made[i]) for i in repeated]
    again = tools.search.upsert(behind) if behind else []
    for i in late:
        made[i] = (made[i][0], WriteVerdict(made[i][1].id, Result.RETRY, "search has a later version"))
    for i, document, verdict in zip(repeated, behind, again, strict=True):
        log.warning("index.repeated", id=held[i].id, version=document.version, result=verdict.result)
        made[i] = (document, verdict if verdict.settled and verdict.result is not Result.STALE else made[i][1])
    return made


def take_out(tools: IndexTools, removals: Sequence[Removal], extractor: int = DELETED) -> list[WriteVerdict]:
    """Takes each of these documents out; one verdict a removal, in their order."""
    if not removals:
        return []
    verdicts = list(tools.search.delete([(r.doc, r.version) for r in removals], extractor))
    late = [i for i, verdict in enumerate(verdicts) if verdict.result is Result.STALE]
    mine = _still_held(tools, [removals[i].entry for i in late])
    repeated = [i for i in late if removals[i].entry.id in mine and _version(verdicts[i]) > removals[i].version]
    if repeated:
        log.warning("index.repeated", ids=[removals[i].entry.id for i in repeated])
        again = tools.search.delete([(removals[i].doc, _version(verdicts[i])) for i in repeated], extractor)
        for i, verdict in zip(repeated, again, strict=True):
            verdicts[i] = verdict
    return verdicts


def _still_held(tools: IndexTools, entries: Sequence[PageEntry]) -> set[str]:
    held = [entry.id for entry in entries]
    return set(held) - set(tools.worker.ledger.renew(tools.worker.owner, [(Stage.INDEX, id) for id in held]))


def _version(verdict: WriteVerdict) -> int:
    return verdict.there // EXTRACTORS


def _is_older(document: Document, verdict: WriteVerdict) -> bool:
    """Whether it was refused for its version, or for a deletion of the same; not for an older extractor."""
    if verdict.result is not Result.STALE:
        return False
    return _version(verdict) != document.version or verdict.there % EXTRACTORS == DELETED


def _behind(document: Document, verdict: WriteVerdict) -> Document:
    return document.model_copy(update={"version": max(_version(verdict), document.version) + 1})
