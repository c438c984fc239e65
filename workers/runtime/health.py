"""Whether a worker takes what its queues have: what its own heart sees, for a probe that only looks at a file.

The file (settings: health_file) is touched every few seconds while all is well, and holds one line that says so; in
trouble it says which, and its time is set to 1970. So a probe costs a `stat` and no Python: see docker-compose.yml.
"""

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

LOOP_LATE_S = 15.0  # a loop that was not seen for so long hangs, or has lost its connection
TAKEN_S = 20.0  # messages that wait so long beside a free place are not taken
AT_WORK_S = 200.0  # longer than any task may take (produce: 150 s)


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """What the heart sees of its worker. Times are monotonic seconds.

    turned: when the consumer's loop turned last. waiting: messages in its queues, always some since `waiting_since`.
    active, places: tasks at work, and how many can be. moved: when the number of tasks ever taken changed last.
    """

    now: float
    turned: float
    waiting: int
    waiting_since: float
    active: int
    places: int
    moved: float


def trouble(seen: SeenWorker) -> str:
    """Why the worker does not take what its queues have; empty if it does (pure)."""
    if seen.now - seen.turned > LOOP_LATE_S:
        return f"its consumer has not turned for {seen.now - seen.turned:.0f} s"
    still_s = seen.now - seen.moved
    if seen.waiting and seen.active < seen.places and min(still_s, seen.now - seen.waiting_since) > TAKEN_S:
        places = f"{seen.active} of {seen.places} places are taken"
        return f"{seen.waiting} messages wait, {places}, none was for {still_s:.0f} s"
    if seen.places and seen.active >= seen.places and still_s > AT_WORK_S:
        return f"all {seen.places} places have been at work for {still_s:.0f} s"
    return ""


@dataclass
class WorkerHealth:
    """A worker's own view of itself. file: where its last line goes; None for nowhere."""

    file: Path | None = None
    turned: float = field(default_factory=time.monotonic)
    _taken: int = 0
    _moved: float = field(default_factory=time.monotonic)
    _waiting_since: float = 0.0

    def loop_turns(self) -> None:
        """The consumer's loop says so."""
        self.turned = time.monotonic()

    def look(self, *, waiting: int, active: int, places: int, taken: int) -> str:
        """What is wrong now, or nothing; the file says so too. Called by the heart, when the ledger has answered it.

        taken: tasks ever taken.
        """
        now = time.monotonic()
        if taken != self._taken:
            self._taken, self._moved = taken, now
        if not waiting:
            self._waiting_since = now
        seen = SeenWorker(now, self.turned, waiting, self._waiting_since or now, active, places, self._moved)
        self._waiting_since = seen.waiting_since
        wrong = trouble(seen)
        self.say(wrong or f"{waiting} messages wait, {active} of {places} at work", well=not wrong)
        return wrong

    def say(self, line: str, well: bool = True) -> None:
        """Writes the line; the file is as old as the trouble lasts."""
        if self.file is None:
            return
        with contextlib.suppress(OSError):  # a full disk is the window's to tell
            self.file.write_text(line + "\n", "utf-8")
            if not well:
                os.utime(self.file, (0, 0))
