"""The command as a subprocess, as an operator runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

TIMEOUT_S = 240


def environment(**variables: str) -> dict[str, str]:
    """Our own environment without settings of the developer's, plus `variables`."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NEWSMILL_")}
    return clean | variables


def newsmill(*words: str, cwd: Path, code: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `newsmill words…` in `cwd`; fails the test if the exit code is not `code` (None: any)."""
    done = subprocess.run(
        [sys.executable, "-m", "workers.commands.main", *words],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )
    if code is not None:
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return done


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


class Running:
    """`newsmill words…` while it runs. Leaving the block stops it as Ctrl-C does."""

    def __init__(self, *words: str, cwd: Path, **variables: str) -> None:
        self.words, self.cwd, self.variables = words, cwd, variables

    def __enter__(self) -> "Running":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers.commands.main", *self.words],
            cwd=self.cwd,
            env=environment(**self.variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def workers(self, stage: str) -> list[int]:
        """Process ids of the workers of a stage that descend from this run: the parent first, then its children."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                    parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, ValueError, IndexError):
                    continue
                if b"workers.app" in words and stage.encode() in words:
                    found.append((int(folder.name), parent))
        mine = {pid for pid, parent in found if parent == self.process.pid}
        return sorted(mine) + sorted(pid for pid, parent in found if parent in mine)

    def wait(self, timeout: float = TIMEOUT_S) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=timeout)
        return self.process.returncode, out, err
