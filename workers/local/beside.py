"""The console beside a mill that stays: a process of its own, so that nobody's search holds up a worker."""

import importlib.util
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from newsmill.settings import Settings
from workers.local.broker import free_port, in_use

STOP_S = 5.0
RESTARTS = 3  # then something is wrong with it that a start does not mend
PAUSE_S = 2.0


@contextmanager
def console(
    s: Settings, sources: Path, environment: Mapping[str, str], *, say: Callable[[str], None]
) -> Iterator[None]:
    """Serves the console while the block runs, and tells its address; says why, where it cannot."""
    port = s.web.port or free_port()
    if not s.web.enabled or importlib.util.find_spec("starlette") is None:
        yield
        return
    if in_use(port):
        say(f"no console: port {port} is in use, choose another with NEWSMILL_WEB__PORT")
        yield
        return
    once = secrets.token_urlsafe(18)
    say(f"console: http://127.0.0.1:{port}/")
    if not s.web.password:
        say(f"to change things there, once: http://127.0.0.1:{port}/enter?once={once}")
    own = {"NEWSMILL_WEB__PORT": str(port), "NEWSMILL_WEB__ONCE": once}
    words = [sys.executable, "-m", "newsmill", "web", "--sources", str(sources.resolve())]
    running = _Running(words, {**os.environ, **environment, **own}, s.data / "logs" / "web.log")
    running.start()
    try:
        yield
    finally:
        running.end()


class _Running(threading.Thread):
    """The process, and its restarts."""

    def __init__(self, words: list[str], environment: Mapping[str, str], log: Path) -> None:
        super().__init__(name="console", daemon=True)
        self.words, self.environment, self.log = words, environment, log
        self.ending = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        for _ in range(1 + RESTARTS):
            if self.ending.is_set():
                return
            with self.log.open("ab") as out:
                self.process = subprocess.Popen(
                    self.words,
                    env=dict(self.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,  # Ctrl-C is for the supervisor
                )
            self.process.wait()
            if self.ending.wait(PAUSE_S):
                return

    def end(self) -> None:
        """Ends it in order."""
        self.ending.set()
        process = self.process
        if process is None:
            return
        process.terminate()
        self.join(STOP_S)
        if self.is_alive():
            process.kill()
            self.join(STOP_S)
