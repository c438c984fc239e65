"""CPU per page of fetch and store together, beside Scrapy: 167 kB pages, a local server, 40 hosts, no delay.

    python bench/fetch.py [--pages 4000] [--hosts 40] [--coding gzip] [--scrapy PYTHON]

Each system runs in a process of its own, one after the other, against the same server; CPU is user + system time
of that process, without imports and the first page of each host. Every page ends in a folder: ours as a
WARC record in a zstd frame, Scrapy's as its bare body. Scrapy: `pip install -e '.[bench]'`, or name the
interpreter of an environment that has it.
"""

import argparse
import asyncio
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PAGE_BYTES = 167_000  # the mean news page of the extraction study
PORT = 8790


def page() -> bytes:
    """A page that compresses like news pages do (five to one): prose, and more markup than prose. Always the same."""
    dice = random.Random(1)
    words = ["".join(dice.choices("etaoinshrdlucmfw", k=dice.randint(2, 9))) for _ in range(3000)]
    often = [1 / (rank + 3) for rank in range(len(words))]  # Zipf's law
    blocks = []
    for number in range(800):
        prose = " ".join(dice.choices(words, often, k=18))
        slug = "-".join(dice.choices(words, often, k=4))
        blocks.append(
            f'<div class="teaser teaser--small col-md-4" data-track="list:{number}"><a class="teaser__link" '
            f'href="/news/{slug}-{dice.randrange(10**6)}"><h3 class="teaser__title">{slug}</h3></a>'
            f'<p class="teaser__text">{prose}</p></div>\n'
        )
    return ("<!doctype html><html><body>" + "".join(blocks)).encode()[:PAGE_BYTES]


def serve(hosts: list[str], coding: str) -> None:
    """Answers every request at once."""
    body = gzip.compress(page()) if coding == "gzip" else page()
    extra = "Content-Encoding: gzip\r\n" if coding == "gzip" else ""
    head = f'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "1"\r\n{extra}Content-Length: {len(body)}\r\n\r\n'
    answer = head.encode() + body

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(connected, hosts, PORT)
        print("ready", flush=True)
        await server.serve_forever()

    asyncio.run(main())


def cpu_s() -> float:
    """User and system time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def report(cpu: float, wall: float, pages: int) -> None:
    """The measurement, for the parent."""
    used_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"cpu_ms": cpu / pages * 1000, "wall_ms": wall / pages * 1000, "pages": pages, "mb": used_mb}
    print(json.dumps(figures), flush=True)


def newsmill(hosts: list[str], pages: int, folder: str, store: bool) -> None:
    """Our client and raw store, as the fetch step uses them: a batch of hosts at a time, answers in groups."""
    import threading
    from datetime import UTC, datetime

    from newsmill.download.pool import Downloads, Request
    from newsmill.http.answer import Fetched
    from newsmill.http.client import ClientOptions
    from newsmill.http.guard import parse_networks
    from newsmill.model import RawRecord
    from newsmill.stores.raw import RawStore

    options = ClientOptions(user_agent="bench", allow_networks=parse_networks(["127.0.0.0/8"]))
    downloads = Downloads(options, threading.Event())
    raw = RawStore.open(folder)

    def batch(round_: int) -> int:
        requests = [Request(f"{round_:08d}{i:08d}", f"http://{host}:{PORT}/{round_}") for i, host in enumerate(hosts)]
        done = 0
        for group in downloads.answers(requests):
            for request, answer in group:
                assert isinstance(answer, Fetched), answer
                assert len(answer.body) == PAGE_BYTES
                if store:
                    raw.put(
                        RawRecord(
                            id=request.id,
                            url=request.url,
                            final_url=answer.url,
                            status=answer.status,
                            headers=answer.headers,
                            body=answer.body,
                            fetched_at=datetime.fromtimestamp(answer.started_at, UTC),
                            elapsed_s=answer.elapsed_s,
                            ip=answer.ip,
                        )
                    )
                done += 1
        return done

    batch(0)
    cpu, wall, done, round_ = cpu_s(), time.perf_counter(), 0, 0
    while done < pages:
        round_ += 1
        done += batch(round_)
    report(cpu_s() - cpu, time.perf_counter() - wall, done)
    downloads.close()


def scrapy(hosts: list[str], pages: int, folder: str) -> None:
    """A spider without middleware it does not need, that writes each body to a file."""
    from scrapy import Request, Spider  # type: ignore[import-not-found, unused-ignore]
    from scrapy.crawler import CrawlerProcess  # type: ignore[import-not-found, unused-ignore]

    rounds = pages // len(hosts)
    start: dict[str, Any] = {}

    class Bench(Spider):  # type: ignore[misc, unused-ignore]
        name = "bench"
        done = 0

        async def start(self) -> Any:
            for host in hosts:
                yield Request(f"http://{host}:{PORT}/0", meta={"round": 0}, dont_filter=True)

        def parse(self, response: Any) -> Any:
            number = response.meta["round"]
            if number == 0 and not start:
                start.update(cpu=cpu_s(), wall=time.perf_counter())
            assert len(response.body) == PAGE_BYTES
            host = response.url.split("/")[2].split(":")[0]
            Path(folder, f"{host}-{number}").write_bytes(response.body)
            self.done += 1
            if number < rounds:
                yield Request(f"http://{host}:{PORT}/{number + 1}", meta={"round": number + 1}, dont_filter=True)

        def closed(self, reason: str) -> None:
            report(cpu_s() - start["cpu"], time.perf_counter() - start["wall"], self.done)

    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "COOKIES_ENABLED": False,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": len(hosts),
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        }
    )
    process.crawl(Bench)
    process.start()


def run(python: str, *arguments: str) -> dict[str, float]:
    """One system, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, __file__, *arguments, "--folder", folder]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    figures: dict[str, float] = json.loads(out.splitlines()[-1])
    return figures


def main() -> None:
    """Start the server, run the systems, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", nargs="?", choices=("serve", "newsmill", "client", "scrapy"))
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--coding", choices=("identity", "gzip"), default="identity")
    parser.add_argument("--folder", default="")
    parser.add_argument("--scrapy", default=sys.executable, metavar="PYTHON")
    options = parser.parse_args()
    hosts = [f"127.0.{1 + i // 250}.{1 + i % 250}" for i in range(options.hosts)]
    if options.system == "serve":
        return serve(hosts, options.coding)
    if options.system == "scrapy":
        return scrapy(hosts, options.pages, options.folder)
    if options.system:
        return newsmill(hosts, options.pages, options.folder, options.system == "newsmill")
    shared = ["--pages", str(options.pages), "--hosts", str(options.hosts)]
    server = subprocess.Popen(
        [sys.executable, __file__, "serve", "--coding", options.coding, *shared], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()
        print(f"{PAGE_BYTES} byte pages, {options.hosts} hosts, {options.coding}")
        print(f"{'system':28}{'CPU ms a page':>15}{'wall ms':>10}{'memory MB':>11}")
        for name, python, system in (
            ("newsmill fetch + store", sys.executable, "newsmill"),
            ("newsmill fetch alone", sys.executable, "client"),
            ("scrapy fetch + file", options.scrapy, "scrapy"),
        ):
            figures = run(python, system, *shared)
            print(f"{name:28}{figures['cpu_ms']:15.2f}{figures['wall_ms']:10.2f}{figures['mb']:11.0f}")
    finally:
        server.terminate()
        server.wait()
    return None


if __name__ == "__main__":
    main()
