"""What every step does: claims what a message hints at, and at the end moves, logs and hints the next stage."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import redis
import structlog
from kombu.exceptions import OperationalError

from newsmill.ledger import Entry, Hints, Move, PageEntry
from newsmill.ledger.measured import tally
from newsmill.ledger.stages import Stage
from newsmill.ledger.under_way import UnderWay
from newsmill.model import Batch
from newsmill.policy.recrawl import Look, RecrawlOptions, next_look_s
from newsmill.stores.errors import StoreError
from workers.runtime.tools import Worker

T = TypeVar("T")
ENDS = ("advance", "settle", "delay")  # moves that end a stage's work on an address

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a stage saw of an address: HTTP status (0: no answer), bytes of the decoded body, seconds it took."""

    status: int
    bytes: int
    seconds: float


def guarded(
    worker: Worker, stage: Stage, step: Callable[[T, Sequence[str]], int], *, tools: Callable[[], T], ids: Sequence[str]
) -> None:
    """Runs a step. What it holds when an unexpected error ends it is tried again, alone, and at last quarantined.

    tools: makes what it works with. While a store cannot be opened nothing is claimed: the sweep hints it again.
    """
    process = worker.process
    if process.stopping.is_set():  # what has not begun is another's: the sweep hints it again
        return
    try:
        given = tools()
    except StoreError as error:
        log.warning("store.unavailable", stage=stage, error=str(error))
        return
    with process.gate.together():
        _run(worker, stage, partial(step, given), ids=ids)
    for suspect in process.under_way.suspects():  # it ended its workers while others were under way: now it is alone
        with process.gate.alone():
            if not process.stopping.is_set():
                log.warning("suspect.alone", stage=stage, id=suspect)
                _run(worker, stage, partial(step, given), ids=[suspect])


def _run(worker: Worker, stage: Stage, step: Callable[[Sequence[str]], int], *, ids: Sequence[str]) -> None:
    try:
        step(ids)
    except Exception as error:
        mine = worker.process.under_way.mine()
        worker.process.held.dropped(mine, time.monotonic())
        taken = worker.ledger.abandon(stage, worker.owner, mine)
        log.exception("step.crashed", stage=stage, entries=taken)
        if isinstance(error, MemoryError):  # Celery would raise it in the parent, and end the whole worker
            raise RuntimeError(f"no memory left in {stage}") from None
        raise
    finally:
        worker.process.under_way.leave()


def claim(worker: Worker, stage: Stage, ids: Sequence[str]) -> list[Entry]:
    """Leases what of a message is still ready; a duplicate or stale message wins nothing.

    Nor does this process win what it holds: its lease may have ended by a clock that jumped.
    """
    process, under_way = worker.process, worker.process.under_way
    with under_way.claiming:
        free, now = under_way.free(Batch(ids=tuple(ids)).ids), time.monotonic()
        taken = worker.ledger.take(stage, free, worker.owner, beside=under_way.beside(), alone=process.gate.only_one)
        under_way.began(stage, taken, now)
    process.held.began(stage, taken.won, now)
    return list(taken.won)


def finish(worker: Worker, stage: Stage, moves: Sequence[Move], *, seen: Mapping[str, Seen] | None = None) -> set[str]:
    """Ends the leases of these entries, logs a line for each outcome, and hints the stages they go to.

    seen: what the stage saw of them, by id.
    """
    now, under_way = time.monotonic(), worker.process.under_way
    worker.process.held.ended(moves, now)
    told = {move.id: _facts(under_way, stage, move.id, seen=(seen or {}).get(move.id), now=now) for move in moves}
    moved = worker.ledger.finish(stage, worker.owner, moves)
    under_way.ended(move.id for move in moves)
    _measure(worker, stage, [told[move.id] for move in moves if move.id in moved and move.op in ENDS])
    ahead: dict[Stage, list[str]] = defaultdict(list)
    for move in moves:
        if move.id not in moved:
            log.info("lease.lost", stage=stage, id=move.id, op=move.op)
        elif move.op == "advance":
            ahead[Stage(move.options["to"])].append(move.id)
        elif move.op == "settle":
            log.info("settled", **told[move.id], outcome=move.options["outcome"], reason=move.options["reason"])
        elif move.op == "delay":
            log.info("delayed", **told[move.id], reason=move.options["reason"], wait_s=move.options["wait"])
    try:
        worker.send(Hints(to, tuple(ids)) for to, ids in ahead.items())
    except (OperationalError, redis.RedisError) as error:  # the sweep hints them again
        log.warning("hint.failed", stage=stage, error=str(error))
    return moved


def _measure(worker: Worker, stage: Stage, told: Sequence[Mapping[str, Any]]) -> None:
    """Counts what the stage is done with. Losing some of it costs a figure, nothing else."""
    added = tally(str(stage), ((f["status"], f["bytes"], f["ms"]) for f in told), asked=stage is Stage.FETCH)
    try:
        if added:
            worker.ledger.measure(added)
    except redis.RedisError as error:
        log.warning("measure.failed", error=str(error))


def _facts(under_way: UnderWay, stage: Stage, id: str, *, seen: Seen | None, now: float) -> dict[str, Any]:
    """What every line of an outcome has: which address, whose, and what came of asking for it.

    ms: of the request, in fetch; else since the claim.
    """
    entry = under_way.entry(id) or Entry(id, {})
    seen = seen or Seen(int(entry["status"] or 0), int(entry["size"] or 0), now - under_way.since(id, now))
    return {
        "stage": str(stage),
        "id": id,
        "url": entry.url,
        "host": entry.host,
        "source": entry.source,
        "status": seen.status,
        "bytes": seen.bytes,
        "ms": round(seen.seconds * 1000),
    }


@dataclass(frozen=True, slots=True)
class NextLook:
    """When an article is looked at again (seconds from now; None: never), and what the ledger keeps of its looks."""

    wait_s: float | None
    fields: Mapping[str, str]


def again(recrawl: RecrawlOptions | None, entry: PageEntry, now: float, *, changed: bool) -> NextLook:
    """After a look at an article. changed: it was written to the index, for the first time or with another text.

    What another crawler fetched (`newsmill import`) is not looked at again: nobody asked us to crawl it.
    recrawl: None for never. now: seconds since the epoch.
    """
    unchanged = 0 if changed else entry.looks + 1
    fields = {"looks": str(unchanged or "")}
    if recrawl is None or entry.adopted:
        return NextLook(None, fields)
    born = entry.published or entry.added or now
    return NextLook(next_look_s(Look(now - born, unchanged), recrawl), fields)
