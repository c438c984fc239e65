"""httpx's transport interface over one httpcore connection a host, without a pool.

The frontier sends one request at a time to a host, so a dictionary of idle connections is all the pool
there need be. httpcore's own pool rescans every connection on every request: 1.4 ms of CPU a 167 kB page
with 40 hosts, against 0.43 here (bench/fetch.py).

What comes after an answer on a kept connection would be taken for the answer to the next request (RFC 9112 §9.2).
So a connection is kept, and used again, only while nothing at all is unread on it.
"""

import ssl
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import h11
import httpcore
import httpx

from newsmill.http.answer import FetchError

Origin = tuple[str, str, int]

IDLE_S = 4.0  # below the 5 s after which Apache and Node close, so a close seldom meets a request on its way
HTTPCORE_ERRORS = (httpcore.ConnectionNotAvailable, httpcore.ProtocolError, httpcore.NetworkError)
IDLE_MAX = 250  # connections kept, the oldest goes first: with 500 in flight below the usual 1,024 open files


@dataclass(frozen=True, slots=True)
class _Kept:
    """An idle connection. until: monotonic seconds."""

    connection: httpcore.AsyncHTTPConnection
    stream: httpcore.AsyncNetworkStream
    until: float


class HostTransport(httpx.AsyncBaseTransport):
    """Sends requests; keeps a host's connection for `IDLE_S` seconds. For one event loop."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext, http2: bool) -> None:
        self._backend = backend
        self._tls = tls
        self._http2 = http2
        self._idle: dict[Origin, _Kept] = {}  # oldest first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's header; its body is `stream`, to be closed by the caller. Raises FetchError, httpcore errors."""
        url = request.url
        origin = (url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80))
        connection = await self._take(origin) or self._connect(url.raw_scheme, url.raw_host, origin[2])
        sent = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.content or None,
            extensions=request.extensions,
        )
        try:
            with _only_known_errors():
                answer = await connection.handle_async_request(sent)
        except BaseException:
            await connection.aclose()
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, connection, self, origin=origin),
            extensions=answer.extensions,
        )

    def _connect(self, scheme: bytes, host: bytes, port: int) -> httpcore.AsyncHTTPConnection:
        return httpcore.AsyncHTTPConnection(
            httpcore.Origin(scheme, host, port),
            ssl_context=self._tls,
            keepalive_expiry=IDLE_S,
            http2=self._http2,
            network_backend=self._backend,
        )

    async def _take(self, origin: Origin) -> httpcore.AsyncHTTPConnection | None:
        kept = self._idle.pop(origin, None)
        if kept is None:
            return None
        connection = kept.connection
        usable = connection.is_available() and not connection.has_expired()
        if usable and not kept.stream.get_extra_info("is_readable"):
            return connection
        await connection.aclose()
        return None

    async def keep(
        self, origin: Origin, connection: httpcore.AsyncHTTPConnection, stream: httpcore.AsyncNetworkStream
    ) -> None:
        """Keep a connection for the host's next request, and close those that have waited too long."""
        now = time.monotonic()
        older = self._idle.pop(origin, None)
        if older is not None:
            await older.connection.aclose()
        self._idle[origin] = _Kept(connection, stream, now + IDLE_S)
        while len(self._idle) > IDLE_MAX or next(iter(self._idle.values())).until < now:
            oldest = next(iter(self._idle))
            await self._idle.pop(oldest).connection.aclose()

    async def aclose(self) -> None:
        """Close every idle connection."""
        while self._idle:
            await self._idle.popitem()[1].connection.aclose()


def _left_over(connection: httpcore.AsyncHTTPConnection) -> bool:
    """Whether the HTTP/1 parser holds bytes that came behind the answer it has read. httpcore does not tell."""
    parser: h11.Connection | None = getattr(connection._connection, "_h11_state", None)
    return parser is not None and parser.trailing_data[0] != b""


def _reader(connection: httpcore.AsyncHTTPConnection) -> object:
    """What reads the body now, in the HTTP/1 parser; it lets go of it where it meets an error."""
    return getattr(getattr(connection._connection, "_h11_state", None), "_reader", None)


@contextmanager
def _only_known_errors() -> Iterator[None]:
    """httpcore and h2 let KeyError and its kin through for some malformed streams: the server's fault as well."""
    try:
        yield
    except (FetchError, StopAsyncIteration, *HTTPCORE_ERRORS):
        raise
    except Exception as error:
        raise httpcore.RemoteProtocolError(f"{type(error).__name__}: {error}") from error


class _Body(httpx.AsyncByteStream):
    """The body as it arrives. Closing it keeps the connection if all was read, and else ends it."""

    def __init__(
        self,
        answer: httpcore.Response,
        connection: httpcore.AsyncHTTPConnection,
        transport: HostTransport,
        *,
        origin: Origin,
    ) -> None:
        self._answer = answer
        self._parts: AsyncGenerator[bytes, None] = aiter(answer.stream)  # type: ignore[arg-type]
        self._connection = connection
        self._transport = transport
        self._origin = origin
        self._reader = _reader(connection)
        self._complete = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            with _only_known_errors():
                return await anext(self._parts)
        except StopAsyncIteration:
            self._complete = True
            raise
        except httpcore.RemoteProtocolError:
            # Behind the chunk of no bytes the body is whole (RFC 9112 §8), whatever is wrong with its trailer. Only
            # h11's reader of chunks knows that it came. The answer is not marked complete: its connection is not kept.
            if not getattr(self._reader, "_reading_trailer", False):
                raise
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        if self._complete:
            await self._answer.aclose()
            stream = self._answer.extensions["network_stream"]
            usable = self._connection.is_idle() and stream.get_extra_info("sound") and not _left_over(self._connection)
            if usable and not stream.get_extra_info("is_readable"):
                await self._transport.keep(self._origin, self._connection, stream)
                return
        else:
            await self._parts.aclose()
        await self._connection.aclose()
