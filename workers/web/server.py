"""Runs the console: a socket, uvicorn, and an orderly end."""

import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn

from workers.runtime import logs
from workers.runtime.wiring import Wiring
from workers.web.app import make_app
from workers.web.console import Board, can_stay
from workers.web.notifying import Notifier

END_S = 2  # for answers that are under way, when asked to stop; events end then
AT_ONCE = 200  # requests; more are told to come later
BACKLOG = 128


class CannotServe(Exception):
    """The console must not start like this; the text says what to do."""


def listening(host: str, port: int) -> socket.socket:
    """A socket at this address; port 0: any free one. Raises CannotServe."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise CannotServe(
            f"cannot listen on {host} port {port} ({error.strerror}): choose another with --port or NEWSMILL_WEB__PORT"
        ) from error
    return found


def serve(wiring: Wiring, sources: Path, say: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM. Raises CannotServe."""
    settings = wiring.settings
    if why := can_stay(settings):
        raise CannotServe(why)
    logs.configure(settings.log)
    sock = listening(settings.web.host, settings.web.port)
    console = Board(wiring, sources, settings.web.once or secrets.token_urlsafe(18))
    base = address(settings.web.host, sock.getsockname()[1])
    say(f"console: {base}/")
    if console.open_reading and not settings.web.once:
        say(f"to change things, once: {base}/enter?once={console.once}")
    config = uvicorn.Config(
        make_app(console),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=END_S,
        timeout_keep_alive=15,
    )
    server = _Server(config, console.stopping)
    Notifier(wiring, console.stopping).start()
    with sock:
        server.run(sockets=[sock])


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    shown = (
        "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else f"[{host}]" if ":" in host else host
    )
    return f"http://{shown}:{port}"


class _Server(uvicorn.Server):
    """Tells those who go on telling that it ends."""

    def __init__(self, config: uvicorn.Config, stopping: threading.Event) -> None:
        super().__init__(config)
        self.stopping = stopping

    def handle_exit(self, sig: int, frame: object) -> None:
        self.stopping.set()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]
