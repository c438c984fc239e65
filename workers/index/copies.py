"""Pages that say to be copies of another one: print, AMP and paged versions, addresses with parameters.

A statement is true when the page that it names is in the index, tells the same, and does not name another one itself.
Until then the page stands for itself, and the one that it names is asked for. So nobody's page takes another's place,
and nothing is lost to a wrong statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsmill.ledger import PageEntry
from newsmill.model import Document
from newsmill.text.minhash import share
from newsmill.urls.canonical import address_id
from workers.runtime.tools import IndexTools

SAME = 0.5  # of the runs of the shorter text: what near-copies are to have in common, see newsmill/text/minhash.py


@dataclass(frozen=True, slots=True)
class Judged:
    """What an entry says to be a copy of. judged: the version of that which it was compared with; "" where none is."""

    doc: str
    judged: str
    true: bool


def judge_copies(tools: IndexTools, written: Sequence[PageEntry], found: Mapping[str, Document]) -> dict[str, Judged]:
    """By entry id, for those of `written` that say to be copies. found: the document of each entry, by entry id."""
    saying = [(entry, address_id(entry.copy_of)) for entry in written if entry.copy_of]
    if not saying:
        return {}
    tools.worker.ledger.note_copies([(entry.id, doc) for entry, doc in saying])  # first: none comes between unseen
    there = {**tools.search.get_many([doc for _, doc in saying]), **{d.id: d for d in found.values()}}
    judged = {}
    for entry, doc in saying:
        named, own = there.get(doc), tools.worker.ledger.page(doc)
        names_another = bool(own and own.copy_of)
        agrees = named is not None and named.url == entry.copy_of and not names_another
        true = agrees and share(there[doc].text, found[entry.id].text) >= SAME
        judged[entry.id] = Judged(doc, str(named.version) if named else "", true)
    return judged
