"""The mill's figures (pure): what `newsmill status` and `run` print, from one snapshot of the ledger."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from newsmill.ledger.freshness import Freshness, freshness
from newsmill.ledger.new_index import Making, making_of
from newsmill.ledger.presence import LiveWorker, workers_of
from newsmill.ledger.stages import Stage
from newsmill.ledger.stall import stalls
from newsmill.outcomes import Outcome
from workers.pipeline import STAGES


class StageFigures(BaseModel):
    """waiting: entries ready for the stage (fetch and produce: for their hosts). active: claimed by workers."""

    model_config = ConfigDict(frozen=True)

    waiting: int
    active: int


class RestingHost(BaseModel):
    """A host with work that may not be asked for a while. due: epoch seconds. waiting: addresses in its queue."""

    model_config = ConfigDict(frozen=True)

    host: str
    due: float
    waiting: int
    reason: str


class Status(BaseModel):
    """`accepted = waiting + in_progress + sum(outcomes)`, always. Polls are not addresses and are counted apart."""

    model_config = ConfigDict(frozen=True)

    accepted: int
    waiting: int
    in_progress: int
    outcomes: dict[str, int]
    stages: dict[str, StageFigures]
    polls: StageFigures
    window: int
    window_reason: str
    freshness: Freshness = Freshness()
    sources: int = 0  # polls that rest until their time, parts of sitemaps included
    new_index: Making | None = None  # the one under way, or the last one
    aside: dict[str, int] = {}  # hosts that wait since their site, source, address or kind has all its turns
    over: dict[
        str, int
    ] = {}  # addresses refused, or hosts put off, today: more than the share of their site or source; links: of pages
    unwell: dict[str, int] = {}  # sources that are silent, failing or dead
    stalls: list[str] = []  # what stands still though there is work
    faults: int = 0  # found by the mill's own audit, a portion with each tick
    fault: str = ""  # one of them
    now: float = 0.0  # by the server's clock, seconds since the epoch
    ticked: float = 0.0  # when the ledger was looked after last
    workers: list[LiveWorker] = []  # heard of within a day
    paused: dict[str, str] = {}  # why, since
    sources_waiting: dict[str, str] = {}  # a changed sources file that is not taken up yet (taking_up.py)
    resting: list[RestingHost] = []  # those that rest longest
    rate: float = 0.0  # addresses settled a second, over the last ticks
    free_mb: float | None = None  # on the disk of the raw pages, when looked last

    @property
    def balanced(self) -> bool:
        """Promise 1: nothing is lost, nothing counted twice."""
        return self.accepted == self.waiting + self.in_progress + sum(self.outcomes.values())

    @property
    def idle(self) -> bool:
        """No address waits or is in progress, and no poll either."""
        return not (self.waiting or self.in_progress or self.polls.waiting or self.polls.active)


def status_of(snapshot: dict[str, Any], window: int) -> Status:
    """Figures of a frontier snapshot (see status.lua). window: the configured one, while none was decided."""
    counters = {name: int(n) for name, n in snapshot["counters"].items()}
    stages = {s: snapshot["stages"][s] for s in STAGES}
    in_queues = counters.get("queued", 0) + snapshot["delayed"]
    pages = [s for s in STAGES if s is not Stage.PRODUCE]
    figures = {
        str(s): StageFigures(
            waiting=stages[s]["ready"] + (in_queues if s is Stage.FETCH else 0), active=stages[s]["leased"]
        )
        for s in pages
    }
    polls = stages[Stage.PRODUCE]
    return Status(
        accepted=counters.get("accepted", 0),
        waiting=in_queues,
        in_progress=sum(stages[s]["ready"] + stages[s]["leased"] for s in pages),
        outcomes={str(o): counters.get(f"outcome:{o}", 0) for o in Outcome},
        stages=figures,
        polls=StageFigures(waiting=counters.get("polls_queued", 0) + polls["ready"], active=polls["leased"]),
        window=int(snapshot["window"].get("size", window)),
        window_reason=snapshot["window"].get("reason", ""),
        freshness=freshness(snapshot["delays"]),
        sources=snapshot["sources"],
        aside={name.removeprefix("page:"): n for name, n in (snapshot["parked"] or {}).items()},
        over={name: int(n) for name, n in (snapshot["over"] or {}).items()},
        unwell=snapshot["health"],
        stalls=stalls(snapshot),
        faults=int((snapshot["check"] or {}).get("faults", 0)),
        fault=(snapshot["check"] or {}).get("example", ""),
        new_index=making_of(snapshot["reindex"] or {}),
        now=snapshot["now"],
        ticked=float(snapshot["window"].get("at", 0) or 0),
        workers=workers_of(snapshot.get("workers") or []),
        paused=snapshot.get("paused") or {},
        sources_waiting=snapshot.get("sources_waiting") or {},
        resting=[_resting(host) for host in sorted(snapshot.get("resting") or [], key=lambda h: -h["due"])],
        rate=float(snapshot["window"].get("rate", 0) or 0),
        free_mb=float(snapshot["window"]["free_mb"]) if snapshot["window"].get("free_mb") else None,
    )


def _resting(host: dict[str, Any]) -> RestingHost:
    """Why a host rests, from what politeness remembers of it."""
    reason = "it asks for this pause, or its answers were slow"
    if host["unanswered"]:
        reason = f"it did not answer {host['unanswered']:.0f} times in a row"
    elif host["penalty"] > 1:
        reason = f"it said that it is asked too often (pauses are {host['penalty']:.0f} times as long)"
    elif host["fails"]:
        reason = f"its last {host['fails']:.0f} answers were errors"
    elif host["crawl_delay_s"]:
        reason = f"its robots.txt asks for {host['crawl_delay_s']:.0f} s between requests"
    return RestingHost(host=host["host"], due=host["due"], waiting=int(host["waiting"]), reason=reason)
