"""Parsed articles on their way to the index (claim check): one object a batch, JSON lines in a zstd frame.

Key: documents/<year>/<month>/<day>/<hour>/<microseconds>-<digest>.jsonl.zst, of the newest document in it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import zstandard
from obstore.store import ObjectStore

from newsmill.model import Document
from newsmill.stores import frames
from newsmill.stores.errors import ObjectDamaged, ObjectMissing
from newsmill.stores.objects import ObjectOptions, Objects, hour_prefix, open_objects
from newsmill.stores.raw import to_micros

ROOT = "documents"
PORTION = (
    32 << 20
)  # bytes of JSON an object; a batch of ordinary articles has 0.2 MB, one that is read back as a whole may have 256


class DocumentsMissing(ObjectMissing):
    """The batch is not in the store (any more)."""


class DocumentsDamaged(ObjectDamaged):
    """The batch's object is not what was written."""


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """Batches of documents under keys that sort by hour."""

    store: ObjectStore

    @classmethod
    def open(cls, url_or_folder: str, options: ObjectOptions | None = None) -> Self:
        """See `objects.open_objects` for what may be named."""
        return cls(open_objects(url_or_folder, options))

    def put(self, batch: Sequence[Document]) -> str:
        """Store the batch and return its key; the same batch gives the same key and bytes.

        Raises StoreFull, StoreUnavailable; ValueError if the batch is empty, or too large to be read back.
        """
        if not batch:
            raise ValueError("an empty batch of documents")
        return self._write(batch, [document.model_dump_json().encode() for document in batch])

    def put_all(self, batch: Sequence[Document]) -> list[str | None]:
        """Store the batch in as many objects as its size asks for; returns the key of each document's object.

        None for a document that is too large to be read back. Raises StoreFull, StoreUnavailable.
        """
        keys: list[str | None] = [None] * len(batch)
        lines = [document.model_dump_json().encode() for document in batch]
        for portion in portions([len(line) for line in lines]):
            key = self._write([batch[i] for i in portion], [lines[i] for i in portion])
            for i in portion:
                keys[i] = key
        return keys

    def _write(self, batch: Sequence[Document], lines: Sequence[bytes]) -> str:
        text = b"\n".join(lines)
        key = documents_key(max(document.version for document in batch), text)
        Objects(self.store).put(key, frames.compress(text))
        return key

    def get(self, key: str) -> tuple[Document, ...]:
        """Raises DocumentsMissing, DocumentsDamaged, StoreUnavailable."""
        try:
            lines = frames.decompress(Objects(self.store).get(key))
            return tuple(Document.stored(line) for line in lines.split(b"\n"))
        except ObjectMissing as error:
            raise DocumentsMissing(str(error)) from error
        except (zstandard.ZstdError, ValueError) as error:
            raise DocumentsDamaged(f"{key}: {error}") from error

    def delete(self, key: str) -> None:
        """Remove the batch, if it is there."""
        Objects(self.store).delete(key)

    def keys(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
        """Keys of batches whose newest document is of [since, until), in order."""
        for key in Objects(self.store).keys(ROOT, since, until):
            micros = int(key.rpartition("/")[2].partition("-")[0])
            if (since is None or micros >= to_micros(since)) and (until is None or micros < to_micros(until)):
                yield key


def portions(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of lines of these sizes (bytes), in portions of about PORTION; without those beyond any object."""
    portion, size = list[int](), 0
    for i, more in enumerate(sizes):
        if more > frames.MAX_CONTENT:
            continue
        if portion and size + more > PORTION:
            yield portion
            portion, size = [], 0
        portion.append(i)
        size += more + 1
    if portion:
        yield portion


def documents_key(version: int, lines: bytes) -> str:
    """The key of a batch whose newest document has `version` (microseconds since the epoch)."""
    digest = hashlib.blake2b(lines, digest_size=10).hexdigest()
    return f"{hour_prefix(ROOT, datetime.fromtimestamp(version // 1_000_000, UTC))}/{version:016d}-{digest}.jsonl.zst"
