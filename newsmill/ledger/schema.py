"""Which versions of Newsmill may work on a ledger.

A ledger carries two numbers (hash `schema`): the schema of the newest version that worked on it, and the oldest schema
whose versions may still do so. What a version adds and the one before can ignore raises the first number only: both run
side by side, and a roll-back loses nothing. What the one before cannot read is done by `newsmill upgrade` alone.
A ledger without numbers is of schema 1, that of November 2026 (commit 076dd06) and before.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SCHEMA = 2  # 2: numbers, and what hostile inputs and chaos asked for (shares, robots' large files, renewed leases)
OLDEST = 1  # versions of this schema and later go on with what this version writes
READS = 1  # what is older than this has to be brought here by `newsmill upgrade` first


class WrongSchema(Exception):
    """This version must not work on that ledger; the text says why, and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The two numbers of a ledger, or of a version. oldest: the oldest schema whose versions may work on it.

    upgrading: what `newsmill upgrade` is bringing it to; 0 while nothing is under way.
    """

    number: int
    oldest: int
    upgrading: int = 0


def schema_of(kept: Mapping[str, str]) -> Schema:
    """From the fields of the hash; an empty one is of schema 1. Raises WrongSchema where they are no numbers."""
    if not kept:
        return Schema(1, 1)
    try:
        found = Schema(int(kept["number"]), int(kept["oldest"]), int(kept.get("upgrading", 0)))
    except (KeyError, ValueError):
        found = Schema(0, 0)
    if not 1 <= found.oldest <= found.number:
        raise WrongSchema(
            f"the ledger says of its schema {dict(kept)}, which no Newsmill has written: is it another's?"
        )
    return found


def refused(ledger: Schema, own: int, reads: int) -> str:
    """Why a version must not work on a ledger, in one line; empty if it may.

    own: the version's schema. reads: the oldest that it goes on with as it finds it.
    """
    if ledger.upgrading:
        return (
            f"the ledger is being brought from schema {ledger.number} to {ledger.upgrading}: "
            "let `newsmill upgrade` end, or run it again to go on with it"
        )
    if ledger.oldest > own:
        return (
            f"a later Newsmill brought the ledger to schema {ledger.number}, where schema {ledger.oldest} and "
            f"later work; this one has {own}: install that one, or restore the backup from before its upgrade"
        )
    if ledger.number < reads:
        return (
            f"the ledger is of schema {ledger.number}, and this version goes on with {reads} and later: "
            "stop all workers, make a backup, and run `newsmill upgrade`"
        )
    return ""
