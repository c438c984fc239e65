"""What a child of a prefork worker held is given back as soon as it is dead: the kernel says so, the pool later."""

import contextlib
import os
import select
import threading
from collections.abc import Callable

import redis
import structlog
from kombu.exceptions import OperationalError

from workers.runtime.tools import Worker, child_name

LOOK_S = 1.0  # how often the pool is asked for new children, and whatever failed is tried again

log = structlog.get_logger()


class Children(threading.Thread):
    """Watches a worker's children until it stops. pids: asks for their process ids."""

    def __init__(self, worker: Worker, pids: Callable[[], set[int]]) -> None:
        super().__init__(name="children", daemon=True)
        self.worker, self.pids = worker, pids
        self.known: set[int] = set()  # the living, and the dead that the pool has not noticed yet
        self.descriptors: dict[int, int] = {}  # of processes that are watched (pidfd_open(2)), and their ids
        self.dead: set[int] = set()  # what they held is not given back yet

    def run(self) -> None:
        """Until the worker stops."""
        while not self.worker.process.stopping.is_set():
            now = self.pids()
            self.dead |= self.known - now  # once more: its last claim may have been on the way
            self._watch(now - self.known)
            self.known = now
            self._give_back()
            self.dead |= self._ended()
            self._give_back()

    def _watch(self, pids: set[int]) -> None:
        for pid in pids:
            with contextlib.suppress(OSError, AttributeError):  # no Linux, or gone already: the pool takes it out
                self.descriptors[os.pidfd_open(pid)] = pid

    def _ended(self) -> set[int]:
        """The children that die within LOOK_S; at once if one does."""
        ended, _, _ = select.select(list(self.descriptors), (), (), LOOK_S)
        for descriptor in ended:
            os.close(descriptor)
        return {self.descriptors.pop(descriptor) for descriptor in ended}

    def _give_back(self) -> None:
        for pid in list(self.dead):
            try:
                abandoned, hints = self.worker.ledger.sweep(child_name(self.worker.owner, pid))
                self.worker.send(hints)
            except (redis.RedisError, OperationalError, OSError) as error:  # told with the next look
                log.warning("child.died", pid=pid, error=str(error))
                return
            if abandoned:
                log.warning("child.died", pid=pid, entries=abandoned)
            self.dead.discard(pid)
