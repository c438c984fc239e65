"""The sources file of workers without a supervisor, over a real Redis."""

from pathlib import Path

import pytest

from newsmill.ledger import Frontier, Turn, entries
from newsmill.ledger.stages import Stage
from newsmill.settings import Settings
from workers.produce.configured import take_up
from workers.runtime.wiring import Mill

ONE = '[[source]]\nname = "one"\nkind = "feed"\nurl = "http://127.0.0.1/one.xml"\n'
TWO = '[[source]]\nname = "two"\nkind = "feed"\nurl = "http://127.0.0.1/two.xml"\n'


@pytest.fixture
def mill(frontier: Frontier) -> Mill:
    made = Mill(Settings())
    made.__dict__["frontier"] = frontier
    return made


def scheduled(mill: Mill) -> set[str]:
    """Names of the sources that will be polled: those that are due, and those that rest until they are."""
    resting = mill.frontier.client.zrange(f"{mill.frontier.prefix}sources", 0, -1)
    due = {entry.id for entry in mill.frontier.polls() if entry["state"] != "idle"}
    return {name.removeprefix("poll:") for name in due | set(resting)}


def poll_all(mill: Mill) -> None:
    """Every due poll happens, and rests for a minute."""
    ids = [id for hint in mill.frontier.dispatch().hints for id in (*hint.together, *hint.alone)]
    polls = mill.frontier.claim(Stage.PRODUCE, ids, "w")
    mill.frontier.finish(Stage.PRODUCE, "w", [entries.rest(poll.id, 60.0, turn=Turn(0.0)) for poll in polls])


def test_it_is_taken_up_when_it_appears_and_when_it_changes(mill: Mill, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    assert not take_up(mill, file)
    file.write_text(ONE, "utf-8")
    assert take_up(mill, file)
    assert not take_up(mill, file)
    assert scheduled(mill) == {"one"}
    file.write_text(ONE + TWO, "utf-8")
    assert take_up(mill, file)
    assert scheduled(mill) == {"one", "two"}
    poll_all(mill)
    poll_all(mill)
    file.write_text(TWO, "utf-8")
    assert take_up(mill, file)
    assert scheduled(mill) == {"two"}


@pytest.mark.parametrize(
    "wrong",
    [
        b"[[source]]\nname = ",
        b'[[source]]\nname = "x"\nkind = "moon"\n',
        b"\xff\xfe",
        ONE.replace("127.0.0.1", "news.example.org").encode(),  # somebody's, and we have not said who we are
    ],
)
def test_a_wrong_one_changes_nothing_until_it_is_mended(mill: Mill, tmp_path: Path, wrong: bytes) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(ONE, "utf-8")
    take_up(mill, file)
    file.write_bytes(wrong)
    assert not take_up(mill, file)
    assert scheduled(mill) == {"one"}
    poll_all(mill)
    file.write_text(TWO, "utf-8")
    assert take_up(mill, file)
    assert scheduled(mill) == {"two"}
