"""Processes that start, fail and work with secrets in every setting: none comes out, and none is in the ledger."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.system.newsmill import environment
from tests.unit.test_redaction import GOOD, MARKER, VARIABLES
from workers.local.broker import LocalBroker
from workers.runtime.wiring import connect

CELERY = (sys.executable, "-m", "celery", "-A", "workers.app")
NEWSMILL = (sys.executable, "-m", "workers.commands.main")
SEEDED = {VARIABLES[tuple(name.split("."))]: value for name, value in GOOD.items()} | {
    "NEWSMILL_STORES__S3_ACCESS_KEY_ID": "id",
    "NEWSMILL_CONFIG_DIR": str(Path(__file__).parents[2] / "config"),
    "NEWSMILL_BROKER__URL": f"redis://user:{MARKER}@127.0.0.1:1/0",
}


def told(words: tuple[str, ...], folder: Path, seconds: float = 60, **variables: str) -> str:
    """All that a command prints until it ends, or `seconds` are over."""
    command = ["timeout", "-s", "KILL", str(seconds), *words]
    done = subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "seconds", "says"),
    [
        ((*NEWSMILL, "config", "check"), 60, "good"),
        ((*NEWSMILL, "run", "--demo"), 60, "cannot reach Redis"),
        ((*NEWSMILL, "status"), 60, "cannot reach Redis"),
        ((*NEWSMILL, "search", "x"), 60, "cannot be reached"),
        ((*NEWSMILL, "export", "--warc", "x.warc.gz"), 60, ""),
        ((*CELERY, "report"), 60, "broker_url"),
        ((*CELERY, "worker", "-Q", "fetch", "-P", "threads", "-l", "DEBUG"), 15, "127.0.0.1:1"),
        ((*CELERY, "beat", "-l", "DEBUG"), 15, "127.0.0.1:1"),
    ],
    ids=lambda value: " ".join(value[3:]) if isinstance(value, tuple) else "",
)
def test_what_processes_print(tmp_path: Path, words: tuple[str, ...], seconds: float, says: str) -> None:
    out = told(words, tmp_path, seconds, **SEEDED)
    assert says in out
    assert MARKER not in out


def test_mistaken_settings_at_the_start(tmp_path: Path) -> None:
    wrong = dict.fromkeys(SEEDED, f"wrong://:{MARKER}@[x")
    wrong |= {f"{name}_FILE": MARKER for name in SEEDED}
    for words in ((*NEWSMILL, "config", "check"), (*CELERY, "worker")):
        out = told(words, tmp_path, **wrong)
        assert "redis_url" in out
        assert MARKER not in out


def test_the_ledger_has_no_password(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "broker") as url:
        password = urlsplit(url).password or ""
        assert password
        more = {"NEWSMILL_REDIS_URL": url, "NEWSMILL_FETCH__USER_AGENT": "Test/1 (+mailto:a@b.example)"}
        seeded = {name: value for name, value in SEEDED.items() if "SEARCH" in name or "SECRET" in name or "ID" in name}
        out = told((*NEWSMILL, "add", "https://news.example/a"), tmp_path, **more, **seeded)
        out += told((*NEWSMILL, "status", "--json"), tmp_path, **more, **seeded)
        out += told((*NEWSMILL, "trace", "https://news.example/a"), tmp_path, **more, **seeded)
        assert "https://news.example/a" in out
        client = connect(url)
        kept = ""
        for key in client.scan_iter():
            kind = client.type(key)
            read = {"string": "get", "hash": "hgetall", "list": "lrange", "zset": "zrange", "set": "smembers"}[
                str(kind)
            ]
            kept += str(getattr(client, read)(key, *((0, -1) if read in ("lrange", "zrange") else ())))
        client.close()
    assert "news.example" in kept
    for text in (out, kept):
        assert password not in text
        assert MARKER not in text
