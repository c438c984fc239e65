"""Somebody who searches all the time: ten queries a second, by the clock, over one store."""

import threading
import time
from collections.abc import Callable

from workers.stores.search import SearchStore

EVERY_S = 0.1


class Reader(threading.Thread):
    """Keeps every failure, the least number of hits, and how long each query took. open_store: in its own thread.

    A query that comes late does not put off the next ones: so many are asked as were due, as long as it keeps up.
    """

    def __init__(self, open_store: Callable[[], SearchStore], query: str = "report") -> None:
        super().__init__(daemon=True)
        self.open_store, self.query = open_store, query
        self.failures: list[str] = []
        self.least = 10**9
        self.took: list[float] = []  # seconds
        self.done = threading.Event()

    def __enter__(self) -> "Reader":
        self.began = time.monotonic()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()
        self.seconds = time.monotonic() - self.began

    def run(self) -> None:
        store = self.open_store()
        due = time.monotonic()
        while not self.done.wait(max(0.0, due - time.monotonic())):
            due += EVERY_S
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
