"""When a changed sources file is taken up (pure): not while it is being written, nor at once when most of it is gone.

`> sources.toml` empties a file before a command fills it, an editor writes it in two goes, a volume is mounted late:
each would take the sources off the schedule for some seconds, and then ask all of them at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

AGREE_S = 1.0  # two readings at least so far apart say the same
CONFIRM_S = 60.0  # so long a file that takes most sources away is waited for: nobody writes a file for so long


class TakingUp(StrEnum):
    """What is done with what was read."""

    NOTHING = "nothing"  # it is the one that was taken up last
    WAIT = "wait"  # it has just changed
    ANNOUNCE = "announce"  # it takes most sources away
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A changed file that is not taken up yet. seen: its hash. since: when it was read first. removed, of: sources."""

    seen: str
    since: float
    removed: int = 0
    of: int = 0

    @classmethod
    def load(cls, kept: Mapping[str, str]) -> "Waiting | None":
        """From the ledger's fields."""
        if not kept.get("seen"):
            return None
        return cls(kept["seen"], float(kept.get("since") or 0), int(kept.get("removed") or 0), int(kept.get("of") or 0))

    def dump(self) -> dict[str, str]:
        """The ledger's fields."""
        return {"seen": self.seen, "since": f"{self.since:.3f}", "removed": str(self.removed), "of": str(self.of)}

    @property
    def announced(self) -> bool:
        """Whether it takes so much away that it waits to be confirmed."""
        return bool(self.removed)

    def __str__(self) -> str:
        return (
            f"the sources file lost {self.removed} of {self.of} sources: they are polled on until it has said so for "
            f"{CONFIRM_S:.0f} s, or `newsmill sources apply`"
        )


def decide(
    seen: str, taken_up: str, waiting: Waiting | None, *, now: float, known: Collection[str], wanted: Collection[str]
) -> tuple[TakingUp, Waiting | None]:
    """What is done with a file that was read now, and what is kept until the next reading.

    seen, taken_up: hashes of it and of the one taken up last. known: sources polled now; wanted: those of the file.
    """
    if seen == taken_up:
        return TakingUp.NOTHING, None
    if waiting is None or waiting.seen != seen or waiting.since > now:
        return TakingUp.WAIT, Waiting(seen, now)
    if now - waiting.since < AGREE_S:
        return TakingUp.WAIT, waiting
    removed = len(set(known) - set(wanted))
    if 2 * removed > len(known) and now - waiting.since < CONFIRM_S:
        return TakingUp.ANNOUNCE, Waiting(seen, waiting.since, removed, len(known))
    return TakingUp.TAKE, None
