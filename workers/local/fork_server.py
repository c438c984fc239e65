"""Forks the local mode's processes: one imports what all of them need, once, and they share its memory (copy on write).

Where a system cannot hand them over to the supervisor (`hand_over_orphans`), each is started by itself, as elsewhere.

The server forks twice and the one between ends, so that a worker becomes a child of the supervisor: who waits for it,
whom it watches, and who ends it are the same as for a process that the supervisor started itself.
"""

import ctypes
import gc
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from workers.pipeline import STAGES

IMPORTED = (
    *(f"workers.{stage}.step" for stage in STAGES),
    *("celery.apps.worker", "celery.apps.beat", "celery.fixups.django"),
    *("celery.concurrency.prefork", "celery.concurrency.thread", "celery.worker.consumer", "celery.worker.autoscale"),
    *("kombu.transport.redis", "billiard.popen_fork", "newsmill.download.pool", "newsmill.extraction.own"),
)
WITHOUT = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}  # as the words say (fleet.py)
TITLE_BYTES = 512  # room for the command line of what is forked; ours takes 120 and a path
START_S = 60.0  # until the first answer: two seconds of imports, on a machine that does other things as well
BECOME_S = 5.0  # until a worker is the supervisor's child: the one between ends at once
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


class NoForkServer(Exception):
    """It does not answer: start processes in another way."""


def hand_over_orphans() -> bool:
    """Whether processes whose parent ends become this process's children from now on (Linux; prctl(2))."""
    if not sys.platform.startswith("linux"):
        return False
    with suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) == 0
    return False


def show_as(words: Sequence[str]) -> None:
    """Lets `ps` show this process as if it had been started by this command; nothing happens where that is unknown.

    It overwrites the memory that the system reads the command line from (proc(5), fields 48 and 49 of stat), cut to it.
    """
    with suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_bytes().rsplit(b")", 1)[1].split()
        start, end = int(fields[45]), int(fields[46])
        if 0 < start < end:
            text = b"\0".join(os.fsencode(word) for word in words)[: end - start - 1]
            ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)


class Forked:
    """A child that the server forked; as much of Popen as the fleet needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        if self.returncode is None:
            with suppress(ChildProcessError):  # not ours yet: the one between is about to end
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        until = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Sends it a signal, if it lives."""
        if self.poll() is None:
            os.kill(self.pid, number)


class ForkServer:
    """Our side of it. It imports while we do other things. Ends with us, or when it is closed."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_S)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), "-" * TITLE_BYTES],
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # a thread for each core would not survive the fork
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def start(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
        """Forks what shall run as `celery` with these words. Raises NoForkServer."""
        request = {"words": list(words), "environment": dict(environment), "log": str(log), "parent": os.getpid()}
        try:
            self._control.send(json.dumps(request).encode())
            answer = self._control.recv(64)
        except OSError as error:
            raise NoForkServer(str(error)) from error
        if not answer:
            raise NoForkServer("it has ended")
        return Forked(int(answer))

    def close(self) -> None:
        """Ends it; what it forked lives on."""
        self._control.close()
        self._process.kill()
        self._process.wait()


@contextmanager
def fork_server() -> Iterator[ForkServer | None]:
    """None where processes are not handed over."""
    server = ForkServer() if hand_over_orphans() else None
    try:
        yield server
    finally:
        if server:
            server.close()


def _fork(request: dict[str, Any], control: socket.socket) -> bool:
    """Whether this is the new process, a child of the supervisor by now."""
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return False
    pid = os.fork()
    if pid:
        control.send(str(pid).encode())
        os._exit(0)
    control.close()
    until = time.monotonic() + BECOME_S
    while os.getppid() != request["parent"]:
        if time.monotonic() > until:  # the supervisor is gone, and we are init's
            os._exit(1)
        time.sleep(0.001)
    return True


def _become(request: dict[str, Any]) -> None:
    """Runs as `celery` would with these words, by its classes: its command line imports all of its commands."""
    os.setsid()
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    os.environ.update(request["environment"])
    words = request["words"]
    sys.argv[:] = ["celery", *words]
    show_as([sys.executable, "-m", "celery", *words])
    from celery.utils.nodenames import host_format

    app = import_module(_after("-A", words)).app
    app.set_current()
    if "beat" in words:
        app.Beat(schedule=_after("-s", words), loglevel="WARNING", quiet=True).run()
        return
    name = host_format(_after("-n", words))
    worker = app.Worker(hostname=name, queues=_after("-Q", words), loglevel="WARNING", quiet=True, **WITHOUT)
    worker.start()
    sys.exit(worker.exitcode)


def _after(option: str, words: Sequence[str]) -> str:
    return words[words.index(option) + 1]


def _import_all() -> None:
    """What is there then is not looked at again by the forked, and so stays shared."""
    gc.disable()
    sys.modules["rich"] = None  # type: ignore[assignment]  # structlog would import it, for tracebacks on a terminal
    for name in IMPORTED:
        import_module(name)
    del sys.modules["rich"]
    gc.freeze()
    gc.enable()


def main() -> None:
    """The server: forks as it is asked to, until the supervisor hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    show_as([sys.executable, "-m", "workers.local.fork_server"])
    _import_all()
    while message := control.recv(1 << 20):
        request = json.loads(message)
        if _fork(request, control):
            _become(request)
            return


if __name__ == "__main__":
    main()
