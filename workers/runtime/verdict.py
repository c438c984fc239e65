"""How the mill is, in one word, and what an operator has to know beside it (pure): `newsmill status` opens with it."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from newsmill.ledger.presence import ALIVE_S, BEAT, LiveWorker
from newsmill.outcomes import Outcome
from newsmill.sources.durations import in_words
from newsmill.sources.register import SourceState
from newsmill.sources.schedule.schedule import State as Health
from newsmill.sources.taking_up import Waiting
from workers.pipeline import RENDER, STAGES
from workers.runtime.figures import Status

TICKED_S = 30.0  # somebody ticks every second while any worker lives
NAMED = 5  # sources, or hosts, that one line names


class StatusWord(StrEnum):
    """The verdict."""

    OK = "OK"
    PAUSED = "PAUSED"
    DEGRADED = "DEGRADED"


CODES = {StatusWord.OK: 0, StatusWord.DEGRADED: 1, StatusWord.PAUSED: 3}  # exit codes of `newsmill status`


class Remark(BaseModel):
    """One thing to know. since: epoch seconds, 0 if not known. remedy: what to do about it."""

    model_config = ConfigDict(frozen=True)

    what: str
    since: float = 0.0
    remedy: str = ""

    def line(self, now: float) -> str:
        """As one sentence for people."""
        since = f", for {in_words(max(now - self.since, 1.0))}" if self.since else ""
        return f"{self.what}{since}" + (f": {self.remedy}" if self.remedy else "")


class StatusVerdict(BaseModel):
    """word: how the mill is. why: what makes it that. remarks: what else an operator may want to look after."""

    model_config = ConfigDict(frozen=True)

    word: StatusWord
    why: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def code(self) -> int:
        """The exit code that stands for it."""
        return CODES[self.word]


def verdict(
    status: Status,
    sources: Sequence[SourceState],
    *,
    search_trouble: str = "",
    another_index: str = "",
    at_rest: bool = False,
) -> StatusVerdict:
    """From one look at the mill. at_rest: its broker was started for this look alone, so that nobody can be at work."""
    troubles = [] if at_rest else [*missing(status), *_standing(status)]
    troubles += _broken(status, search_trouble, another_index)
    word = StatusWord.DEGRADED if troubles else StatusWord.OK
    if status.paused:
        since = float(status.paused.get("since") or 0)
        told = status.paused.get("why") or "by an operator"
        troubles.insert(0, Remark(what=told, since=since, remedy="`newsmill resume` goes on"))
        word = StatusWord.PAUSED
    why = [*troubles, *(_rest(status) if at_rest else [])]
    return StatusVerdict(word=word, why=tuple(why), remarks=tuple(_attention(status, sources)))


def living(workers: Sequence[LiveWorker], now: float) -> dict[str, int]:
    """How many workers of each queue live; "beat" among them."""
    found: dict[str, int] = {}
    for worker in workers:
        if now - worker.heard < ALIVE_S:
            found[worker.queue] = found.get(worker.queue, 0) + 1
    return found


def missing(status: Status) -> list[Remark]:
    """Who is missing. A fleet of a version that does not say that it lives is told by its ticks."""
    now, workers = status.now, status.workers
    alive = living(workers, now)
    work = bool(status.sources) or not status.idle
    if not any(queue in alive for queue in (*STAGES, RENDER)):
        ticked = status.ticked and now - status.ticked < TICKED_S
        if ticked or not work:
            return []
        heard = max([worker.heard for worker in workers if worker.queue != BEAT] + [status.ticked])
        left = f"{status.waiting + status.in_progress:,} addresses wait"
        return [Remark(what=f"no worker runs, {left}", since=heard, remedy="`docker compose up -d`, or `newsmill up`")]
    found = []
    for stage in STAGES:
        if stage not in alive:
            heard = max((worker.heard for worker in workers if worker.queue == stage), default=0.0)
            how = f"`docker compose up -d {stage}`, and look at `docker compose logs {stage}`"
            found.append(Remark(what=f"no {stage} worker runs", since=heard, remedy=how))
    if BEAT not in alive:
        heard = max((worker.heard for worker in workers if worker.queue == BEAT), default=0.0)
        what = "beat does not run: no change of the sources file is taken up, nothing old is removed"
        found.append(Remark(what=what, since=heard, remedy="`docker compose up -d beat`"))
    return found


def _standing(status: Status) -> list[Remark]:
    found = [] if status.paused else [Remark(what=stall) for stall in status.stalls]
    if any("nobody has looked" in remark.what for remark in found) and missing(status):
        return []  # said already
    return found


def _broken(status: Status, search_trouble: str, another_index: str) -> list[Remark]:
    found = []
    if not status.balanced:
        found.append(Remark(what="the figures of the ledger do not add up", remedy="run `newsmill audit`"))
    if status.faults:
        what = f"the ledger does not fit in {status.faults} places ({status.fault})"
        found.append(Remark(what=what, remedy="run `newsmill audit --repair`"))
    if search_trouble:
        found.append(Remark(what="search takes no writes, pages wait", remedy=search_trouble))
    if another_index:
        found.append(Remark(what=another_index))
    if status.window_reason.startswith("disk:"):
        what = f"nothing new is fetched; {status.window_reason}"
        found.append(Remark(what=what, remedy="free some space, or set stores.raw_days"))
    return found


def _rest(status: Status) -> list[Remark]:
    left = status.waiting + status.in_progress
    if not left:
        return [Remark(what="at rest: nothing runs, nothing waits")]
    return [Remark(what=f"at rest: nothing runs, {left:,} addresses wait", remedy="`newsmill run` goes on")]


def _attention(status: Status, sources: Sequence[SourceState]) -> list[Remark]:
    """What goes on in spite of it."""
    found = []
    for health, remedy in (
        (Health.DEAD, "mend its address, or `newsmill sources remove` it"),
        (Health.FAILING, "`newsmill sources check` asks it now"),
        (Health.SILENT, "`newsmill sources check` shows what it lists"),
    ):
        named = [source.name for source in sources if source.health == health and not source.paused]
        if named:
            more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
            what = (
                f"{len(named)} source{'s are' if len(named) > 1 else ' is'} {health}: {', '.join(named[:NAMED])}{more}"
            )
            found.append(Remark(what=what, remedy=remedy))
    if paused := [source.name for source in sources if source.paused]:
        found.append(Remark(what=f"paused: {', '.join(paused[:NAMED])}", remedy="`newsmill sources resume`"))
    if (waiting := Waiting.load(status.sources_waiting)) and waiting.announced:
        found.append(Remark(what=str(waiting), since=waiting.since))
    if quarantined := status.outcomes.get(Outcome.QUARANTINED, 0):
        remedy = "`newsmill status --by reason` says why; `newsmill retry --outcome quarantined`"
        found.append(Remark(what=f"{quarantined:,} addresses are quarantined", remedy=remedy))
    if status.window_reason and not status.window_reason.startswith("disk:"):
        found.append(Remark(what=f"fetch waits for the later stages (window {status.window}); {status.window_reason}"))
    for host in status.resting[:NAMED]:
        found.append(
            Remark(what=f"{host.host} rests for {in_words(max(host.due - status.now, 1.0))} more: {host.reason}")
        )
    return found
