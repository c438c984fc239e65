"""Beat's scheduler."""

from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry

from newsmill.ledger.presence import BEAT, SAID_EVERY_S
from workers.pipeline import TICK_TASK
from workers.runtime.wiring import wiring

TICK_EXPIRES_S = 10  # a tick that waited longer is of no use: the next one does the same


class TickScheduler(PersistentScheduler):  # type: ignore[misc]
    """Beat, but without piling up ticks while no produce worker takes them.

    A tick is published only if the last one was taken, or is older than TICK_EXPIRES_S: a queue that nobody reads
    grows by six small messages a minute, and expired ones are dropped when somebody does.
    """

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """See celery.beat.Scheduler."""
        ledger, owner = wiring().frontier, wiring().process.owner
        if ledger.try_lock(f"beat:{owner}", SAID_EVERY_S):
            ledger.say_alive(owner, (BEAT,))
        if entry.task == TICK_TASK and not ledger.try_lock("tick-pending", TICK_EXPIRES_S):
            if advance:
                self.reserve(entry)
            wiring().health.say("the last tick waits to be taken")
            return None
        sent = super().apply_async(entry, producer=producer, advance=advance, expires=TICK_EXPIRES_S, **kwargs)
        wiring().health.say("ticks")
        return sent
