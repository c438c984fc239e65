"""How good extraction is on pages of other sets than WCXB, set by set: a gate each.

Sets know different things of their pages: the text, snippets of it, title, authors, the day. Every page is judged by
a net and by weights that saw no page of its domain.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.article import Article
from newsmill.extraction.blocks.features import Features
from newsmill.extraction.blocks.net import Pair, probabilities
from newsmill.extraction.blocks.statistics import Floats
from newsmill.extraction.extractor import extract_by
from newsmill.extraction.metadata.witness import Weights
from training import arbiter
from training.align import f1
from training.data import FOLDS, Sample, fold_of

RESAMPLES = 1000
Rows = list[tuple[Sample, Article]]


def interval(scores: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean."""
    rng = np.random.default_rng(7)
    means = [float(rng.choice(scores, len(scores)).mean()) for _ in range(RESAMPLES)]
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def expected(rows: Rows) -> str:
    """How well `Article.confidence` tells the F1 of the text, and the table of `blocks/quality.py` by tenths."""
    told = [(a.confidence, f1(a.text, s.text)) for s, a in rows if s.text and a.confidence and "text" not in a.origins]
    confidence, truth = np.array(told).T
    ranked, true_ranks = (np.argsort(np.argsort(column)) for column in (confidence, truth))
    edges = np.quantile(confidence, np.linspace(0, 1, 11))
    tenths = [(confidence >= low) & (confidence <= high) for low, high in pairwise(edges)]
    table = ", ".join(f"{confidence[tenth].mean():.3f}: {truth[tenth].mean():.3f}" for tenth in tenths)
    return (
        f"{len(told)} texts: correlation {np.corrcoef(confidence, truth)[0, 1]:.3f}, of ranks "
        f"{np.corrcoef(ranked, true_ranks)[0, 1]:.3f}; confidence: F1 {table}"
    )


def gates(samples: list[Sample], nets: tuple[Pair, ...], made: dict[str, list[arbiter.Case]]) -> dict[str, float]:
    """What was measured, by "set: what", printed set by set."""
    by_fold = [arbiter.fitted_without(made, fold) for fold in range(FOLDS)]
    sets: dict[str, Rows] = {}
    for sample in samples:
        fold = fold_of(sample)
        article = _article(sample, nets[fold], by_fold[fold])
        for name in (sample.set, f"{sample.set} {sample.kind}") if sample.set == "waddle" else (sample.set,):
            sets.setdefault(name, []).append((sample, article))
    print("quality, " + expected([row for name, rows in sets.items() if " " not in name for row in rows]))
    measured: dict[str, float] = {}
    for name, rows in sorted(sets.items()):
        found = {what: measure(rows) for what, measure in MEASURES.items()}
        shown = ", ".join(f"{what} {got:.3f}" for what, got in found.items() if got is not None)
        texts = [f1(article.text, sample.text) for sample, article in rows if sample.text]
        around = "({:.3f}–{:.3f})".format(*interval(np.array(texts))) if texts else ""
        print(f"{name}, {len(rows)} pages: {shown} {around}", flush=True)
        measured |= {f"{name}: {what}": got for what, got in found.items() if got is not None}
    return measured


def _article(sample: Sample, net: Pair, table: Mapping[str, Weights]) -> Article:
    def judge(found: Features) -> Floats:
        return probabilities(found, net)

    return extract_by(
        judge, sample.html, sample.url or None, content_type=None, now=sample.now, table=table.__getitem__
    )


def _share(rows: Rows, known: Callable[[Sample], object], right: Callable[[Sample, Article], bool]) -> float | None:
    asked = [right(sample, article) for sample, article in rows if known(sample)]
    return sum(asked) / len(asked) if asked else None


def _text(rows: Rows) -> float | None:
    scores = [f1(article.text, sample.text) for sample, article in rows if sample.text]
    return float(np.mean(scores)) if scores else None


def _snippets(rows: Rows) -> float | None:
    """F1 over all snippets of the set: those of the text that were kept, and of the rest that were not dropped."""
    right = sum(snippet in article.text for sample, article in rows for snippet in sample.has)
    wrong = sum(snippet in article.text for sample, article in rows for snippet in sample.has_not)
    wanted = sum(len(sample.has) for sample, _ in rows)
    return 2 * right / (right + wrong + wanted) if wanted else None


def _same_people(sample: Sample, article: Article) -> bool:
    """Whether the same are named, in any order; where the truth is one line, in its order."""
    if len(sample.authors) == 1:
        return arbiter.same_authors(" ".join(article.authors), sample.author)
    return Counter(map(arbiter.folded, article.authors)) == Counter(map(arbiter.folded, sample.authors))


def _day(published: datetime | None) -> str:
    return published.date().isoformat() if published else ""


MEASURES: dict[str, Callable[[Rows], float | None]] = {
    "F1": _text,
    "F1 of snippets": _snippets,
    "title": lambda rows: _share(
        rows, lambda s: s.title, lambda s, a: arbiter.folded(a.title) == arbiter.folded(s.title)
    ),
    "authors": lambda rows: _share(rows, lambda s: s.authors, _same_people),
    "day right": lambda rows: _share(rows, lambda s: s.published, lambda s, a: _day(a.published) == s.published),
    "day not wrong": lambda rows: _share(
        rows, lambda s: s.published, lambda s, a: _day(a.published) in ("", s.published)
    ),
}
