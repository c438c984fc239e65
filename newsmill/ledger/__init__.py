"""The frontier (who may be fetched next) and the ledger (the state of every address), in Redis."""

from newsmill.ledger.entries import Added, Adopted, Candidate, Kept, Move, Turn
from newsmill.ledger.entry import BACKFILL, FRESH, NORMAL, Ending, Entry, PageEntry, PollEntry, a_page, a_poll
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
    "Ending",
    "Entry",
    "Frontier",
    "Hints",
    "Kept",
    "Limits",
    "Move",
    "PageEntry",
    "PollEntry",
    "Turn",
    "a_page",
    "a_poll",
]
