"""What keeps the mill turning without beat: every worker ticks now and then, behind a short lock.

A tick sweeps what is overdue, sets the window, and dispatches due hosts. A fetch worker also dispatches at the very
moment a host is due, so that the delay between two requests is the configured one and not the next second's tick.
"""

import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import redis
import structlog
from kombu.exceptions import OperationalError

from workers.frontier import Frontier
from workers.frontier.window import Facts, decide
from workers.hints import send
from workers.mill import Mill
from workers.ops.retention import Retention, remove_old
from workers.pipeline import Stage
from workers.stores.errors import StoreError

TICK_S = 1.0  # how often somebody ticks
RETENTION_EVERY_S = 60.0  # a portion is up to 5,000 objects: 83 pages a second, more than one machine fetches
LISTEN_S = 0.05  # shortest sleep: a due time a few ms away is not worth a script call each

log = structlog.get_logger()


def free_mb(mill: Mill) -> float | None:
    """Free space where raw pages go, in MB; None when that is no disk of ours."""
    folder = mill.disk
    while folder is not None and not folder.exists():
        folder = folder.parent if folder != folder.parent else None
    return shutil.disk_usage(folder).free / 1e6 if folder else None


def set_window(mill: Mill) -> None:
    """Backpressure: looks at what waits behind fetch, and decides how many pages may be in progress."""
    frontier, limits = mill.frontier, mill.settings.frontier
    seen = frontier.snapshot()
    behind = {str(s): seen["stages"][s]["ready"] + seen["stages"][s]["leased"] for s in (Stage.PARSE, Stage.INDEX)}
    settled = sum(int(n) for name, n in seen["counters"].items() if name.startswith("settled:"))
    last = frontier.window()
    window = decide(last, Facts(behind, settled, free_mb(mill)), limits.window, limits.min_free_mb, seen["now"])
    if window.reason and window.reason.split(":")[0] != last.reason.split(":")[0]:
        log.warning("window.shrinks", size=window.size, reason=window.reason)
    frontier.set_window(window)


def dispatch(frontier: Frontier) -> float | None:
    """Sends what is due to fetch; returns the seconds until more is."""
    dispatched = frontier.dispatch()
    send(dispatched.hints)
    return dispatched.next_due_s


def tick(mill: Mill) -> float | None:
    """One turn: sweep, window, dispatch; returns the seconds until the next host is due."""
    if mill.frontier.try_lock("tick", TICK_S * 0.9):
        abandoned, hints = mill.frontier.sweep()
        if abandoned:
            log.warning("sweep.abandoned", entries=abandoned)
        send(hints)
        set_window(mill)
    return dispatch(mill.frontier)


def remove_what_is_old(mill: Mill) -> None:
    """A portion of what is past its days, now and then, by one worker at a time."""
    if not mill.frontier.try_lock("retention", RETENTION_EVERY_S):
        return
    kept = Retention(mill.settings.stores.raw_days, mill.settings.stores.documents_days)
    try:
        removed = remove_old(mill.raw, mill.documents, kept, datetime.now(UTC))
    except StoreError as error:
        log.warning("retention.failed", error=str(error))
        return
    if removed.raw or removed.documents:
        log.info("retention.removed", raw=removed.raw, documents=removed.documents)


class Heart(threading.Thread):
    """Ticks in a worker until it stops. `orphaned` is called when the process that started this worker is gone."""

    def __init__(self, mill: Mill, prompt: bool, orphaned: Callable[[], None] | None = None) -> None:
        super().__init__(name="heart", daemon=True)
        self.mill, self.prompt, self.orphaned = mill, prompt, orphaned
        self.parent = os.getppid()

    def run(self) -> None:
        wait: float | None = 0.0
        while not self.mill.stopping.wait(min(max(wait or TICK_S, LISTEN_S), TICK_S) if self.prompt else 2 * TICK_S):
            if self.orphaned and os.getppid() != self.parent:
                return self.orphaned()
            try:
                wait = tick(self.mill)
            except (redis.RedisError, OperationalError, OSError) as error:  # the broker is away: it comes back
                log.warning("tick.failed", error=str(error))
                wait = TICK_S
        return None
