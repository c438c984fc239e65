"""Errors an operator can act on: each becomes one clear line and an exit code."""

import errno

import redis

from newsmill.demo.server import PortInUse
from newsmill.http.answer import FetchError
from newsmill.search.query import BadQuery
from newsmill.search.reindex_state import UnderWay
from newsmill.settings import BadSettings
from newsmill.sources.config import BadSources
from newsmill.stores.errors import StoreError
from newsmill.urls.canonical import BadAddress
from workers.commands.export import NoParquet
from workers.commands.keeping import Failed, NobodyWorks
from workers.commands.plan import BadInput
from workers.commands.replay import BadVersion
from workers.local.access import NothingHere
from workers.local.broker import BrokerProblem
from workers.local.fleet import FleetProblem
from workers.local.run import Incomplete
from workers.runtime.wiring import BrokerUnreachable

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
