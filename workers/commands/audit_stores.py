"""The ledger against the stores: what it says to be searchable is, as of that version, and its pages can be read."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from newsmill.ledger.audit import Fault
from newsmill.ledger.holders import bring_back, holders, pages, sample
from newsmill.ledger.stages import Stage
from newsmill.model import Document
from newsmill.outcomes import Outcome
from newsmill.stores.errors import ObjectDamaged, ObjectMissing
from workers.runtime.wiring import Wiring

PORTION = 200  # entries a round trip to the search store
DAY_S = 86400
NAMES = ("state", "stage", "raw", "doc", "indexed", "documents", "remove", "fetched", "published")
NOT_THERE = {Outcome.GONE, Outcome.EXCLUDED, Outcome.EMPTY}


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    fields: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        return self.fields[NAMES.index(name)]

    @property
    def searchable(self) -> bool:
        """The ledger says that search has it, and nothing is under way that would change that."""
        return bool(self["state"] == "settled" and self["indexed"] and self["doc"])


def check_stores(wiring: Wiring, most: int | None, mend: bool) -> list[Fault]:
    """The faults of `most` entries, chosen by chance; of all, and of what search has beside them, where it is None.

    Raises StoreError.
    """
    ids = pages(wiring.frontier)
    chosen = iter(sample(ids, most)) if most is not None else ids
    faults: list[Fault] = []
    while portion := list(islice(chosen, PORTION)):
        entries = [_Entry(*pair) for pair in zip(portion, wiring.frontier.fields_of(portion, NAMES), strict=True)]
        faults += _still(wiring, _searchable(wiring, [e for e in entries if e.searchable]), mend)
        faults += [Fault(e.id, told) for e in entries if (told := _unread(wiring, e))]
    if most is None:
        faults += _unheld(wiring, mend)
    return faults


Suspect = tuple[_Entry, str, dict[str, str]]  # what is wrong, and the fields with which it is parsed again


def _searchable(wiring: Wiring, entries: Sequence[_Entry]) -> Iterator[Suspect]:
    there = wiring.search.get_many([e["doc"] for e in entries]) if entries else {}
    for entry in entries:
        document = there.get(entry["doc"])
        if document is None and not _too_old(wiring, entry):
            yield entry, "is indexed, but search does not have it", {"indexed": "", "fingerprint": ""}
        elif document and document.version > int(entry["indexed"]):
            told = f"is frozen: search has version {document.version}, later than its own {entry['indexed']}"
            yield entry, told, {"indexed": str(document.version)}
        elif document and document.version < int(entry["indexed"]):
            yield entry, f"is indexed, but search has version {document.version}, an earlier one", {}


def _too_old(wiring: Wiring, entry: _Entry) -> bool:
    """Whether it may have been removed by its age."""
    days = wiring.settings.search.days
    return bool(days and time.time() - float(entry["published"] or entry["fetched"] or 0) > (days - 1) * DAY_S)


def _still(wiring: Wiring, suspects: Iterator[Suspect], mend: bool) -> Iterator[Fault]:
    """Those that are as they were a moment ago: others have moved on between two looks."""
    found = list(suspects)
    now = wiring.frontier.fields_of([entry.id for entry, _, _ in found], NAMES)
    for (entry, told, fields), fields_now in zip(found, list(now), strict=True):
        if entry.fields != fields_now:
            continue
        done = (
            mend
            and bool(entry["raw"])
            and bring_back(wiring.frontier, entry.id, Stage.PARSE, fields={**fields, "anew": "1"})
        )
        yield Fault(entry.id, told, done)


def _unread(wiring: Wiring, entry: _Entry) -> str:
    """What of its objects cannot be read; empty if all can."""
    at_work = entry["state"] in ("ready", "leased")
    try:
        kept_s = wiring.settings.stores.raw_days * DAY_S
        old = kept_s and time.time() - float(entry["fetched"] or 0) > kept_s - DAY_S
        if entry["raw"] and not old and (entry.searchable or (at_work and entry["stage"] == Stage.PARSE)):
            wiring.raw.get(entry["raw"])
        if at_work and entry["stage"] == Stage.INDEX and entry["documents"] and not entry["remove"]:
            wiring.documents.get(entry["documents"])
    except (ObjectMissing, ObjectDamaged) as error:
        (now,) = wiring.frontier.fields_of([entry.id], NAMES)
        return f"cannot be read: {error}" if now == entry.fields else ""
    return ""


def _unheld(wiring: Wiring, mend: bool) -> Iterator[Fault]:
    """What search has and nobody in the ledger holds."""
    documents = wiring.search.scan()
    while portion := list(islice(documents, PORTION)):
        for document, outcome in zip(portion, holders(wiring.frontier, [d.id for d in portion]), strict=True):
            if outcome is None:
                yield Fault(document.id, f"is searchable ({document.url}), and unknown to the ledger")
            elif outcome in NOT_THERE:
                done = mend and _taken_out(wiring, document)
                yield Fault(document.id, f"is searchable, though it ended as {outcome}", done)


def _taken_out(wiring: Wiring, document: Document) -> bool:
    return all(verdict.settled for verdict in wiring.search.delete([(document.id, document.version)]))
