"""The local mode's processes: a worker for each stage, and beat; started, watched, restarted and stopped together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workers.local.fork_server import Forked, ForkServer, NoForkServer
from workers.pipeline import STAGES

OURS = Path(__file__).resolve().parents[1] / "__init__.py"
STOP_S = 10.0  # compose gives the same: a batch in progress is handed back within it
RESTARTS = 5  # ends within RESTART_SPAN_S that are taken for bad luck; more are a fault to tell
RESTART_SPAN_S = 30.0
LOG_KEPT_BYTES = 10_000_000  # a log file larger than this is put aside (one old one is kept) when a worker starts


class FleetProblem(Exception):
    """A worker does not stay alive; the text has its last words."""


@dataclass
class _Member:
    name: str
    words: list[str]  # after `celery`
    process: "subprocess.Popen[bytes] | Forked | None" = None
    ends: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lost:
    """A process that has ended. killed: by somebody else (a person, a memory limit), not by what it was at work on."""

    name: str
    pid: int
    killed: bool


CELERY = ("-q", "-A", "workers.app")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING")


class Fleet:
    """environment: variables for the processes beside our own. logs: folder for a log file each.

    queues: a worker for each. forks: what starts them cheaply, if there is one.
    """

    def __init__(
        self,
        environment: dict[str, str],
        logs: Path,
        schedule: Path,
        *,
        queues: Sequence[str] = tuple(map(str, STAGES)),
        forks: ForkServer | None = None,
    ) -> None:
        self.environment, self.logs, self._forks = environment, logs, forks
        self.members = [
            _Member(queue, [*CELERY, "worker", "-Q", queue, "-n", f"{queue}@%h", *QUIET]) for queue in queues
        ]
        beat = [*CELERY, "beat", "-s", str(schedule), "--pidfile=", "-l", "WARNING"]
        self.members.append(_Member("beat", beat))

    def start(self) -> None:
        """Starts all. Raises FleetProblem."""
        if hiding := _hiding(Path.cwd()):
            raise FleetProblem(f"{hiding} would be taken for Newsmill's package of that name: run it in another folder")
        self.logs.mkdir(parents=True, exist_ok=True)
        for member in self.members:
            self._start(member)

    def _log(self, member: _Member) -> Path:
        return self.logs / f"{member.name}.log"

    def _start(self, member: _Member) -> None:
        log = self._log(member)
        if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        if self._forks:
            try:
                member.process = self._forks.start(member.words, self.environment, log)
                return
            except NoForkServer:
                self._forks = None
        with log.open("ab") as out:
            member.process = subprocess.Popen(
                [sys.executable, "-m", "celery", *member.words],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C is for the supervisor, which then stops them in order
            )

    def watch(self) -> list[Lost]:
        """Restarts what has ended; returns what was lost. Raises FleetProblem."""
        lost = []
        self._reap_orphans()
        for member in self.members:
            if member.process and member.process.poll() is not None:
                killed = member.process.returncode == -signal.SIGKILL
                lost.append(Lost(member.name, member.process.pid, killed))
                _end_group(member.process.pid)  # children of a killed prefork parent wait for ever
                now = time.monotonic()
                member.ends = [t for t in member.ends if now - t < RESTART_SPAN_S] + [now]
                if len(member.ends) > RESTARTS:
                    raise FleetProblem(f"the {member.name} worker keeps ending: {self._last_words(member)}")
                self._start(member)
        return lost

    def _reap_orphans(self) -> None:
        """Where processes are handed over to us, so are the children of a worker that was killed."""
        ours = {member.process.pid for member in self.members if member.process}
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid in ours:
                    break
                os.waitpid(found.si_pid, os.WNOHANG)

    def _last_words(self, member: _Member) -> str:
        lines = [line for line in self._log(member).read_text("utf-8", "replace").splitlines() if line.strip()]
        return f"{lines[-1].strip() if lines else 'it said nothing'} (see {self._log(member)})"

    def stop(self) -> None:
        """SIGTERM to all, beat first; what has not ended after STOP_S is killed."""
        processes = [m.process for m in reversed(self.members) if m.process and m.process.poll() is None]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in processes:
            try:
                process.wait(max(deadline - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                _end_group(process.pid)
                process.wait()


def _hiding(folder: Path) -> Path | None:
    """A foreign module in `folder` that Celery, which looks there first, takes for our `workers`; no copy of ours."""
    if (folder / "workers" / "pipeline.py").exists():
        return None
    found = (folder / "workers" / "__init__.py", folder / "workers.py")
    return next((path for path in found if path.exists() and path.resolve() != OURS), None)


def _end_group(pid: int) -> None:
    """Kills what is left of a worker's session, which we made for it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
