"""Celery's side of index."""

from newsmill.ledger.stages import Stage
from workers.app import app
from workers.index.reindex import reindex_turn
from workers.index.step import index_documents
from workers.pipeline import REINDEX_TASK, STAGES
from workers.runtime.hints import send_reindex
from workers.runtime.step import guarded
from workers.runtime.wiring import wiring


@app.task(name=STAGES[Stage.INDEX].task)
def documents(ids: list[str]) -> None:
    """Writes a batch of documents to the search store, or takes them out."""
    guarded(wiring().worker, Stage.INDEX, index_documents, tools=lambda: wiring().index, ids=ids)


@app.task(name=REINDEX_TASK)
def reindex() -> None:
    """A turn at a new index, if one is being made and a part of it waits."""
    send_reindex(reindex_turn(wiring().index))
