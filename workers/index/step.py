"""The index step: documents into the search store, or out of it, and the end of the ledger entry."""

from collections import defaultdict
from collections.abc import Sequence

import structlog

from newsmill.extraction import EXTRACTOR_VERSION
from newsmill.ledger import Move, PageEntry, a_page, entries
from newsmill.ledger.changes import event_of
from newsmill.ledger.stages import Stage
from newsmill.model import Document
from newsmill.outcomes import Outcome
from newsmill.search.store import Result
from newsmill.stores.errors import ObjectDamaged, ObjectMissing, StoreError
from newsmill.stores.raw import fetched_micros
from workers.index.copies import judge_copies
from workers.index.writes import Removal, take_out, write
from workers.runtime.step import again, claim, finish
from workers.runtime.tools import IndexTools

REMOVED = {"remove": "", "indexed": "", "fingerprint": "", "looks": ""}  # what the ledger forgets of a document

TOLD_EVERY_S = 3600.0

log = structlog.get_logger()


def index_documents(tools: IndexTools, ids: Sequence[str]) -> int:
    """Writes, or takes out, what of `ids` is still ready; returns how many entries ended."""
    claimed = [a_page(entry) for entry in claim(tools.worker, Stage.INDEX, ids)]
    removed = [e for e in claimed if e.remove]
    written = [e for e in claimed if not e.remove]
    try:
        moves = _remove(tools, removed) + _write(tools, written)
    except StoreError as error:  # the window shrinks and the sweep hints again until it is back
        log.warning("search.unavailable", error=str(error))
        moves = [entries.give_back(e.id) for e in claimed]
    return len(finish(tools.worker, Stage.INDEX, moves))


def _remove(tools: IndexTools, gone: list[PageEntry]) -> list[Move]:
    if not gone:
        return []
    may = tools.worker.ledger.own([(e.id, e.doc) for e in gone])
    mine = [entry for entry, own in zip(gone, may, strict=True) if own]
    emptied = [entry for entry in mine if entry.remove and entry.remove.outcome is Outcome.EMPTY]
    # What was fetched later, or (where an extractor found no article) is parsed by a newer one, may come back.
    verdicts = [
        *take_out(tools, [Removal(e, e.doc, e.indexed) for e in mine if e not in emptied]),
        *take_out(tools, [Removal(e, e.doc, fetched_micros(e.raw)) for e in emptied], EXTRACTOR_VERSION),
    ]
    waiting = {verdict.id for verdict in verdicts if verdict.result is Result.RETRY}
    moves = []
    for entry in gone:
        if entry.doc in waiting:
            moves.append(entries.give_back(entry.id))
            continue
        assert entry.remove
        moves.append(entries.settle(entry.id, entry.remove.outcome, entry.remove.reason, set=REMOVED))
    return moves


def _documents(tools: IndexTools, written: list[PageEntry]) -> tuple[dict[str, Document], list[Move]]:
    """The document of each entry; entries whose object is lost go back to parse."""
    by_key: dict[str, list[PageEntry]] = defaultdict(list)
    for entry in written:
        by_key[entry.documents].append(entry)
    found: dict[str, Document] = {}
    moves: list[Move] = []
    for key, group in by_key.items():
        try:
            kept = {document.id: document for document in tools.documents.get(key)}
        except (ObjectMissing, ObjectDamaged) as error:
            log.warning("documents.lost", key=key, error=str(error))
            moves += [_parsed_again(tools, e, str(error)) for e in group]
            continue
        found |= {e.id: kept[e.doc] for e in group if e.doc in kept}
        moves += [_parsed_again(tools, e, f"{key} does not have it") for e in group if e.doc not in kept]
    return found, moves


def _parsed_again(tools: IndexTools, entry: PageEntry, why: str) -> Move:
    """What cannot be read back is made anew from the raw page; as often as a stage may crash."""
    times = entry.unread + 1
    if times >= tools.worker.ledger.limits.max_crashes:
        reason = f"its document could not be read back {times} times: {why}"
        return entries.settle(entry.id, Outcome.QUARANTINED, reason, set={"unread": ""})
    return entries.advance(entry.id, Stage.PARSE, {"documents": "", "anew": "1", "unread": str(times)})


def _write(tools: IndexTools, written: list[PageEntry]) -> list[Move]:
    if not written:
        return []
    found, moves = _documents(tools, written)
    ready = [e for e in written if e.id in found]
    copies = judge_copies(tools, ready, found)
    moves += _copies(tools, [e for e in ready if e.id in copies and copies[e.id].true])
    ready = [e for e in ready if e.id not in copies or not copies[e.id].true]
    owned = []
    for entry, mine in zip(ready, tools.worker.ledger.own([(e.id, e.doc) for e in ready]), strict=True):
        if mine:
            owned.append(entry)
        else:
            moves.append(entries.settle(entry.id, Outcome.DUPLICATE, f"of {entry['doc_url']}", set=REMOVED))
    present = tools.search.get_many([found[e.id].id for e in owned if e.indexed])
    coming = tools.worker.ledger.stories.tell([found[e.id] for e in owned if e.id not in copies], present)
    coming = _in_order(owned, coming, found)
    tools.revisions.keep(present, coming)
    made = write(tools, owned, coming)
    if owned:
        _note_index(tools)
    there = tools.search.get_many([v.id for _, v in made if v.result is Result.STALE])
    for entry, (document, verdict) in zip(owned, made, strict=True):
        if verdict.result is Result.STALE:
            moves.append(_by_a_newer_extractor(tools, entry, document, there=verdict.id in there))
        elif verdict.settled:
            kept = {"indexed": str(document.version), "unread": ""}
            doc = (entry.doc, entry.doc_url)
            look = again(tools.recrawl, entry, tools.worker.clock(), changed=True)
            fields = {**kept, **look.fields}
            says = copies.get(entry.id)
            copy_of = (says.doc, says.judged) if says else None
            settled = entries.settle(
                entry.id,
                Outcome.INDEXED,
                "",
                set=fields,
                again_s=look.wait_s,
                doc=doc,
                copy_of=copy_of,
                event=event_of(document, present.get(document.id)),
            )
            moves.append(settled)
        elif verdict.result is Result.REJECTED:
            reason = f"the search store refuses it: {verdict.reason}"
            moves.append(entries.settle(entry.id, Outcome.QUARANTINED, reason))
        else:
            moves.append(entries.give_back(entry.id))
    return _without_former(tools, ready, moves)


def _note_index(tools: IndexTools) -> None:
    """The ledger knows which index has its articles; another one in its place is told, here, in status and in audit."""
    now, known = tools.search.identity(), tools.worker.ledger.search_index()
    if now and not known:
        tools.worker.ledger.note_search_index(now)
    elif now != known and tools.worker.ledger.try_lock("another-index", TOLD_EVERY_S):
        log.error("index.another", known=known, now=now, remedy="newsmill reparse")


def _by_a_newer_extractor(tools: IndexTools, entry: PageEntry, document: Document, *, there: bool) -> Move:
    """Of two writes of one version the one by the newer extractor counts: this very page is judged already."""
    if not there:
        return entries.settle(entry.id, Outcome.EMPTY, "a newer extractor finds no article in it", set=REMOVED)
    look = again(tools.recrawl, entry, tools.worker.clock(), changed=False)
    fields = {"indexed": str(document.version), "unread": "", **look.fields}
    reason = "search has it by a newer extractor"
    return entries.settle(entry.id, Outcome.UNCHANGED, reason, set=fields, again_s=look.wait_s)


def _in_order(owned: list[PageEntry], told: Sequence[Document], found: dict[str, Document]) -> list[Document]:
    """The documents of these entries; what says to be a copy of another page begins no story, and joins none."""
    by_id = {document.id: document for document in told}
    return [by_id.get(found[entry.id].id, found[entry.id]) for entry in owned]


def _copies(tools: IndexTools, true: list[PageEntry]) -> list[Move]:
    """The end of copies; what the index has of them under their own address is taken out."""
    verdicts = take_out(tools, [Removal(e, e.doc, e.indexed) for e in true if e.indexed and not e.former])
    waiting = {verdict.id for verdict in verdicts if verdict.result is Result.RETRY}
    ended = [
        entries.give_back(e.id)
        if e.doc in waiting
        else entries.settle(e.id, Outcome.DUPLICATE, f"of {e['copy_of']}", set=REMOVED)
        for e in true
    ]
    return _without_former(tools, true, ended)


def _without_former(tools: IndexTools, written: list[PageEntry], moves: list[Move]) -> list[Move]:
    """Takes out what an entry had in the index under another address: a redirect or a canonical link has changed."""
    left = [e for e in written if e.former]
    may = tools.worker.ledger.own([(e.id, e.former) for e in left])
    mine = [entry for entry, own in zip(left, may, strict=True) if own]
    verdicts = take_out(tools, [Removal(e, e.former, e.indexed) for e in mine])
    waiting = {e.id for e, v in zip(mine, verdicts, strict=True) if v.result is Result.RETRY}
    return [entries.give_back(move.id) if move.id in waiting else move for move in moves]
