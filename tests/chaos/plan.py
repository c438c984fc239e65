"""What is done to the mill, when and to whom, drawn from a seed (pure)."""

import random
from dataclasses import dataclass
from enum import StrEnum

from newsmill.ledger.stages import LEASE_S, Stage


class Kind(StrEnum):
    """One kind of blow."""

    KILL = "kill"  # SIGKILL of a stage's worker, its children included, as the end of a container
    TERM = "term"  # SIGTERM of a worker: an orderly stop
    CHILD = "child"  # SIGKILL of one child of the parse worker
    STOP = "stop"  # SIGSTOP of a worker for longer than its lease, then SIGCONT
    BEAT = "beat"  # SIGKILL of beat
    SUPERVISOR = "supervisor"  # SIGKILL of `newsmill up`
    BROKER = "broker"  # SIGKILL of Redis, started again over its file
    FREEZE = "freeze"  # SIGSTOP of Redis
    REPLICA = "replica"  # Redis is a replica: writes are refused
    FULL = "full"  # Redis has no memory left
    GARBAGE = "garbage"  # things on the queues that are no messages
    DISK = "disk"  # the data folder's disk is full
    OLDER = "older"  # SIGKILL of Redis, which starts again over a copy of its file from a moment before
    LOCKED = "locked"  # the search index is locked by somebody else
    HALF = "half"  # all connections to Redis are half-open: nothing comes through them any more, new ones work
    ALL = "all"  # SIGTERM of all workers at once
    STILL = "still"  # SIGSTOP of all workers for longer than a lease
    CLOCK = "clock"  # the clock of Redis' machine jumps
    FETCHER = "fetcher"  # the clock of a fetch worker jumps


SIGNALS = {Kind.KILL, Kind.TERM, Kind.CHILD, Kind.STOP, Kind.BEAT, Kind.SUPERVISOR, Kind.BROKER}
SIGNALS |= {Kind.FREEZE, Kind.OLDER, Kind.ALL, Kind.STILL}  # what counts as a kill
WEIGHTS = {
    Kind.KILL: 8,
    Kind.TERM: 3,
    Kind.CHILD: 4,
    Kind.STOP: 1,  # each costs half a minute and more
    Kind.BEAT: 1,
    Kind.SUPERVISOR: 1,
    Kind.BROKER: 3,
    Kind.FREEZE: 1,
    Kind.REPLICA: 1,
    Kind.FULL: 1,
    Kind.GARBAGE: 1,
    Kind.DISK: 1,
    Kind.OLDER: 1,
    Kind.LOCKED: 1,
    Kind.HALF: 2,
    Kind.ALL: 2,
    Kind.STILL: 1,
    Kind.CLOCK: 1,
    Kind.FETCHER: 1,
}
LASTS_S = {  # between these
    Kind.STOP: (LEASE_S + 6, LEASE_S + 10),
    Kind.STILL: (LEASE_S + 6, LEASE_S + 10),
    Kind.BROKER: (0.2, 2.0),
    Kind.FREEZE: (1.0, 6.0),
    Kind.REPLICA: (2.0, 6.0),
    Kind.FULL: (2.0, 6.0),
    Kind.DISK: (2.0, 5.0),
    Kind.OLDER: (0.5, 1.8),  # how old the copy is: at most what `appendfsync everysec` may lose
    Kind.LOCKED: (2.0, 15.0),
    Kind.CLOCK: (3.0, 10.0),
    Kind.FETCHER: (3.0, 10.0),
}
PAUSE_S = (0.5, 4.0)  # between two blows
WINDOW_S, MOST = 40.0, 3  # a supervisor ends when one worker ended six times within 30 s: fewer blows than that on it


@dataclass(frozen=True, slots=True)
class Blow:
    """pause_s: before it. stage: whose worker. lasts_s: until what was done is undone."""

    pause_s: float
    kind: Kind
    stage: Stage
    lasts_s: float = 0.0


def schedule(seed: int, kills: int, *, supervised: bool, without: frozenset[Kind] = frozenset()) -> list[Blow]:
    """Blows until `kills` of them are signals; the same for the same arguments."""
    dice = random.Random(f"{seed}:{supervised}")
    other = Kind.FETCHER if supervised else Kind.SUPERVISOR  # one worker's clock, where each is started by itself
    kinds = [kind for kind in WEIGHTS if kind not in without and kind is not other]
    blows: list[Blow] = []
    hit: dict[Stage, list[float]] = {stage: [] for stage in Stage}
    now = 0.0
    while sum(blow.kind in SIGNALS for blow in blows) < kills:
        pause_s = dice.uniform(*PAUSE_S)
        kind = dice.choices(kinds, [WEIGHTS[k] for k in kinds])[0]
        stage = Stage.PARSE if kind is Kind.CHILD else dice.choice(list(Stage))
        lasts_s = dice.uniform(*LASTS_S[kind]) if kind in LASTS_S else 0.0
        now += pause_s
        if kind in (Kind.KILL, Kind.TERM):
            if sum(now - at < WINDOW_S for at in hit[stage]) >= MOST:
                continue
            hit[stage].append(now)
        if kind is Kind.ALL:
            if any(sum(now - at < WINDOW_S for at in times) >= MOST for times in hit.values()):
                continue
            for times in hit.values():
                times.append(now)
        blows.append(Blow(round(pause_s, 2), kind, stage, round(lasts_s, 2)))
    return blows
