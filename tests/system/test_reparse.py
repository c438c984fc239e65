"""A new extractor over all raw pages while others come in: search answers all the time, and all is new at the end."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import newsmill
import workers
from newsmill.extraction import EXTRACTOR_VERSION
from newsmill.search.sqlite.store import SqliteStore
from tests.system.made import PAGES, made_archive, made_page
from tests.system.reader import Reader

pytestmark = pytest.mark.slow
LEAST_A_SECOND = 9.0  # of the ten that are due
NEW = 200  # pages that come in meanwhile


def start(release: Path, data: Path, *words: str) -> "subprocess.Popen[str]":
    """The command, of the release that lies in this folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    return subprocess.Popen(
        [sys.executable, "-m", "workers.commands.main", *words, "--json"],
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
    for package in (newsmill, workers):
        home = Path(str(package.__file__)).parent
        shutil.copytree(home, folder / home.name, ignore=shutil.ignore_patterns("__pycache__"))
    extractor = folder / "newsmill" / "extraction" / "extractor.py"
    text, count = re.subn(
        r"(?m)^EXTRACTOR_VERSION = \d+", f"EXTRACTOR_VERSION = {EXTRACTOR_VERSION + 1}", extractor.read_text()
    )
    assert count == 1
    extractor.write_text(text)
    return folder


@pytest.mark.parametrize("how", [(), ("--rebuild",), ("--version", f"<{EXTRACTOR_VERSION + 1}")])
def test_reparse_while_pages_come_in(tmp_path: Path, how: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    old = Path(workers.__file__).parents[1]
    assert finish(start(old, data, "import", str(made_archive(tmp_path / "a.warc.gz", range(PAGES)))))["taken"] == PAGES
    more = made_archive(tmp_path / "b.warc.gz", range(PAGES, PAGES + NEW))
    release = next_release(tmp_path / "release")

    began = time.monotonic()
    with Reader(lambda: SqliteStore(data / "search.sqlite")) as reader:
        reparse = start(release, data, "reparse", *how)
        time.sleep(3)
        coming = start(release, data, "import", str(more))
        assert finish(coming)["taken"] == NEW
        told = finish(reparse)
    seconds = time.monotonic() - began

    print(
        f"{' '.join(how)}: {told['taken']} pages in {seconds:.0f} s, {told['taken'] / seconds:.0f} a second; {reader}"
    )
    assert told["taken"] >= PAGES
    assert reader.failures == []
    assert reader.a_second > LEAST_A_SECOND
    assert reader.least >= PAGES
    store = SqliteStore(data / "search.sqlite")
    versions = {document.id: document.extractor for document in store.scan()}
    assert set(versions) == {made_page(i).id for i in range(PAGES + NEW)}
    assert set(versions.values()) == {EXTRACTOR_VERSION + 1}
    assert store.check() == ()
    store.close()
