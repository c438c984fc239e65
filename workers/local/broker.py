"""The bundled broker of the local mode: a Redis or Valkey server of our own on loopback, its data in the data folder.

One process at a time may run it: a lock file says who. A server that a killed process left behind is ended first, with
the password that only its owner could read, so that never two servers write the same append-only file.
"""

import contextlib
import fcntl
import json
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

import redis

from workers.local.server import BrokerProblem, find_server, keep, server_for

START_S = 20.0  # loading a large append-only file takes seconds
STOP_S = 10.0

CONFIG = """
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
daemonize no
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
hash-max-listpack-entries 512
hash-max-listpack-value 1024
logfile server.log
"""


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class LocalBroker:
    """The bundled broker of one data folder.

    Usage: `with LocalBroker(data, port) as url`. port 0: any free one. Raises BrokerProblem.
    """

    def __init__(self, data: Path, port: int = 0) -> None:
        self.folder = data / "broker"
        self.card = self.folder / "server.json"
        self.port = port
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def running_url(self) -> str | None:
        """The address of the server that another process runs on this folder now."""
        card = self._read_card()
        return str(card["url"]) if card and _answers(str(card["url"])) else None

    def __enter__(self) -> str:
        self._take_lock()
        try:
            self._end_orphan()
            return self._start()
        except BaseException:
            self._release()
            raise

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.card.unlink(missing_ok=True)
        self._release()

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Starts the server again at the same address, after it died."""
        card = self._read_card()
        if card:
            self._start(int(card["port"]), str(card["password"]))

    def _take_lock(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("w")
        except OSError as error:
            raise BrokerProblem(f"cannot write to the data folder {self.folder.parent}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise BrokerProblem(
                f"another newsmill is running on {self.folder.parent}: stop it, or use --data with another folder"
            ) from error
        self._lock = lock

    def _release(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def _read_card(self) -> dict[str, str | int] | None:
        try:
            card: dict[str, str | int] = json.loads(self.card.read_text())
            return card
        except (OSError, ValueError):
            return None

    def _end_orphan(self) -> None:
        card = self._read_card()
        if not card or not _answers(str(card["url"])):
            return
        with contextlib.suppress(redis.RedisError):  # it answers a shutdown by closing the connection
            redis.Redis.from_url(str(card["url"])).shutdown(nosave=True)  # the append-only file has everything
        deadline = time.monotonic() + STOP_S
        while _answers(str(card["url"])):
            if time.monotonic() > deadline:
                raise BrokerProblem(f"an old broker (process {card.get('pid')}) still runs on {self.folder}: end it")
            time.sleep(0.05)

    def _start(self, port: int = 0, password: str = "") -> str:
        port = port or self.port or free_port()
        if in_use(port):
            raise BrokerProblem(
                f"port {port} of 127.0.0.1 is in use: choose another with NEWSMILL_BROKER__PORT, or 0 for a free one"
            )
        password = password or secrets.token_urlsafe(24)
        server = server_for(self.folder)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._process = subprocess.Popen(
            [server.program, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; the broker ends last
        )
        assert self._process.stdin
        folder = str(self.folder.resolve()).replace("\\", "\\\\").replace('"', '\\"')  # as it reads quoted words
        config = CONFIG.format(port=port, password=password, folder=folder)
        self._process.stdin.write(config.encode())
        self._process.stdin.close()
        card: dict[str, str | int] = {"url": url, "port": port, "password": password, "pid": self._process.pid}
        self._write_card(card)
        deadline = time.monotonic() + START_S
        while not _answers(url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BrokerProblem(f"{server.made} did not start on port {port}: {self._last_words()}")
            time.sleep(0.02)
        keep(self.folder, server.made)
        return url

    def _write_card(self, card: dict[str, str | int]) -> None:
        try:
            with os.fdopen(os.open(self.card, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(card, file)
        except OSError as error:
            self.__exit__()
            raise BrokerProblem(f"cannot write to the data folder {self.folder.parent}: {error.strerror}") from error

    def _last_words(self) -> str:
        try:
            lines = (self.folder / "server.log").read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        told = [line for line in lines if "#" in line or "Warning" not in line]
        last = told[-1] if told else "it said nothing"
        if "Bad file format" in last:  # it goes on to praise a tool that cuts the file off where it was damaged
            last = last.split("make a backup")[0].strip() + (
                f" Move {self.folder} away and keep it, then `newsmill reparse` fills a new ledger from the raw pages"
            )
        return last


def in_use(port: int) -> bool:
    """Whether another process listens on this port of 127.0.0.1."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port in TIME_WAIT is free
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


__all__ = ["BrokerProblem", "LocalBroker", "find_server", "free_port"]
