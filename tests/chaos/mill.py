"""The mill under test: `newsmill up`, or bare Celery workers that are started again as by a restart policy."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from newsmill.ledger.stages import Stage
from tests.chaos.clock import Clock
from tests.system.newsmill import environment

DELAY_S = 0.3  # least pause of a host
RESTART_S = 1.0  # a restart policy waits a while, too
STARTING_S = 20.0  # of a supervisor on a loaded machine, until it has looked at Redis
STOP_S = 30.0  # for the end of all at the end; what it takes is not judged here
BEAT, SUPERVISOR = "beat", "supervisor"


@dataclass(frozen=True, slots=True)
class Process:
    """One of ours. role: a stage, "beat", "supervisor", or "" for any other. child: its parent has the same role."""

    pid: int
    parent: int
    role: str
    child: bool = False


@dataclass
class Mill:
    """Processes over a broker and a data folder. mark: a variable that all of them inherit."""

    folder: Path
    data: Path
    broker_url: str
    supervised: bool
    clock: Clock  # of the worker fetch2
    members: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    hit: set[int] = field(default_factory=set)  # process ids that may end: somebody ended them
    ended: list[str] = field(default_factory=list)  # what ended without having been hit
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    _back: dict[str, float] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "NEWSMILL_REDIS_URL": self.broker_url,
            "NEWSMILL_DATA": str(self.data),
            "NEWSMILL_CONFIG_DIR": str(self.folder),
            "NEWSMILL_FRONTIER__MIN_FREE_MB": "4",
            "NEWSMILL_FETCH__DELAY_S": str(DELAY_S),
            "NEWSMILL_FETCH__DELAY_FACTOR": "1",
            "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_FETCH__RETRY_DELAYS_S": "1,2,4,8",
            "NEWSMILL_FETCH__RECRAWL": "false",
            "NEWSMILL_RENDER__ENABLED": "false",
            "NEWSMILL_PARSE__PROCESSES": "2",
            "CHAOS_MARK": self.mark,
            "PYTHONPATH": str(Path(__file__).parent / "poison"),
        }

    def start(self) -> None:
        names = [SUPERVISOR] if self.supervised else ["produce", "fetch", "fetch2", "parse", "index", BEAT]
        for name in names:
            self._start(name)

    def _start(self, name: str) -> None:
        self._started[name] = time.monotonic()
        celery = ["-m", "celery", "-q", "-A", "workers.app"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
        if name == SUPERVISOR:
            words = ["-m", "workers.commands.main", "up", "--sources", str(self.folder / "sources.toml")]
        elif name == BEAT:
            words = [*celery, "beat", "-s", str(self.folder / "schedule"), "--pidfile=", "-l", "WARNING"]
        else:
            words = [*celery, "worker", "-Q", name.rstrip("2"), "-n", f"{name}@%h", *quiet]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.members[name] = subprocess.Popen(
                [sys.executable, *words],
                env=environment(**self.variables, **(self.clock.variables if name == "fetch2" else {})),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def tend(self) -> None:
        """Starts again what has ended, a second later; notes what ended without having been hit."""
        for name, process in self.members.items():
            if process.poll() is None:
                continue
            if name not in self._back:
                self._back[name] = time.monotonic() + RESTART_S
                if process.pid not in self.hit and not self._found_no_redis(name):
                    self.ended.append(f"{name} ended by itself with {process.returncode}: {self.last_words(name)}")
            elif time.monotonic() >= self._back[name]:
                del self._back[name]
                self._start(name)

    def _found_no_redis(self, name: str) -> bool:
        """`newsmill up` that starts while Redis is away says so and ends, for its restart policy; later it waits."""
        began = time.monotonic() - self._started[name] < STARTING_S
        return name == SUPERVISOR and began and "cannot reach Redis" in self.last_words(name)

    def last_words(self, name: str) -> str:
        lines = (self.folder / f"{name}.log").read_text("utf-8", "replace").strip().splitlines()
        return " / ".join(lines[-3:])[-400:]

    def processes(self) -> list[Process]:
        """All that live and carry our mark."""
        found: dict[int, tuple[int, str]] = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with contextlib.suppress(OSError, IndexError, ValueError):
                if self.mark.encode() not in (folder / "environ").read_bytes():
                    continue
                state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
                if state != "Z":
                    found[int(folder.name)] = int(parent), _role((folder / "cmdline").read_bytes())
        return [
            Process(pid, parent, role, bool(role) and parent in found and found[parent][1] == role)
            for pid, (parent, role) in sorted(found.items())
        ]

    def stop(self) -> None:
        """An orderly stop of all; kills what does not end."""
        for process in self.members.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_S
        for process in self.members.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(end - time.monotonic(), 0.1))

    def end_all(self) -> None:
        """Kills whatever is left of this mill."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        for member in self.members.values():
            member.wait()


def _role(cmdline: bytes) -> str:
    words = cmdline.decode("utf-8", "replace").split("\0")
    if "workers.commands.main" in words:
        return SUPERVISOR
    if "workers.app" not in words:
        return ""
    if "beat" in words:
        return BEAT
    return next((stage for stage in map(str, Stage) if stage in words), "")
