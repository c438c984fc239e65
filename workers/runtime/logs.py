"""Structured logs: an event name and fields, one line each, on stderr. The id of the address is always `id`."""

import logging
import sys
import time

import structlog

from newsmill.settings import LogSettings, safe
from newsmill.text.visible import escaped

AWAY_NAMES = ("ConnectionError", "TimeoutError", "OperationalError")
AWAY = {f"{of}.{name}" for of in ("builtins", "redis.exceptions", "kombu.exceptions") for name in AWAY_NAMES}
AWAY_TOLD_S = 60.0  # a broker that stays away is told again after this
QUIET = ("celery.beat", "celery.worker.strategy", "celery.app.trace", "kombu", "httpx", "httpcore", "asyncio")


def _spelt_out(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Texts of an event as a terminal may be given them."""
    return {name: escaped(value, lines=True) if isinstance(value, str) else value for name, value in event.items()}


def _is_away(error: object) -> bool:
    """Whether it is the error of a broker that cannot be reached."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in AWAY for kind in type(error).__mro__)


class BrokerAway(logging.Filter):
    """What the libraries say of a broker that is away: one line instead of a traceback, and once in a while.

    Each attempt of each process would else be told with 60 lines; what comes back is told at once, by another text.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        if record.name.split(".")[0] not in ("celery", "kombu", "redis"):
            return True
        error = record.exc_info[1] if record.exc_info else None
        if _is_away(error):
            record.msg, record.args = f"{record.getMessage().strip()} ({type(error).__name__}: {error})", None
            record.exc_info = record.exc_text = None
        elif not any(map(_is_away, record.args or ())) and "annot connect" not in str(record.msg):
            return True
        key, now = (record.name, str(record.msg)[:60]), time.monotonic()
        if now - self._told.get(key, -AWAY_TOLD_S) < AWAY_TOLD_S:
            return False
        self._told[key] = now
        return True


class _Safe(structlog.stdlib.ProcessorFormatter):
    """What is logged, by whomever, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return safe(super().format(record))


def configure(wanted: LogSettings) -> None:
    """Sends this process's logs, ours and the libraries', to stderr in one format."""
    as_text = wanted.format == "text" or (wanted.format == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if as_text else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Safe(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _spelt_out, renderer],
        )
    )
    handler.addFilter(BrokerAway())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(wanted.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
