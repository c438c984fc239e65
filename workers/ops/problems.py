"""Errors an operator can act on: each becomes one clear line and an exit code."""

import errno

import redis

from workers.demo.server import PortInUse
from workers.fetch.answer import FetchError
from workers.index.query import BadQuery
from workers.mill import BrokerUnreachable
from workers.ops.access import NothingHere
from workers.ops.broker import BrokerProblem
from workers.ops.export import NoParquet
from workers.ops.fleet import FleetProblem
from workers.ops.keeping import Failed, NobodyWorks
from workers.ops.plan import BadInput
from workers.ops.replay import BadVersion
from workers.ops.run import Incomplete
from workers.produce.sources import BadSources
from workers.settings import BadSettings
from workers.stores.errors import StoreError
from workers.stores.reindex import UnderWay
from workers.urls import BadAddress

WRONG_USAGE = (BadSettings, BadSources, BadAddress, BadInput, BadQuery, BadVersion)
PROBLEMS = (
    BrokerProblem,
    BrokerUnreachable,
    Failed,
    FetchError,
    FleetProblem,
    Incomplete,
    NobodyWorks,
    NoParquet,
    NothingHere,
    PortInUse,
    StoreError,
    UnderWay,
)


def explain(error: Exception) -> tuple[str, int] | None:
    """The line to print and the exit code; None for an error that is a fault of ours."""
    if isinstance(error, WRONG_USAGE):
        return str(error), 2
    if isinstance(error, PROBLEMS):
        return str(error), 1
    if isinstance(error, redis.RedisError):
        text = str(error)
        if "MISCONF" in text or "No space left" in text:
            return "Redis cannot write its append-only file, most likely because its disk is full: free some space", 1
        if text.startswith("OOM"):
            return "Redis is at its maxmemory: give it more, or lower frontier.max_waiting", 1
        return f"Redis does not do what it should: {text}", 1
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk is full: free some space and run the same command again", 1
        where = f" {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{where}", 1
    return None
