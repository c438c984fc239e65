"""A sitemap index of many full files, read as the produce step reads it: time and memory must not grow with it.

python bench/sitemap_index.py [--files 20] [--entries 50000] [--gzip]

Each file is made when its turn comes, read to candidates (canonical address, scope, priority, id), offered in chunks,
and forgotten. A frontier takes the offers and keeps nothing: what it costs to keep them is bench/memory.py's part.
With --cut each file is cut off in its middle, and read on from its bookmark, as after a full frontier or a deploy.
"""

import argparse
import gzip
import resource
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

import structlog

from newsmill.ledger import Added, Candidate, Entry
from newsmill.settings import Settings
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.kinds import Polled
from workers.produce import step
from workers.produce.offer import Offered
from workers.runtime.wiring import Wiring

URL = "https://www.news.example/{file:04d}/a-headline-of-some-length-{n}?id={n}&amp;utm_source=map"
ENTRY = "<url><loc>" + URL + "</loc><lastmod>20{y:02d}-{m:02d}-{d:02d}T10:00:00+02:00</lastmod></url>\n"
PART = "<sitemap><loc>https://www.news.example/map-{n}.xml</loc></sitemap>\n"
EVERY = 50  # files between two lines of output


class Sink:
    """Takes what is offered. full_at: candidates after which it is full once; 0: never."""

    def __init__(self) -> None:
        self.taken = 0
        self.parts = 0
        self.full_at = 0

    def add(self, candidates: Iterable[Candidate]) -> Added:
        ids = [candidate.id for candidate in candidates]
        if self.full_at and self.taken + len(ids) > self.full_at:
            self.full_at = 0
            return Added(refused=len(ids))
        self.taken += len(ids)
        return Added(accepted=len(ids))

    def entry(self, id: str) -> None:
        return None

    def put_poll(self, id: str, fields: Any, wait_s: float) -> None:
        self.parts += 1


def made(file: int, entries: int, packed: bool) -> bytes:
    """One file of the index."""
    dates = ({"y": n % 20 + 5, "m": n % 12 + 1, "d": n % 28 + 1} for n in range(entries))
    body = "".join(ENTRY.format(file=file, n=n, **date) for n, date in enumerate(dates))
    data = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'.encode()
    return gzip.compress(data, 1) if packed else data


def entry_of(source: SourceConfig, cut: str = "") -> Entry:
    fields = {"source": source.name, "config": source.model_dump_json(exclude_defaults=True), "url": source.url}
    return Entry(f"poll:{source.name}", {**fields, "seen": "1", "cut": cut}, {})


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--files", type=int, default=20)
    arguments.add_argument("--entries", type=int, default=50_000)
    arguments.add_argument("--gzip", action="store_true", help="the files are packed, as most are")
    arguments.add_argument("--cut", action="store_true", help="the frontier is full once in the middle of each file")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    source = SourceConfig(name="map", kind=SourceKind.SITEMAP, url="https://www.news.example/index.xml")
    sink = Sink()
    tools = Wiring(Settings(), cast(Any, sink)).produce

    def read(body: bytes, cut: str = "") -> tuple[str, float]:
        begun = time.process_time()
        now = datetime.now(UTC)
        offered = step._read(tools, entry_of(source, cut), Polled(body, "application/xml", source.url, now), turn=None)
        assert isinstance(offered, Offered)
        assert not offered.problem or offered.cut, offered.problem
        return offered.cut, time.process_time() - begun

    index = f"<sitemapindex>{''.join(PART.format(n=n) for n in range(given.files))}</sitemapindex>".encode()
    seconds = read(index)[1]
    assert sink.parts == given.files, sink.parts
    print(f"index of {given.files:,} files: {seconds:.2f} s of CPU", flush=True)
    total, first_mb = 0.0, 0.0
    for file in range(given.files):
        body = made(file, given.entries, given.gzip)
        sink.full_at = sink.taken + given.entries // 2 if given.cut else 0
        cut, seconds = read(body)
        total += seconds
        if cut:
            total += read(body, cut)[1]
        first_mb = first_mb or peak_mb()
        if (file + 1) % EVERY == 0 or file + 1 == given.files:
            rate = sink.taken / total
            print(f"{file + 1:,} files, {sink.taken:,} entries: {rate:,.0f} a second of CPU, peak {peak_mb():.0f} MB")
    assert sink.taken == given.files * given.entries, sink.taken
    print(f"peak memory: {peak_mb():.0f} MB, after the first file {first_mb:.0f} MB; each entry offered once")


if __name__ == "__main__":
    main()
