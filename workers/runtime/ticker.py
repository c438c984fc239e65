"""What keeps the mill turning without beat: every worker ticks now and then, behind a short lock.

A tick sweeps what is overdue, sets the window, and dispatches due hosts. A fetch worker also dispatches at the very
moment a host is due, so that the delay between two requests is the configured one and not the next second's tick.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import redis
import structlog
from kombu.exceptions import OperationalError

from newsmill.ledger.schema import WrongSchema
from newsmill.ledger.self_check import look_on
from newsmill.ledger.stages import Stage
from newsmill.ledger.stall import progress, stalls
from newsmill.ledger.window import Facts, decide
from newsmill.stores.errors import StoreError
from workers.runtime.hints import send, send_reindex
from workers.runtime.retention import Retention, remove_old, remove_old_articles
from workers.runtime.wiring import Mill, child_name

TICK_S = 1.0  # how often somebody ticks; beat, and the workers that dispatch most
IDLE_S = 2.0  # the others tick as well, so that nothing stops when beat and fetch are away
LISTEN_S = 0.02  # shortest sleep: a due time a few ms away is not worth a script call each
STALL_TOLD_S = 600.0  # a stall is said once in this time; `newsmill status` says it all the while
REINDEX_HINT_S = 30.0  # as for any other work: a turn sends the next one itself, this is for those that were lost
RETENTION_EVERY_S = 60.0  # a portion is up to 5,000 objects: 83 pages a second, more than one machine fetches

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
    frontier.note_progress(progress(seen["progress"] or {}, seen))
    for stall in stalls(seen):
        if frontier.try_lock(f"told:{stall.split(':')[0]}", STALL_TOLD_S):
            log.warning("mill.stalls", what=stall)


def dispatch(mill: Mill) -> None:
    """Sends what is due to fetch, and sets this process's alarm to the moment when more is."""
    dispatched = mill.frontier.dispatch()
    if mill.server and mill.server != dispatched.server:
        mended = mill.frontier.hold(mill.owner, *mill.held.known(time.monotonic()))
        log.warning("redis.restarted", hosts_set_right=mended)
    mill.server = dispatched.server
    send(dispatched.hints)
    if dispatched.next_due_s is not None:
        mill.alarm.set_in(dispatched.next_due_s)


def tick(mill: Mill) -> None:
    """One turn: sweep, window, dispatch."""
    if mill.frontier.try_lock("tick", TICK_S * 0.9):
        abandoned, hints = mill.frontier.sweep()
        if abandoned:
            log.warning("sweep.abandoned", entries=abandoned)
        send(hints)
        set_window(mill)
        if faults := look_on(mill.frontier):
            log.warning("ledger.faults", faults=len(faults), example=str(faults[0]))
        if (waiting := mill.frontier.new_index.waiting()) and mill.frontier.try_lock("reindex-hint", REINDEX_HINT_S):
            send_reindex(waiting)
    dispatch(mill)


def remove_what_is_old(mill: Mill) -> None:
    """A portion of what is past its days, and a new index if one is due, now and then, by one worker at a time."""
    if not mill.frontier.try_lock("retention", RETENTION_EVERY_S):
        return
    now = datetime.now(UTC)
    _remove_objects(mill, now)
    try:
        if mill.settings.search.rollover_days and (begun := mill.search.roll()):
            log.info("search.rolled_over", index=begun)
        if mill.settings.search.days and (articles := remove_old_articles(mill.search, mill.settings.search.days, now)):
            log.info("retention.removed", articles=articles)
    except StoreError as error:
        log.warning("retention.failed", error=str(error))


def _remove_objects(mill: Mill, now: datetime) -> None:
    kept = Retention(mill.settings.stores.raw_days, mill.settings.stores.documents_days)
    try:
        removed = remove_old(mill.raw, mill.documents, kept, now)
    except StoreError as error:
        log.warning("retention.failed", error=str(error))
        return
    if removed.raw or removed.documents:
        log.info("retention.removed", raw=removed.raw, documents=removed.documents)


class Heart(threading.Thread):
    """Ticks in a worker until it stops, and dispatches when the alarm goes off. every_s: the longest sleep.

    children: asks for the process ids of the worker's children; what one that has died held is given back at once.
    look: looks at the worker's own health, after each beat that the ledger answered.
    """

    def __init__(
        self,
        mill: Mill,
        every_s: float,
        children: Callable[[], set[int]] = set,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(name="heart", daemon=True)
        self.mill, self.every_s, self.children, self.look = mill, every_s, children, look
        self.alive: set[int] = set()

    def run(self) -> None:
        while not self.mill.stopping.is_set():
            try:
                self.mill.frontier.join()
                if self.mill.renders:
                    self.mill.frontier.note_browser()
                self.look_after_children()
                tick(self.mill)
                self.look()
            except (redis.RedisError, OperationalError, OSError) as error:  # the broker is away: it comes back
                log.warning("tick.failed", error=str(error))
            except WrongSchema as error:  # since it started: another version has brought the ledger on
                log.error("schema.wrong", reason=str(error))
                os.kill(os.getpid(), signal.SIGTERM)
                return
            self.mill.alarm.sleep(LISTEN_S, self.every_s)

    def look_after_children(self) -> None:
        """Gives back what children held that are gone. One that could not be told is told with the next beat."""
        alive = self.children()
        for pid in self.alive - alive:
            abandoned, hints = self.mill.frontier.sweep(child_name(self.mill.owner, pid))
            if abandoned:
                log.warning("child.died", pid=pid, entries=abandoned)
            send(hints)
            self.alive.discard(pid)
        self.alive |= alive
