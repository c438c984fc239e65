"""Celery's side of index."""

from workers.app import app
from workers.hints import send_reindex
from workers.index.reindex import reindex_turn
from workers.index.step import index_documents
from workers.mill import mill
from workers.pipeline import REINDEX_TASK, STAGES, Stage
from workers.step import guarded


@app.task(name=STAGES[Stage.INDEX].task)
def documents(ids: list[str]) -> None:
    """Writes a batch of documents to the search store, or takes them out."""
    guarded(mill(), Stage.INDEX, index_documents, ids)


@app.task(name=REINDEX_TASK)
def reindex() -> None:
    """A turn at a new index, if one is being made and a part of it waits."""
    send_reindex(reindex_turn(mill()))
