"""Structured logs: an event name and fields, one line each, on stderr. The id of the address is always `id`."""

import logging
import sys

import structlog

from newsmill.settings import LogSettings, safe
from newsmill.text.visible import escaped

QUIET = ("celery.beat", "celery.worker.strategy", "celery.app.trace", "kombu", "httpx", "httpcore", "asyncio")


def _spelt_out(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Texts of an event as a terminal may be given them."""
    return {name: escaped(value, lines=True) if isinstance(value, str) else value for name, value in event.items()}


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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(wanted.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
