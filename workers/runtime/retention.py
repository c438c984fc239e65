"""What is removed by age, a bounded portion a call.

Raw pages: what is gone cannot be parsed again, nor exported; the index keeps what was made of it.
Document batches: only a way from parse to index. Should one be removed before it was indexed, its pages are parsed
again. Articles: by their date, out of the index; their addresses stay known, so that nothing is fetched anew. Earlier
texts of articles are not touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from newsmill.search.store import SearchStore
from newsmill.stores.documents import DocumentStore
from newsmill.stores.objects import Objects
from newsmill.stores.raw import RawStore

MOST = 5000  # objects a call: a second on a disk, some on S3
PORTION = 1000  # objects a request; what S3 deletes at once
ARTICLES_PORTION = 500  # articles a call of the search store: writers of SQLite wait for half a second


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that things are kept. 0: for ever.

    documents_days: longer than index is likely to be down, so that it need not wait for parse.
    """

    raw_days: float = 0.0
    documents_days: float = 3.0


@dataclass(frozen=True, slots=True)
class Removed:
    """How many objects a call removed. more: there is more to remove, call again soon."""

    raw: int
    documents: int
    more: bool


def remove_old(raw: RawStore, documents: DocumentStore, retention: Retention, *, now: datetime) -> Removed:
    """Removes what is older than it is to be kept, at most MOST of each. Raises StoreUnavailable."""
    pages = batches = 0
    if retention.raw_days:
        pages = _remove(Objects(raw.store), raw.keys(until=now - timedelta(days=retention.raw_days)))
    if retention.documents_days:
        until = now - timedelta(days=retention.documents_days)
        batches = _remove(Objects(documents.store), documents.keys(until=until))
    return Removed(pages, batches, more=MOST in (pages, batches))


def remove_old_articles(search: SearchStore, days: float, now: datetime) -> int:
    """Takes articles out of the index that are older than this, at most MOST; returns how many. days: 0 for ever.

    Raises StoreUnavailable.
    """
    removed = 0
    while days and removed < MOST:
        portion = search.remove_older(now - timedelta(days=days), ARTICLES_PORTION)
        removed += portion
        if portion < ARTICLES_PORTION:
            break
    return removed


def _remove(objects: Objects, keys: Iterator[str]) -> int:
    chosen = list(islice(keys, MOST))
    for start in range(0, len(chosen), PORTION):
        objects.delete_many(chosen[start : start + PORTION])
    return len(chosen)
