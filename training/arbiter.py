"""Learns how the metadata arbiter judges: one forest a field (`model/arbiter.json`).

python -m training.arbiter DATA.jsonl.xz [NEWS.jsonl.xz]
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.metadata.dating import published_contest
from newsmill.extraction.metadata.forest import Evidence, Forest, tabled, to_json
from newsmill.extraction.metadata.naming import authors_contest, persons, title_contest
from newsmill.extraction.metadata.view import View, look
from newsmill.extraction.metadata.witness import Contender, Contest, Weights
from newsmill.extraction.page.walk import Page, read_page
from newsmill.text.charset import decode
from newsmill.text.dates import Stamp
from training.boost import Recipe, grow
from training.data import FOLDS, Sample, fold_of, read, read_news

OUT = Path(__file__).parent.parent / "newsmill" / "extraction" / "model" / "arbiter.json"
MIN_PAGES = 5  # a feature of fewer pages is no evidence


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
    contest: Callable[..., Contest[Any]]
    truth: Callable[[Sample], str]
    right: Callable[[Any, str], bool]
    threshold: float  # chosen on cross-validated predictions: exact matches against invented values
    sure: float = 0.0  # below, a value is marked as a guess
    contested_only: bool = False  # whether pages that are settled without the forest teach it nothing
    after: Callable[[Contest[Any], Contender[Any]], Contender[Any]] = lambda _, won: won  # what becomes of the winner
    recipe: Recipe = field(default_factory=Recipe)


TASKS = (
    Task("title", title_contest, lambda s: s.title, lambda v, t: folded(v) == folded(t), 0.0, contested_only=True),
    Task(
        "authors",
        authors_contest,
        lambda s: s.author,
        lambda v, t: same_authors(" ".join(v), t),
        0.15,
        sure=0.3,
        after=persons,
    ),
    Task(
        "published",
        published_contest,
        lambda s: s.published,
        same_day,
        0.15,
        sure=0.5,
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One page for one task. lesson: the contest with all its evidence, also where it is settled without."""

    fold: int
    truth: str
    contest: Contest[Any]
    lesson: Contest[Any]
    right: Callable[[Any, str], bool]
    twins: tuple["Case", ...] = ()  # the same page with less to go by
    complete: bool = True  # whether a page without truth has none

    def answers(self, contest: Contest[Any]) -> list[bool]:
        """Which candidates are right."""
        return [bool(self.truth) and self.right(candidate.value, self.truth) for candidate in contest.candidates]


def evidence_of(contest: Contest[Any]) -> tuple[Evidence, list[Evidence]]:
    """That of the page and that of each candidate."""
    return contest.page, [candidate.evidence for candidate in contest.candidates]


def cases(samples: list[Sample], task: Task, views: list[View]) -> list[Case]:
    """The candidates of every page of which the truth is known, with whether they are right."""
    made = []
    for sample, view in zip(samples, views, strict=True):
        if not (sample.complete or task.truth(sample)):
            continue
        twins = tuple(_case(sample, task, twin) for twin in _with_less(view))
        made.append(replace(_case(sample, task, view), twins=twins))
    return made


def _case(sample: Sample, task: Task, view: View) -> Case:
    lesson = task.contest(view, settle=False)
    return Case(fold_of(sample), task.truth(sample), task.contest(view), lesson, task.right)


def _with_less(view: View) -> Iterator[View]:
    """The page without its address, and as scripts would fill it: with neither text nor, this time, an address."""
    yield look(view.page, view.texts)
    page = view.page
    empty = Page(metas=page.metas, json_ld=page.json_ld, title=page.title, lang=page.lang)
    yield look(empty, [], "")
    yield look(empty, [], view.url)


def fit(training: list[Case], task: Task) -> Forest:
    """A forest over the candidates of all pages; features seen on fewer than MIN_PAGES pages are left out."""
    training = [case for case in training if not (task.contested_only and case.contest.settled)]
    lessons = [evidence_of(case.lesson) for case in training]
    seen = Counter(name for page, own in lessons if own for name in {n for one in (page, *own) for n in one})
    names = sorted(name for name, count in seen.items() if count >= MIN_PAGES)
    table = tabled({name: at for at, name in enumerate(names)}, lessons)
    right = np.array([right for case in training for right in case.answers(case.lesson)], dtype=np.float64)
    return grow(names, table, right, task.recipe)


def report(task: Task, made: list[Case]) -> tuple[float, float]:
    """Cross-validated shares of exact matches and of invented values, printed for several thresholds."""
    rates = _report(
        task, made, task.name, sorted({0.0, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, task.threshold, task.sure})
    )
    _report(task, [case.twins[0] for case in made], f"{task.name}, no address", [task.threshold])
    return rates


def _report(task: Task, made: list[Case], title: str, thresholds: list[float]) -> tuple[float, float]:
    likely: list[NDArray[np.float64]] = [np.zeros(0)] * len(made)
    for fold in range(FOLDS):
        forest = fit([case for case in made if case.fold != fold], task)
        for at, case in enumerate(made):
            if case.contest.settled:
                likely[at] = np.ones(1)
            elif case.fold == fold and case.contest.candidates:
                likely[at] = forest.probabilities(*evidence_of(case.contest))
    known = sum(bool(case.truth) for case in made)
    reach = sum(any(case.answers(case.contest)) for case in made)
    exact = inventions = 0.0
    for threshold in thresholds:
        said = [(c, int(p.argmax())) for c, p in zip(made, likely, strict=True) if len(p) and p.max() >= threshold]
        won = [(case, task.after(case.contest, case.contest.candidates[at])) for case, at in said]
        hits = sum(bool(case.truth) and case.right(candidate.value, case.truth) for case, candidate in won)
        invented = sum(not case.truth for case, _ in said)
        mark = "*" if threshold == task.threshold else " "
        if threshold == task.threshold:
            exact = hits / known
        if threshold == max(task.threshold, task.sure):  # a guess is no invention
            inventions = invented / max(len(made) - known, 1)
        print(f"{mark}{title:10} threshold {threshold:.2f}: exact {hits / known:.3f} of {known}"
              f" (reachable {reach / known:.3f}), invented {invented} of {len(made) - known}", flush=True)  # fmt: skip
    return exact, inventions


def views_of(samples: list[Sample]) -> list[View]:
    """Every page as the arbiter looks at it."""
    views = []
    for sample in samples:
        page = read_page(decode(sample.html))
        texts = ["".join(page.pieces[a:b]) for a, b in zip(page.blk_start, page.blk_end, strict=True)]
        views.append(look(page, texts, sample.url, now=sample.now))
    return views


def fitted(made: dict[str, list[Case]]) -> dict[str, Weights]:
    """The weights of every field by name, as `witness.weights` gives them."""
    tables = {}
    for task in TASKS:
        whole = made[task.name]
        bare = [twin for case in whole for twin in case.twins]
        tables[task.name] = Weights(fit(whole, task), task.threshold, task.sure)
        tables[f"{task.name} bare"] = Weights(fit(bare, task), task.threshold, task.sure)
    return tables


def fitted_without(made: dict[str, list[Case]], fold: int) -> dict[str, Weights]:
    """The weights of all pages but those of one fold."""
    return fitted({name: [case for case in of if case.fold != fold] for name, of in made.items()})


def write(tables: dict[str, Weights]) -> None:
    """Keep the forests."""
    kept = {
        name: {"threshold": table.threshold, "sure": table.sure, **to_json(table.forest)}
        for name, table in tables.items()
    }
    OUT.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def main(path: str, news: str = "") -> None:
    """Print the cross-validated tables, write the forests."""
    samples = read(path) + (read_news(news) if news else [])
    views = views_of(samples)
    made = {task.name: cases(samples, task, views) for task in TASKS}
    for task in TASKS:
        report(task, made[task.name])
    write(fitted(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
