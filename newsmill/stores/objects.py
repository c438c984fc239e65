"""Objects under keys that sort by hour: a folder, memory, S3, GCS or Azure, through obstore.

A folder gets each object by writing beside it and renaming, so a killed process never leaves half an
object under its key; the left-over is invisible to listings. The data reaches the operating system
before `put` returns; power loss is not covered (no fsync).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from newsmill.redaction import without_users
from newsmill.stores.errors import StoreError, first_line, object_store_error

HOUR_FORMAT = "%Y/%m/%d/%H"
LEVELS = 4  # year, month, day, hour
SCHEMES = ("s3", "gs", "az", "abfs", "abfss")  # with :// behind
LIST_CHUNK = 1000  # keys; what S3 answers a request


@dataclass(frozen=True, slots=True)
class ObjectOptions:
    """How long an object store on the network may take. The folder and memory stores need none of it.

    timeout_s: of one request. retry_s: over all tries of one operation, below the shortest time limit of a stage.
    config: what the store's own variables (AWS_ENDPOINT_URL and the like) do not say.
    """

    timeout_s: float = 20.0
    retry_s: float = 30.0
    config: Mapping[str, str] | None = field(default=None, repr=False)


def open_objects(url_or_folder: str, options: ObjectOptions | None = None) -> ObjectStore:
    """The store at a folder's path, or at file:///, memory:///, s3://bucket/prefix, gs://, az://."""
    options = options or ObjectOptions()
    if url_or_folder.startswith("memory:"):
        return MemoryStore()
    if "://" not in url_or_folder or url_or_folder.startswith("file://"):
        folder = Path(url_or_folder.removeprefix("file://"))
        try:
            return LocalStore(folder, mkdir=True, automatic_cleanup=True)  # of folders that deletion leaves empty
        except (BaseError, OSError) as error:
            raise object_store_error(error, str(folder)) from error
    scheme = url_or_folder.partition("://")[0].lower()
    if scheme not in SCHEMES:
        shown = without_users(url_or_folder)
        raise StoreError(f"cannot use {shown!r} as an object store: name a folder, or {', '.join(SCHEMES)}")
    try:
        return from_url(
            url_or_folder,
            config=cast(Any, dict(options.config or {})),
            client_options=cast(Any, {"timeout": timedelta(seconds=options.timeout_s), "allow_http": True}),
            retry_config={"retry_timeout": timedelta(seconds=options.retry_s), "max_retries": 5},
        )
    except (BaseError, ValueError) as error:
        raise StoreError(
            f"cannot use {without_users(url_or_folder)!r} as an object store: {first_line(error)}"
        ) from error


def hour_prefix(root: str, when: datetime) -> str:
    """The folder of an object made at `when`: root/2026/11/22/10 (UTC)."""
    return f"{root}/{when.astimezone(UTC):{HOUR_FORMAT}}"


@dataclass(frozen=True, slots=True)
class Objects:
    """Bytes under keys, with the store's errors named (see errors.py)."""

    store: ObjectStore

    def put(self, key: str, data: bytes) -> None:
        """Write or replace. Raises StoreFull, StoreUnavailable."""
        try:
            obstore.put(self.store, key, data, use_multipart=False)
        except (BaseError, OSError) as error:
            raise object_store_error(error, key) from error

    def get(self, key: str) -> bytes:
        """Raises ObjectMissing, StoreUnavailable."""
        try:
            return bytes(obstore.get(self.store, key).bytes())
        except (BaseError, OSError) as error:
            raise object_store_error(error, key) from error

    def delete(self, key: str) -> None:
        """Remove; nothing happens if it is not there."""
        try:
            obstore.delete(self.store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise object_store_error(error, key) from error

    def delete_many(self, keys: Sequence[str]) -> None:
        """Remove these, in as few requests as the store allows; those that are not there do not matter."""
        try:
            obstore.delete(self.store, [*keys])
        except FileNotFoundError:
            for key in keys:
                self.delete(key)
        except (BaseError, OSError) as error:
            raise object_store_error(error, keys[0]) from error

    def list(self, folder: str) -> list[str]:
        """The keys directly and indirectly below a folder that is known to be small, in order."""
        try:
            chunks = obstore.list(self.store, folder, chunk_size=LIST_CHUNK)
            return sorted(str(meta["path"]) for chunk in chunks for meta in chunk)
        except (BaseError, OSError) as error:
            raise object_store_error(error, folder) from error

    def keys(self, root: str, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
        """The keys below `root` whose hour meets [since, until), in order; memory for one hour's keys at a time."""
        try:
            for hour in self._folders(root, LEVELS, _hour(since), until=_hour(until)):
                chunks = obstore.list(self.store, f"{root}/{hour}", chunk_size=LIST_CHUNK)
                yield from sorted(str(meta["path"]) for chunk in chunks for meta in chunk)
        except (BaseError, OSError) as error:
            raise object_store_error(error, root) from error

    def _folders(self, root: str, depth: int, since: str, *, until: str, above: str = "") -> Iterator[str]:
        if not depth:
            yield above
            return
        listing = obstore.list_with_delimiter(self.store, f"{root}/{above}" if above else root)
        for folder in sorted(str(prefix) for prefix in listing["common_prefixes"]):
            path = folder.rstrip("/").removeprefix(f"{root}/")
            if since[: len(path)] <= path <= (until[: len(path)] or path):
                yield from self._folders(root, depth - 1, since, until=until, above=path)


def _hour(when: datetime | None) -> str:
    return f"{when.astimezone(UTC):{HOUR_FORMAT}}" if when else ""
