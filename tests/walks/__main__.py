"""`make walks WALKS=10000`: seeded walks over the ledger, in two processes; exit code 1 if one breaks a promise.

--mistakes plants each of mistakes.py instead, and tells after how many walks it was found; exit code 1 if one was not.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from newsmill.ledger import scripts
from tests.chaos.clock import Clock
from tests.system.bare import Broker
from tests.walks.mistakes import MISTAKES, Mistake
from tests.walks.model import Broken
from tests.walks.walk import Walk
from workers.runtime.wiring import connect

PORTION = 25  # walks a server
MOST = 500  # walks that look for a mistake


@contextmanager
def server(folder: Path) -> Iterator["Walker"]:
    """A server of the walks' own, whose clock they move."""
    clock = Clock(folder, "redis")
    broker = Broker(folder, **clock.variables)
    try:
        yield Walker(broker, clock)
    finally:
        broker.kill()


class Walker:
    """Walks one seed after the other over one server."""

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self.broker, self.clock = broker, clock

    def __call__(self, seed: int) -> Counter[str]:
        """What the walk met. Raises Broken."""
        client = connect(self.broker.url)
        try:
            return Walk(client, self.clock, seed)()
        finally:
            self.clock.set(0)
            client.flushall()
            client.close()

    def find(self, mistake: Mistake, most: int = MOST) -> tuple[int, str]:
        """Plants it; returns after how many walks it was found, and by what; 0 where it was not."""
        right = scripts.source
        try:
            scripts.source = lambda name: (  # type: ignore[assignment]
                mistake.planted(right(name)) if mistake.script in ("prelude", name) else right(name)
            )
            for seed in range(most):
                try:
                    self(seed)
                except Broken as broken:
                    return seed + 1, str(broken)
        finally:
            scripts.source = right
        return 0, ""


def walk(first: int, last: int) -> tuple[Counter[str], list[str]]:
    """Walks of these seeds: what was met, and what was broken."""
    met: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="walks-") as folder, server(Path(folder)) as walker:
        for seed in range(first, last):
            try:
                met += walker(seed)
            except Broken as error:
                broken.append(f"seed {seed}: {error}")
    return met, broken


def find(mistake: Mistake) -> tuple[int, str]:
    with tempfile.TemporaryDirectory(prefix="walks-") as folder, server(Path(folder)) as walker:
        return walker.find(mistake)


def tell_mistakes(processes: int) -> int:
    missed = 0
    with ProcessPoolExecutor(processes) as pool:
        for mistake, (walks, how) in zip(MISTAKES, pool.map(find, MISTAKES), strict=True):
            missed += not walks
            told = f"found by walk {walks}: {how[:140]}" if walks else f"NOT FOUND by {MOST} walks"
            print(f"{mistake.name} ({mistake.script}.lua): {told}", flush=True)
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(prog="make walks", description=__doc__)
    parser.add_argument("--walks", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mistakes", action="store_true")
    words = parser.parse_args()
    if words.mistakes:
        return 1 if tell_mistakes(words.processes) else 0
    began, met, broken = time.monotonic(), Counter[str](), 0
    end = words.first + words.walks
    starts = range(words.first, end, PORTION)
    with ProcessPoolExecutor(words.processes) as pool:
        for more, told in pool.map(walk, starts, [min(start + PORTION, end) for start in starts]):
            met += more
            broken += len(told)
            for line in told:
                print("BROKEN", line, flush=True)
    took_s = time.monotonic() - began
    steps = ", ".join(f"{name} {n}" for name, n in sorted(met.items()))
    print(f"{words.walks} walks in {took_s:.0f} s, {broken} broken; {steps}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
