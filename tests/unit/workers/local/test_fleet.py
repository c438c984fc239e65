"""No worker is started where another package would be taken for its code."""

from pathlib import Path

import pytest

from workers.local.fleet import Fleet, FleetProblem


@pytest.mark.parametrize("foreign", ["workers.py", "workers/__init__.py"])
def test_a_folder_with_workers_of_its_own_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: str
) -> None:
    (tmp_path / foreign).parent.mkdir(exist_ok=True)
    (tmp_path / foreign).touch()
    monkeypatch.chdir(tmp_path)
    fleet = Fleet({}, tmp_path / "logs", tmp_path / "schedule", queues=())
    with pytest.raises(FleetProblem, match="run it in another folder"):
        fleet.start()
    assert all(member.process is None for member in fleet.members)
