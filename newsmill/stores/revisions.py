"""Earlier versions of articles that have changed since. Search holds the newest.

Key: revisions/<first two characters of the id>/<id>/<version>.json.zst
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import zstandard
from obstore.store import ObjectStore

from newsmill.model import Document
from newsmill.stores import frames
from newsmill.stores.errors import ObjectDamaged
from newsmill.stores.objects import ObjectOptions, Objects, open_objects
from newsmill.stores.revision_changes import is_revision

ROOT = "revisions"


@dataclass(frozen=True, slots=True)
class RevisionStore:
    """Earlier versions by the article's id."""

    store: ObjectStore

    @classmethod
    def open(cls, url_or_folder: str, options: ObjectOptions | None = None) -> Self:
        """See `objects.open_objects` for what may be named."""
        return cls(open_objects(url_or_folder, options))

    def keep(self, present: Mapping[str, Document], coming: Iterable[Document]) -> int:
        """Keeps what is about to be replaced; returns how many. present: what search holds now, by id.

        Call it before the new versions are written. Raises StoreFull, StoreUnavailable.
        """
        kept = 0
        for new in coming:
            old = present.get(new.id)
            if old is not None and is_revision(old, new):
                key = f"{_folder(old.id)}/{old.version:016d}.json.zst"
                Objects(self.store).put(key, frames.compress(old.model_dump_json().encode()))
                kept += 1
        return kept

    def of(self, document_id: str) -> tuple[Document, ...]:
        """Earlier versions of one article, oldest first. Raises ObjectDamaged, StoreUnavailable."""
        objects = Objects(self.store)
        found = []
        for key in objects.list(_folder(document_id)):
            try:
                found.append(Document.stored(frames.decompress(objects.get(key))))
            except (zstandard.ZstdError, ValueError) as error:
                raise ObjectDamaged(f"{key}: {error}") from error
        return tuple(found)


def _folder(document_id: str) -> str:
    return f"{ROOT}/{document_id[:2]}/{document_id}"
