"""Errors an operator can act on: each becomes one clear line and an exit code.

The classes stand here by name, so that an error of one part does not import all the others, some of which may not be
installed.
"""

import errno

from newsmill.extras import needed

WRONG_USAGE = {
    "newsmill.doors.NotThere",
    "newsmill.ledger.changes.NoCursor",
    "newsmill.ledger.schema.WrongSchema",
    "newsmill.search.tree.BadQuery",
    "newsmill.settings.BadSettings",
    "newsmill.sources.config.BadSources",
    "newsmill.urls.canonical.BadAddress",
    "workers.desk.problems.BadInput",
    "workers.commands.replay.BadVersion",
    "workers.commands.upgrade.NotAgreed",
}
PROBLEMS = {
    "newsmill.demo.server.PortInUse",
    "newsmill.http.answer.FetchError",
    "newsmill.ledger.changes.Behind",
    "newsmill.ledger.new_index.IndexUnderWay",
    "newsmill.stores.errors.StoreError",
    "workers.commands.export.NoParquet",
    "workers.commands.keeping.WorkFailed",
    "workers.desk.sources.NotWritable",
    "workers.commands.keeping.NobodyWorks",
    "workers.runtime.stores.NothingHere",
    "workers.local.server.BrokerProblem",
    "workers.web.server.CannotServe",
    "workers.local.fleet.FleetProblem",
    "workers.local.run.Incomplete",
    "workers.runtime.wiring.BrokerUnreachable",
}
REDIS_ERROR = "redis.exceptions.RedisError"


class BadInput(Exception):
    """What was given on the command line cannot be used; the text has one line for each problem."""


def explain(error: Exception) -> tuple[str, int] | None:
    """The line to print and the exit code; None for an error that is a fault of ours."""
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    if missing := needed(error):
        return missing, 2
    if kinds & WRONG_USAGE:
        return str(error), 2
    if kinds & PROBLEMS:
        return str(error), 2 if needed(error.__cause__) else 1  # its text says what to install
    if REDIS_ERROR in kinds:
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
