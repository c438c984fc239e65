"""Says again and again that this process lives: it renews the leases of what it is at work on."""

import threading
import time

import redis
import structlog

from newsmill.ledger.stages import RENEW_S
from workers.runtime.tools import Worker

log = structlog.get_logger()


def renew(worker: Worker) -> None:
    """Renews what is under way. What was lost meanwhile, by a clock or a long stop, is told like after a restart."""
    process = worker.process
    lost = set(worker.ledger.renew(worker.owner, process.under_way.to_renew(time.monotonic())))
    lost.difference_update(process.under_way.free(list(lost)))  # those have moved on meanwhile
    if not lost:
        return
    log.warning("leases.lost", entries=len(lost))
    asking, _ = process.held.known(time.monotonic())
    worker.ledger.hold(worker.owner, [asked for asked in asking if asked["id"] in lost], [])


class Pulse(threading.Thread):
    """Beside the heart, whose beats may be long. Goes on while the worker ends: what it holds is its own until then."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(name="pulse", daemon=True)
        self.worker = worker

    def run(self) -> None:
        """Until the process ends."""
        while True:
            time.sleep(RENEW_S)
            try:
                renew(self.worker)
            except (redis.RedisError, OSError) as error:  # the broker is away: it comes back
                log.warning("renew.failed", error=str(error))
