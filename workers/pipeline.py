"""START HERE: the pipeline as data. Stages, their queues and tasks, and what flows between them.

    beat ─tick─▶ produce ─▶ FRONTIER ─▶ fetch ─▶ raw store ─▶ parse ─▶ documents ─▶ index ─▶ search store

Pages whose text is made by scripts go through fetch once more, in a worker with a browser (queue `render`, optional).

One word per stage: folder = queue = task prefix = container = metric label = log field.

Every stage has the same shape:
    workers/<stage>/tasks.py   the Celery task: takes a message, calls the step (thin)
    workers/<stage>/step.py    coordinates: claims from the ledger, calls what decides, stores, advances
    workers/<stage>/*.py       pure modules that decide, on values alone

A message is only a hint that there is work (`newsmill.model.Batch`: ids). The ledger in Redis
(`newsmill/ledger/`) knows the state of every address, and a step may run twice at any time.
"""

from dataclasses import dataclass

from newsmill.ledger.stages import LEASE_S, Stage


@dataclass(frozen=True, slots=True)
class StageSpec:
    """What one stage needs from Celery and from the ledger.

    pool: Celery's worker pool; threads where the work waits, prefork where it computes.
    lease_s: seconds after which a claimed entry counts as abandoned, see newsmill/ledger/stages.py.
    time_limit_s: hard limit of a task, seconds (enforced by prefork; elsewhere by the step itself).
    """

    task: str
    pool: str
    lease_s: int
    time_limit_s: int


STAGES: dict[Stage, StageSpec] = {
    Stage.PRODUCE: StageSpec("produce.poll", "threads", lease_s=LEASE_S[Stage.PRODUCE], time_limit_s=150),
    Stage.FETCH: StageSpec("fetch.pages", "threads", lease_s=LEASE_S[Stage.FETCH], time_limit_s=75),
    Stage.PARSE: StageSpec("parse.pages", "prefork", lease_s=LEASE_S[Stage.PARSE], time_limit_s=75),
    Stage.INDEX: StageSpec("index.documents", "threads", lease_s=LEASE_S[Stage.INDEX], time_limit_s=100),
}

RENDER = "render"  # fetch's other queue: pages that only a browser can read; the same step, in workers that have one
RENDER_TASK = "render.pages"
QUEUES = (*map(str, STAGES), RENDER)

REINDEX_TASK = "index.reindex"  # index's other task: a turn at a new index from the documents of the live one
TICK_TASK = "produce.tick"  # beat: due sources, sweep, dispatch
BATCH = 25  # entries a message; measured best: 5 ms of CPU a page, against 13.5 with one (docs/decisions/celery.md)
