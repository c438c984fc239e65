"""Hints to the broker: a message says that ids have work in a stage. Losing one costs time, nothing else."""

from collections.abc import Iterable, Sequence

from newsmill.ledger import Hints
from newsmill.model import Batch
from workers.pipeline import BATCH, REINDEX_TASK, RENDER_TASK, STAGES


def send(hints: Iterable[Hints]) -> int:
    """Publishes hints in batches; returns how many messages went out. Errors are raised: the sweep hints again."""
    batches: list[tuple[str, Sequence[str]]] = []
    for hint in hints:
        chunks = [hint.together[i : i + BATCH] for i in range(0, len(hint.together), BATCH)]
        batches += [(STAGES[hint.stage].task, chunk) for chunk in [*chunks, *((id,) for id in hint.alone)]]
        batches += [(RENDER_TASK, (id,)) for id in hint.rendered]
    if batches:
        from workers.runtime.celery_app import celery_app  # dear to import: a supervisor seldom sends a hint

        app = celery_app()
        with app.producer_or_acquire() as producer:
            for task, ids in batches:
                app.send_task(task, kwargs=Batch(ids=ids).model_dump(mode="json"), producer=producer)
    return len(batches)


def send_reindex(turns: int) -> None:
    """Publishes so many turns at a new index. Errors are raised: the tick hints again."""
    from workers.runtime.celery_app import celery_app

    app = celery_app()
    for _ in range(turns):
        app.send_task(REINDEX_TASK)
