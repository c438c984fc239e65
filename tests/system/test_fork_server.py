"""The local mode forks its processes from one that has imported everything; they are the supervisor's own children."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.newsmill import Running
from workers.local.fork_server import IMPORTED, hand_over_orphans

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux: processes are handed over"),
]
VARIABLES = {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_RENDER__ENABLED": "false"}
STAGES = ("produce", "fetch", "parse", "index")


def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def children(pid: int) -> dict[int, tuple[str, str]]:
    """By process id, of the children of `pid`: state and command line."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            if int(parent) == pid:
                found[int(folder.name)] = state, (folder / "cmdline").read_text().replace("\0", " ").strip()
        except (OSError, ValueError, IndexError):
            continue
    return found


def server(pid: int) -> int:
    return next(child for child, (_, line) in children(pid).items() if "workers.local.fork_server" in line)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list.txt").write_text("http://127.0.0.1:9/x\n")
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "list"\nkind = "list"\npath = "list.txt"\n')
    return tmp_path


def test_what_is_imported_first_is_what_a_worker_imports(folder: Path) -> None:
    with Running("up", "--sources", "sources.toml", cwd=folder, **VARIABLES) as up:
        until(lambda: all(up.workers(stage) for stage in STAGES), "they never started")
        shared = max(_shared_mb(up.workers(stage)[0]) for stage in STAGES)
    assert hand_over_orphans()
    assert shared > 40, f"{shared} MB are shared: what a worker needs is imported again in each"
    assert len(IMPORTED) == len(set(IMPORTED))


def _shared_mb(pid: int) -> float:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return sum(int(fields[name].split()[0]) for name in ("Shared_Clean", "Shared_Dirty")) / 1024


def test_a_worker_is_the_supervisors_child_and_comes_back_without_the_server_too(folder: Path) -> None:
    with Running("up", "--sources", "sources.toml", cwd=folder, **VARIABLES) as up:
        until(lambda: all(up.workers(stage) for stage in STAGES), "they never started")
        for without_server in (False, True):
            if without_server:
                os.kill(server(up.process.pid), signal.SIGKILL)
            first = up.workers("parse")
            os.kill(first[0], signal.SIGKILL)  # its children are handed over to the supervisor, which ends them
            until(lambda gone=first: bool(up.workers("parse")) and not set(up.workers("parse")) & set(gone), "not back")
            assert up.workers("parse")[0] in children(up.process.pid)
        until(lambda: all(state != "Z" for state, _ in children(up.process.pid).values()), "dead children are left")
