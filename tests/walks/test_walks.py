"""The short form of `make walks` and `make walks-mistakes`: promises 1 and 3 under any order of events."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.walks.__main__ import Walker, server
from tests.walks.mistakes import MISTAKES, Mistake
from tests.walks.model import Broken, Model, Seen, World

WALKS = 30
QUICK = MISTAKES[1:4]  # each is found by the first few walks


@pytest.fixture(scope="module")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    with server(tmp_path_factory.mktemp("walks")) as made:
        if not made.clock.library:
            pytest.skip("the broker's clock can be moved only where there is a C compiler")
        yield made


@pytest.mark.timeout(180)
def test_the_ledger_keeps_its_promises_whatever_happens(walker: Walker) -> None:
    met: Counter[str] = Counter()
    for seed in range(WALKS):
        met += walker(seed)
    kinds = {"advance", "settle", "delay", "requeue", "return", "won", "held", "error"}
    assert set(met) == kinds | {"killed", "frozen", "jumped", "restored"}
    assert min(met.values()) >= 3, "the walks must get everywhere"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("mistake", QUICK, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_found(walker: Walker, mistake: Mistake) -> None:
    assert walker.find(mistake, 60)[0], "no walk has noticed it"


def test_every_mistake_can_be_planted() -> None:
    from newsmill.ledger.scripts import source

    for mistake in MISTAKES:
        name = "sweep" if mistake.script == "prelude" else mistake.script
        assert mistake.planted(source(name)) != source(name)


def test_the_model_sees_two_at_once_and_a_pause_that_was_not_kept() -> None:
    world = World()
    world.begin(1, "a", "h.example", 0.0, 0.0)
    with pytest.raises(Broken, match="while 1 is asking"):
        world.begin(2, "b", "h.example", 1.0, 1.0)
    world.end(1, ["a"], 2.0, 5.0)
    with pytest.raises(Broken, match="before its pause"):
        world.begin(2, "b", "h.example", 4.0, 4.0)
    world.begin(2, "b", "h.example", 7.1, 7.1)


def test_the_model_sees_what_changed_by_itself() -> None:
    model = Model()
    model.added("a", "h.example", Seen("queued", "fetch", "", "h.example"))
    with pytest.raises(Broken):
        model.same({"a": Seen("settled", "fetch", "", "h.example", "indexed")})
