"""The forest that weighs witnesses, and how it is grown."""

import json

import numpy as np
import pytest

from newsmill.extraction.metadata.forest import ABSENT, Forest, from_json, tabled, to_json
from newsmill.extraction.metadata.witness import Contender, Contest, Weights, best, weights
from training.boost import Recipe, grow

SMALL = Recipe(trees=40, depth=2, rate=0.3, ridge=0.5, columns=1.0, rows=1.0)


def learned() -> Forest:
    """From candidates that are right when they have `a` and not `b`."""
    evidence = [{"a": 1.0} if n % 4 == 0 else {"a": 1.0, "b": 1.0} if n % 4 == 1 else {"b": n / 9} for n in range(80)]
    column = {"a": 0, "b": 1}
    right = np.array([float(n % 4 == 0) for n in range(80)])
    return grow(["a", "b"], tabled(column, [({}, evidence)]), right, SMALL)


@pytest.mark.parametrize(("evidence", "likely"), [({"a": 1}, True), ({"a": 1, "b": 1}, False), ({"b": 2}, False)])
def test_an_interaction_is_learned(evidence: dict[str, float], likely: bool) -> None:
    assert bool(learned().probabilities({}, [evidence])[0] > 0.5) is likely


def test_what_is_said_of_a_candidate_goes_before_what_is_said_of_its_page() -> None:
    table = tabled({"a": 0, "b": 1, "c": 2}, [({"a": 1, "unknown": 5}, [{"b": 2}, {"a": 3}])])
    assert table.tolist() == [[1, 2, ABSENT], [3, ABSENT, ABSENT]]


def test_the_same_data_grow_the_same_forest() -> None:
    assert to_json(learned()) == to_json(learned())


def test_a_forest_survives_being_written() -> None:
    grown = learned()
    kept = from_json(json.loads(json.dumps(to_json(grown))))
    asked = [{"a": 1.0}, {"b": 1.0}, {}]
    assert np.allclose(kept.probabilities({}, asked), grown.probabilities({}, asked), atol=0.01)


def test_the_likeliest_wins_if_it_is_likely_enough() -> None:
    contest = Contest([Contender("wrong", "x", {"b": 1}), Contender("right", "y", {"a": 1})], {})
    won, _ = best(contest, Weights(learned(), 0.5))
    assert won is not None
    assert (won.value, won.origin) == ("right", "y")
    assert best(contest, Weights(learned(), 0.999))[0] is None
    assert best(Contest[str]([], {}), Weights(learned(), 0.0))[0] is None
    assert best(contest, Weights(learned(), 0.0, sure=0.999)) == (won, False)


@pytest.mark.parametrize("name", ["title", "authors", "published"])
@pytest.mark.parametrize("bare", ["", " bare"])
def test_the_committed_forests_are_finite_and_ask_only_what_they_know(name: str, bare: str) -> None:
    forest = weights(name + bare).forest
    assert np.isfinite(forest.leaves).all()
    assert np.isfinite(forest.cuts).all()
    assert forest.asked.max() < len(forest.features)
    assert forest.leaves.shape == (forest.asked.shape[1], 1 << forest.asked.shape[0])
