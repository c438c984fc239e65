"""A supervisor that is killed while its workers are still starting leaves none of them behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.system.newsmill import environment

pytestmark = pytest.mark.slow
GONE_S = 45.0  # a worker that has just started needs some seconds to begin, and to end, on a busy machine


def started_with(mark: str, word: bytes) -> list[int]:
    """Process ids of our workers and beat, by a variable that they inherited."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            ours = folder.name.isdigit() and mark.encode() in (folder / "environ").read_bytes()
            if ours and word in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def working_in(folder: Path) -> list[int]:
    """Process ids of those that have their working folder in it: a server that shows a title hides its variables."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("after_s", [0.0, 0.7, 2.0])
def test_none_outlives_a_supervisor_that_was_killed(tmp_path: Path, after_s: float) -> None:
    (tmp_path / "list.txt").write_text("http://127.0.0.1:9/x\n")
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "list"\nkind = "list"\npath = "list.txt"\n')
    mark = f"ORPHANS_OF={uuid.uuid4().hex}"
    name, _, value = mark.partition("=")
    run = subprocess.Popen(
        [sys.executable, "-m", "workers.commands.main", "up", "--sources", "sources.toml"],
        cwd=tmp_path,
        env=environment(NEWSMILL_FETCH__ALLOW_NETWORKS="127.0.0.0/8") | {name: value},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while len(started_with(mark, b"workers.app")) < 5:  # four workers and beat
            assert time.monotonic() < end, "they never started"
            time.sleep(0.02)
        time.sleep(after_s)
    finally:
        run.kill()
        run.wait()
    end = time.monotonic() + GONE_S
    try:
        while started_with(mark, b"workers.app"):
            assert time.monotonic() < end, "they are still there"
            time.sleep(0.2)
    finally:
        for pid in {
            *started_with(mark, b""),
            *working_in(tmp_path),
        }:  # the bundled broker, which the next run would end
            os.kill(pid, signal.SIGKILL)
