"""A broker, and Celery workers without a supervisor, for tests of what may happen to them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.system.newsmill import environment
from workers.local.broker import find_server, free_port

STOP_S = 60.0


class Broker:
    """A server that can be killed and started again over the same data."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, self.port, self.variables = folder, free_port(), variables
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> "redis.Redis":
        return redis.Redis(port=self.port, decode_responses=True)

    def start(self) -> None:
        words = [
            find_server(),
            "--port",
            str(self.port),
            "--dir",
            str(self.folder),
            "--appendonly",
            "yes",
            "--save",
            "",
        ]
        self.process = subprocess.Popen(words, env=os.environ | self.variables, stdout=subprocess.DEVNULL)
        wait(lambda: bool(self.client.ping()))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def wait(reached: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if reached():
                return
        except redis.RedisError:
            pass
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.1)


@contextmanager
def worker(
    broker: Broker, folder: Path, name: str, *, queues: str = "", tree: Path | None = None, **variables: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """One bare worker; its log is name.log. queues: all stages where it names none. tree: of another version."""
    given = {
        "NEWSMILL_REDIS_URL": broker.url,
        "NEWSMILL_DATA": str(folder / "data"),
        "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
        **({"PYTHONPATH": str(tree)} if tree else {}),
        **variables,
    }
    words = ["-m", "celery", "-q", "-A", "workers.app", "worker", "-l", "WARNING", "-n", f"{name}@%h"]
    words += ["-Q", queues] if queues else []
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *words], cwd=tree, env=environment(**given), stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
