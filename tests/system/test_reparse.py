"""A new extractor over all raw pages while others come in: search answers all the time, and all is new at the end."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import workers
from tests.system.made import PAGES, made_archive, made_page
from workers.parse import EXTRACTOR_VERSION
from workers.stores.sqlite import SqliteStore

pytestmark = pytest.mark.slow
EVERY_S = 0.1
NEW = 200  # pages that come in meanwhile


def start(release: Path, data: Path, *words: str) -> "subprocess.Popen[str]":
    """The command, of the release that lies in this folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    return subprocess.Popen(
        [sys.executable, "-m", "workers.cli", *words, "--json"],
        cwd=release,
        env=clean | {"NEWSMILL_DATA": str(data), "PYTHONPATH": str(release)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> dict[str, int]:
    output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors[-3000:]
    found: dict[str, int] = json.loads(output)
    return found


def next_release(folder: Path) -> Path:
    """A copy of the package with a newer extractor."""
    shutil.copytree(Path(workers.__file__).parent, folder / "workers", ignore=shutil.ignore_patterns("__pycache__"))
    extractor = folder / "workers" / "parse" / "extractor.py"
    text, count = re.subn(
        r"(?m)^EXTRACTOR_VERSION = \d+", f"EXTRACTOR_VERSION = {EXTRACTOR_VERSION + 1}", extractor.read_text()
    )
    assert count == 1
    extractor.write_text(text)
    return folder


class Reader(threading.Thread):
    """Asks ten times a second; keeps the least number of hits and every failure."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path, self.least, self.asked = path, 10**9, 0
        self.failures: list[str] = []
        self.done = threading.Event()

    def run(self) -> None:
        store = SqliteStore(self.path)
        while not self.done.wait(EVERY_S):
            try:
                self.least = min(self.least, store.search("report").total)
                self.asked += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
                self.failures.append(repr(error))
        store.close()


@pytest.mark.parametrize("how", [(), ("--rebuild",), ("--version", f"<{EXTRACTOR_VERSION + 1}")])
def test_reparse_while_pages_come_in(tmp_path: Path, how: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    old = Path(workers.__file__).parents[1]
    assert finish(start(old, data, "import", str(made_archive(tmp_path / "a.warc.gz", range(PAGES)))))["taken"] == PAGES
    more = made_archive(tmp_path / "b.warc.gz", range(PAGES, PAGES + NEW))
    release = next_release(tmp_path / "release")

    reader = Reader(data / "search.sqlite")
    reader.start()
    began = time.monotonic()
    reparse = start(release, data, "reparse", *how)
    time.sleep(3)
    coming = start(release, data, "import", str(more))
    assert finish(coming)["taken"] == NEW
    told = finish(reparse)
    seconds = time.monotonic() - began
    reader.done.set()
    reader.join()

    print(f"{' '.join(how)}: {told['taken']} pages in {seconds:.0f} s, {reader.asked} queries, {told}")
    assert told["taken"] >= PAGES
    assert reader.failures == []
    assert reader.asked > seconds
    assert reader.least >= PAGES
    store = SqliteStore(data / "search.sqlite")
    versions = {document.id: document.extractor for document in store.scan()}
    assert set(versions) == {made_page(i).id for i in range(PAGES + NEW)}
    assert set(versions.values()) == {EXTRACTOR_VERSION + 1}
    assert store.check() == ()
    store.close()
