"""Webhooks are told by the console's process, where no other does: a thread that looks what is due."""

import threading
import time

import redis
import structlog

from newsmill.stores.errors import StoreError
from workers.notify.delivery import deliver, due
from workers.runtime.wiring import Wiring

LOOK_S = 1.0  # an event is posted within about this

log = structlog.get_logger()


class Notifier(threading.Thread):
    """Delivers until it is asked to stop."""

    def __init__(self, wiring: Wiring, stopping: threading.Event) -> None:
        super().__init__(name="notifier", daemon=True)
        self.wiring, self.stopping = wiring, stopping

    def run(self) -> None:
        """Posts what is due, again and again, until it is asked to stop."""
        while not self.stopping.wait(LOOK_S):
            try:
                for hook in list(due(self.wiring, time.time())):
                    deliver(self.wiring, hook.id)
            except (redis.RedisError, OSError, StoreError) as error:  # it is looked again in a second
                log.warning("notify.waits", error=str(error))
