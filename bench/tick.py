"""What a tick costs, whether 10 or 100,000 sources are known: CPU and time of Redis and of the caller.

    python bench/tick.py [--sources N ...]

Each tick is what beat and the workers do every second: sweep, look at the window, dispatch. No source is due.
"""

import argparse
import tempfile
import time
from pathlib import Path

from newsmill.ledger import Frontier
from newsmill.settings import Settings
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.register import register
from workers.local.broker import LocalBroker
from workers.runtime import ticker as heart
from workers.runtime.wiring import Wiring, connect

TICKS = 300


def _redis_cpu_ms(frontier: Frontier) -> float:
    info = frontier.client.info("cpu")
    return 1000 * (float(info["used_cpu_sys"]) + float(info["used_cpu_user"]))


def _sources(count: int) -> list[SourceConfig]:
    kind = SourceKind.FEED
    return [SourceConfig(name=f"s{n}", kind=kind, url=f"https://s{n}.example/feed.xml") for n in range(count)]


def measure(url: str, folder: Path, count: int) -> tuple[float, float, float, float]:
    """Seconds to register; milliseconds a tick: time, CPU of Redis, CPU of the caller."""
    settings = Settings(redis_url=url, data=folder)
    wiring = Wiring(settings, Frontier(connect(url), prefix="register:"))
    begun = time.perf_counter()
    register(wiring.frontier, _sources(count), Path())
    took = time.perf_counter() - begun
    frontier = Frontier(connect(url), prefix="tick:")
    wiring = Wiring(settings, frontier)
    _rest(frontier, count)
    frontier.sweep()  # loads the scripts
    heart.set_window(wiring.ticks)
    frontier.dispatch()
    begun, server, caller = time.perf_counter(), _redis_cpu_ms(frontier), time.process_time()
    for _ in range(TICKS):
        _, hints = frontier.sweep()
        assert not any(hint.together or hint.alone for hint in hints)
        heart.set_window(wiring.ticks)
        frontier.dispatch()
    per = 1000 * (time.perf_counter() - begun) / TICKS
    return took, per, (_redis_cpu_ms(frontier) - server) / TICKS, 1000 * (time.process_time() - caller) / TICKS


def _rest(frontier: Frontier, count: int) -> None:
    """Sources that were polled and are due tomorrow."""
    pipe = frontier.client.pipeline(transaction=False)
    for n in range(count):
        id = f"poll:s{n}"
        pipe.hset(f"{frontier.prefix}e:{id}", mapping={"state": "idle", "host": f"s{n}.example", "stage": "produce"})
        pipe.zadd(f"{frontier.prefix}sources", {id: time.time() + 86400 + n})
        if n % 1000 == 999:
            pipe.execute()
    pipe.execute()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, nargs="+", default=[10, 1000, 100_000])
    options = parser.parse_args()
    print("| sources | registered in s | ms a tick | CPU ms of Redis | CPU ms of the caller |")
    print("|---:|---:|---:|---:|---:|")
    for count in options.sources:
        with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder)) as url:
            figures = measure(url, Path(folder), count)
            print(f"| {count:,} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |", flush=True)


if __name__ == "__main__":
    main()
