"""Pausing, resuming and polling a source: in the ledger, with a sources file that nobody can write."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.ledger import Frontier, Turn, entries
from newsmill.ledger.stages import Stage
from newsmill.settings import Settings
from newsmill.sources.config import BadSources
from newsmill.sources.edit import NoSuchSource
from newsmill.sources.register import poll_id
from workers.commands import sources_do as verbs
from workers.desk.sources import NotWritable
from workers.runtime.sources_file import apply
from workers.runtime.wiring import Wiring

TABLE = '[[source]]\nname = "{0}"\nkind = "feed"\nurl = "http://{0}.example/feed"\n'


@pytest.fixture
def s(redis_url: str, tmp_path: Path) -> Settings:
    fetch = Settings().fetch.model_copy(update={"user_agent": "Test/1.0 (+https://test.example)"})
    fetch.model_fields_set.add("user_agent")
    return Settings(redis_url=redis_url, data=tmp_path / "data", fetch=fetch)


@pytest.fixture
def file(s: Settings, tmp_path: Path) -> Iterator[Path]:
    """One that no verb may write: its folder is a file's."""
    found = tmp_path / "sources.toml"
    found.write_text(TABLE.format("courier") + TABLE.format("herald") + TABLE.format("off") + "enabled = false\n")
    apply(Wiring(s), found)
    before = found.read_bytes()
    yield found
    assert found.read_bytes() == before


def due(s: Settings) -> set[str]:
    """Names of what is scheduled or on its way."""
    ledger: Frontier = Wiring(s).frontier
    on_its_way = {entry.id for entry in ledger.polls() if entry["state"] != "idle"}
    return {id.removeprefix("poll:") for id in on_its_way | set(ledger.scheduled())}


def one_poll(s: Settings, name: str, **more: str) -> None:
    """The poll of a source happens."""
    ledger = Wiring(s).frontier
    ids = [id for hint in ledger.dispatch().hints for id in (*hint.together, *hint.alone)]
    assert poll_id(name) in ids
    (taken,) = ledger.claim(Stage.PRODUCE, [poll_id(name)], "w")
    ledger.finish(Stage.PRODUCE, "w", [entries.rest(taken.id, 60.0, more, turn=Turn(0.0))])


def test_a_pause_holds_whatever_happens_to_the_file(s: Settings, file: Path) -> None:
    assert due(s) == {"courier", "herald"}
    verbs.pause(s, file, "courier")
    assert due(s) == {"herald"}
    apply(Wiring(s), file)
    assert due(s) == {"herald"}
    verbs.resume(s, file, "courier")
    assert due(s) == {"courier", "herald"}


def test_one_that_is_being_polled_rests_when_that_ends(s: Settings, file: Path) -> None:
    ledger = Wiring(s).frontier
    ledger.dispatch()
    (taken,) = ledger.claim(Stage.PRODUCE, [poll_id("courier")], "w")
    verbs.pause(s, file, "courier")
    ledger.finish(Stage.PRODUCE, "w", [entries.rest(taken.id, 60.0, turn=Turn(0.0))])
    assert due(s) == {"herald"}


def test_a_paused_one_is_polled_once(s: Settings, file: Path) -> None:
    verbs.pause(s, file, "courier")
    verbs.poll(s, file, ["courier", "off"])
    assert due(s) == {"courier", "herald", "off"}
    one_poll(s, "courier")
    assert "courier" not in due(s)


def test_a_pause_of_the_file_is_named_and_not_lifted(s: Settings, file: Path) -> None:
    with pytest.raises(BadSources, match="off has `enabled = false`"):
        verbs.resume(s, file, "off")
    assert "off" not in due(s)


def test_an_unknown_name(s: Settings, file: Path) -> None:
    for verb in (verbs.pause, verbs.resume, verbs.remove):
        with pytest.raises(NoSuchSource):
            verb(s, file, "nobody")


def test_what_only_run_knew_is_forgotten(s: Settings, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(TABLE.format("elsewhere"))
    apply(Wiring(s), other)
    assert due(s) == {"elsewhere"}
    verbs.remove(s, file, "elsewhere")
    assert due(s) == set()
    assert Wiring(s).frontier.entry(poll_id("elsewhere")) is None


def test_where_the_file_cannot_be_written_it_says_what_to_put_there(s: Settings, file: Path) -> None:
    if subprocess.run(["mount", "--bind", file.parent, file.parent], capture_output=True).returncode:
        pytest.skip("no read-only file system can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", file.parent], check=True)
        with pytest.raises(NotWritable, match="take the table of courier out"):
            verbs.remove(s, file, "courier")
        verbs.pause(s, file, "courier")
        assert due(s) == {"herald"}
    finally:
        subprocess.run(["umount", "-l", file.parent], check=True)


def test_a_returning_source_keeps_its_time(s: Settings, file: Path) -> None:
    later = f"{time.time() + 700:.0f}"
    one_poll(s, "courier", next=later)
    text = file.read_text()
    file.write_text(TABLE.format("herald"))
    apply(Wiring(s), file)
    assert due(s) == {"herald"}
    file.write_text(text)
    apply(Wiring(s), file)
    at = Wiring(s).frontier.client.zscore("nm:sources", poll_id("courier"))
    assert at is not None
    assert abs(float(at) - float(later)) < 5
