"""Celery's side of parse."""

from newsmill.ledger.stages import Stage
from workers.app import app
from workers.parse.step import parse_pages
from workers.pipeline import STAGES
from workers.runtime.step import guarded
from workers.runtime.wiring import wiring


@app.task(name=STAGES[Stage.PARSE].task)
def pages(ids: list[str]) -> None:
    """Extracts a batch of raw pages into one documents object."""
    guarded(wiring().worker, Stage.PARSE, parse_pages, tools=lambda: wiring().parse, ids=ids)
