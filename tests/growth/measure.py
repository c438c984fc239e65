"""Growth of time and memory with the length of what is read. Ratios only: a busy machine is slower at every length."""

import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MOST = 9.0  # times, for four times the length: linear is 4, quadratic 16; what is fixed makes it less
FLOOR_S = 0.02  # of CPU: below it the clock is too coarse, and nothing is lost
FLOOR_BYTES = 2_000_000
LIMIT_S = 10.0  # of CPU for one input: what takes longer grows without end
AGAIN = 8  # times that a suspect is measured before it is called one

Make = Callable[[int], "str | bytes"]


class TooLong(BaseException):
    """A call was ended. Not an Exception: what is measured must not catch it."""


@dataclass(frozen=True, slots=True)
class Growth:
    """times, memory: for four times the length, as a multiple."""

    time: float
    memory: float

    @property
    def linear(self) -> bool:
        return self.time <= MOST and self.memory <= MOST


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Ends the block by TooLong, also within a regular expression: `re` looks for signals now and then."""

    def end(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def growth(
    read: Callable[["str | bytes"], object],
    make: Make,
    length: int,
    *,
    with_memory: bool = True,
    limit_s: float = LIMIT_S,
) -> Growth:
    """How `read` grows from `length` to four times that."""
    try:
        with limit(limit_s):
            ratio = _ratio(lambda n: _cpu_s(read, make(n)), length, FLOOR_S)
            memory = _ratio(lambda n: _peak(read, make(n)), length, FLOOR_BYTES) if with_memory else 0.0
    except TooLong:
        return Growth(float("inf"), 0.0)
    return Growth(ratio, memory)


def _ratio(cost: Callable[[int], float], length: int, floor: float) -> float:
    """The smallest of several, if the first is suspicious."""
    best = float("inf")
    for _ in range(AGAIN):
        long = cost(4 * length)
        if long <= floor:
            return 1.0
        best = min(best, long / max(cost(length), floor / 16))
        if best <= MOST:
            break
    return best


def _cpu_s(read: Callable[["str | bytes"], object], text: "str | bytes") -> float:
    began = time.process_time()
    _call(read, text)
    return time.process_time() - began


def _peak(read: Callable[["str | bytes"], object], text: "str | bytes") -> float:
    tracemalloc.start()
    try:
        _call(read, text)
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def _call(read: Callable[["str | bytes"], object], text: "str | bytes") -> None:
    try:
        read(text)
    except ValueError:  # refusing is an answer
        return
