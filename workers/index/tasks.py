"""Celery's side of index."""

from workers.app import app
from workers.index.step import index_documents
from workers.mill import mill
from workers.pipeline import STAGES, Stage
from workers.step import guarded


@app.task(name=STAGES[Stage.INDEX].task)
def documents(ids: list[str]) -> None:
    """Writes a batch of documents to the search store, or takes them out."""
    guarded(mill(), Stage.INDEX, index_documents, ids)
