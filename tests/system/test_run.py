"""`newsmill run` as a whole: all stages, a real broker, real HTTP on loopback."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from newsmill.demo.expected import expected
from newsmill.download.chromium import no_browser
from tests.site.routes import article
from tests.site.server import Page, Site
from tests.system.newsmill import Running, as_json, newsmill

pytestmark = pytest.mark.slow

DELAY_S = 0.25
LOOPBACK = {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}


def free_port() -> str:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def addresses(site: Site, hosts: int, total: int) -> list[str]:
    return [site.url(f"/story/{i}", host=i % hosts) for i in range(total)]


def serve_stories(site: Site, hosts: int, total: int) -> None:
    for i in range(total):
        site.pages[site.host(i % hosts), f"/story/{i}"] = Page(
            article(f"Story number {i} of the test", words=120 + i % 80)
        )


def write_list(folder: Path, urls: list[str]) -> Path:
    (folder / "list.txt").write_text("\n".join(urls) + "\n")
    file = folder / "sources.toml"
    file.write_text('[[source]]\nname = "stories"\nkind = "list"\npath = "list.txt"\n')
    return file


def balanced(figures: dict[str, object]) -> bool:
    outcomes = figures["outcomes"]
    assert isinstance(outcomes, dict)
    return figures["accepted"] == figures["waiting"] + figures["in_progress"] + sum(outcomes.values())  # type: ignore[operator]


def test_the_demo_site_is_ingested_searched_and_traced(tmp_path: Path):
    want = expected().with_browser(not no_browser())
    port = free_port()
    done = newsmill("run", "--json", "--data", "data", cwd=tmp_path, NEWSMILL_DEMO__PORT=port)
    figures = as_json(done)
    assert figures["complete"]
    assert balanced(figures)
    assert (figures["waiting"], figures["in_progress"]) == (0, 0)
    assert figures["accepted"] == len(want.outcomes)
    assert {k: n for k, n in figures["outcomes"].items() if n} == {str(k): n for k, n in want.totals().items()}
    for path, outcome in want.outcomes.items():
        if outcome != "indexed":
            told = as_json(
                newsmill("trace", f"http://127.0.0.1:{port}{path}", "--json", "--data", "data", cwd=tmp_path)
            )
            assert told["outcome"] == outcome, (path, told)
    for finds in want.finds:
        hits = as_json(newsmill("search", "--json", "--data", "data", "-n", "100", finds.query, cwd=tmp_path))["hits"]
        hits = [hit for hit in hits if hit["rung"] != "most"]
        assert len(hits) == finds.documents, (finds, [h["url"] for h in hits])
    for silent in want.silent:
        for query in silent.queries:
            hits = as_json(newsmill("search", "--json", "--data", "data", query, cwd=tmp_path))["hits"]
            exact = [hit["url"] for hit in hits if hit["rung"] == "exact"]
            assert exact == [], (silent.language, query, exact)
    again = as_json(newsmill("run", "--json", "--data", "data", cwd=tmp_path, NEWSMILL_DEMO__PORT=port))
    assert (again["accepted"], again["documents"]) == (figures["accepted"], figures["documents"])
    assert newsmill("audit", "--data", "data", cwd=tmp_path).stdout.strip() == "the ledger is whole"


def test_500_addresses_on_40_hosts_are_accounted_for_and_asked_for_politely(tmp_path: Path):
    with Site(hosts=40) as site:
        serve_stories(site, 40, 500)
        sources = write_list(tmp_path, addresses(site, 40, 500))
        done = newsmill(
            "run", "--json", "--sources", str(sources), cwd=tmp_path, NEWSMILL_FETCH__DELAY_S=str(DELAY_S), **LOOPBACK
        )
        figures = as_json(done)
        assert figures["accepted"] == 500
        assert figures["outcomes"]["indexed"] == figures["documents"] == 500
        assert site.log.overlaps() == []
        assert min(site.log.gaps()) >= DELAY_S
        assert len([p for p in site.log.paths() if p == "/robots.txt"]) == 40


def test_killed_workers_lose_nothing_and_double_nothing(tmp_path: Path):
    with Site(hosts=20) as site:
        serve_stories(site, 20, 300)
        sources = write_list(tmp_path, addresses(site, 20, 300))
        words = ("run", "--json", "--sources", str(sources))
        variables = {"NEWSMILL_FETCH__DELAY_S": str(DELAY_S), **LOOPBACK}
        with Running(*words, cwd=tmp_path, **variables) as run:
            _wait_for(lambda: len(site.log.accesses) > 80)
            for stage in ("fetch", "parse"):
                os.kill(run.workers(stage)[0], signal.SIGKILL)
                time.sleep(1)
            os.kill(run.workers("parse")[-1], signal.SIGKILL)  # a child of the new one
            _wait_for(lambda: len(site.log.accesses) > 150)
        assert run.process.returncode == 130
        figures = as_json(newsmill(*words, cwd=tmp_path, **variables))
        assert figures["accepted"] == figures["outcomes"]["indexed"] == figures["documents"] == 300
        assert newsmill("audit", cwd=tmp_path).stdout.strip() == "the ledger is whole"
        assert site.log.overlaps() == []
        assert min(site.log.gaps()) >= DELAY_S


def test_a_run_that_is_killed_as_a_whole_goes_on(tmp_path: Path):
    with Site(hosts=10) as site:
        serve_stories(site, 10, 100)
        sources = write_list(tmp_path, addresses(site, 10, 100))
        words = ("run", "--json", "--sources", str(sources))
        variables = {"NEWSMILL_FETCH__DELAY_S": str(DELAY_S), **LOOPBACK}
        with Running(*words, cwd=tmp_path, **variables) as run:
            _wait_for(lambda: len(site.log.accesses) > 40)
            everything = [
                run.process.pid,
                *(pid for s in ("produce", "fetch", "parse", "index") for pid in run.workers(s)),
            ]
            (beat,) = run.workers("beat")
            for pid in everything:
                os.kill(pid, signal.SIGKILL)
            run.wait(20)
            _wait_for(lambda: not Path(f"/proc/{beat}").exists())
        figures = as_json(newsmill(*words, cwd=tmp_path, **variables))
        assert figures["accepted"] == figures["outcomes"]["indexed"] == figures["documents"] == 100
        assert site.log.overlaps() == []


def _wait_for(reached, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it did not come to this in time"
        time.sleep(0.05)


def test_a_killed_broker_comes_back_with_everything(tmp_path: Path):
    with Site(hosts=10) as site:
        serve_stories(site, 10, 120)
        sources = write_list(tmp_path, addresses(site, 10, 120))
        variables = {"NEWSMILL_FETCH__DELAY_S": str(DELAY_S), **LOOPBACK}
        with Running("run", "--json", "--sources", str(sources), cwd=tmp_path, **variables) as run:
            for accesses in (30, 70):
                _wait_for(lambda least=accesses: len(site.log.accesses) > least)
                os.kill(json.loads((tmp_path / "data" / "broker" / "server.json").read_text())["pid"], signal.SIGKILL)
            code, out, err = run.wait()
        assert code == 0, err[-2000:]
        figures = json.loads(out)
        assert figures["accepted"] == figures["outcomes"]["indexed"] == figures["documents"] == 120
        assert site.log.overlaps() == []
        assert min(site.log.gaps()) >= DELAY_S
