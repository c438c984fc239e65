"""CPU a page through the whole mill: `newsmill run` over a local site, no delay, every process counted.

    python -m bench.pipeline [--data ../shared/wcxb-dev.jsonl.xz] [--pages 1000] [--hosts 40]

The site serves real pages, packed with gzip: those of --data (JSON lines with `html`, or a folder), in turn; without it
the demo's articles at the length of real ones, which have less markup than pages of the wild (15 kB, not 168).
It runs in this process, which is not counted. What starting the mill costs is measured with a run over
one page, and taken off. Shares hold under load; seconds do not.
"""

import argparse
import gzip
import json
import os
import statistics
import tempfile
from pathlib import Path

from bench.mill import Used, run
from bench.pages import pages
from tests.site.server import Page, Site

COMMANDS = 12  # shown
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"))


def measured(data: Path | None, count: int, hosts: int) -> tuple[Used, Used, float]:
    """A run over one page, one over `count`, and the bytes of a page on average."""
    bodies = pages(data)[:count]
    packed = [gzip.compress(body, 5) for body in bodies]
    with Site(hosts=hosts) as site, tempfile.TemporaryDirectory() as folder:
        urls = []
        for i in range(count):
            host = i % hosts
            site.pages[site.host(host), f"/story/{i}"] = Page(packed[i % len(packed)], headers=HEADERS)
            urls.append(site.url(f"/story/{i}", host=host))
        one = run(Path(folder) / "one", urls[:1])
        every = run(Path(folder) / "all", urls)
    return one, every, statistics.mean(map(len, bodies))


def _sockets(one: Used, every: Used) -> tuple[tuple[int, int], tuple[int, int]]:
    return (every.bytes_in, one.bytes_in), (every.bytes_out, one.bytes_out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=40)
    options = parser.parse_args()
    one, every, size = measured(options.data, options.pages, options.hosts)
    steady = every.cpu_s - one.cpu_s
    each = options.pages
    print(f"{each} pages of {size / 1000:.0f} kB; {json.dumps(every.outcomes)}; load {os.getloadavg()[0]:.1f}")
    print(f"{steady / each * 1000:.2f} ms of CPU a page, {each / (every.wall_s - one.wall_s):.0f} pages a second")
    for stage, cpu in every.stages.most_common():
        own = cpu - one.stages[stage]
        print(f"  {stage:8} {own / each * 1000:6.2f} ms a page, {own / steady:4.0%}")
    trips = (every.trips - one.trips) / each
    sent, received = ((of_all - of_one) / each for of_all, of_one in _sockets(one, every))
    print(
        f"Redis: {trips:.1f} reads of what clients sent, {sent:,.0f} bytes in and {received:,.0f} out a page; commands:"
    )
    often = every.commands.most_common(COMMANDS)
    print("  " + ", ".join(f"{name} {(calls - one.commands[name]) / each:.1f}" for name, calls in often))
    print(f"starting and stopping the mill: {one.cpu_s:.1f} s of CPU, {one.wall_s:.1f} s")


if __name__ == "__main__":
    main()
