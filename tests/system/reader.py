"""Somebody who searches all the time: ten queries a second, by the clock, over one store."""

import itertools
import threading
import time
from collections.abc import Callable

from newsmill.search.store import SearchStore

EVERY_S = 0.1
THREADS = 4


class Reader:
    """Keeps every failure, the least number of hits, and how long each query took. open_store: for each thread.

    By the clock: a query that takes long does not put off the next ones, as long as no more than THREADS overlap.
    """

    def __init__(self, open_store: Callable[[], SearchStore], query: str = "report") -> None:
        self.open_store, self.query = open_store, query
        self.failures: list[str] = []
        self.least = 10**9
        self.took: list[float] = []  # seconds
        self.done = threading.Event()
        self.turns = itertools.count()
        self.threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(THREADS)]

    def __enter__(self) -> "Reader":
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()
        self.seconds = time.monotonic() - self.began

    def _ask(self) -> None:
        store = self.open_store()
        while not self.done.wait(max(0.0, self.began + next(self.turns) * EVERY_S - time.monotonic())):
            began = time.monotonic()
            try:
                self.least = min(self.least, store.search(self.query).total)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
                self.failures.append(repr(error))
            self.took.append(time.monotonic() - began)
        store.close()

    @property
    def a_second(self) -> float:
        """Queries asked a second."""
        return len(self.took) / self.seconds

    def __str__(self) -> str:
        took = sorted(self.took)
        middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
        return (
            f"{len(took)} queries, {self.a_second:.1f} a second, half of them within {middle * 1000:.0f} ms,"
            f" 99 % within {late * 1000:.0f} ms, the slowest {took[-1] * 1000:.0f} ms"
        )
