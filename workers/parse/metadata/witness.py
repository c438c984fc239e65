"""Weighing witnesses: the same few lines decide on title, authors and date (pure).

A candidate value is described by the set of places that say it. Each place has a weight, learned from pages with
known answers (`workers/parse/training/arbiter.py`, logistic regression) and kept in `model/arbiter.json`, where it
can be read as a table. The candidate with the largest sum wins, if it reaches the field's threshold.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

_TABLE = Path(__file__).parent.parent / "model" / "arbiter.json"
T = TypeVar("T")
BIAS = "bias"  # present in every candidate


@dataclass(slots=True)
class Candidate(Generic[T]):
    """A possible value. evidence: the places that say it, and what is true of the page."""

    value: T
    origin: str  # the first place that said it
    evidence: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Weights:
    """The table of one field: log-odds by place, and the probability below which nothing is said."""

    places: dict[str, float]
    threshold: float

    def probability(self, evidence: Iterable[str]) -> float:
        """How likely a value with this evidence is right. Unknown places weigh nothing."""
        odds = self.places.get(BIAS, 0.0) + sum(self.places.get(place, 0.0) for place in evidence)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@cache
def weights(name: str) -> Weights:
    """The table of a field: `title`, `authors` or `published`."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))[name]
    return Weights(table["places"], table["threshold"])


def best(candidates: Iterable[Candidate[T]], table: Weights) -> Candidate[T] | None:
    """The likeliest candidate that reaches the threshold; the first of equals."""
    found: Candidate[T] | None = None
    highest = 0.0
    for candidate in candidates:
        probability = table.probability(candidate.evidence)
        if probability > highest:
            found, highest = candidate, probability
    return found if highest >= table.threshold else None
