"""Trains the block classifier and writes its weights: `make train DATA=wcxb-dev.jsonl.xz`.

python -m workers.parse.training.train DATA.jsonl.xz            cross-validate, then train on all and write
python -m workers.parse.training.train DATA.jsonl.xz --quick    cross-validate two folds, write nothing
"""

import sys
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from workers.parse.decode import decode
from workers.parse.features import features
from workers.parse.net import WEIGHTS, choose, probabilities
from workers.parse.page import read_page
from workers.parse.stats import block_stats
from workers.parse.training.align import align
from workers.parse.training.batch import Labelled
from workers.parse.training.data import FOLDS, Sample, fold_of, read
from workers.parse.training.learn import Params, Recipe, train

SEEDS = (1, 2)  # the nets that are averaged


def labelled(sample: Sample) -> Labelled | None:
    """A page with features and labels; None where it has no text at all."""
    page = read_page(decode(sample.html))
    if not page.blk_el:
        return None
    stats = block_stats(page)
    found = features(page, stats)
    return Labelled(found, align(found.texts, sample.text), stats.units)


def page_f1(page: Labelled, keep: NDArray[np.bool_]) -> float:
    """F1 of a choice of blocks, from the alignment (within .002 of the F1 of the texts)."""
    labels = page.labels
    whole = float(labels.sizes[keep].sum()) + labels.truth
    return 2 * float(labels.hits[keep].sum()) / whole if whole else 1.0


def folded_out(
    pages: list[Labelled | None], folds: list[int], fold: int, recipe: Recipe, seeds: tuple[int, ...]
) -> list[Params]:
    """The nets trained without the pages of one fold."""
    training = [page for page, of in zip(pages, folds, strict=True) if page and of != fold]
    return [train(training, seed, recipe) for seed in seeds]


def cross_validate(
    samples: list[Sample], pages: list[Labelled | None], recipe: Recipe, only: range, seeds: tuple[int, ...]
) -> dict[str, float]:
    """Mean F1 over all pages and by type, each page judged by nets that never saw its domain."""
    folds = [fold_of(sample) for sample in samples]
    scores: dict[str, list[float]] = defaultdict(list)
    for fold in only:
        nets = tuple(folded_out(pages, folds, fold, recipe, seeds))
        for sample, page, of in zip(samples, pages, folds, strict=True):
            if of != fold:
                continue
            score = float(not sample.text.split())
            if page:
                score = page_f1(page, choose(probabilities(page.features, nets), page.units)[0])
            scores["all"].append(score)
            scores[sample.kind].append(score)
        print(f"fold {fold}: " + "  ".join(f"{kind} {np.mean(got):.4f}" for kind, got in scores.items()), flush=True)
    return {kind: float(np.mean(got)) for kind, got in scores.items()}


def main(path: str, *, quick: bool) -> None:
    """Cross-validate and, unless quick, train on everything and write the weights."""
    samples = read(path)
    pages = [labelled(sample) for sample in samples]
    recipe = Recipe()
    cross_validate(samples, pages, recipe, range(2 if quick else FOLDS), SEEDS[:1] if quick else SEEDS)
    if quick:
        return
    nets = [train([page for page in pages if page], seed, recipe) for seed in SEEDS]
    stored = {f"{i}/{name}": value.astype(np.float16) for i, net in enumerate(nets) for name, value in net.items()}
    WEIGHTS.parent.mkdir(exist_ok=True)
    np.savez_compressed(WEIGHTS, allow_pickle=False, **stored)
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1], quick="--quick" in sys.argv)
