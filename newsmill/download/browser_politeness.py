"""Politeness for requests that the frontier does not know: what a rendered page asks for beside itself.

The same pure decisions as for pages (robots.txt, one request at a time to a host, its delay from the end of the
last one), kept in this process. The host of the page itself is held by the frontier meanwhile.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from newsmill.download.robots_confined import read_confined
from newsmill.http.answer import Fetched, FetchError
from newsmill.http.client import Client
from newsmill.policy.politeness import HostState, PolitenessOptions, after, event_of
from newsmill.policy.robots import RobotsFile, RobotsOptions, RobotsRedirect, robots_from_response
from newsmill.policy.robots_rules import SIZE_MAX

HOSTS_MAX = 2000  # remembered; the one that was asked longest ago is forgotten first


class NotAllowed(Exception):
    """robots.txt forbids the address; the text names the rule."""


@dataclass
class _Host:
    """One authority. free_at: monotonic time from which it may be asked."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    state: HostState = field(default_factory=HostState)
    free_at: float = 0.0
    robots: RobotsFile | None = None


class BrowserGate:
    """Makes requests, each on its host's turn. For one event loop."""

    def __init__(self, client: Client, politeness: PolitenessOptions, robots: RobotsOptions) -> None:
        self._client = client
        self._politeness = politeness
        self._robots = robots
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    async def get(self, url: str, headers: dict[str, str], max_body_bytes: int | None = None) -> Fetched:
        """The answer to GET `url`, after robots.txt and the host's delay. Raises NotAllowed, FetchError."""
        host = self._host(url)
        async with host.turn:
            await self._check_robots(host, url)
            return await self._ask(host, url, headers, most=max_body_bytes)

    def held(self, url: str, ended_ago_s: float = 0.0) -> None:
        """Tell the gate that the host of `url` was asked by somebody else, `ended_ago_s` seconds ago."""
        host = self._host(url)
        host.free_at = max(host.free_at, time.monotonic() - ended_ago_s + self._politeness.delay_min_s)

    def _host(self, url: str) -> _Host:
        parts = urlsplit(url)
        authority = f"{parts.scheme}://{parts.netloc}"
        host = self._hosts.pop(authority, None) or _Host()
        self._hosts[authority] = host
        while len(self._hosts) > HOSTS_MAX:
            self._hosts.popitem(last=False)
        return host

    async def _ask(self, host: _Host, url: str, headers: dict[str, str], *, most: int | None) -> Fetched:
        await asyncio.sleep(max(0.0, host.free_at - time.monotonic()))
        answer: Fetched | FetchError
        try:
            answer = await self._client.get(url, headers, max_body_bytes=most)
        except FetchError as error:
            answer = error
        turn = after(host.state, event_of(answer, time.time()), self._politeness)
        host.state, host.free_at = turn.state, time.monotonic() + turn.wait_s
        if isinstance(answer, FetchError):
            raise answer
        return answer

    async def _check_robots(self, host: _Host, url: str) -> None:
        if host.robots is None or host.robots.expires_at <= time.time():
            host.robots = await self._fetch_robots(host, url)
            delay = host.robots.crawl_delay_s(self._robots) or 0.0
            host.state = replace(host.state, crawl_delay_s=delay)
            host.free_at = max(host.free_at, time.monotonic() + delay)
        decision = host.robots.allowed(url)
        if not decision.allowed:
            raise NotAllowed(f"robots.txt: {decision.rule}")

    async def _fetch_robots(self, host: _Host, url: str) -> RobotsFile:
        target, hops, previous = urljoin(url, "/robots.txt"), 0, host.robots
        while True:
            answer: Fetched | FetchError
            try:
                answer = await self._ask(host, target, {}, most=SIZE_MAX + 1)
            except FetchError as error:
                answer = error
            found = await asyncio.to_thread(
                robots_from_response,
                *(answer, time.time(), self._robots),
                hops=hops,
                previous=previous,
                reduce=read_confined,
            )
            if isinstance(found, RobotsFile):
                return found
            assert isinstance(found, RobotsRedirect)
            target, hops = found.to, hops + 1
