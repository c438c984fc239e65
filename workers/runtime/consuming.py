"""What Celery's consumer can say of itself, for the health of its worker (health.py)."""

import contextlib
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker import state
from kombu.exceptions import ChannelError

LOOP_S = 4.0  # how often the consumer's loop says that it turns: it is late after 15 (health.py)


def waiting_in(connection: Any, queues: list[str]) -> int:
    """Messages that wait in these queues of the broker."""
    total = 0
    for queue in queues:
        with contextlib.suppress(ChannelError):  # an empty one is not there
            total += int(connection.default_channel.queue_declare(queue=queue, passive=True).message_count)
    return total


def loop_step(turns: Callable[[], None]) -> type:
    """A step of Celery's consumer that says that its loop turns, again and again; begun anew with each connection."""

    class LoopTurns(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.consumer.tasks:Tasks",)  # then it has subscribed to its queues

        def start(self, parent: Any) -> None:
            turns()
            self.timer = parent.timer.call_repeatedly(LOOP_S, turns)

        def stop(self, parent: Any) -> None:
            self.timer.cancel()

    return LoopTurns


def counts(consumer: Any, queues: list[str]) -> dict[str, int]:
    """What `Health.look` asks for. queues: what the worker was started for, whatever it consumes now.

    Raises OSError or OperationalError if the broker does not answer.
    """
    with consumer.app.connection_or_acquire() as connection:
        waiting = waiting_in(connection, queues)
    return {
        "waiting": waiting,
        "active": len(state.active_requests),
        "places": int(consumer.pool.num_processes or 0),
        "taken": sum(state.total_count.values()),
    }
