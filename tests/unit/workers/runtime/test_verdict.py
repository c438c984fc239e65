"""What an operator reads first, in each trouble."""

from dataclasses import replace
from typing import Any

import pytest

from newsmill.ledger.presence import ALIVE_S, LiveWorker
from newsmill.sources.register import SourceState
from workers.commands.show_status import left_s
from workers.pipeline import STAGES
from workers.runtime.figures import RestingHost, StageFigures, Status
from workers.runtime.verdict import Remark, StatusVerdict, StatusWord, living, verdict

NOW = 1_795_000_000.0
ALL = [LiveWorker(queue, f"{queue}@one:1", NOW - 2) for queue in (*map(str, STAGES), "beat")]
WELL = Status(
    accepted=100,
    waiting=10,
    in_progress=0,
    outcomes={"indexed": 90},
    stages={str(stage): StageFigures(waiting=0, active=0) for stage in STAGES},
    polls=StageFigures(waiting=0, active=0),
    window=1000,
    window_reason="",
    sources=3,
    now=NOW,
    ticked=NOW - 1,
    workers=ALL,
    rate=2.0,
)
COURIER = SourceState("courier", "idle", NOW - 60, 0, "", 5, 1, health="ok")


def but(**more: Any) -> Status:
    return WELL.model_copy(update=more)


def without(*queues: str, since_s: float = 200.0) -> Status:
    """These were heard of last so long ago."""
    return but(workers=[LiveWorker(w.queue, w.name, NOW - since_s) if w.queue in queues else w for w in ALL])


def why(found: StatusVerdict) -> str:
    return "; ".join(remark.line(NOW) for remark in found.why)


def remarks(found: StatusVerdict) -> str:
    return "; ".join(remark.line(NOW) for remark in found.remarks)


def test_a_mill_that_works_is_ok() -> None:
    assert verdict(WELL, [COURIER]) == StatusVerdict(word=StatusWord.OK)
    assert verdict(WELL, []).code == 0


@pytest.mark.parametrize(
    ("status", "more", "says"),
    [
        (without("parse"), {}, "no parse worker runs, for 3m: `docker compose up -d parse`"),
        (but(workers=[w for w in ALL if w.queue != "index"]), {}, "no index worker runs: "),
        (without("beat"), {}, "beat does not run"),
        (but(workers=[], ticked=NOW - 600), {}, "no worker runs, 10 addresses wait, for 10m"),
        (
            but(stalls=["parse: 5 wait, and nothing has moved for 5 min: does a worker of parse run?"]),
            {},
            "nothing has",
        ),
        (but(waiting=11), {}, "do not add up"),
        (but(faults=2, fault="one"), {}, "does not fit in 2 places (one): run `newsmill audit --repair`"),
        (WELL, {"search_trouble": "disk of OpenSearch is full"}, "search takes no writes, pages wait: disk of"),
        (WELL, {"another_index": "the search index is not the one"}, "not the one"),
        (but(window_reason="disk: 12 MB free, less than"), {}, "nothing new is fetched; disk: 12 MB free"),
    ],
)
def test_trouble_is_named_with_what_to_do(status: Status, more: dict[str, str], says: str) -> None:
    found = verdict(status, [COURIER], **more)  # type: ignore[arg-type]
    assert (found.word, found.code) == (StatusWord.DEGRADED, 1)
    assert says in why(found)


def test_a_fleet_that_is_dead_is_told_once() -> None:
    dead = but(
        workers=[], ticked=NOW - 600, stalls=["nobody has looked after the ledger for 600 s: does any worker run?"]
    )
    assert len(verdict(dead, []).why) == 1


def test_a_fleet_of_the_version_before_says_nothing_of_itself() -> None:
    assert verdict(but(workers=[]), []).word is StatusWord.OK


def test_a_pause_is_no_trouble_and_says_why() -> None:
    found = verdict(but(paused={"why": "the proxy moves", "since": f"{NOW - 300:.0f}"}, stalls=["fetch: 5 wait"]), [])
    assert (found.word, found.code) == (StatusWord.PAUSED, 3)
    assert why(found) == "the proxy moves, for 5m: `newsmill resume` goes on"


def test_nobody_is_missed_where_nothing_can_run() -> None:
    at_rest = verdict(but(workers=[]), [], at_rest=True)
    assert (at_rest.word, why(at_rest)) == (
        StatusWord.OK,
        "at rest: nothing runs, 10 addresses wait: `newsmill run` goes on",
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (replace(COURIER, health="silent"), "1 source is silent: courier: `newsmill sources check`"),
        (replace(COURIER, health="failing"), "1 source is failing: courier"),
        (replace(COURIER, health="dead"), "1 source is dead: courier"),
        (replace(COURIER, paused=NOW - 5, health="failing"), "paused: courier: `newsmill sources resume`"),
    ],
)
def test_a_source_is_named(source: SourceState, says: str) -> None:
    found = verdict(WELL, [source])
    assert found.word is StatusWord.OK, "the others go on"
    assert says in remarks(found)


def test_what_else_is_worth_knowing() -> None:
    host = RestingHost(host="slow.example", due=NOW + 600, waiting=9, reason="it did not answer 4 times in a row")
    status = but(
        outcomes={"indexed": 88, "quarantined": 2},
        resting=[host],
        window_reason="parse: 60 pages wait, 3 done a second",
        sources_waiting={"seen": "x", "since": str(NOW - 5), "removed": "8", "of": "10"},
    )
    told = remarks(verdict(status, []))
    for part in ("2 addresses are quarantined", "slow.example rests for 10m more: it did not", "parse: 60 pages wait"):
        assert part in told
    assert "the sources file lost 8 of 10 sources" in told


def test_who_was_not_heard_of_is_not_alive() -> None:
    assert living(ALL, NOW) == dict.fromkeys((*map(str, STAGES), "beat"), 1)
    assert living(ALL, NOW + ALIVE_S) == {}


@pytest.mark.parametrize(
    ("waiting", "rate", "left"),
    [(0, 5.0, 0.0), (10, 2.0, 5.0), (1, 50.0, 1.0), (10, 0.0, None), (100, 3.0, 34.0)],
)
def test_the_time_that_is_left_is_never_nothing_while_something_waits(waiting: int, rate: float, left: float) -> None:
    assert left_s(but(waiting=waiting, rate=rate)) == left


def test_nobody_knows_what_a_poll_will_bring() -> None:
    assert left_s(but(waiting=0, polls=StageFigures(waiting=1, active=0))) is None


def test_a_remark_without_a_time_or_a_remedy() -> None:
    assert Remark(what="x").line(NOW) == "x"
