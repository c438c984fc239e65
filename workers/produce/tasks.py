"""Celery's side of produce."""

from datetime import UTC, datetime

from newsmill.ledger.stages import Stage
from newsmill.settings import config_dir
from workers.app import app
from workers.pipeline import STAGES, TICK_TASK
from workers.produce.step import poll_sources
from workers.runtime import ticker as heart
from workers.runtime.sources_file import take_up
from workers.runtime.step import guarded
from workers.runtime.wiring import wiring
from workers.runtime.worker import supervised


@app.task(name=STAGES[Stage.PRODUCE].task)
def poll(ids: list[str]) -> None:
    """Polls sources whose hosts have their turn."""
    guarded(wiring().worker, Stage.PRODUCE, poll_sources, tools=lambda: wiring().produce, ids=ids)


@app.task(name=TICK_TASK, send_events=False)  # one a second: Flower would show little else
def tick() -> None:
    """Beat's second hand: what is due, what is overdue, the window, a changed sources file, old pages."""
    wiring().frontier.unlock("tick-pending")
    if not supervised():
        take_up(wiring(), config_dir() / "sources.toml")
    heart.tick(wiring().ticks)
    heart.remove_what_is_old(wiring().frontier, lambda: wiring().retention, datetime.now(UTC))
