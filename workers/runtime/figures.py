"""The mill's figures (pure): what `newsmill status` and `run` print, from one snapshot of the ledger."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from newsmill.ledger.freshness import Freshness, freshness
from newsmill.ledger.new_index import Making, making_of
from newsmill.ledger.stages import Stage
from newsmill.ledger.stall import stalls
from newsmill.outcomes import Outcome
from workers.pipeline import STAGES


class StageFigures(BaseModel):
    """waiting: entries ready for the stage (fetch and produce: for their hosts). active: claimed by workers."""

    model_config = ConfigDict(frozen=True)

    waiting: int
    active: int


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
    over: dict[str, int] = {}  # addresses refused, or hosts put off, today: more than the share of their site or source
    unwell: dict[str, int] = {}  # sources that are silent, failing or dead
    stalls: list[str] = []  # what stands still though there is work
    faults: int = 0  # found by the mill's own audit, a portion with each tick
    fault: str = ""  # one of them

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
    )
