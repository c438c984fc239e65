"""The closed set of fates: every accepted address ends in exactly one of these, with a reason."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an address ended. The value is what counters, logs, metrics and `--json` show."""

    INDEXED = "indexed"  # searchable
    UNCHANGED = "unchanged"  # looked at again: 304, or the same content
    DUPLICATE = "duplicate"  # another address holds this document
    EXCLUDED = "excluded"  # robots, scope, content type, too large, noindex
    GONE = "gone"  # 404 or 410: taken out of the index
    EMPTY = "empty"  # no article in it
    FAILED = "failed"  # gave up after retries
    QUARANTINED = "quarantined"  # crashed a stage repeatedly
