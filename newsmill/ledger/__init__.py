"""The frontier (who may be fetched next) and the ledger (the state of every address), in Redis."""

from newsmill.ledger.entries import BACKFILL, FRESH, NORMAL, Added, Adopted, Candidate, Entry, Kept, Move, Turn
from newsmill.ledger.frontier import Dispatched, Frontier, Hints
from newsmill.ledger.scripts import Limits

__all__ = [
    "BACKFILL",
    "FRESH",
    "NORMAL",
    "Added",
    "Adopted",
    "Candidate",
    "Dispatched",
    "Entry",
    "Frontier",
    "Hints",
    "Kept",
    "Limits",
    "Move",
    "Turn",
]
