"""Many requests at once from ordinary threads: one event loop of its own holds all connections of a process.

A Celery thread hands over a batch and gets the answers as they come, in small groups; 20 such threads hold
500 requests in flight, none of them sleeping for a host.
"""

import asyncio
import math
import queue
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

from newsmill.download.browser import Browser, Renderer
from newsmill.http.answer import Fetched, FetchError
from newsmill.http.client import Client, ClientOptions, Stop

GROUP_S = 0.02  # answers that come within this are handled together: one script call and one message for all
CLOSE_S = 15.0  # a browser may need some seconds
STOP_GRACE_S = 5.0  # of the 10 s of a stop: what is under way may end, else it would be asked for twice
STOP_LOOK_S = 0.2  # how often a waiting thread looks whether the worker is to stop


@dataclass(frozen=True, slots=True)
class Request:
    """One GET for an entry. max_body_bytes: None for the client's own limit. render: through a browser.

    named: addresses that an operator wrote, if its port needs that (see ports.py).
    begin_by: it does not begin later, by the monotonic clock; then its host may be another's already.
    """

    id: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    max_body_bytes: int | None = None
    stop: Stop | None = None
    render: bool = False
    named: tuple[str, ...] = ()
    begin_by: float = math.inf


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The request was given up because the worker stops, or came too late to begin; nothing is known of it."""


Answer = Fetched | FetchError | Cancelled


class Downloads:
    """The loop and the client of this process, started on first use.

    browser: how pages that need one are rendered; None in workers that have none (they fetch such pages plainly).
    grace_s: how long requests may go on once the worker is to stop.
    """

    def __init__(
        self,
        options: ClientOptions,
        stopping: threading.Event,
        browser: Browser | None = None,
        *,
        grace_s: float = STOP_GRACE_S,
    ) -> None:
        self.options, self.stopping, self.browser, self.grace_s = options, stopping, browser, grace_s
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._getters: _Getters | None = None

    def _running(self) -> tuple[asyncio.AbstractEventLoop, "_Getters"]:
        with self._lock:
            if self._loop is None or self._getters is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="downloads", daemon=True)
                self._thread.start()
                client = Client(self.options)
                self._getters = _Getters(client, self.browser.renderer(client) if self.browser else None)
            return self._loop, self._getters

    def answers(self, requests: Sequence[Request]) -> Generator[list[tuple[Request, Answer]], None, None]:
        """Makes all requests at once; yields groups of answers as they come. Every request is answered once.

        An error that is no FetchError is raised here. However it ends, no request is under way afterwards: close it
        (contextlib.closing) before the hosts of its requests are given to others.
        """
        if not requests:
            return
        loop, getters = self._running()
        done: _Done = queue.SimpleQueue()
        waiting = {request.id: request for request in requests}
        futures = [asyncio.run_coroutine_threadsafe(_one(getters, request, done), loop) for request in requests]
        until = math.inf
        try:
            while waiting:
                group = self._next_group(done, len(waiting))
                for request, _ in group:
                    del waiting[request.id]
                if group:
                    yield group
                if self.stopping.is_set():
                    until = min(until, time.monotonic() + self.grace_s)
                if time.monotonic() >= until:
                    for future in futures:
                        future.cancel()
                    if done.empty() and all(future.done() for future in futures):
                        break
            if waiting:  # cancelled before they began
                yield [(request, Cancelled()) for request in waiting.values()]
        finally:
            for future in futures:
                future.cancel()

    def _next_group(self, done: "_Done", left: int) -> list[tuple[Request, Answer]]:
        group: list[tuple[Request, Answer]] = []
        timeout = STOP_LOOK_S
        while len(group) < left:
            try:
                request, answer = done.get(timeout=timeout)
            except queue.Empty:
                break
            if isinstance(answer, Exception) and not isinstance(answer, FetchError):
                raise answer
            group.append((request, answer))
            timeout = GROUP_S
        return group

    def close(self) -> None:
        """Closes the connections and the browser, and ends the loop."""
        with self._lock:
            if self._loop and self._getters:
                asyncio.run_coroutine_threadsafe(self._getters.aclose(), self._loop).result(timeout=CLOSE_S)
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(timeout=CLOSE_S)
                self._loop.close()
                self._loop = self._getters = None


@dataclass(frozen=True, slots=True)
class _Getters:
    """Who makes the requests: the client, or the browser for those that ask for it."""

    client: Client
    renderer: Renderer | None

    async def get(self, request: Request) -> Fetched:
        getter = self.renderer if request.render and self.renderer else self.client
        most, stop, named = request.max_body_bytes, request.stop, request.named
        return await getter.get(request.url, request.headers, max_body_bytes=most, stop=stop, named=named)

    async def aclose(self) -> None:
        if self.renderer:
            await self.renderer.aclose()
        await self.client.aclose()


_Done = queue.SimpleQueue[tuple[Request, "Answer | Exception"]]


async def _one(getters: _Getters, request: Request, done: _Done) -> None:
    answer: Answer | Exception
    try:
        answer = Cancelled() if time.monotonic() > request.begin_by else await getters.get(request)
    except asyncio.CancelledError:
        answer = Cancelled()
    except Exception as error:  # noqa: BLE001 - handed to the thread that waits, which raises what is no FetchError
        answer = error
    done.put((request, answer))
