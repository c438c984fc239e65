"""Raw pages, exactly as fetched: one object a page, from which everything else can be made again.

Key: raw/<year>/<month>/<day>/<hour>/<id>-<microseconds since the epoch>.warc.zst, of the time of the fetch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import zstandard
from obstore.store import ObjectStore

from newsmill.model import RawRecord
from newsmill.stores import frames, warc
from newsmill.stores.errors import ObjectDamaged, ObjectMissing
from newsmill.stores.objects import ObjectOptions, Objects, hour_prefix, open_objects

ROOT = "raw"


class RawMissing(ObjectMissing):
    """The raw page is not in the store (any more)."""


class RawDamaged(ObjectDamaged):
    """The raw page's object is not what was written."""


@dataclass(frozen=True, slots=True)
class RawStore:
    """Raw pages under keys that sort by hour."""

    store: ObjectStore

    @classmethod
    def open(cls, url_or_folder: str, options: ObjectOptions | None = None) -> Self:
        """See `objects.open_objects` for what may be named."""
        return cls(open_objects(url_or_folder, options))

    def put(self, record: RawRecord) -> str:
        """Store the page and return its key; the same page gives the same key and bytes.

        Raises StoreFull, StoreUnavailable.
        """
        key = raw_key(record.id, record.fetched_at)
        Objects(self.store).put(key, frames.compress(warc.encode(record)))
        return key

    def get(self, key: str) -> RawRecord:
        """Raises RawMissing, RawDamaged, StoreUnavailable."""
        try:
            return warc.decode(frames.decompress(Objects(self.store).get(key)))
        except ObjectMissing as error:
            raise RawMissing(str(error)) from error
        except (zstandard.ZstdError, ValueError) as error:
            raise RawDamaged(f"{key}: {error}") from error

    def delete(self, key: str) -> None:
        """Remove the page, if it is there."""
        Objects(self.store).delete(key)

    def keys(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
        """Keys of pages fetched in [since, until), in order of their hour."""
        for key in Objects(self.store).keys(ROOT, since, until):
            micros = fetched_micros(key)
            if (since is None or micros >= to_micros(since)) and (until is None or micros < to_micros(until)):
                yield key


def raw_key(entry_id: str, fetched_at: datetime) -> str:
    """The key of the page that was fetched for this entry at this time."""
    return f"{hour_prefix(ROOT, fetched_at)}/{entry_id}-{to_micros(fetched_at)}.warc.zst"


def fetched_micros(key: str) -> int:
    """The time of the fetch, microseconds since the epoch, from a raw key."""
    return int(key.rpartition("-")[2].partition(".")[0])


def to_micros(when: datetime) -> int:
    """Whole microseconds since the epoch of an aware time (exact, unlike `timestamp()`)."""
    seconds = int(when.replace(microsecond=0).timestamp())
    return seconds * 1_000_000 + when.microsecond
