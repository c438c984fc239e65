"""Asks a site for a person at a terminal: without the ledger, but with robots.txt, pauses and the guard."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from newsmill.http.answer import FetchError
from newsmill.http.client import Client, ClientOptions
from newsmill.http.cookies import Jar
from newsmill.policy.robots import RobotsFile, RobotsOptions
from newsmill.policy.verdict import Facts, Failed, Redirect, VerdictOptions, judge
from newsmill.sources.discovery import AskedPage, Get
from newsmill.urls.canonical import host_key
from workers.desk.robots_explained import explain_robots

MAX_BODY = 16 << 20  # bytes; enough to see what a document is
OPTIONS = VerdictOptions(redirects_max=5)

Result = TypeVar("Result")


@dataclass
class Probe:
    """Answers for one command: each host's robots.txt is asked once, and each host at most every `pause_s` seconds.

    named: the addresses that the operator wrote.
    """

    client: Client
    robots: RobotsOptions
    pause_s: float
    named: tuple[str, ...] = ()
    _files: dict[str, RobotsFile] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    async def get(self, url: str) -> AskedPage | str:
        """The answer to `url` (canonical), redirects followed; a text says why there is none."""
        at, jar = url, Jar()
        chain: tuple[str, ...] = ()
        try:
            while True:
                if reason := await self._forbidden(at):
                    return reason
                await self._pause(at)
                cookies = jar.header(at)
                headers = {"cookie": cookies} if cookies else None
                answer = await self.client.get(at, headers, max_body_bytes=MAX_BODY, named=self.named)
                match judge(answer, Facts(chain=chain, jar=jar), time.time(), options=OPTIONS):
                    case Redirect() as hop:
                        at, chain, jar = hop.to, (*chain, at), hop.jar
                    case Failed(reason=reason) if 300 <= answer.status < 400:
                        return reason
                    case _:
                        return AskedPage(answer.url, answer.status, answer.header("content-type") or "", answer.body)
        except FetchError as error:
            return str(error)

    async def _forbidden(self, url: str) -> str:
        """The rule of robots.txt that stands before `url`, or nothing."""
        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return ""
        authority = f"{parts.scheme}://{parts.netloc}"
        if authority not in self._files:
            await self._pause(url)
            explained = await explain_robots(self.client, url, self.robots, now=time.time(), named=self.named)
            self._files[authority] = explained.file
        decision = self._files[authority].allowed(url)
        return "" if decision.allowed else f"robots.txt: {decision.rule}"

    async def _pause(self, url: str) -> None:
        host = host_key(url)
        left = self._last.get(host, -self.pause_s) + self.pause_s - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
        self._last[host] = time.monotonic()


def probing(
    options: ClientOptions,
    robots: RobotsOptions,
    work: Callable[[Get], Awaitable[Result]],
    *,
    pause_s: float,
    named: tuple[str, ...],
) -> Result:
    """What `work` makes of the answers it asks for. named: the addresses that the operator wrote."""

    async def run() -> Result:
        async with Client(options) as client:
            return await work(Probe(client, robots, pause_s, named).get)

    return asyncio.run(run())
