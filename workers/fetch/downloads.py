"""Many requests at once from ordinary threads: one event loop of its own holds all connections of a process.

A Celery thread hands over a batch and gets the answers as they come, in small groups; 20 such threads hold
500 requests in flight, none of them sleeping for a host.
"""

import asyncio
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workers.fetch.answer import Fetched, FetchError
from workers.fetch.client import Client, ClientOptions, Stop

GROUP_S = 0.02  # answers that come within this are handled together: one script call and one message for all
STOP_LOOK_S = 0.2  # how often a waiting thread looks whether the worker is to stop


@dataclass(frozen=True, slots=True)
class Request:
    """One GET for an entry. max_body_bytes: None for the client's own limit."""

    id: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    max_body_bytes: int | None = None
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The request was given up because the worker stops; nothing is known of it."""


Answer = Fetched | FetchError | Cancelled


class Downloads:
    """The loop and the client of this process, started on first use."""

    def __init__(self, options: ClientOptions, stopping: threading.Event) -> None:
        self.options, self.stopping = options, stopping
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Client]:
        with self._lock:
            if self._loop is None or self._client is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="downloads", daemon=True).start()
                self._client = Client(self.options)
            return self._loop, self._client

    def answers(self, requests: Sequence[Request]) -> Iterator[list[tuple[Request, Answer]]]:
        """Makes all requests at once; yields groups of answers as they come. Every request is answered once."""
        if not requests:
            return
        loop, client = self._running()
        done: queue.SimpleQueue[tuple[Request, Answer]] = queue.SimpleQueue()
        futures = [asyncio.run_coroutine_threadsafe(_one(client, request, done), loop) for request in requests]
        left = len(requests)
        while left:
            group = self._next_group(done, left)
            left -= len(group)
            if group:
                yield group
            if self.stopping.is_set():
                for future in futures:
                    future.cancel()

    def _next_group(self, done: "queue.SimpleQueue[tuple[Request, Answer]]", left: int) -> list[tuple[Request, Answer]]:
        group: list[tuple[Request, Answer]] = []
        try:
            group.append(done.get(timeout=STOP_LOOK_S))
            while len(group) < left:
                group.append(done.get(timeout=GROUP_S))
        except queue.Empty:
            pass
        return group

    def close(self) -> None:
        """Closes the connections and ends the loop."""
        with self._lock:
            if self._loop and self._client:
                asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result(timeout=5)
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = self._client = None


async def _one(client: Client, request: Request, done: "queue.SimpleQueue[tuple[Request, Answer]]") -> None:
    answer: Answer
    try:
        answer = await client.get(
            request.url, request.headers, max_body_bytes=request.max_body_bytes, stop=request.stop
        )
    except FetchError as error:
        answer = error
    except asyncio.CancelledError:
        answer = Cancelled()
    done.put((request, answer))
