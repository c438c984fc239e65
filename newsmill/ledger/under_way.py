"""What this process has claimed and not yet let go of (pure): what it renews, and what it does not claim twice."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from newsmill.ledger.entry import Entry
from newsmill.ledger.stages import RENEW_S, TASK_S, Stage


@dataclass(frozen=True, slots=True)
class Beside:
    """What a process has under way. alone: the one that was all, if there is just one. all: how many there are."""

    alone: tuple[str, ...] = ()
    all: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a claim has won. suspects: to be claimed once more when nothing else is under way."""

    won: tuple[Entry, ...] = ()
    suspects: tuple[str, ...] = ()


NOTHING = Beside()
NOBODY = 0  # no thread has this number


@dataclass(frozen=True, slots=True)
class _Claim:
    stage: Stage
    thread: int
    since: float
    entry: Entry


@dataclass
class UnderWay:
    """Safe from several threads; each lets go of its own. now: seconds of a clock that never goes back.

    claiming: held around each claim, so that two of them never both take themselves for the only one.
    """

    claiming: threading.Lock = field(default_factory=threading.Lock)
    _claims: dict[str, _Claim] = field(default_factory=dict)
    _suspects: dict[int, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def free(self, ids: Sequence[str]) -> list[str]:
        """Those that this process does not hold."""
        with self._lock:
            return [id for id in dict.fromkeys(ids) if id not in self._claims]

    def beside(self) -> Beside:
        """What it holds."""
        with self._lock:
            return Beside(tuple(self._claims) if len(self._claims) == 1 else (), len(self._claims))

    def began(self, stage: Stage, taken: Taken, now: float) -> None:
        """This thread has claimed these."""
        thread = threading.get_ident()
        with self._lock:
            self._claims.update({entry.id: _Claim(stage, thread, now, entry) for entry in taken.won})
            self._suspects.setdefault(thread, []).extend(taken.suspects)

    def ended(self, ids: Iterable[str]) -> None:
        """They have moved on."""
        with self._lock:
            for id in ids:
                self._claims.pop(id, None)

    def since(self, id: str, now: float) -> float:
        """When it was claimed; now if it was not."""
        with self._lock:
            return self._claims[id].since if id in self._claims else now

    def entry(self, id: str) -> Entry | None:
        """It as it was claimed."""
        with self._lock:
            return self._claims[id].entry if id in self._claims else None

    def mine(self) -> list[str]:
        """What this thread holds."""
        thread = threading.get_ident()
        with self._lock:
            return [id for id, claim in self._claims.items() if claim.thread == thread]

    def hand_over(self, id: str) -> None:
        """Another thread goes on with it, and says when it has ended."""
        with self._lock:
            if id in self._claims:
                self._claims[id] = replace(self._claims[id], thread=NOBODY)

    def leave(self) -> None:
        """The step of this thread is over, however it ended: it holds nothing any more."""
        thread = threading.get_ident()
        with self._lock:
            for id in [id for id, claim in self._claims.items() if claim.thread == thread]:
                del self._claims[id]

    def suspects(self) -> list[str]:
        """Those that this thread came upon since it asked last."""
        with self._lock:
            return self._suspects.pop(threading.get_ident(), [])

    def to_renew(self, now: float) -> list[tuple[Stage, str]]:
        """Whose leases go on: not of those that hang, beyond what a task may take."""
        with self._lock:
            return [
                (claim.stage, id)
                for id, claim in self._claims.items()
                if now - claim.since < TASK_S[claim.stage] + RENEW_S
            ]
