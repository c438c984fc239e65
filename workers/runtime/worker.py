"""What a Celery worker of ours does when it starts and stops (connected by workers/app.py)."""

import contextlib
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
import structlog
from celery import signals
from celery.concurrency.prefork import TaskPool

from newsmill import confined
from newsmill.download.chromium import no_browser
from newsmill.ledger.presence import SAID_EVERY_S
from newsmill.ledger.stages import Stage
from newsmill.settings import settings
from workers.pipeline import RENDER
from workers.runtime import logs
from workers.runtime.children import Children
from workers.runtime.consuming import counts, loop_step
from workers.runtime.pools import queues_of
from workers.runtime.pulse import Pulse
from workers.runtime.ticker import IDLE_S, TICK_S, Heart
from workers.runtime.tools import child_name, worker_owner
from workers.runtime.wiring import not_installed, wiring

CHILDREN_STOP_S = 7.0  # after four they were told to hand back (worker_soft_shutdown_timeout); a stop takes ten at most
# Bytes of data of a prefork child: 300 MB are its own, and the worst pages that it answers take 1.5 GB.
PARSE_MEMORY = 2_000_000_000
HEALTH_S = SAID_EVERY_S  # between two looks of a worker at itself: one question to the broker each
OPEN_FILES = 65536  # not the hard limit of a container, often 10^9: code that closes all files would never end
PARENT_VARIABLE = "NEWSMILL_PARENT"  # set by our supervisor: the worker ends when its supervisor is gone


log = structlog.get_logger()


def supervised() -> bool:
    """Whether `newsmill run` or `up` started this process, and so decides which sources there are."""
    return bool(os.environ.get(PARENT_VARIABLE))


def raise_open_files() -> None:
    """Lets this process open more files: 500 requests in flight need more than the 1,024 that are usual."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def limit_memory() -> None:
    """Bounds what this process may take: HTML's rules make 600 MB of 20 KB that repeat unclosed formatting in every
    paragraph, and only the allocator sees it coming. Beyond it the page is empty, with a reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY or soft > PARSE_MEMORY:
        resource.setrlimit(resource.RLIMIT_DATA, (PARSE_MEMORY, hard))


@signals.setup_logging.connect
def _logging(**_: object) -> None:
    logs.configure(settings().log)


@signals.celeryd_init.connect
def _init(sender: str, instance: Any, **_: object) -> None:
    raise_open_files()
    instance.app.steps["consumer"].add(loop_step(wiring().health.loop_turns))
    if problems := not_installed(settings()):
        sys.exit("\n".join(f"newsmill: {problem}" for problem in problems))
    if RENDER in queues_of(sys.argv):
        if problem := no_browser(settings().render.chromium):
            sys.exit(f"newsmill: {problem}")
        wiring().process.renders = True
    wiring().process.name = worker_owner(sender, os.getpid())  # before the fork: children's names begin with it


@signals.worker_process_init.connect  # of a prefork child
def _child(**_: object) -> None:
    limit_memory()
    process = wiring().process
    process.name = child_name(process.name, os.getpid())
    Pulse(wiring().worker).start()


@signals.worker_ready.connect
def _ready(sender: Any, **_: object) -> None:
    queues = [str(name) for name in sender.app.amqp.queues.consume_from]
    looked = [0.0]

    def look() -> None:
        if time.monotonic() - looked[0] < HEALTH_S:
            return
        looked[0] = time.monotonic()
        wiring().frontier.say_alive(wiring().process.owner, queues)
        if wrong := wiring().health.look(**counts(sender, queues)):
            log.warning("worker.unwell", reason=wrong)

    every_s = TICK_S if Stage.FETCH in sender.app.amqp.queues.consume_from else IDLE_S
    Heart(wiring().ticks, every_s, look).start()
    if isinstance(sender.pool, TaskPool):
        Children(wiring().worker, children_of(sender.pool)).start()
        threading.Thread(target=end_children, args=(children_of(sender.pool),), name="end", daemon=True).start()
    Pulse(wiring().worker).start()


def children_of(pool: Any) -> Callable[[], set[int]]:
    """Asks a pool for the process ids of its children."""
    return lambda: {process.pid for process in list(pool._pool._pool)} if pool._pool else set()


def end_children(children: Callable[[], set[int]]) -> None:
    """Ends children that do not hear when their worker stops: a page whose parsing never ends holds the interpreter."""
    wiring().process.stopping.wait()
    time.sleep(CHILDREN_STOP_S)
    worker = wiring().worker
    for child in children():
        with contextlib.suppress(redis.RedisError):  # its leases end by themselves
            worker.ledger.sweep(child_name(worker.owner, child), killed=True)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def end_with_parent() -> None:
    """Ends this process, a worker or beat, when the supervisor that started it is gone.

    The supervisor says its number: what the system names as our parent may be another by the time we can ask.
    """
    told = os.environ.get(PARENT_VARIABLE, "")
    if not told.isdigit():
        return

    def watch() -> None:
        with contextlib.suppress(OSError, AttributeError):  # the kernel wakes us, where it can (pidfd_open(2))
            descriptor = os.pidfd_open(int(told))
            if os.getppid() == int(told):  # and not another one of the same number
                select.select([descriptor], (), ())
        while os.getppid() == int(told):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="watch", daemon=True).start()


@signals.worker_shutdown.connect
def _stopped(sender: Any, **_: object) -> None:
    with contextlib.suppress(Exception):  # the broker may be gone: then it counts as gone a little later
        wiring().frontier.say_alive(wiring().process.owner, queues_of(sys.argv), lives=False)


@signals.worker_shutting_down.connect
def _stopping(**_: object) -> None:
    process = wiring().process
    process.stopping.set()
    confined.stop()
    process.alarm.ring()
