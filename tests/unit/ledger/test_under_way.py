"""What a process has claimed: held once, renewed while it is at work, let go of however the step ends."""

import threading

from newsmill.ledger import Entry
from newsmill.ledger.stages import RENEW_S, TASK_S, Stage
from newsmill.ledger.under_way import Beside, Taken, UnderWay


def taken(*ids: str, suspects: tuple[str, ...] = ()) -> Taken:
    return Taken(tuple(Entry(id, {}) for id in ids), suspects)


def test_what_is_held_is_not_free_until_it_has_ended() -> None:
    under_way = UnderWay()
    under_way.began(Stage.FETCH, taken("a", "b"), 0.0)
    assert under_way.free(["a", "b", "c", "c"]) == ["c"]
    under_way.ended(["a"])
    assert under_way.free(["a", "b"]) == ["a"]
    assert under_way.mine() == ["b"]
    under_way.leave()
    assert under_way.free(["a", "b"]) == ["a", "b"]


def test_the_only_one_is_named() -> None:
    under_way = UnderWay()
    assert under_way.beside() == Beside()
    under_way.began(Stage.FETCH, taken("a"), 0.0)
    assert under_way.beside() == Beside(("a",), 1)
    under_way.began(Stage.FETCH, taken("b"), 0.0)
    assert under_way.beside() == Beside((), 2)


def test_what_hangs_is_not_renewed_for_ever() -> None:
    under_way = UnderWay()
    under_way.began(Stage.PARSE, taken("a"), 0.0)
    under_way.began(Stage.PRODUCE, taken("b"), 0.0)
    assert under_way.to_renew(50.0) == [(Stage.PARSE, "a"), (Stage.PRODUCE, "b")]
    assert under_way.to_renew(TASK_S[Stage.PARSE] + RENEW_S) == [(Stage.PRODUCE, "b")]


def test_each_thread_lets_go_of_its_own_and_not_of_what_it_has_handed_over() -> None:
    under_way = UnderWay()
    other = threading.Thread(target=lambda: under_way.began(Stage.FETCH, taken("a", suspects=("s",)), 0.0))
    other.start()
    other.join()
    under_way.began(Stage.PRODUCE, taken("b", "c", suspects=("t",)), 0.0)
    under_way.hand_over("b")
    under_way.leave()
    assert under_way.free(["a", "b", "c"]) == ["c"]
    assert (under_way.suspects(), under_way.suspects()) == (["t"], [])
