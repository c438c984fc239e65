"""What goes wrong outside: one clear line each, saying what to do; an exit code that is not 0; no traceback."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.routes import article
from tests.site.server import Page, Site
from tests.system.newsmill import newsmill

LOOPBACK = {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[source]]\nname = "x"\nkind = "fead"\nurl = "http://a.example/"\n', ["kind", "feed"]),
        ('[[source]]\nname = "x"\nkind = "feed"\nurll = "http://a.example/"\n', ["urll", "'url'"]),
        ("[[source]\n", ["not TOML", "line 1"]),
        ("", ["no source"]),
    ],
)
def test_a_bad_sources_file(tmp_path: Path, text: str, says: list[str]):
    (tmp_path / "sources.toml").write_text(text)
    done = newsmill("run", "--sources", "sources.toml", cwd=tmp_path, code=2)
    assert all(part in done.stderr for part in says), done.stderr
    assert not (tmp_path / "data").exists()


def test_a_missing_sources_file(tmp_path: Path):
    done = newsmill("run", "--sources", "nowhere.toml", cwd=tmp_path, code=2)
    assert "cannot read the sources file nowhere.toml" in done.stderr


def test_all_that_is_wrong_with_the_configuration_at_once(tmp_path: Path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "newsmill.toml").write_text("[fetch]\ndely_s = 1\n")
    (tmp_path / "config" / "sources.toml").write_text('[[source]]\nname = "x"\n')
    done = newsmill("config", "check", cwd=tmp_path, code=2, NEWSMILL_LOG__LEVEL="loud")
    assert "delay_s" in done.stderr
    assert "kind is missing" in done.stderr
    assert "log.level" in done.stderr
    assert len(lines(done.stderr)) == 3
    assert newsmill("run", cwd=tmp_path, code=2).stderr.startswith("newsmill: ")


def test_an_unreachable_broker(tmp_path: Path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{s.getsockname()[1]}/0"
    for words in (("run", "http://127.0.0.1/x"), ("status",), ("add", "http://127.0.0.1/x")):
        done = newsmill(*words, cwd=tmp_path, code=1, NEWSMILL_REDIS_URL=url)
        assert len(lines(done.stderr)) == 1
        assert "cannot reach Redis" in done.stderr
        assert "NEWSMILL_REDIS_URL" in done.stderr


def test_a_wrong_password_is_said_and_not_shown(tmp_path: Path, redis_url: str):
    url = redis_url.replace(redis_url.split(":")[2].split("@")[0], "wrong-secret")
    done = newsmill("status", cwd=tmp_path, code=1, NEWSMILL_REDIS_URL=url)
    assert "password" in done.stderr
    assert "wrong-secret" not in done.stderr


def test_ports_in_use(tmp_path: Path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = str(s.getsockname()[1])
        demo = newsmill("run", cwd=tmp_path, code=1, NEWSMILL_DEMO__PORT=port)
        assert len(lines(demo.stderr)) == 1
        assert port in demo.stderr
        assert "in use" in demo.stderr
        broker = newsmill("run", "http://127.0.0.1/x", cwd=tmp_path, code=1, NEWSMILL_BROKER__PORT=port)
        assert port in lines(broker.stderr)[-1]
        assert "in use" in broker.stderr


def test_two_runs_on_one_folder(tmp_path: Path):
    from workers.local.broker import LocalBroker

    with LocalBroker(tmp_path / "data"):
        done = newsmill("run", "http://127.0.0.1/x", cwd=tmp_path, code=1)
    assert "another newsmill is running" in done.stderr


def test_nothing_here_yet(tmp_path: Path):
    for words in (("status",), ("trace", "http://127.0.0.1/x"), ("search", "x")):
        done = newsmill(*words, cwd=tmp_path, code=1)
        assert "newsmill run" in done.stderr
        assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("address", ["ftp://a.example/x", "not an address", "http://", "javascript:alert(1)"])
def test_bad_addresses(tmp_path: Path, address: str):
    done = newsmill("run", address, cwd=tmp_path, code=2)
    assert len(lines(done.stderr)) == 1
    assert address[:10] in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB, where this machine lets us mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no small file system can be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_the_same_command_goes_on(small_disk: Path, tmp_path: Path):
    noise = [os.urandom(2000).hex() for _ in range(400)]
    with Site(hosts=4) as site:
        urls = [site.url(f"/story/{i}", host=i % 4) for i in range(60)]
        for i in range(60):
            body = article(f"Story {i}") + f"<!-- {' '.join(noise[i * 6 : i * 6 + 100])} -->".encode()
            site.pages[site.host(i % 4), f"/story/{i}"] = Page(body)
        (tmp_path / "list").write_text("\n".join(urls))
        (tmp_path / "s.toml").write_text('[[source]]\nname = "s"\nkind = "list"\npath = "list"\n')
        words = ("run", "--sources", "s.toml", "--data", str(small_disk))
        variables = {**LOOPBACK, "NEWSMILL_FETCH__DELAY_S": "0.05", "NEWSMILL_FRONTIER__MIN_FREE_MB": "4"}
        done = newsmill(*words, cwd=tmp_path, code=1, **variables)
        assert "free" in lines(done.stderr)[-1]
        assert "same command" in lines(done.stderr)[-1]
        shutil.rmtree(small_disk / "raw")  # what an operator would not do: the pages are fetched again
        assert subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)]).returncode == 0
        newsmill(*words, cwd=tmp_path, **variables)


def test_a_folder_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("")
    done = newsmill("run", "http://127.0.0.1/x", "--data", "file/data", cwd=tmp_path, code=1)
    assert len(lines(done.stderr)) == 1
    assert "file" in done.stderr
