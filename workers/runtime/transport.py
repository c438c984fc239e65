"""Kombu's Redis transport, for messages that are only hints: a broker in trouble is waited for, whatever it answers.

Five things differ from kombu 5.7's own. What a channel holds unacknowledged is given back if that is possible; on a
lost connection it is not, and kombu's attempt ends the worker ('NoneType' object has no attribute 'hostname'), as does
the acknowledgement of a task that outlives its channel. An answer that refuses (READONLY of a replica, OOM, MISCONF of
a full disk, UNBLOCKED) is trouble of the connection, and no end of the worker; an acknowledgement that is refused so
takes no place among the prefetched. What is no message of Celery's is dropped and told, since nobody can take it. And
a channel that closes while it waits for a message waits no longer: with kombu's own a worker stops only after
`polling_interval`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

import structlog
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import RedisError, ResponseError

log = structlog.get_logger()


class QoS(redis.QoS):
    """What a channel holds."""

    def restore_unacked_once(self, stderr: TextIO | None = None) -> None:
        """Gives back what is unacknowledged, where the broker can be reached; else the sweep hints at it again."""
        try:
            super().restore_unacked_once(stderr)  # type: ignore[no-untyped-call]
        except (RedisError, OperationalError, OSError, AttributeError) as error:
            log.info("hints.not_given_back", error=str(error))

    def ack(self, delivery_tag: str) -> None:
        """Acknowledges; where that fails, the message comes again, and finds nothing to claim."""
        self._settle(delivery_tag, partial(super().ack, delivery_tag))

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """As `ack`."""
        self._settle(delivery_tag, partial(super().reject, delivery_tag, requeue))

    def _settle(self, delivery_tag: str, tell: Callable[[], None]) -> None:
        """Tells the broker. Here the message is done with in any case: one that was kept would count as delivered, and
        when as many are kept as may be prefetched, no other is let in."""
        try:
            tell()
        except (RedisError, OSError, AttributeError) as error:  # AttributeError: the channel has gone
            self._quick_ack(delivery_tag)
            log.info("hint.not_acknowledged", error=str(error))


class Channel(redis.Channel):
    """A channel that steps over what is no message."""

    QoS = QoS

    def close(self) -> None:
        """Closes it; a message that has come already is read first, and given back."""
        if self._in_poll and not self._answered():
            self.client.connection.disconnect()
            self._in_poll = False
        super().close()  # type: ignore[no-untyped-call]

    def _answered(self) -> bool:
        try:
            return bool(self.client.connection.can_read(0))
        except (RedisError, OSError):  # it is gone: nothing comes
            return False

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except (ValueError, TypeError, KeyError, AttributeError) as error:  # of reading it; it is off its queue already
            log.warning("message.dropped", error=f"{type(error).__name__}: {error}"[:200])
            return True


class Transport(redis.Transport):
    """The transport of `redis://` and `rediss://` in this process."""

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, ResponseError)


def install() -> None:
    """Makes it the one that addresses of Redis lead to."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
