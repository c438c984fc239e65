"""Where workers run without a supervisor (compose, Kubernetes): the sources file, taken up when it has changed."""

import hashlib
from pathlib import Path

import structlog

from newsmill.sources.config import BadSources, SourceConfig, parse_sources
from newsmill.sources.contact import contact_problem
from newsmill.sources.register import register
from workers.runtime.wiring import Mill

log = structlog.get_logger()


def take_up(mill: Mill, file: Path) -> bool:
    """Schedules the sources of `file` if its text is not the one that was taken up last; says whether it did.

    A missing file changes nothing. A wrong one is told once, in the log, and the sources stay as they are.
    Raises redis.RedisError.
    """
    text, sources, problem = _read(mill, file)
    if text is None:
        return False
    seen = hashlib.blake2b(f"{text}\0{problem}".encode(), digest_size=8).hexdigest()
    if mill.frontier.taken_up() == seen:
        return False
    if problem:
        log.error("sources.wrong", file=str(file), problem=problem)
    else:
        names = register(mill.frontier, sources, file.parent)
        log.info("sources.taken_up", file=str(file), sources=len(names))
    mill.frontier.take_up(seen)
    return not problem


def _read(mill: Mill, file: Path) -> tuple[str | None, tuple[SourceConfig, ...], str]:
    """The text (None: there is no file), its sources, and what is wrong with it."""
    try:
        text = file.read_text("utf-8")
        sources = parse_sources(text, str(file))
    except FileNotFoundError:
        return None, (), ""
    except (OSError, UnicodeDecodeError, BadSources) as error:
        return "", (), str(error)
    is_own = "user_agent" in mill.settings.fetch.model_fields_set
    return text, sources, contact_problem([s.url for s in sources if s.enabled], is_own)
