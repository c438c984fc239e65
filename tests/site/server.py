"""A web server on loopback that misbehaves on demand: routes are named for what they do (`tests/site/routes.py`).

Every loopback address is a host of its own (127.0.1.1, 127.0.1.2, ...), all on one port. The access log
holds when each request began and ended, so that politeness can be read from the server's side.

    with Site(hosts=3) as site:
        site.url("/page/1"), site.url("/hang", host=1), site.pages["127.0.1.1", "/x"] = Page(b"...")
        site.log.overlaps(), site.log.gaps(site.host(0))
"""

import asyncio
import contextlib
import ipaddress
import itertools
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

HEADER_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. `host`: the loopback address it connected to. `args`: the path's parts after the route."""

    host: str
    path: str
    headers: dict[str, str]
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A fixed answer."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(slots=True)
class Access:
    """One request in the log. Times: time.time(). `end` is 0 while it is under way.

    Of a fixed page it is the moment before its bytes leave. Taken afterwards it came up to 15 ms later than the client
    had them all (four busy loops on two cores; 6 of 100 came later at all): then a whole pause looks too short.
    """

    host: str
    path: str
    headers: dict[str, str]
    start: float
    end: float = 0.0
    client: int = 0  # the port it came from: one number, one connection


@dataclass
class Log:
    """All requests of all hosts, in the order they began."""

    accesses: list[Access] = field(default_factory=list)

    def by_host(self) -> dict[str, list[Access]]:
        """The requests of each host."""
        grouped: dict[str, list[Access]] = defaultdict(list)
        for access in list(self.accesses):
            grouped[access.host].append(access)
        return grouped

    def paths(self, host: str | None = None) -> list[str]:
        """What was asked, of one host or of all."""
        return [a.path for a in list(self.accesses) if host in (None, a.host)]

    def overlaps(self) -> list[tuple[Access, Access]]:
        """Pairs of requests that one host had under way at the same time."""
        return [
            (one, two)
            for accesses in self.by_host().values()
            for one, two in itertools.pairwise(accesses)
            if two.start < (one.end or float("inf"))
        ]

    def gaps(self, host: str | None = None) -> list[float]:
        """Seconds from the end of each request to the start of the host's next, of one host or of all."""
        return [
            two.start - one.end
            for name, accesses in self.by_host().items()
            if host in (None, name)
            for one, two in itertools.pairwise(accesses)
        ]


Route = Callable[["Site", Request, asyncio.StreamWriter], Awaitable[None]]


class Hangup(Exception):
    """Raised by a route to end the connection after what it has sent."""


TRIES = 20  # ports that are free on a host's address and not on another's


class Site:
    """The server, in a thread of its own. Start and stop it as a context manager."""

    def __init__(
        self, hosts: int = 1, tls: ssl.SSLContext | None = None, port: int = 0, first: str = "127.0.1.1"
    ) -> None:
        from tests.site.routes import ROUTES

        start = ipaddress.IPv4Address(first)
        self.hosts = [str(start + i // 250 * 256 + i % 250) for i in range(hosts)]
        self.log = Log()
        self.pages: dict[tuple[str, str], Page] = {}
        self.routes: dict[str, Route] = dict(ROUTES)
        self._tls = tls
        self._port = port
        self._sockets: list[socket.socket] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="site", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def host(self, number: int = 0) -> str:
        """The address of host `number`."""
        return self.hosts[number]

    @property
    def port(self) -> int:
        """The port of all hosts."""
        return self._port

    def url(self, path: str, host: int | str = 0) -> str:
        """The address of `path` on a host (its number, or a name that resolves to it)."""
        name = self.hosts[host] if isinstance(host, int) else host
        return f"{'https' if self._tls else 'http'}://{name}:{self._port}{path}"

    def __enter__(self) -> Self:
        try:
            self._bind(TRIES if not self._port else 1)
        except OSError:
            self._loop.close()
            raise
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def _bind(self, tries: int) -> None:
        """One port of all hosts. Raises OSError: the one that is asked for, or all that were tried, are in use."""
        given = self._port
        for left in reversed(range(tries)):
            try:
                for host in self.hosts:
                    sock = socket.socket()
                    self._sockets.append(sock)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    sock.bind((host, self._port))
                    self._port = sock.getsockname()[1]
            except OSError:
                while self._sockets:
                    self._sockets.pop().close()
                self._port = given
                if not left:
                    raise
            else:
                return

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        self._servers = [
            await asyncio.start_server(self._connected, sock=sock, ssl=self._tls, limit=HEADER_MAX, backlog=1000)
            for sock in self._sockets
        ]

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, Hangup):
                while True:
                    await self._serve_one(reader, writer)
        except asyncio.CancelledError:
            pass  # the site is stopping; this connection goes with it
        finally:
            writer.transport.abort()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        host = writer.get_extra_info("sockname")[0]
        access = Access(host, path, headers, time.time(), client=writer.get_extra_info("peername")[1])
        self.log.accesses.append(access)
        try:
            if page := self.pages.get((host, path)):
                access.end = time.time()
                send(writer, page.status, page.body, *page.headers)
            else:
                await self._answer(Request(host, path, headers), writer)
            await writer.drain()
        finally:
            access.end = access.end or time.time()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        name, *args = request.path.partition("?")[0].strip("/").split("/")
        route = self.routes.get(name, self.routes["not-found"])
        return await route(self, Request(request.host, request.path, request.headers, tuple(args)), writer)


def send(writer: asyncio.StreamWriter, status: int, body: bytes, *headers: tuple[str, str]) -> None:
    """Write a whole, correct answer."""
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}"]
    if status in (204, 304):
        lines.pop()
        body = b""
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)


@contextlib.contextmanager
def running(hosts: int = 1, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site for the length of a `with` block."""
    with Site(hosts, tls) as site:
        yield site
