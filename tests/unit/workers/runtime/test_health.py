"""When a worker does not take what its queues have."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from newsmill.ledger.stages import TASK_S
from workers.runtime.health import AT_WORK_S, LOOP_LATE_S, SeenWorker, WorkerHealth, trouble

WELL = SeenWorker(now=1000.0, turned=999.0, waiting=0, waiting_since=1000.0, active=0, places=4, moved=0.0)
BUSY = replace(WELL, waiting=500, waiting_since=0.0, active=4, moved=995.0)


@pytest.mark.parametrize("seen", [WELL, BUSY, replace(BUSY, active=3), replace(BUSY, active=2, moved=990.0)])
def test_one_that_works_is_well(seen: SeenWorker) -> None:
    assert trouble(seen) == ""


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (replace(WELL, turned=999.0 - LOOP_LATE_S), "has not turned"),
        (replace(BUSY, active=3, moved=900.0), "500 messages wait, 3 of 4 places"),
        (replace(BUSY, active=0, moved=0.0), "500 messages wait"),
        (replace(BUSY, moved=999.0 - AT_WORK_S), "all 4 places"),
    ],
)
def test_one_that_hangs_is_not(seen: SeenWorker, says: str) -> None:
    assert says in trouble(seen)


def test_a_message_that_has_just_come_is_no_trouble() -> None:
    """An idle worker has taken nothing for hours."""
    assert trouble(replace(WELL, waiting=1, waiting_since=999.5, moved=0.0)) == ""


def test_no_task_may_take_as_long_as_that() -> None:
    assert max(TASK_S.values()) + 30 < AT_WORK_S


def test_the_file_is_fresh_or_of_1970(tmp_path: Path) -> None:
    file = tmp_path / "health"
    health = WorkerHealth(file)
    assert health.look(waiting=0, active=0, places=2, taken=0) == ""
    assert time.time() - file.stat().st_mtime < 5
    health.turned -= 2 * LOOP_LATE_S
    assert health.look(waiting=0, active=0, places=2, taken=0)
    assert file.stat().st_mtime == 0
    assert "has not turned" in file.read_text()
    health.loop_turns()
    assert health.look(waiting=0, active=0, places=2, taken=0) == ""
    assert time.time() - file.stat().st_mtime < 5
