"""`newsmill up` has a console beside it; `newsmill follow` and the API tell of new articles."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from newsmill.demo.server import serve
from newsmill.demo.site import sources
from tests.system.newsmill import Running, environment, newsmill
from workers.local.broker import free_port


@pytest.mark.slow
def test_up_serves_the_console_and_tells_of_new_articles(tmp_path: Path) -> None:
    port = free_port()
    with serve() as site:
        file = tmp_path / "sources.toml"
        file.write_text(sources(site.base), "utf-8")
        variables = {
            "NEWSMILL_WEB__PORT": str(port),
            "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_FETCH__DELAY_S": "0.02",
            "NEWSMILL_CONFIG_DIR": str(tmp_path),
        }
        base = f"http://127.0.0.1:{port}"
        with Running("up", cwd=tmp_path, **variables) as up:
            assert up.process.stderr
            lines = iter(up.process.stderr.readline, "")
            assert f"console: {base}/" in next(line for line in lines if "console:" in line)
            once = re.findall(r"enter\?once=\S+", next(line for line in lines if "once:" in line))[0]
            _wait(lambda: httpx.get(f"{base}/health").status_code == 200)
            token = newsmill(
                "token", "add", "mine", "--scope", "read", "--scope", "submit", cwd=tmp_path
            ).stdout.strip()
            headers = {"Authorization": f"Bearer {token}"}
            follower = subprocess.Popen(
                [sys.executable, "-m", "newsmill", "follow", "--json", "--after", "0-0", "lang:en"],
                cwd=tmp_path,
                env=environment(),
                stdout=subprocess.PIPE,
                text=True,
            )
            with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
                _wait(lambda: client.get("/api/v1/search", params={"q": "harbour"}).json()["total"] > 2)
                assert client.get("/enter", params=once.partition("?")[2]).status_code == 303
                # What leads to the console itself is not fetched, though its network is allowed.
                own = f"{base}/search"
                assert client.post("/api/v1/addresses", json={"urls": [own]}).status_code == 202
                told = client.get("/api/v1/trace", params={"url": own, "wait": 30}).json()
                assert told["outcome"] == "excluded" or "Newsmill's own" in str(told), told
            assert follower.stdout
            first = json.loads(follower.stdout.readline())
            assert (first["type"], first["article"]["language"]) == ("new", "en")
            follower.send_signal(signal.SIGINT)
            assert follower.wait(20) == 130
            follower.stdout.close()
            log = tmp_path / "data" / "logs" / "web.log"
            assert log.exists()
        assert up.process.returncode == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{base}/health")


def test_the_console_says_in_one_line_why_it_does_not_start(tmp_path: Path) -> None:
    newsmill("add", "https://news.example/a", cwd=tmp_path, NEWSMILL_FETCH__USER_AGENT="Test/1 (+https://me.example)")
    done = newsmill("web", "--host", "0.0.0.0", "--port", "0", cwd=tmp_path, code=1)
    assert "NEWSMILL_WEB__PASSWORD_FILE" in done.stderr
    assert done.stderr.count("\n") == 1
    port = free_port()
    with httpx.Client() as _, _taken(port):
        assert f"port {port}" in newsmill("web", "--port", str(port), cwd=tmp_path, code=1).stderr


def _taken(port: int):  # type: ignore[no-untyped-def]
    import socket

    found = socket.socket()
    found.bind(("127.0.0.1", port))
    found.listen()
    return found


def _wait(reached, seconds: float = 90.0) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + seconds
    while True:
        try:
            if reached():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, "it did not come to this in time"
        time.sleep(0.2)
