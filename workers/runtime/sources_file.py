"""Where workers run without a supervisor (compose, Kubernetes): the sources file, taken up when it has changed."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from newsmill.sources.config import BadSources, SourceConfig, parse_sources
from newsmill.sources.contact import contact_problem
from newsmill.sources.register import poll_id, register
from newsmill.sources.taking_up import TakingUp, Waiting, decide
from workers.runtime.wiring import Wiring

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Read:
    """A sources file as it was read. seen: its hash. problem: why its sources cannot be polled."""

    seen: str
    sources: tuple[SourceConfig, ...]
    problem: str

    @property
    def names(self) -> list[str]:
        """Ids of the polls that it wants."""
        return [poll_id(source.name) for source in self.sources if source.enabled]


def take_up(wiring: Wiring, file: Path, now: float | None = None) -> bool:
    """Schedules the sources of `file` if it has changed and is to be believed (taking_up.py); says whether it did.

    A missing file changes nothing. A wrong one is told once, in the log, and the sources stay as they are.
    now: seconds since the epoch. Raises redis.RedisError.
    """
    read = _read(wiring, file)
    if read is None:
        return False
    ledger, now = wiring.frontier, time.time() if now is None else now
    kept = Waiting.load(ledger.waiting_file())
    known = ledger.configured()
    wanted = known if read.problem else read.names
    step, waiting = decide(read.seen, ledger.taken_up(), kept, now=now, known=known, wanted=wanted)
    if waiting != kept:
        ledger.note_waiting_file(waiting.dump() if waiting else {})
    if step is TakingUp.ANNOUNCE and waiting and not (kept and kept.announced):
        log.warning("sources.fewer", file=str(file), removed=waiting.removed, of=waiting.of, note=str(waiting))
    return step is TakingUp.TAKE and _take(wiring, file, read)


def apply(wiring: Wiring, file: Path) -> int:
    """Takes the file up as it is now; returns how many sources it has. Raises BadSources, with all that is wrong."""
    read = _read(wiring, file)
    if read is None:
        raise BadSources([f"there is no {file}"])
    if read.problem:
        raise BadSources(read.problem.splitlines())
    wiring.frontier.note_waiting_file({})
    _take(wiring, file, read)
    return len(read.names)


def _take(wiring: Wiring, file: Path, read: Read) -> bool:
    if read.problem:
        log.error("sources.wrong", file=str(file), problem=read.problem)
    else:
        names = register(wiring.frontier, read.sources, file.parent, again=False)
        log.info("sources.taken_up", file=str(file), sources=len(names))
    wiring.frontier.take_up(read.seen)
    return not read.problem


def _read(wiring: Wiring, file: Path) -> Read | None:
    """None: there is no file."""
    text, problem = "", ""
    sources: tuple[SourceConfig, ...] = ()
    try:
        text = file.read_text("utf-8")
        sources = parse_sources(text, str(file))
        is_own = "user_agent" in wiring.settings.fetch.model_fields_set
        problem = contact_problem([s.url for s in sources if s.enabled], is_own)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, BadSources) as error:
        problem = str(error)
    seen = hashlib.blake2b(f"{text}\0{problem}".encode(), digest_size=8).hexdigest()
    return Read(seen, sources, problem)
