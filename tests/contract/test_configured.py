"""The sources file of workers without a supervisor, over a real Redis."""

import time
from pathlib import Path

import pytest

from newsmill.ledger import Frontier, Turn, entries
from newsmill.ledger.stages import Stage
from newsmill.settings import Settings
from newsmill.sources.config import BadSources
from newsmill.sources.taking_up import AGREE_S, CONFIRM_S, Waiting
from workers.runtime.sources_file import apply, take_up
from workers.runtime.wiring import Wiring

ONE = '[[source]]\nname = "one"\nkind = "feed"\nurl = "http://127.0.0.1/one.xml"\n'
TWO = '[[source]]\nname = "two"\nkind = "feed"\nurl = "http://127.0.0.1/two.xml"\n'


@pytest.fixture
def wiring(frontier: Frontier) -> Wiring:
    return Wiring(Settings(), frontier)


def scheduled(wiring: Wiring) -> set[str]:
    """Names of the sources that will be polled: those that are due, and those that rest until they are."""
    resting = wiring.frontier.client.zrange(f"{wiring.frontier.prefix}sources", 0, -1)
    due = {entry.id for entry in wiring.frontier.polls() if entry["state"] != "idle"}
    return {name.removeprefix("poll:") for name in due | set(resting)}


def poll_all(wiring: Wiring) -> None:
    """Every due poll happens, and rests for a minute."""
    ids = [id for hint in wiring.frontier.dispatch().hints for id in (*hint.together, *hint.alone)]
    polls = wiring.frontier.claim(Stage.PRODUCE, ids, "w")
    wiring.frontier.finish(Stage.PRODUCE, "w", [entries.rest(poll.id, 60.0, turn=Turn(0.0)) for poll in polls])


def taken_up(wiring: Wiring, file: Path) -> bool:
    """Whether the file is taken up when it stays as it is for two readings."""
    now = time.time()
    return take_up(wiring, file, now) or take_up(wiring, file, now + AGREE_S + 0.1)


def test_it_is_taken_up_when_it_appears_and_when_it_changes(wiring: Wiring, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    assert not taken_up(wiring, file)
    file.write_text(ONE, "utf-8")
    assert taken_up(wiring, file)
    assert not taken_up(wiring, file)
    assert scheduled(wiring) == {"one"}
    file.write_text(ONE + TWO, "utf-8")
    assert taken_up(wiring, file)
    assert scheduled(wiring) == {"one", "two"}
    poll_all(wiring)
    poll_all(wiring)
    file.write_text(TWO, "utf-8")
    assert taken_up(wiring, file)
    assert scheduled(wiring) == {"two"}


def test_a_source_whose_poll_waits_or_runs_is_taken_out_too(wiring: Wiring, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(ONE + TWO, "utf-8")
    taken_up(wiring, file)
    ids = [id for hint in wiring.frontier.dispatch().hints for id in (*hint.together, *hint.alone)]
    (runs,) = wiring.frontier.claim(Stage.PRODUCE, ids, "w")  # both are of one host: the other one waits for it
    left = TWO if runs.source == "one" else ONE
    file.write_text(left, "utf-8")
    taken_up(wiring, file)
    wiring.frontier.finish(Stage.PRODUCE, "w", [entries.rest(runs.id, 60.0, turn=Turn(0.0))])
    assert scheduled(wiring) == {"one", "two"} - {runs.source}
    waits = TWO if left == ONE else ONE
    file.write_text(waits, "utf-8")  # back, and the one that waits goes
    taken_up(wiring, file)
    taken_up_later = time.time() + CONFIRM_S + 1  # one of one
    take_up(wiring, file, taken_up_later)
    assert scheduled(wiring) == {runs.source}


def many(names: range, more: str = "") -> str:
    table = '[[source]]\nname = "s{0}"\nkind = "feed"\nurl = "http://127.0.0.1/{0}.xml"\n'
    return more + "".join(table.format(n) for n in names)


@pytest.mark.parametrize("shown", ["", "# nothing yet\n", many(range(4)), many(range(4)) + "[[sour"])
def test_a_file_that_is_emptied_for_some_seconds_takes_nothing_off_the_schedule(
    wiring: Wiring, tmp_path: Path, shown: str
) -> None:
    file, now = tmp_path / "sources.toml", time.time()
    file.write_text(many(range(10)), "utf-8")
    taken_up(wiring, file)
    for _ in range(10):
        poll_all(wiring)
    sources = f"{wiring.frontier.prefix}sources"
    before = wiring.frontier.client.zrange(sources, 0, -1, withscores=True)
    assert len(before) == 10
    file.write_text(shown, "utf-8")
    for second in range(int(CONFIRM_S)):
        assert not take_up(wiring, file, now + second)
    assert wiring.frontier.client.zrange(sources, 0, -1, withscores=True) == before
    file.write_text(many(range(10)), "utf-8")
    assert not take_up(wiring, file, now + 61)
    take_up(wiring, file, now + 63)  # once more where a wrong one was told
    assert wiring.frontier.client.zrange(sources, 0, -1, withscores=True) == before, "nothing is due at once"
    assert not wiring.frontier.waiting_file()


def test_most_sources_go_when_the_file_says_so_for_a_minute_and_come_back_to_their_times(
    wiring: Wiring, tmp_path: Path
) -> None:
    file, now = tmp_path / "sources.toml", time.time()
    file.write_text(many(range(10)), "utf-8")
    taken_up(wiring, file)
    for _ in range(10):
        poll_all(wiring)
    file.write_text(many(range(2)), "utf-8")
    assert [take_up(wiring, file, now + 100 + second) for second in range(62)].count(True) == 1
    assert scheduled(wiring) == {"s0", "s1"}
    for id in wiring.frontier.configured():
        wiring.frontier.put_poll(id, {"next": f"{time.time() + 500:.0f}"}, None)
    file.write_text(many(range(10)), "utf-8")
    for n in range(2, 10):
        wiring.frontier.put_poll(f"poll:s{n}", {"next": f"{time.time() + 500:.0f}"}, None)
    assert taken_up(wiring, file)
    due = wiring.frontier.client.zrange(f"{wiring.frontier.prefix}sources", 0, -1, withscores=True)
    assert len(due) == 10
    assert sum(1 for _, at in due if at > wiring.frontier.now + 400) == 8, "they keep the time they had"


def test_an_operator_can_have_it_taken_up_at_once(wiring: Wiring, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(many(range(10)), "utf-8")
    taken_up(wiring, file)
    file.write_text(ONE, "utf-8")
    assert not taken_up(wiring, file)
    assert str(Waiting.load(wiring.frontier.waiting_file())).startswith("the sources file lost 10 of 10 sources")
    assert apply(wiring, file) == 1
    assert scheduled(wiring) == {"one"}
    assert not take_up(wiring, file)
    file.write_text("[[sour", "utf-8")
    with pytest.raises(BadSources):
        apply(wiring, file)


@pytest.mark.parametrize(
    "wrong",
    [
        b"[[source]]\nname = ",
        b'[[source]]\nname = "x"\nkind = "moon"\n',
        b"\xff\xfe",
        ONE.replace("127.0.0.1", "news.example.org").encode(),  # somebody's, and we have not said who we are
    ],
)
def test_a_wrong_one_changes_nothing_until_it_is_mended(wiring: Wiring, tmp_path: Path, wrong: bytes) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(ONE, "utf-8")
    taken_up(wiring, file)
    file.write_bytes(wrong)
    assert not taken_up(wiring, file)
    assert scheduled(wiring) == {"one"}
    poll_all(wiring)
    file.write_text(ONE + TWO, "utf-8")
    assert taken_up(wiring, file)
    assert scheduled(wiring) == {"one", "two"}
