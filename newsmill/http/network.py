"""Where connections begin: resolve the name, vet every address, dial a vetted one (the guard's edge).

The address that is vetted is the address that is dialled, on every connection, so a DNS answer that
changes in between changes nothing. No pool, no proxy: `newsmill/http/transport.py` keeps the connections.
"""

import asyncio
import errno
import select
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import aiohappyeyeballs
import httpcore

from newsmill.http.answer import (
    ConnectTimeout,
    DnsFailure,
    ForbiddenAddress,
    NoResources,
    ReadTimeout,
    Refused,
    Reset,
    TlsFailure,
)
from newsmill.http.guard import IpNetwork, check_ip, parse_literal
from newsmill.http.head import Heads

DNS_THREADS = 32  # getaddrinfo blocks a thread each; a dead name server holds one for up to 30 s
ADDRESSES_MAX = 6  # of one host, tried in turn; more only prolongs the failure
NEXT_ADDRESS_S = 0.25  # RFC 8305 §5: the next address is tried beside a silent one after 250 ms
_OUR_FAULT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
READ_BUFFER = 64 * 1024  # bytes; asyncio holds up to twice that a connection before it stops reading


class Resolver(Protocol):
    """Turns a host name into IP addresses, best first. Raises DnsFailure."""

    async def resolve(self, host: str) -> Sequence[str]:
        """The addresses of `host`."""
        ...


class SystemResolver:
    """The operating system's resolver (hosts file included), in threads of its own."""

    def __init__(self, threads: int = DNS_THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="dns")

    async def resolve(self, host: str) -> Sequence[str]:
        """The addresses of `host` in the order of RFC 6724. Raises DnsFailure."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, _addresses, host)
        except (OSError, ValueError) as error:
            raise DnsFailure(f"{host[:253]} does not resolve: {error}") from error

    def close(self) -> None:
        """Let the threads go; names being looked up are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str) -> list[str]:
    # As bytes, so that Python's own IDNA codec (which refuses names DNS accepts) stays out of it.
    found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects httpcore to hosts, through the guard."""

    def __init__(
        self, resolver: Resolver, allow_networks: tuple[IpNetwork, ...], own_ports: frozenset[int] = frozenset()
    ) -> None:
        self._resolver = resolver
        self._allow_networks = allow_networks
        self._own_ports = own_ports

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first vetted address that answers within `timeout` seconds. Raises FetchError."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._vetted(host, port)
                infos = [_address_info(ip, port) for ip in addresses]
                sock = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=NEXT_ADDRESS_S)
        except TimeoutError as error:
            raise ConnectTimeout(f"no connection to {host} port {port} in {timeout:g} s") from error
        except OSError as error:
            if error.errno in _OUR_FAULT:
                raise NoResources(error.strerror or str(error)) from error
            raise Refused(f"{host} port {port}: {error.strerror or error}") from error
        return GuardedStream(sock)

    async def _vetted(self, host: str, port: int) -> list[str]:
        literal = parse_literal(host)
        addresses = [str(literal)] if literal is not None else await self._resolver.resolve(host)
        refusals: list[str] = []
        vetted: list[str] = []
        for ip in addresses:
            refusal = check_ip(ip, self._allow_networks)
            if refusal is None and port in self._own_ports and check_ip(ip) is not None:
                refusal = f"port {port} of {ip} is Newsmill's own"
            if refusal is None:
                vetted.append(ip)
            else:
                refusals.append(refusal)
        if not vetted:
            if refusals:
                raise ForbiddenAddress(f"{host}: {refusals[0]}")
            raise DnsFailure(f"{host} has no address")
        return vetted[:ADDRESSES_MAX]


def _address_info(ip: str, port: int) -> tuple[int, int, int, str, tuple[Any, ...]]:
    if ":" in ip:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port)


class _Reader(asyncio.StreamReader):
    """A reader that knows how much came."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=READ_BUFFER, loop=loop)
        self.arrived = 0  # bytes

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # its stub says any iterable of numbers
        """Called by asyncio for what the socket gave."""
        self.arrived += len(data)
        super().feed_data(data)


class GuardedStream(httpcore.AsyncNetworkStream):
    """A connected socket as httpcore wants it. asyncio takes it over at the first byte, with or without TLS.

    Heads of HTTP/1 answers are mended on their way to the parser (`newsmill/http/head.py`).
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._ip = str(sock.getpeername()[0])
        self._reader: _Reader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._heads: Heads | None = Heads()
        self._taken = 0  # bytes

    async def _open(self, tls: ssl.SSLContext | None = None, server_hostname: str | None = None) -> None:
        loop = asyncio.get_running_loop()
        reader = _Reader(loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await loop.create_connection(
            lambda: protocol, sock=self._sock, ssl=tls, server_hostname=server_hostname
        )
        self._reader, self._writer = reader, asyncio.StreamWriter(transport, protocol, reader, loop)
        if tls is not None and transport.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
            self._heads = None

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Do the handshake within `timeout` seconds. Raises TlsFailure, ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                await self._open(ssl_context, server_hostname)
        except TimeoutError as error:
            await self.aclose()
            raise ConnectTimeout(f"no TLS handshake with {server_hostname} in {timeout:g} s") from error
        except (OSError, ValueError) as error:
            await self.aclose()
            raise TlsFailure(f"{server_hostname}: {_tls_text(error)}") from error
        except BaseException:
            await self.aclose()
            raise
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, empty at the end. Raises ReadTimeout, Reset, BadAnswer, HeaderTooLarge."""
        while True:
            data = await self._receive(max_bytes, timeout)
            ready = self._heads.feed(data) if self._heads else data
            if ready or not data:
                return ready

    async def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        if self._reader is None:
            await self._open()
        assert self._reader is not None
        try:
            async with asyncio.timeout(timeout):
                data = await self._reader.read(max_bytes)
                self._taken += len(data)
                return data
        except TimeoutError as error:
            raise ReadTimeout(f"{self._ip} sent nothing for {timeout:g} s") from error
        except OSError as error:
            raise Reset(f"{self._ip} broke the connection: {error.strerror or error}") from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`. Raises httpcore.WriteError (an answer may be there all the same), ReadTimeout."""
        if self._writer is None:
            await self._open()
        assert self._writer is not None
        if self._heads:
            self._heads.asked()
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise ReadTimeout(f"{self._ip} took nothing for {timeout:g} s") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close at once: what is unread or unsent is of no more use."""
        if self._writer is None:
            self._sock.close()
        else:
            self._writer.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for (ssl_object, is_readable), `ip`, the address dialled, and `sound` (see Heads)."""
        if info == "ip":
            return self._ip
        if info == "is_readable":
            return self._is_readable()
        if info == "sound":
            return self._heads is None or self._heads.sound
        return self._writer.get_extra_info(info) if self._writer is not None else None

    def _is_readable(self) -> bool:
        """Whether the connection ended, or anything came that nobody has read: in us, in asyncio, in the socket."""
        if self._reader is None:
            return False
        if self._reader.at_eof() or self._reader.exception() is not None or self._reader.arrived != self._taken:
            return True
        return bool(self._heads and self._heads.unread) or _arriving(self._sock)


def _arriving(sock: socket.socket) -> bool:
    """Whether there is something to read from a socket, its end included; true for one that is closed."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _tls_text(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS handshake failed: {error.reason or error}"
    return f"TLS handshake failed: {error}"
