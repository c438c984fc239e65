"""The HTTP client of all stages: one GET at a time, guarded, limited in time and size.

It never follows redirects (every hop goes back to the frontier for its own turn, robots and guard), keeps
no cookies (there is no jar), reads no proxy or credential from the environment, and verifies TLS.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Self

import h11
import httpcore
import httpx

from newsmill.http import coding
from newsmill.http.answer import BadAnswer, BadRequest, Fetched, FetchError, ForbiddenAddress, Reset, TotalTimeout
from newsmill.http.guard import IpNetwork
from newsmill.http.network import GuardedBackend, Resolver, SystemResolver
from newsmill.http.ports import check_port
from newsmill.http.transport import HostTransport

Headers = tuple[tuple[str, str], ...]
Stop = Callable[[int, Headers, bytes], bool]

ERROR_BODY_MAX = 256 * 1024  # bytes of a body that is not 2xx: enough to see why, however much is sent
INLINE_DECODE_MAX = 512 * 1024  # bytes of coded body decoded on the loop (about 3 ms); larger ones in a thread
ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.8,*/*;q=0.5"


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What the client may spend on one answer, and who it says it is.

    user_agent: product token and contact address. connect_s: for DNS and connection, and again for the TLS
    handshake. read_s: longest silence. total_s: for all of it. max_body_bytes: decoded. allow_networks: networks
    that are not global and may be entered all the same, but never at own_ports: the mill's own. ca_file: further
    certificate authorities, PEM.
    """

    user_agent: str
    connect_s: float = 10.0  # 99.9 % of hosts that answer at all do so in 5 s
    read_s: float = 20.0  # slow content systems take 10 to 15 s for a first byte
    total_s: float = 60.0  # below the fetch stage's time limit of 75 s
    max_body_bytes: int = 8 * 1024 * 1024  # the largest article pages have 2 to 4 MB of inlined state
    allow_networks: tuple[IpNetwork, ...] = ()
    http2: bool = True
    ca_file: str | None = None
    own_ports: frozenset[int] = frozenset()


class Client:
    """Makes requests from one event loop; any number at once. Close it, or use it as `async with`."""

    def __init__(self, options: ClientOptions, resolver: Resolver | None = None) -> None:
        self.options = options
        self._own_resolver = SystemResolver() if resolver is None else None
        self._transport = HostTransport(
            GuardedBackend(
                resolver or self._own_resolver or SystemResolver(), options.allow_networks, options.own_ports
            ),
            _tls_context(options.ca_file),
            options.http2,
        )
        self._timeouts = {"connect": options.connect_s, "read": options.read_s, "write": options.read_s}

    async def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        max_body_bytes: int | None = None,
        stop: Stop | None = None,
        named: Collection[str] = (),
    ) -> Fetched:
        """The answer to GET `url`, decoded and cut off at `max_body_bytes`. Raises FetchError.

        headers: further request headers, replacing the client's own of the same name.
        stop: asked once with status, headers and the first bytes of the body (before decoding); True ends
        the download there, and the answer says `stopped` and has those bytes.
        named: addresses that an operator wrote; their ports are theirs (see ports.py).
        """
        started_at, t0 = time.time(), time.perf_counter()
        limit = self.options.max_body_bytes if max_body_bytes is None else max_body_bytes
        try:
            if refusal := check_port(url, named):
                raise ForbiddenAddress(refusal)
            request = self._request(url, headers or {})
            async with asyncio.timeout(self.options.total_s):
                received = await self._exchange(request, limit, stop)
            body, truncated = await _decoded(received, limit)
        except TimeoutError as error:
            raise TotalTimeout(f"no complete answer in {self.options.total_s:g} s", ended_at=time.time()) from error
        except FetchError as error:
            error.ended_at = time.time()
            raise
        elapsed_s = time.perf_counter() - t0
        return Fetched(
            url=url,
            status=received.status,
            headers=received.headers,
            body=body,
            ip=received.ip,
            started_at=started_at,
            ended_at=started_at + elapsed_s,
            elapsed_s=elapsed_s,
            truncated=truncated,
            stopped=received.stopped,
            http_version=received.http_version,
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, named: Collection[str] = ()) -> Fetched:
        """The answer to POST `url` with this body; redirects are answers. Raises FetchError. named: as in `get`."""
        started_at, t0 = time.time(), time.perf_counter()
        if refusal := check_port(url, named):
            raise ForbiddenAddress(refusal)
        request = self._request(url, headers, body)
        try:
            async with asyncio.timeout(self.options.total_s):
                received = await self._exchange(request, ERROR_BODY_MAX, None)
        except TimeoutError as error:
            raise TotalTimeout(f"no complete answer in {self.options.total_s:g} s", ended_at=time.time()) from error
        elapsed_s = time.perf_counter() - t0
        return Fetched(
            url=url,
            status=received.status,
            headers=received.headers,
            body=received.raw,
            ip=received.ip,
            started_at=started_at,
            ended_at=started_at + elapsed_s,
            elapsed_s=elapsed_s,
            truncated=received.cut,
            stopped=False,
            http_version=received.http_version,
        )

    def _request(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> httpx.Request:
        merged = {"accept": ACCEPT, "accept-encoding": coding.ACCEPTED, "user-agent": self.options.user_agent}
        merged |= {name.lower(): value for name, value in headers.items()}
        try:
            target = httpx.URL(url)
            raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in merged.items()]
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise BadRequest(f"cannot be requested: {error}") from error
        if target.scheme not in ("http", "https") or not target.host:
            raise BadRequest("only http and https addresses can be fetched")
        if target.userinfo:
            target = target.copy_with(userinfo=b"")
        method = "GET" if body is None else "POST"
        return httpx.Request(method, target, headers=raw, content=body, extensions={"timeout": self._timeouts})

    async def _exchange(self, request: httpx.Request, limit: int, stop: Stop | None) -> "_Received":
        response: httpx.Response | None = None
        try:
            response = await self._transport.handle_async_request(request)
            return await _receive(response, limit, stop)
        except FetchError as error:
            error.answered = response is not None
            raise
        except httpcore.LocalProtocolError as error:
            if not isinstance(error.__cause__, h11.LocalProtocolError):  # h2 says so of what the server does, too
                raise _protocol_error(error, response is not None) from error
            raise BadRequest(f"cannot be requested: {error}") from error
        except (httpcore.RemoteProtocolError, httpcore.ConnectionNotAvailable) as error:
            raise _protocol_error(error, response is not None) from error
        finally:
            if response is not None:
                await response.stream.aclose()  # type: ignore[union-attr]

    async def aclose(self) -> None:
        """Close every connection and the resolver's threads."""
        await self._transport.aclose()
        if self._own_resolver is not None:
            self._own_resolver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@dataclass(frozen=True, slots=True)
class _Received:
    """An answer before decoding."""

    status: int
    headers: Headers
    raw: bytes
    cut: bool
    stopped: bool
    ip: str
    http_version: str


async def _receive(response: httpx.Response, limit: int, stop: Stop | None) -> _Received:
    status = response.status_code
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
    limit = limit if 200 <= status < 300 else min(limit, ERROR_BODY_MAX)
    parts: list[bytes] = []
    size = 0
    stopped = False
    async for part in response.stream:  # type: ignore[union-attr]
        parts.append(part)
        size += len(part)
        if len(parts) == 1 and stop is not None and stop(status, headers, part):
            stopped = True
            break
        if size > limit:
            break
    raw = b"".join(parts)
    return _Received(
        status=status,
        headers=headers,
        raw=raw[:limit],
        cut=size > limit,
        stopped=stopped,
        ip=response.extensions["network_stream"].get_extra_info("ip") or "",
        http_version=response.http_version,
    )


async def _decoded(received: _Received, limit: int) -> tuple[bytes, bool]:
    encoding = ",".join(value for name, value in received.headers if name.lower() == "content-encoding")
    if received.stopped or not received.raw:
        return received.raw, received.stopped
    if not encoding:
        return received.raw, received.cut
    try:
        if len(received.raw) <= INLINE_DECODE_MAX:
            decoded = coding.decode(received.raw, encoding, limit)
        else:
            decoded = await asyncio.to_thread(coding.decode, received.raw, encoding, limit)
    except coding.BadCoding as error:
        raise BadAnswer(str(error), ip=received.ip) from error
    return decoded.body, decoded.truncated or received.cut


def _protocol_error(error: Exception, answered: bool) -> FetchError:
    text = str(error) or type(error).__name__
    found: FetchError = BadAnswer(f"not a valid HTTP answer: {text[:200]}")
    if "without sending" in text or "peer closed" in text or isinstance(error, httpcore.ConnectionNotAvailable):
        found = Reset(text)
    found.answered = answered
    return found


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
