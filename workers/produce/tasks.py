"""Celery's side of produce."""

from workers import heart
from workers.app import app
from workers.mill import mill
from workers.pipeline import STAGES, TICK_TASK, Stage
from workers.produce.step import poll_sources
from workers.step import guarded


@app.task(name=STAGES[Stage.PRODUCE].task)
def poll(ids: list[str]) -> None:
    """Polls sources whose hosts have their turn."""
    guarded(mill(), Stage.PRODUCE, poll_sources, ids)


@app.task(name=TICK_TASK)
def tick() -> None:
    """Beat's second hand: what is due, what is overdue, and the window."""
    mill().frontier.unlock("tick-pending")
    heart.tick(mill())
