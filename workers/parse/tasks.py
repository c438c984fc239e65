"""Celery's side of parse."""

from workers.app import app
from workers.mill import mill
from workers.parse.step import parse_pages
from workers.pipeline import STAGES, Stage
from workers.step import guarded


@app.task(name=STAGES[Stage.PARSE].task)
def pages(ids: list[str]) -> None:
    """Extracts a batch of raw pages into one documents object."""
    guarded(mill(), Stage.PARSE, parse_pages, ids)
