"""Celery's side of fetch."""

from newsmill.ledger.stages import Stage
from workers.app import app
from workers.fetch.step import fetch_pages
from workers.pipeline import RENDER_TASK, STAGES
from workers.runtime.step import guarded
from workers.runtime.wiring import wiring


@app.task(name=STAGES[Stage.FETCH].task)
def pages(ids: list[str]) -> None:
    """Downloads a batch of addresses, all of different hosts, and keeps the raw pages."""
    guarded(wiring().worker, Stage.FETCH, fetch_pages, tools=lambda: wiring().fetch, ids=ids)


@app.task(name=RENDER_TASK)
def rendered(ids: list[str]) -> None:
    """The same for pages that need a browser. A worker without one leaves them alone: they are hinted again."""
    if wiring().process.renders:
        guarded(wiring().worker, Stage.FETCH, fetch_pages, tools=lambda: wiring().fetch, ids=ids)
