"""`newsmill sources` as an operator uses it: found, written, run."""

import socket
import time
from pathlib import Path

import pytest

from tests.system.newsmill import Running, as_json, newsmill

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the demo site does not answer")


def test_what_add_writes_is_what_run_ingests(tmp_path: Path) -> None:
    port = free_port()
    variables = {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH__DELAY_S": "0.05"}
    file = tmp_path / "config" / "sources.toml"
    file.parent.mkdir()
    file.write_text("# What we read.\n")

    def sources(*words: str, code: int = 0) -> str:
        return newsmill("sources", *words, cwd=tmp_path, code=code, **variables).stdout

    with Running("demo", "--port", str(port), cwd=tmp_path):
        wait_for(port)
        site = f"http://127.0.0.1:{port}"
        found = as_json(newsmill("sources", "add", f"{site}/uk/", "--json", cwd=tmp_path, **variables))
        assert [f["url"] for f in found["found"] if f["chosen"]] == [f"{site}/uk/feed.xml"]
        assert found["added"] == ["127-0-0-1"]
        sources("add", f"{site}/en/feed.xml")
        assert file.read_text().startswith("# What we read.\n\n# ")
        sources("check")
        figures = as_json(newsmill("run", "--json", "--data", "data", cwd=tmp_path, **variables))
        assert figures["complete"]
        assert figures["outcomes"]["indexed"] > 15
        (first, second) = as_json(newsmill("sources", "list", "--json", "--data", "data", cwd=tmp_path, **variables))
        assert first["found"] == first["new"] > 5
        assert second["next"] > second["polled"]
        sources("pause", "127-0-0-1", "--data", "data")
        assert "paused" in sources("show", "127-0-0-1", "--data", "data")
        sources("resume", "127-0-0-1", "--data", "data")
        sources("remove", "127-0-0-1", "--data", "data")
        assert "no source '127-0-0-1'" in newsmill("sources", "remove", "127-0-0-1", cwd=tmp_path, code=2).stderr
        (tmp_path / "feeds.opml").write_text(sources("export"))
        sources("import", "feeds.opml", "--sources", "other.toml")
        assert f"{site}/en/feed.xml" in (tmp_path / "other.toml").read_text()
        sources("add", f"{site}/nothing-here-at-all", "--look", code=0)
    sources("add", f"{site}/", code=1)
