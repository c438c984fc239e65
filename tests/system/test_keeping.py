"""What is kept makes everything again: the command itself, on the demo site, over export, wipe, import and reparse."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from newsmill.stores.archive import write_archive
from tests.system.made import made_page

pytestmark = pytest.mark.slow


def newsmill(folder: Path, *words: str, code: int = 0) -> Any:
    """The command's JSON, or its text."""
    environment = {**os.environ, "NEWSMILL_REDIS_URL": "", "NEWSMILL_DATA": str(folder), "NEWSMILL_DEMO__PORT": "8736"}
    command = [sys.executable, "-m", "workers.commands.main", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == code, done.stderr[-3000:]
    try:
        return json.loads(done.stdout)
    except ValueError:
        return done.stdout + done.stderr


def documents(folder: Path, out: Path) -> list[str]:
    newsmill(folder, "export", "--jsonl", str(out))
    return sorted(out.read_text().splitlines())


def test_everything_is_made_again_from_what_is_kept(tmp_path: Path) -> None:
    mill, other = tmp_path / "mill", tmp_path / "other"
    ran = newsmill(mill, "run", "--demo", "--json", "--data", str(mill))  # else it stays apart
    before = documents(mill, tmp_path / "before.jsonl")
    assert len(before) == ran["outcomes"]["indexed"] > 40

    archive = tmp_path / "pages.warc.gz"
    pages = newsmill(mill, "export", "--warc", str(archive), "--json")["raw pages"]
    with archive.open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file, check_digests="raise")]
    assert kinds == ["warcinfo"] + ["response"] * pages

    table = tmp_path / "documents.parquet"
    newsmill(mill, "export", "--parquet", str(table))
    assert sorted(pq.read_table(table)["id"].to_pylist()) == sorted(json.loads(line)["id"] for line in before)

    assert newsmill(other, "import", "--own", str(archive), "--json")["taken"] == pages
    assert documents(other, tmp_path / "imported.jsonl") == before
    assert newsmill(other, "import", "--own", str(archive), "--json")["known"] == pages

    assert newsmill(mill, "reparse", "--version", "<1", "--json").get("taken", 0) == 0
    again = newsmill(mill, "reparse", "--rebuild", "--json")
    assert again["taken"] == pages
    assert again["documents before"] == again["documents now"] == len(before)
    assert newsmill(mill, "reindex", "--json") == {"documents before": len(before), "documents now": len(before)}
    assert documents(mill, tmp_path / "after.jsonl") == before
    status = newsmill(mill, "status", "--json")
    assert status["outcomes"] == ran["outcomes"]
    assert "nothing wrong" in newsmill(mill, "compact")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("export",), 2, "say what to export"),
        (("import", "absent.warc.gz"), 1, "absent.warc.gz"),
        (("reparse", "--version", "new"), 2, "write '<3'"),
        (("reparse", "--rebuild", "--site", "x"), 2, "--rebuild"),
        (("diff", "https://example.org/never-seen"), 1, "no article"),
        (("diff", "ftp://x"), 2, "http"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, words: tuple[str, ...], code: int, told: str) -> None:
    said = newsmill(tmp_path, *words, code=code)
    assert told in said
    assert "Traceback" not in said


def test_a_changed_article_keeps_its_earlier_text(tmp_path: Path) -> None:
    first = made_page(1)
    second = first.model_copy(
        update={
            "fetched_at": first.fetched_at + timedelta(hours=1),
            "body": first.body.replace(
                b"</article>", b"<p>This paragraph was added an hour later by the desk.</p></article>"
            ),
        }
    )
    for number, page in enumerate((first, second)):
        with (tmp_path / f"{number}.warc.gz").open("wb") as out:
            write_archive(out, [page], page.fetched_at)
        assert (
            newsmill(tmp_path / "mill", "import", "--own", str(tmp_path / f"{number}.warc.gz"), "--json")["taken"] == 1
        )
    (change,) = newsmill(tmp_path / "mill", "diff", first.url, "--json")
    assert [line for line in change["text"] if line.startswith(("+", "-"))] == [
        "+This paragraph was added an hour later by the desk."
    ]
    (hit,) = newsmill(tmp_path / "mill", "search", "desk", "--json")["hits"]
    assert newsmill(tmp_path / "mill", "search", "desk", "--json=1")[0]["url"] == hit["url"]
    assert hit["url"] == first.url
    assert "added an hour later" in newsmill(tmp_path / "mill", "diff", first.url)


def test_what_an_archive_says_of_newsmill_is_believed_only_of_ones_own(tmp_path: Path) -> None:
    page = made_page(1)
    with (tmp_path / "a.warc.gz").open("wb") as out:
        write_archive(out, [page, page.model_copy(update={"id": "poll:tidewater"})], page.fetched_at)
    mill = tmp_path / 'a "mill" in Bob\'s folder'
    told = newsmill(mill, "import", "--source", "bought", str(tmp_path / "a.warc.gz"))
    assert "not believed: 2" in told
    (document,) = map(json.loads, documents(mill, tmp_path / "out.jsonl"))
    assert (document["id"], document["source"]) == (page.id, "bought")
    for path in [mill, *mill.rglob("*"), tmp_path / "out.jsonl"]:
        assert not path.stat().st_mode & 0o077, f"{path} can be read by others"
