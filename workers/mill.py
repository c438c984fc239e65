"""What a process of the mill holds: settings, connections and stores, each made on first use.

Made lazily, so that a prefork child makes its own after the fork.
"""

import os
import socket
import threading
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import redis

from workers.frontier import Frontier, Limits
from workers.settings import Settings, settings

REDIS_TIMEOUT_S = 15.0  # a frozen server must not freeze us for ever
REDIS_CONNECT_S = 5.0


class BrokerUnreachable(Exception):
    """Redis cannot be reached at the configured address: start it, or mend NEWSMILL_REDIS_URL."""


def connect(url: str) -> "redis.Redis":
    """A client for the ledger. It connects on first use."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_CONNECT_S,
        socket_keepalive=True,
        health_check_interval=25,
    )


def limits(s: Settings) -> Limits:
    """The frontier's limits from the settings."""
    return Limits(
        window=s.frontier.window,
        max_waiting=s.frontier.max_waiting,
        hint_s=s.frontier.hint_s,
        max_crashes=s.frontier.max_crashes,
        retention_s=s.frontier.retention_days * 86400,
        polls=s.produce.window,
        per_ip=s.frontier.per_ip,
    )


@dataclass
class Mill:
    """One process of the mill. `stopping` is set when the worker is asked to end."""

    settings: Settings
    name: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def frontier(self) -> Frontier:
        return Frontier(connect(self.settings.redis_url or "redis://127.0.0.1:6379/0"), limits(self.settings))

    @property
    def owner(self) -> str:
        """In whose name this process leases. A worker's children lease in its name, so that its end is theirs."""
        return self.name or f"{socket.gethostname()}:{os.getpid()}"

    @property
    def disk(self) -> Path | None:
        """The folder whose free space bounds the pipeline; None when raw pages go to an object store."""
        return None if "://" in self.settings.raw_url else Path(self.settings.raw_url)


@lru_cache(maxsize=1)
def mill() -> Mill:
    """This process's mill. Raises BadSettings."""
    return Mill(settings())
