"""Trains the block classifier and writes its weights: `make train DATA=wcxb-dev.jsonl.xz`.

python -m training.train DATA.jsonl.xz [NEWS.jsonl.xz]            cross-validate and write all nets
python -m training.train DATA.jsonl.xz [NEWS.jsonl.xz] --quick    cross-validate two folds, write nothing
"""

import sys
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from newsmill.extraction.blocks.features import features
from newsmill.extraction.blocks.net import WEIGHTS, Params, choose, net_of, probabilities, save
from newsmill.extraction.blocks.statistics import block_stats
from newsmill.extraction.page.walk import read_page
from newsmill.text.charset import decode
from training.align import align
from training.batch import Labelled
from training.data import FOLDS, Sample, fold_of, read, read_news
from training.learn import Recipe, train

SEED = 1


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


def pair(samples: list[Sample], pages: list[Labelled | None], without: int | None) -> list[Params]:
    """The net of WCXB and that of all sets, trained on all folds but one."""
    learned = [(sample, page) for sample, page in zip(samples, pages, strict=True)
               if page and (without is None or fold_of(sample) != without)]  # fmt: skip
    of_wcxb = [page for sample, page in learned if sample.set == "wcxb"]
    return [train(of_wcxb, SEED, Recipe()), train([page for _, page in learned], SEED, Recipe())]


def cross_validate(samples: list[Sample], pages: list[Labelled | None], only: range) -> list[Params]:
    """A pair of nets a fold, judged on the domains it never saw; prints mean F1 over all pages and by type."""
    nets: list[Params] = []
    folds = [fold_of(sample) for sample in samples]
    scores: dict[str, list[float]] = defaultdict(list)
    for fold in only:
        nets += pair(samples, pages, fold)
        net = (net_of(nets[-2]), net_of(nets[-1]))
        for sample, page, of in zip(samples, pages, folds, strict=True):
            if of != fold:
                continue
            score = float(not sample.text.split())
            if page:
                score = page_f1(page, choose(probabilities(page.features, net), page.units)[0])
            scores[sample.set].append(score)
            scores[sample.kind if sample.set in ("wcxb", "waddle") else sample.set].append(score)
        print(f"fold {fold}: " + "  ".join(f"{kind} {np.mean(got):.4f}" for kind, got in scores.items()), flush=True)
    return nets


def main(path: str, news: str, *, quick: bool) -> None:
    """Cross-validate and, unless quick, write the nets."""
    threadpool_limits(limits=1, user_api="blas")  # with more, the sums are rounded in another order from run to run
    samples = read(path) + [sample for sample in (read_news(news) if news else []) if sample.text]
    pages = [labelled(sample) for sample in samples]
    nets = cross_validate(samples, pages, range(2 if quick else FOLDS))
    if not quick:
        save(WEIGHTS, [*nets, *pair(samples, pages, None)])
        print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    files = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    main(files[0], files[1] if len(files) > 1 else "", quick="--quick" in sys.argv)
