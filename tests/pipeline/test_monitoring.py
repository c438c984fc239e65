"""Alert rules and dashboard: the rules' own tests, and every query, asked of a real Prometheus over a real ledger."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsmill.ledger import NORMAL, Candidate, Frontier
from newsmill.ledger.window import WindowFacts, decide
from newsmill.urls.canonical import address_id, host_key
from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from tests.system.test_run import free_port
from workers.commands.metrics import serve
from workers.pipeline import STAGES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config" / "monitoring"
RULES = [
    rule for group in yaml.safe_load((CONFIG / "alerts.yml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((CONFIG / "grafana" / "dashboards" / "newsmill.json").read_text("utf-8"))
SHOWN = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
ALERTED = sorted({each for rule in RULES for each in re.findall(r"newsmill_\w+(?:\{[^}]*\})?", rule["expr"])})
# Series that are there only in the trouble itself.
ONLY_THEN = {'newsmill_answers_total{status=~"4xx|5xx|none"}'}


@pytest.fixture(scope="module")
def tools() -> None:
    if shutil.which("prometheus") and shutil.which("promtool"):
        return
    if os.environ.get("CI"):
        pytest.fail("CI needs Prometheus: apt-get install prometheus")
    pytest.skip("needs prometheus and promtool (apt-get install prometheus)")


def test_every_rule_fires_in_its_trouble_and_only_then(tools: None) -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yml"], cwd=Path(__file__).parent, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    tested = yaml.safe_load((Path(__file__).parent / "alerts_test.yml").read_text("utf-8"))["tests"]
    named = {case["alertname"] for test in tested[1:] for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert named == {rule["alert"] for rule in RULES}


def test_every_rule_says_how_urgent_it_is_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert len(rule["annotations"]["summary"]) > 30


class Prometheus:
    """A real one, which scrapes every second."""

    def __init__(self, folder: Path, port_of_figures: int) -> None:
        self.port = free_port()
        made = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(CONFIG / "alerts.yml")],
            "scrape_configs": [
                {"job_name": "newsmill", "static_configs": [{"targets": [f"127.0.0.1:{port_of_figures}"]}]}
            ],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(made))
        words = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb"]
        self.process = subprocess.Popen(
            ["prometheus", *words, f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"]
        )

    def __call__(self, query: str) -> list[dict[str, Any]]:
        address = f"http://127.0.0.1:{self.port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        found: list[dict[str, Any]] = json.load(urllib.request.urlopen(address, timeout=10))["data"]["result"]
        return found

    def wait(self, query: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                if self(query):
                    return
            except OSError:
                pass
            assert time.monotonic() < end, f"{query} has no series"
            time.sleep(0.5)


@pytest.fixture
def prometheus(tools: None, line: Line, site: Site, tmp_path: Path) -> Iterator[Prometheus]:
    """One that has scraped a mill with an article, a page that is gone, and one that failed."""
    site.pages[site.host(1), "/good"] = Page(article("Harbour"))
    ledger: Frontier = line.frontier
    for path, host in (("/good", 1), ("/status/404", 2), ("/status/503", 0)):
        url = site.url(path, host)
        published = ledger.now - 30
        ledger.add([Candidate(address_id(url), url, host_key(url), "s", NORMAL, published=published, timely=True)])
    line.work()
    ledger.say_alive("all@one:1", [*map(str, STAGES), "beat"])
    ledger.set_window(
        decide(
            ledger.window(), WindowFacts({"parse": 0, "index": 0}, 3, 50_000.0), 1000, min_free_mb=64, now=ledger.now
        )
    )
    port, stop = free_port(), threading.Event()
    server = threading.Thread(target=serve, args=(line.wiring, "127.0.0.1", int(port)), kwargs={"stop": stop})
    server.start()
    made = Prometheus(tmp_path, int(port))
    try:
        made.wait("count_over_time(newsmill_up[1m]) >= 3")
        yield made
    finally:
        made.process.terminate()
        made.process.wait()
        stop.set()
        server.join()


def test_every_query_returns_series(prometheus: Prometheus) -> None:
    asked = [*SHOWN, *(each for each in ALERTED if each not in ONLY_THEN)]
    assert len(SHOWN) >= 15
    assert {query for query in asked if not prometheus(query)} == set()
    assert prometheus("newsmill_answers_total{status='4xx'}")[0]["value"][1] != "0"
    assert prometheus("newsmill_stage_seconds_count{stage='parse'}")[0]["value"][1] != "0"
    address = f"http://127.0.0.1:{prometheus.port}/api/v1/rules"
    groups = json.load(urllib.request.urlopen(address, timeout=10))
    health = {rule["name"]: rule["health"] for group in groups["data"]["groups"] for rule in group["rules"]}
    assert health == {rule["alert"]: "ok" for rule in RULES}
