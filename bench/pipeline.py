"""CPU a page through the whole mill: `newsmill run` over a local site, no delay, every process counted.

    python bench/pipeline.py [--pages 2000] [--hosts 40]

The site runs in a process of its own. What starting the mill costs is measured with a run over one page, and taken off.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.site.routes import article
from tests.site.server import Page, Site

FILLER = (
    b"<!-- " + b"<div class='x'><span>filler</span></div>" * 3900 + b" -->"
)  # pages of about 167 kB, as in the wild


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder: Path, urls: list[str]) -> tuple[dict[str, object], float, float]:
    """Figures, CPU seconds of all processes of the mill, seconds."""
    (folder / "list").write_text("\n".join(urls))
    (folder / "sources.toml").write_text('[[source]]\nname = "bench"\nkind = "list"\npath = "list"\n')
    variables = {"NEWSMILL_FETCH__DELAY_S": "0", "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}
    before, started = cpu(), time.monotonic()
    words = ["run", "--json", "--sources", str(folder / "sources.toml"), "--data", str(folder / "data")]
    done = subprocess.run(
        [sys.executable, "-m", "workers.commands.main", *words],
        env=os.environ | variables,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout), cpu() - before, time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=40)
    options = parser.parse_args()
    with Site(hosts=options.hosts) as site, tempfile.TemporaryDirectory() as folder:
        urls = []
        for i in range(options.pages):
            host = i % options.hosts
            body = article(f"Story number {i} of the bench", words=300)
            site.pages[site.host(host), f"/story/{i}"] = Page(body.replace(b"</body>", FILLER + b"</body>"))
            urls.append(site.url(f"/story/{i}", host=host))
        (Path(folder) / "one").mkdir()
        (Path(folder) / "all").mkdir()
        _, start_cpu, start_s = run(Path(folder) / "one", urls[:1])
        figures, all_cpu, all_s = run(Path(folder) / "all", urls)
    print(json.dumps(figures["outcomes"]))
    each_ms, speed = (all_cpu - start_cpu) / options.pages * 1000, options.pages / (all_s - start_s)
    print(f"{each_ms:.2f} ms of CPU a page, {speed:.0f} pages a second")
    print(f"starting and stopping the mill: {start_cpu:.1f} s of CPU, {start_s:.1f} s")


if __name__ == "__main__":
    main()
