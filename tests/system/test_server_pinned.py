"""A server that is installed after `newsmill run` does not take the data over, nor is it told to repair it."""

import os
import shutil
from pathlib import Path

import pytest

from newsmill.ledger import NORMAL, Candidate
from newsmill.settings import Settings
from tests.system.newsmill import as_json, newsmill
from workers.local import server as servers
from workers.local.broker import LocalBroker
from workers.local.server import Made, Server, find_server, wrote
from workers.runtime.wiring import Wiring


def put_on_path(folder: Path, made: Made) -> str:
    """A `redis-server` that says to be this one (it is the bundled one: only what it says is looked at here)."""
    folder.mkdir(exist_ok=True)
    program = folder / "redis-server"
    says = f"{made.kind} server v={made.version} sha=00000000:0 malloc=libc bits=64 build=0"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{says}" && exit\nexec "{find_server()}" "$@"\n')
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def fill(data: Path) -> None:
    with LocalBroker(data) as url:
        wiring = Wiring(Settings(redis_url=url))
        wiring.frontier.add([Candidate("0" * 16, "http://127.0.0.1/x", "127.0.0.1", "given", NORMAL)])
        wiring.frontier.rest_in_order()


def test_data_of_the_bundled_server_goes_on_with_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fill(data)
    path = put_on_path(tmp_path / "bin", Made("Redis", "7.0.15"))
    told = as_json(newsmill("status", "--json", cwd=tmp_path, code=None, PATH=path))
    assert told["accepted"] == 1
    assert (wrote(data / "broker") or Made("", "")).kind == "Valkey"


def test_data_of_a_server_of_the_path_goes_on_with_that_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("PATH", put_on_path(tmp_path / "bin", Made("Redis", "7.0.15")))
    monkeypatch.setattr(servers, "_bundled", lambda: None)
    fill(data)
    monkeypatch.undo()
    assert wrote(data / "broker") == Made("Redis", "7.0.15")
    refused = newsmill("status", cwd=tmp_path, code=1)
    assert "Redis 7.0.15" in refused.stderr
    assert "Valkey" in refused.stderr
    assert "--fix" not in refused.stderr
    path = put_on_path(tmp_path / "bin", Made("Redis", "7.0.15"))
    assert as_json(newsmill("status", "--json", cwd=tmp_path, code=None, PATH=path))["accepted"] == 1


def test_a_data_folder_of_before_says_who_wrote_it(tmp_path: Path) -> None:
    fill(tmp_path / "data")
    broker = tmp_path / "data" / "broker"
    (broker / "written-by.json").unlink()
    made = wrote(broker)
    assert made == servers.server_for(broker).made
    assert made is not None


def test_a_damaged_file_is_not_to_be_cut_off(tmp_path: Path) -> None:
    fill(tmp_path / "data")
    (written,) = (tmp_path / "data/broker/appendonlydir").glob("*.incr.aof")
    text = written.read_bytes()
    written.write_bytes(text[: len(text) // 2] + b"\0\1\2\3" * 20 + text[len(text) // 2 :])
    done = newsmill("status", cwd=tmp_path, code=1)
    assert "--fix" not in done.stderr
    assert "reparse" in done.stderr, done.stderr


@pytest.mark.skipif(not shutil.which("redis-server"), reason="no Redis is installed here")
def test_a_real_redis_that_is_installed_is_found_second() -> None:
    found: list[Server] = servers.servers()
    assert found[0].bundled
    assert not found[1].bundled
