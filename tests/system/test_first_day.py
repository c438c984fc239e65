"""A new operator's first commands, word by word."""

import re
import time
from pathlib import Path

import pytest

from tests.site.server import Site
from tests.system.newsmill import Running, as_json, newsmill
from tests.system.test_run import free_port

LOOPBACK = {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}


def test_the_version(tmp_path: Path) -> None:
    assert re.fullmatch(r"newsmill \d+\.\d+.*\n", newsmill("--version", cwd=tmp_path).stdout)
    assert "--install-completion" in newsmill("--help", cwd=tmp_path).stdout


def test_what_stands_in_the_way_of_a_private_address_is_named(tmp_path: Path) -> None:
    done = newsmill("sources", "add", "http://127.0.0.1:9/", cwd=tmp_path, code=1)
    assert "NEWSMILL_FETCH__ALLOW_NETWORKS" in done.stdout


@pytest.mark.slow
def test_the_demos_articles_stay_apart(tmp_path: Path) -> None:
    newsmill("run", "--json", cwd=tmp_path, NEWSMILL_DEMO__PORT=free_port())
    found = newsmill("search", "lighthouse", cwd=tmp_path)
    assert "the demo's articles" in found.stderr
    assert "lighthouse" in found.stdout.lower()
    assert newsmill("status", cwd=tmp_path).stdout.startswith("OK  at rest")
    with Site(hosts=1) as site:
        newsmill("run", site.url("/story/1"), "--json", cwd=tmp_path, code=None, **LOOPBACK)
    assert as_json(newsmill("status", "--json", cwd=tmp_path))["accepted"] == 1, "one's own mill has none of them"


@pytest.mark.slow
def test_up_without_a_source_waits_for_what_is_added(tmp_path: Path) -> None:
    with Site(hosts=1) as site, Running("up", cwd=tmp_path, **LOOPBACK):
        end = time.monotonic() + 60
        while not (tmp_path / "data" / "broker" / "server.json").exists() and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(3)
        newsmill("add", site.url("/status/404"), cwd=tmp_path, **LOOPBACK)
        while time.monotonic() < end:
            told = as_json(newsmill("status", "--json", cwd=tmp_path))
            if told["outcomes"]["gone"] and "beat" in told["alive"]:  # which says so every five seconds
                break
            time.sleep(1)
        assert told["outcomes"]["gone"] == 1
        assert told["accepted"] == 1, "no demo site"
        assert told["alive"].keys() >= {"produce", "fetch", "parse", "index", "beat"}
