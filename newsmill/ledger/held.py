"""Whom this process is asking, and whom it has just asked (pure): what the ledger may have lost with a killed Redis.

An append-only file that is synced every second is also written late while a sync is under way, so the last moments
before a kill can be missing: a request that is under way, or the pause after one. Those who asked know better.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsmill.ledger.entries import Move
from newsmill.ledger.entry import Entry
from newsmill.ledger.stages import LEASE_S, REQUEST_S, Stage

LOST_S = 10.0  # what ended longer ago, seen from a moment when Redis answers, is in its file: two seconds are the most
STAGES_THAT_ASK = (Stage.FETCH, Stage.PRODUCE)


@dataclass(frozen=True, slots=True)
class _Asked:
    host: str
    stage: Stage
    usual_s: float  # the host's last pause, for a request whose end nobody told
    ended: float = 0.0  # monotonic seconds; 0 while it is under way
    wait_s: float = 0.0


@dataclass
class Held:
    """Safe from several threads. now: seconds of a clock that never goes back."""

    _asked: dict[str, _Asked] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def began(self, stage: Stage, entries: Sequence[Entry], now: float) -> None:
        """These were claimed, and are asked for now."""
        if stage not in STAGES_THAT_ASK:
            return
        with self._lock:
            self._forget(now)
            for entry in entries:
                if entry.host:
                    usual_s = float(entry.host_fields.get("wait_s") or 1.0)
                    self._asked[entry.id] = _Asked(entry.host, stage, usual_s)

    def ended(self, moves: Sequence[Move], now: float) -> None:
        """What came of them is about to be written down."""
        with self._lock:
            for move in moves:
                self._end(move.id, now, move.turn.wait_s if move.turn else None)

    def dropped(self, ids: Sequence[str], now: float) -> None:
        """An error ended the step: whatever was under way of these ended somehow."""
        with self._lock:
            for id in ids:
                self._end(id, now, None)

    def _end(self, id: str, now: float, wait_s: float | None) -> None:
        asked = self._asked.get(id)
        if asked and not asked.ended:
            wait_s = asked.usual_s if wait_s is None else wait_s
            self._asked[id] = _Asked(asked.host, asked.stage, asked.usual_s, now, wait_s)

    def known(self, now: float) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Those that are being asked, and those whose host still rests (see hold.lua)."""
        with self._lock:
            asking: list[Mapping[str, Any]] = [
                {"id": id, "host": a.host, "stage": a.stage, "lease": LEASE_S, "lasts": REQUEST_S}
                for id, a in self._asked.items()
                if not a.ended
            ]
            resting: list[Mapping[str, Any]] = [
                {"id": id, "host": a.host, "stage": a.stage, "left": max(a.ended + a.wait_s - now, 0.0)}
                for id, a in self._asked.items()
                if a.ended
            ]
        return asking, resting

    def nothing(self, now: float) -> bool:
        """Whether a killed Redis can have lost nothing that this process knows of."""
        with self._lock:
            self._forget(now)
            return not self._asked

    def _forget(self, now: float) -> None:
        for id in [id for id, a in self._asked.items() if a.ended and now - a.ended > LOST_S]:
            del self._asked[id]
