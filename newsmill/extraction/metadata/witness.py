"""Weighing witnesses: the same few lines decide on title, authors and date (pure).

A candidate value is described by the places that say it, by how it stands among the others, and by what is true of
the page. A small forest of decision trees, learned from pages with known answers (`training/arbiter.py`)
and kept in `model/arbiter.json`, tells how likely the value is right. The likeliest wins, if it reaches the field's
threshold.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from newsmill.extraction.metadata.forest import Forest, from_json

GUESS = "guess:"  # begins the origin of a value that is more likely wrong than right, or about as likely
_TABLE = Path(__file__).parent.parent / "model" / "arbiter.json"
T = TypeVar("T")


@dataclass(slots=True)
class Contender(Generic[T]):
    """A possible value. evidence: features by name; what is not in it is absent, which is not the same as zero."""

    value: T
    origin: str  # the first place that said it
    evidence: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Contest(Generic[T]):
    """The possible values of one field. page: what is true of all of them. settled: the candidate that independent
    places agree on; then nobody looked further."""

    candidates: list[Contender[T]]
    page: dict[str, float] = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """The forest of one field, the probability below which nothing is said, and that below which it is a guess."""

    forest: Forest
    threshold: float
    sure: float = 0.0


@cache
def weights(name: str) -> Weights:
    """How to judge a field: `title`, `authors` or `published`; with ` bare` where a page has no address or no text."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))[name]
    return Weights(from_json(table), table["threshold"], table.get("sure", 0.0))


def best(contest: Contest[T], table: Weights) -> tuple[Contender[T] | None, bool]:
    """The settled candidate, or the likeliest if it reaches the threshold, the first of equals; whether it is sure."""
    if contest.settled or not contest.candidates:
        return contest.candidates[0] if contest.candidates else None, True
    likely = table.forest.probabilities(contest.page, [candidate.evidence for candidate in contest.candidates])
    at = int(likely.argmax())
    return contest.candidates[at] if likely[at] >= table.threshold else None, bool(likely[at] >= table.sure)
