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

from newsmill.ledger.stages import TASK_S, Stage


@dataclass(frozen=True, slots=True)
class StageSpec:
    """What one stage needs from Celery and from the ledger.

    pool: Celery's worker pool; threads where the work waits, prefork where it computes.
    time_limit_s: hard limit of a task, seconds (newsmill/ledger/stages.py).
    """

    task: str
    pool: str
    time_limit_s: int


STAGES: dict[Stage, StageSpec] = {
    Stage.PRODUCE: StageSpec("produce.poll", "threads", TASK_S[Stage.PRODUCE]),
    Stage.FETCH: StageSpec("fetch.pages", "threads", TASK_S[Stage.FETCH]),
    Stage.PARSE: StageSpec("parse.pages", "prefork", TASK_S[Stage.PARSE]),
    Stage.INDEX: StageSpec("index.documents", "threads", TASK_S[Stage.INDEX]),
}

RENDER = "render"  # fetch's other queue: pages that only a browser can read; the same step, in workers that have one
RENDER_TASK = "render.pages"
QUEUES = (*map(str, STAGES), RENDER)

REINDEX_TASK = "index.reindex"  # index's other task: a turn at a new index from the documents of the live one
TICK_TASK = "produce.tick"  # beat: due sources, sweep, dispatch
BATCH = 25  # entries a message; measured best: 5 ms of CPU a page, against 13.5 with one (docs/decisions/celery.md)
