"""The whole mill beside what people use and what an expert would write, over the same pages of one server, in turns.

    python -m bench.beside --peers ../shared/bench [--python PYTHON] [--pages 600] [--rounds 2] [--keep bench/results]

The peers are programs of their own in a folder outside this repository; its README names the packages that PYTHON
needs, and nginx and redis-server have to be on the PATH. Where something is missing this says so and ends well.
CPU is that of all processes. Of the mill it is what a run over all pages took, less one over one page. Ratios are
within a round; what is shown is their median. --keep writes a table and a picture by date and commit.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.mill import run

PEERS = {
    "p2": "Scrapy + trafilatura, a pool of two",
    "p4x2": "an expert's script: aiohttp, resiliparse, FTS5; nothing kept, no politeness",
}
MILL = "Newsmill"
OURS, THEIRS = "#b5541c", "#8a8f98"  # colours
SITE = 3000  # pages of the peers' site
HOSTS = 40
PORT = 8098
UP_S = 120.0
MOST = 0.9  # of the pages have an article in them for everybody; with fewer something else is wrong


def missing(peers: Path, python: str) -> str:
    """Why the peers cannot run here, or nothing."""
    if not (peers / "peerbench.py").exists():
        return f"no peers in {peers}: name their folder with --peers"
    for program in ("nginx", "redis-server"):
        if not shutil.which(program):
            return f"the peers need {program} on the PATH"
    wanted = "import scrapy, trafilatura, aiohttp, uvloop, resiliparse, psutil, celery"
    if subprocess.run([python, "-c", wanted], capture_output=True, check=False).returncode:
        return f"{python} lacks packages of the peers (see {peers / 'README'})"
    return ""


def addresses(count: int) -> list[str]:
    """The same as the peers ask for."""
    step = max(1, SITE // count)
    return [f"http://127.0.{i % HOSTS + 1}.1:{PORT}/{i}.html" for i in range(0, SITE, step)][:count]


def peer(name: str, peers: Path, python: str, site: Path, count: int) -> dict[str, float]:
    """CPU ms a page, and pages a second. Raises CalledProcessError, ValueError."""
    words = [python, str(peers / "peerbench.py"), name, "--n", str(count)]
    done = subprocess.run(words, env=os.environ | {"PEERS": str(site)}, capture_output=True, check=True, text=True)
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    if said.get("pages", 0) < MOST * count:
        raise ValueError(f"{name} did not get the pages: {said}")
    return {"cpu_ms": said["cpu_ms"], "pages_s": said["pps"]}


def mill(folder: Path, count: int) -> dict[str, float]:
    """The same of the mill: without its start, and with it."""
    one, every = (run(folder / name, addresses(n)) for name, n in (("one", 1), ("all", count)))
    if every.outcomes["indexed"] < MOST * count:
        raise ValueError(f"the mill did not get the pages: {every.outcomes}")
    shutil.rmtree(folder)
    if every.cpu_s < 2 * one.cpu_s:
        raise ValueError(f"{count} pages are too few: starting took {one.cpu_s:.0f} s of CPU, all {every.cpu_s:.0f}")
    found = {"cpu_ms": (every.cpu_s - one.cpu_s) / count * 1000, "pages_s": count / every.wall_s, "start_s": one.cpu_s}
    return found | {f"{stage}_ms": (cpu - one.stages[stage]) / count * 1000 for stage, cpu in every.stages.items()}


def rounds(options: argparse.Namespace, site: Path) -> dict[str, list[dict[str, float]]]:
    """All of them in turns."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    run(site / "first", addresses(1))  # its modules are compiled now
    for _ in range(options.rounds):
        for name in PEERS:
            found[name].append(peer(name, options.peers, options.python, site, options.pages))
            print(name, found[name][-1], flush=True)
        found[MILL].append(mill(site / "mill", options.pages))
        print(MILL, found[MILL][-1], flush=True)
    return dict(found)


def table(found: dict[str, list[dict[str, float]]], pages: int, load: float) -> str:
    """What was measured, in Markdown."""
    own = found[MILL]
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f} before"
    )
    lines = [
        f"{pages} pages of the peers' site, {len(own)} rounds in turns; {machine}. Medians (least–most).\n",
        "| | CPU ms a page | as a share of ours | pages a second, start included |",
        "| --- | --- | --- | --- |",
    ]
    for name, label in {**PEERS, MILL: MILL}.items():
        shares = [theirs["cpu_ms"] / ours["cpu_ms"] for theirs, ours in zip(found[name], own, strict=True)]
        lines.append(
            f"| {label} | {_spread([one['cpu_ms'] for one in found[name]])} | {_spread(shares, 2)} "
            f"| {_spread([one['pages_s'] for one in found[name]])} |"
        )
    stages = sorted({key for one in own for key in one if key.endswith("_ms") and key != "cpu_ms"})
    parts = {key: statistics.median(one.get(key, 0.0) for one in own) for key in stages}
    by_cost = sorted(parts, key=lambda key: -parts[key])
    told = ", ".join(f"{key.removesuffix('_ms')} {parts[key]:.1f}" for key in by_cost)
    return "\n".join(
        [*lines, f"\nOurs by stage, CPU ms a page: {told}. Its start: {_spread([o['start_s'] for o in own])} s."]
    )


def _spread(values: list[float], places: int = 1) -> str:
    middle = f"{statistics.median(values):.{places}f}"
    return f"{middle} ({min(values):.{places}f}–{max(values):.{places}f})" if len(values) > 1 else middle


def picture(found: dict[str, list[dict[str, float]]]) -> str:
    """CPU a page as bars, in SVG."""
    named = {**PEERS, MILL: MILL}
    rows = [(label, statistics.median(one["cpu_ms"] for one in found[name])) for name, label in named.items()]
    scale, bars = 420 / max(value for _, value in rows), ""
    for i, (label, value) in enumerate(rows):
        top, long, colour = 44 * i, round(value * scale), OURS if label == MILL else THEIRS
        bars += f'<text x="0" y="{top + 14}">{label}</text>'
        bars += f'<rect x="0" y="{top + 20}" width="{long}" height="14" fill="{colour}"/>'
        bars += f'<text x="{long + 6}" y="{top + 32}">{value:.0f} ms</text>'
    style = "<style>text{font:13px sans-serif;fill:#444}</style>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 {44 * len(rows)}" role="img">{style}{bars}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    options.peers = options.peers.absolute()
    if why := missing(options.peers, options.python):
        print(f"not measured beside others: {why}")
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        site = Path(folder)
        site.chmod(0o755)  # nginx may read as somebody else
        try:
            subprocess.run([options.python, str(options.peers / "site.py"), folder], check=True)
            _until_there(site)
            found = rounds(options, site)
        finally:
            for server in ("nginx", "redis"):
                with contextlib.suppress(OSError, ValueError):
                    os.kill(int((site / f"{server}.pid").read_text()), signal.SIGTERM)
    said = table(found, options.pages, load)
    print(said)
    if options.keep:
        words = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        options.keep.mkdir(parents=True, exist_ok=True)
        named = options.keep / f"{datetime.now(UTC):%Y-%m-%d}-{commit}"
        named.with_suffix(".md").write_text(f"# {named.name}\n\n![]({named.name}.svg)\n\n{said}\n")
        named.with_suffix(".svg").write_text(picture(found))


def _until_there(site: Path) -> None:
    ends = time.monotonic() + UP_S
    while not all((site / f"{server}.pid").exists() for server in ("nginx", "redis")):
        if time.monotonic() > ends:
            raise TimeoutError("the peers' site does not start")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
