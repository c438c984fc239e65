"""What may go wrong in a store. The message is what an operator reads.

StoreError
├── StoreUnavailable    worth another try: locked, unreachable, overloaded
│   └── StoreFull       the disk, the quota or the cluster has no room; make room and it goes on by itself
├── NotBuilding         no index is being built beside the live one
├── StoreDamaged        the store itself cannot be read (corrupt file, foreign format)
├── ObjectMissing       nothing under this key
└── ObjectDamaged       something is under this key, but it is not what was written
"""

import errno
import sqlite3

from obstore.exceptions import BaseError


class StoreError(Exception):
    """A store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The store does not answer now: try again later."""


class StoreFull(StoreUnavailable):
    """The store has no room left."""


class NotBuilding(StoreError):
    """No index is being built beside the live one: it was swapped in or dropped."""


class StoreDamaged(StoreError):
    """The store cannot be read: restore it, or rebuild it from the raw pages."""


class ObjectMissing(StoreError):
    """There is no such object."""


class ObjectDamaged(StoreError):
    """The object is not what was written."""


FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT})
# obstore gives no errno, only the operating system's (or S3's) text within its message.
FULL_TEXTS = ("(os error 28)", "(os error 122)", "InsufficientStorage", "507 Insufficient", "QuotaExceeded")


def first_line(error: Exception) -> str:
    """What obstore says in words; below it stands a dump of Rust's values."""
    return str(error).strip().partition("\n")[0]


def object_store_error(error: Exception, key: str) -> StoreError:
    """The StoreError that an error of obstore or of the operating system stands for."""
    if isinstance(error, FileNotFoundError):
        return ObjectMissing(f"no object {key}")
    line = first_line(error)
    text = str(error)
    if getattr(error, "errno", None) in FULL_ERRNOS or any(mark in text for mark in FULL_TEXTS):
        return StoreFull(f"no room left to store {key}: {line}")
    if isinstance(error, (BaseError, OSError)):
        return StoreUnavailable(f"object store: {key}: {line}")
    return StoreError(f"object store: {key}: {line}")


def sqlite_error(error: sqlite3.Error, path: str) -> StoreError:
    """The StoreError that an error of SQLite stands for."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code, https://sqlite.org/rescode.html
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(f"no room left for {path}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(f"{path} is damaged ({error}): move it away and run `newsmill reparse`")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return StoreUnavailable(f"{path}: {error}")
    return StoreError(f"{path}: {error}")
