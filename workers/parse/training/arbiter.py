"""Learns the weights of the metadata arbiter: one logistic regression a field (`model/arbiter.json`).

python -m workers.parse.training.arbiter DATA.jsonl.xz
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.parse.decode import decode
from workers.parse.metadata.dates import Stamp
from workers.parse.metadata.dating import published_candidates
from workers.parse.metadata.naming import author_candidates, title_candidates
from workers.parse.metadata.view import View, look
from workers.parse.metadata.witness import BIAS, Candidate, Weights, best
from workers.parse.page import read_page
from workers.parse.training.data import FOLDS, Sample, fold_of, read

OUT = Path(__file__).parent.parent / "model" / "arbiter.json"
MIN_PAGES = 3  # a place seen on fewer pages gets no weight
RIDGE = 1.0
NEWTON_STEPS = 25


def folded(text: str) -> str:
    """What exact match compares: words, lower case, width folded."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()))


def same_authors(got: str, wanted: str) -> bool:
    """Exact match of author lines; the word between the last two does not count."""
    drop = {"and", "by"}
    return [w for w in folded(got).split() if w not in drop] == [w for w in folded(wanted).split() if w not in drop]


def same_day(got: Stamp, wanted: str) -> bool:
    """Whether the date is that day; the truth may be a month only."""
    return got.at.date().isoformat().startswith(wanted)


@dataclass(frozen=True, slots=True)
class Task:
    """A field to learn: its candidates, the truth in a sample, and when a value is right."""

    name: str
    candidates: Callable[[View], list[Candidate[Any]]]
    truth: Callable[[Sample], str]
    right: Callable[[Any, str], bool]
    threshold: float  # chosen on cross-validated predictions: exact matches against invented values


TASKS = (
    Task("title", title_candidates, lambda s: s.title, lambda v, t: folded(v) == folded(t), 0.0),
    Task("authors", author_candidates, lambda s: s.author, lambda v, t: same_authors(" ".join(v), t), 0.15),
    Task(
        "published",
        published_candidates,
        lambda s: s.published,
        lambda v, t: v.at.date().isoformat().startswith(t),
        0.2,
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One page for one task."""

    fold: int
    truth: str
    candidates: list[Candidate[Any]]
    right: list[bool]


def cases(samples: list[Sample], task: Task, views: list[View]) -> list[Case]:
    """The candidates of every page with whether they are right."""
    made = []
    for sample, view in zip(samples, views, strict=True):
        found, truth = task.candidates(view), task.truth(sample)
        right = [bool(truth) and task.right(candidate.value, truth) for candidate in found]
        made.append(Case(fold_of(sample), truth, found, right))
    return made


def fit(training: list[Case]) -> dict[str, float]:
    """Ridge logistic regression by Newton's method over all candidates."""
    pages = Counter(place for case in training for place in {p for c in case.candidates for p in c.evidence})
    names = [BIAS, *sorted(place for place, count in pages.items() if count >= MIN_PAGES)]
    column = {name: i for i, name in enumerate(names)}
    total = sum(len(case.candidates) for case in training)
    rows: NDArray[np.float64] = np.zeros((total, len(names)))
    target = np.array([right for case in training for right in case.right], dtype=np.float64)
    for row, candidate in enumerate(c for case in training for c in case.candidates):
        rows[row, 0] = 1
        rows[row, [column[place] for place in candidate.evidence if place in column]] = 1
    weights = np.zeros(len(names))
    for _ in range(NEWTON_STEPS):
        odds = 1 / (1 + np.exp(-rows @ weights))
        hessian = (rows.T * (odds * (1 - odds))) @ rows + RIDGE * np.eye(len(names))
        weights -= np.linalg.solve(hessian, rows.T @ (odds - target) + RIDGE * weights)
    return {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}


def report(task: Task, made: list[Case]) -> tuple[float, float]:
    """Cross-validated shares of exact matches and of invented values, printed for several thresholds."""
    tables = [fit([case for case in made if case.fold != fold]) for fold in range(FOLDS)]
    known = sum(bool(case.truth) for case in made)
    reach = sum(any(case.right) for case in made)
    chosen_rates = (0.0, 0.0)
    for threshold in sorted({0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, task.threshold}):
        hits = invented = 0
        for case in made:
            chosen = best(case.candidates, Weights(tables[case.fold], threshold))
            if chosen is not None:
                at = next(i for i, c in enumerate(case.candidates) if c is chosen)
                hits += case.right[at]
                invented += not case.truth
        mark = "*" if threshold == task.threshold else " "
        if mark == "*":
            chosen_rates = (hits / known, invented / max(len(made) - known, 1))
        print(f"{mark}{task.name:10} threshold {threshold:.2f}: exact {hits / known:.3f} of {known}"
              f" (reachable {reach / known:.3f}), invented {invented} of {len(made) - known}")  # fmt: skip
    return chosen_rates


def views_of(samples: list[Sample]) -> list[View]:
    """Every page as the arbiter looks at it."""
    views = []
    for sample in samples:
        page = read_page(decode(sample.html))
        texts = ["".join(page.pieces[a:b]) for a, b in zip(page.blk_start, page.blk_end, strict=True)]
        views.append(look(page, texts, sample.url))
    return views


def main(path: str) -> None:
    """Fit on all pages, print the cross-validated table, write the weights."""
    samples = read(path)
    views = views_of(samples)
    tables = {}
    for task in TASKS:
        made = cases(samples, task, views)
        report(task, made)
        tables[task.name] = {"threshold": task.threshold, "places": fit(made)}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(tables, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
