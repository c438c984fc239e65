"""Asks a site for a person at a terminal: without the ledger, but with robots.txt, pauses and the guard."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from workers.fetch.answer import FetchError
from workers.fetch.client import Client, ClientOptions
from workers.fetch.explain import explain_robots
from workers.fetch.robots import RobotsFile, RobotsOptions
from workers.produce.discovery import Get, Page
from workers.urls import BadAddress, canonicalize, host_key

MAX_BODY = 16 << 20  # bytes; enough to see what a document is
MAX_REDIRECTS = 5

Result = TypeVar("Result")


@dataclass
class Probe:
    """Answers for one command: each host's robots.txt is asked once, and each host at most every `pause_s` seconds."""

    client: Client
    robots: RobotsOptions
    pause_s: float
    _files: dict[str, RobotsFile] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    async def get(self, url: str) -> Page | str:
        """The answer to `url` (canonical), redirects followed; a text says why there is none."""
        at = url
        try:
            for _ in range(MAX_REDIRECTS + 1):
                if reason := await self._forbidden(at):
                    return reason
                await self._pause(at)
                answer = await self.client.get(at, max_body_bytes=MAX_BODY)
                location = answer.header("location") if 300 <= answer.status < 400 else None
                if not location:
                    return Page(answer.url, answer.status, answer.header("content-type") or "", answer.body)
                at = canonicalize(location, at)
        except (FetchError, BadAddress) as error:
            return str(error)
        return f"more than {MAX_REDIRECTS} redirects"

    async def _forbidden(self, url: str) -> str:
        """The rule of robots.txt that stands before `url`, or nothing."""
        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return ""
        authority = f"{parts.scheme}://{parts.netloc}"
        if authority not in self._files:
            await self._pause(url)
            self._files[authority] = (await explain_robots(self.client, url, self.robots, time.time())).file
        decision = self._files[authority].allowed(url)
        return "" if decision.allowed else f"robots.txt: {decision.rule}"

    async def _pause(self, url: str) -> None:
        host = host_key(url)
        left = self._last.get(host, -self.pause_s) + self.pause_s - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
        self._last[host] = time.monotonic()


def probing(
    options: ClientOptions, robots: RobotsOptions, pause_s: float, work: Callable[[Get], Awaitable[Result]]
) -> Result:
    """What `work` makes of the answers it asks for."""

    async def run() -> Result:
        async with Client(options) as client:
            return await work(Probe(client, robots, pause_s).get)

    return asyncio.run(run())
