"""The demo site over real HTTP: threads, keep-alive, validators, an access log that tests can ask."""

import hashlib
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from errno import EADDRINUSE
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from newsmill.demo.site import RETRY_AFTER_S, REVISE, TEXT, DemoPage, Site, build, missing_page, modified

LOG_LENGTH = 100_000  # requests remembered; a few hundred bytes each
IDLE_TIMEOUT_S = 30  # a silent keep-alive connection is closed, so that its thread ends
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:\d{1,5})?|\[[0-9a-fA-F:]{2,39}\](:\d{1,5})?")


class PortInUse(OSError):
    """Port {port} of {host} is in use: stop what listens there, or choose another port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Port {port} of {host} is in use: stop what listens there, or choose another port.")


@dataclass(frozen=True, slots=True)
class Visit:
    """One answered request. `start` and `end` are seconds of time.monotonic(); `host` is what the client asked for."""

    start: float
    end: float
    host: str
    path: str
    status: int


@dataclass
class _State:
    """What the listeners of one server share."""

    site: Site
    revision: int = 0
    answered_busy: set[str] = field(default_factory=set)
    log: deque[Visit] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def revise(self) -> int:
        with self.lock:
            self.revision += 1
            return self.revision

    def is_busy(self, path: str, page: DemoPage) -> bool:
        """True exactly once for a page that is busy once."""
        with self.lock:
            if not page.busy_once or path in self.answered_busy:
                return False
            self.answered_busy.add(path)
            return True


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that keeps its connection must not hold up close()
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], state: _State) -> None:
        self.state = state
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer would look up its own name, which may wait for a resolver
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(
            sys.exception(), ConnectionError | TimeoutError
        ):  # a client that hangs up is no error of ours
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # typeshed names socket's own types


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsmill-demo"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    wbufsize = 1 << 20  # bytes; a whole answer, so that it is in the log before a client has it
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        start = time.monotonic()
        status = self._answer()
        host = urlsplit(f"//{self.headers.get('Host') or ''}").hostname or ""
        self.server.state.log.append(Visit(start, time.monotonic(), host, self.path, status))

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the access log is `DemoServer.log`."""

    def _answer(self) -> int:
        state, path = self.server.state, urlsplit(self.path).path
        host = self.headers.get("Host") or "{}:{}".format(*self.server.server_address[:2])
        if not _HOST.fullmatch(host):
            return self._send(400, TEXT, b"the Host header is not a host and port\n")
        if path == REVISE:
            return self._send(200, TEXT, f"revision {state.revise()}\n".encode())
        page = state.site.pages.get(path) or missing_page(state.site.now)
        if state.is_busy(path, page):
            return self._send(503, TEXT, b"busy, come back in a second\n", headers={"Retry-After": str(RETRY_AFTER_S)})
        if page.location:
            return self._send(
                page.status, page.content_type, b"", headers={"Location": f"http://{host}{page.location}"}
            )
        return self._send_page(page, page.draw(f"http://{host}", state.revision).encode())

    def _send_page(self, page: DemoPage, body: bytes) -> int:
        changed = modified(page, self.server.state.revision).replace(microsecond=0)
        tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        validators = {"ETag": tag, "Last-Modified": format_datetime(changed, usegmt=True)}
        if page.status == 200 and self._has_it(tag, changed):
            return self._send(304, "", b"", headers=validators)
        return self._send(page.status, page.content_type, body, headers=validators if page.status == 200 else {})

    def _has_it(self, tag: str, changed: datetime) -> bool:
        """RFC 9110 §13.2.2: If-None-Match decides alone where it is given."""
        if (match := self.headers.get("If-None-Match")) is not None:
            return match.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in match.split(","))
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since") or "")
        except ValueError:
            return False
        return changed <= since.astimezone(UTC)

    def _send(self, status: int, content_type: str, body: bytes, *, headers: dict[str, str] | None = None) -> int:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body)
        return status


class DemoServer:
    """A running demo site. Close it, or use it as a context manager."""

    def __init__(self, listeners: Sequence[_Listener], state: _State) -> None:
        self._listeners, self._state = listeners, state
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.1,), daemon=True) for one in listeners]
        for thread in self._threads:
            thread.start()

    @property
    def host(self) -> str:
        """The name that it is reached by."""
        return self._listeners[0].server_name

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._listeners[0].server_port

    @property
    def base(self) -> str:
        """scheme://host:port of the first address it listens on."""
        return f"http://{self.host}:{self.port}"

    @property
    def log(self) -> list[Visit]:
        """The requests answered so far, in the order in which their answers ended."""
        return list(self._state.log)

    def revise(self) -> int:
        """Change the page that changes; the number of its new revision."""
        return self._state.revise()

    def close(self) -> None:
        """Ends it."""
        for listener in self._listeners:
            listener.shutdown()
            listener.server_close()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(
    host: str = "127.0.0.1", port: int = 0, *, bind: Sequence[str] = (), now: datetime | None = None
) -> DemoServer:
    """Serve the site on `host` and on every further address of `bind`, all on one port (0: any free one).

    `now` fixes the dates of the recent articles; the time of the call unless given. Raises PortInUse, OSError.
    """
    state = _State(build(now or datetime.now(UTC)))
    listeners: list[_Listener] = []
    try:
        for address in (host, *bind):
            listeners.append(_Listener((address, listeners[0].server_port if listeners else port), state))
    except OSError as error:
        for listener in listeners:
            listener.server_close()
        if error.errno == EADDRINUSE:
            raise PortInUse(address, port) from error
        raise
    return DemoServer(listeners, state)
