"""What keeps the mill turning without beat: every worker ticks now and then, behind a short lock.

A tick sweeps what is overdue, sets the window, and dispatches due hosts. A fetch worker also dispatches at the very
moment a host is due, so that the delay between two requests is the configured one and not the next second's tick.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import redis
import structlog
from kombu.exceptions import OperationalError

from newsmill.ledger import Frontier
from newsmill.ledger.new_index import Phase, making_of
from newsmill.ledger.schema import WrongSchema
from newsmill.ledger.self_check import look_on
from newsmill.ledger.stages import Stage
from newsmill.ledger.stall import progress, stalls
from newsmill.ledger.window import WindowFacts, decide, window_of
from newsmill.settings import config_dir, file_stamp
from newsmill.stores.errors import StoreError
from workers.runtime.hints import send_reindex
from workers.runtime.retention import remove_old, remove_old_articles
from workers.runtime.tools import RetentionTools, TickTools, Worker

TICK_S = 1.0  # how often somebody ticks: the workers that dispatch most
IDLE_S = 2.0  # the others tick as well, so that nothing stops when these are away
LISTEN_S = 0.02  # shortest sleep: a due time a few ms away is not worth a script call each
SETTINGS_TOLD_S = 60.0  # within that every worker has seen it
STALL_TOLD_S = 600.0  # a stall is said once in this time; `newsmill status` says it all the while
REINDEX_HINT_S = 30.0  # as for any other work: a turn sends the next one itself, this is for those that were lost
RETENTION_EVERY_S = 60.0  # a portion is up to 5,000 objects: 83 pages a second, more than one machine fetches

log = structlog.get_logger()


def free_mb(folder: Path | None) -> float | None:
    """Free space on the disk of a folder, which may not exist yet, in MB; None for none."""
    while folder is not None and not folder.exists():
        folder = folder.parent if folder != folder.parent else None
    return shutil.disk_usage(folder).free / 1e6 if folder else None


def set_window(tools: TickTools) -> Mapping[str, Any]:
    """Backpressure: looks at what waits behind fetch, and decides how many pages may be in progress.

    Returns what it saw (status.lua).
    """
    ledger, limits = tools.worker.ledger, tools.options
    seen = ledger.snapshot()
    behind = {str(s): seen["stages"][s]["ready"] + seen["stages"][s]["leased"] for s in (Stage.PARSE, Stage.INDEX)}
    settled = sum(int(n) for name, n in seen["counters"].items() if name.startswith("settled:"))
    last = window_of(seen["window"] or {}, limits.window)
    window = decide(
        last,
        WindowFacts(behind, settled, free_mb(tools.disk)),
        limits.window,
        min_free_mb=limits.min_free_mb,
        now=seen["now"],
    )
    if window.reason and window.reason.split(":")[0] != last.reason.split(":")[0]:
        log.warning("window.shrinks", size=window.size, reason=window.reason)
    ledger.set_window(window)
    before = seen["progress"] or {}
    if (now := progress(before, seen)) != before:
        ledger.note_progress(now)
    for stall in stalls(seen):
        if ledger.try_lock(f"told:{stall.split(':')[0]}", STALL_TOLD_S):
            log.warning("mill.stalls", what=stall)
    return seen


def dispatch(worker: Worker) -> None:
    """Sends what is due to fetch, and sets this process's alarm to the moment when more is."""
    dispatched, process = worker.ledger.dispatch(), worker.process
    if process.server and process.server != dispatched.server:
        mended = worker.ledger.hold(worker.owner, *process.held.known(time.monotonic()))
        log.warning("redis.restarted", hosts_set_right=mended)
    process.server = dispatched.server
    worker.send(dispatched.hints)
    if dispatched.next_due_s is not None:
        process.alarm.set_in(dispatched.next_due_s)


def _hint_reindex(ledger: Frontier) -> None:
    if (waiting := ledger.new_index.waiting()) and ledger.try_lock("reindex-hint", REINDEX_HINT_S):
        send_reindex(waiting)


def tick(tools: TickTools, due: bool = True) -> None:
    """One turn: sweep, window, dispatch. due: whether to dispatch as well where another process has this turn.

    Who asks, or has just asked, dispatches with every turn: it sees by it that Redis is another one.
    """
    worker, ledger = tools.worker, tools.worker.ledger
    if ledger.try_lock("tick", TICK_S * 0.9):
        due = True
        abandoned, hints = ledger.sweep()
        if abandoned:
            log.warning("sweep.abandoned", entries=abandoned)
        worker.send(hints)
        seen = set_window(tools)
        if faults := look_on(ledger):
            log.warning("ledger.faults", faults=len(faults), example=str(faults[0]))
        making = making_of(seen["reindex"] or {})
        if making and making.phase is Phase.COPYING:
            _hint_reindex(ledger)
    if due or not worker.process.held.nothing(time.monotonic()):
        dispatch(worker)


def remove_what_is_old(ledger: Frontier, tools: Callable[[], RetentionTools], now: datetime) -> None:
    """A portion of what is past its days, and a new index if one is due, now and then, by one worker at a time."""
    if not ledger.try_lock("retention", RETENTION_EVERY_S):
        return
    try:
        given = tools()
        _remove_objects(given, now)
        if given.options.rollover_days and (begun := given.search.roll()):
            log.info("search.rolled_over", index=begun)
        if given.options.days and (articles := remove_old_articles(given.search, given.options.days, now)):
            log.info("retention.removed", articles=articles)
    except StoreError as error:
        log.warning("retention.failed", error=str(error))


def _remove_objects(tools: RetentionTools, now: datetime) -> None:
    try:
        removed = remove_old(tools.raw, tools.documents, tools.kept, now=now)
    except StoreError as error:
        log.warning("retention.failed", error=str(error))
        return
    if removed.raw or removed.documents:
        log.info("retention.removed", raw=removed.raw, documents=removed.documents)


class Heart(threading.Thread):
    """Ticks in a worker until it stops, and dispatches when the alarm goes off. every_s: the longest sleep.

    look: looks at the worker's own health, after each beat that the ledger answered.
    """

    def __init__(self, tools: TickTools, every_s: float, look: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="heart", daemon=True)
        self.tools, self.every_s, self.look = tools, every_s, look
        self.settings_file = file_stamp(config_dir())
        self.trouble = ""  # why the last beat failed

    def run(self) -> None:
        """Beats until the worker stops."""
        ledger, process, rang = self.tools.worker.ledger, self.tools.worker.process, True
        while not process.stopping.is_set():
            try:
                ledger.join()
                if process.renders:
                    ledger.note_browser()
                tick(self.tools, rang)
                self.look()
                self.tell("")
                self.tell_of_settings()
            except (redis.RedisError, OperationalError, OSError) as error:  # the broker is away: it comes back
                self.tell(str(error))
            except WrongSchema as error:  # since it started: another version has brought the ledger on
                log.error("schema.wrong", reason=str(error))
                os.kill(os.getpid(), signal.SIGTERM)
                return
            rang = process.alarm.sleep(LISTEN_S, self.every_s)

    def tell(self, trouble: str) -> None:
        """Says that ticks fail, and that they do no more: once each."""
        if bool(trouble) != bool(self.trouble):
            if trouble:
                log.warning("tick.failed", error=trouble)
            else:
                log.info("tick.works_again")
        self.trouble = trouble

    def tell_of_settings(self) -> None:
        """A changed newsmill.toml counts from the next start: one worker says so, once."""
        now = file_stamp(config_dir())
        if now != self.settings_file and self.tools.worker.ledger.try_lock(f"settings:{now}", SETTINGS_TOLD_S):
            log.warning("settings.changed", file="newsmill.toml", note="restart workers and beat to take it up")
        self.settings_file = now
