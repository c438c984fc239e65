"""Where workers run without a supervisor (compose, Kubernetes): the sources file, taken up when it has changed."""

import hashlib
from pathlib import Path

import structlog

from workers.mill import Mill
from workers.produce.register import register
from workers.produce.sources import BadSources, parse_sources

log = structlog.get_logger()


def take_up(mill: Mill, file: Path) -> bool:
    """Schedules the sources of `file` if its text is not the one that was taken up last; says whether it did.

    A missing file changes nothing. A wrong one is told once, in the log, and the sources stay as they are.
    Raises redis.RedisError.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError) as error:
        text, problem = "", str(error)
    else:
        problem = ""
    seen = hashlib.blake2b(f"{text}\0{problem}".encode(), digest_size=8).hexdigest()
    key = f"{mill.frontier.prefix}sources-file"
    if mill.frontier.client.get(key) == seen:
        return False
    try:
        sources = None if problem else parse_sources(text, str(file))
    except BadSources as error:
        sources, problem = None, str(error)
    if sources is None:
        log.error("sources.wrong", file=str(file), problem=problem)
    else:
        names = register(mill, sources, file.parent, again=False)
        log.info("sources.taken_up", file=str(file), sources=len(names))
    mill.frontier.client.set(key, seen)
    return sources is not None
