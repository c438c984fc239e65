"""Training: labels, gradients against finite differences, the same weights twice."""

import numpy as np
import pytest

from newsmill.extraction.blocks.features import features
from newsmill.extraction.blocks.statistics import block_stats
from newsmill.extraction.page.walk import read_page
from training import learn
from training.align import align
from training.batch import Labelled, batch
from training.learn import Recipe

SMALL = Recipe(hidden=6, deep=4, epochs=2, pages=2)
PAGES = (
    (
        "<body><nav><a href=/a>Home</a> <a href=/b>World</a></nav><article><h1>Ferry runs aground</h1>"
        "<p>The ferry to Skarholm ran aground on Monday, the harbour office says.</p>"
        "<p>Nobody was hurt, and all of its passengers were taken ashore.</p></article>"
        "<div class=comments><p>What a day for them, and in this weather too.</p></div></body>",
        "Ferry runs aground. The ferry to Skarholm ran aground on Monday, the harbour office says. "
        "Nobody was hurt, and all of its passengers were taken ashore.",
    ),
    (
        "<body><div><p>Snow fell on the pass all night, and the road stays closed.</p></div>"
        "<ul class=related><li><a href=/c>Two held after a theft of boats</a></li></ul></body>",
        "Snow fell on the pass all night, and the road stays closed.",
    ),
)


@pytest.fixture(scope="module")
def pages() -> list[Labelled]:
    """Two made pages, ready to learn from."""
    made = []
    for html, truth in PAGES:
        page = read_page(html)
        stats = block_stats(page)
        found = features(page, stats)
        made.append(Labelled(found, align(found.texts, truth), stats.units))
    return made


def test_labels_tell_the_article_from_what_stands_beside_it(pages: list[Labelled]) -> None:
    share = pages[0].labels.hits / pages[0].labels.sizes
    assert share.tolist() == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("blend", [0.0, 0.9])
def test_the_gradient_is_that_of_the_loss(pages: list[Labelled], blend: float) -> None:
    rng = np.random.default_rng(3)
    params = learn.fresh(pages[0], SMALL, rng)
    data = batch(pages)
    odds, trace = learn._forward(params, data, rng, 0.0)
    gradients = learn._backward(params, data, trace, learn._loss_gradient(odds, data, blend))

    def loss(of: learn.Params) -> float:
        odds = learn._forward(of, data, rng, 0.0)[0].astype(np.float64)
        share, target = 1 / (1 + np.exp(-odds)), data.hits / np.maximum(data.sizes, 1)
        weight = np.sqrt(data.sizes)
        weight = weight / np.add.reduceat(weight, data.page_starts)[data.page_of]
        entropy = -weight * (target * np.log(share) + (1 - target) * np.log(1 - share))
        hits, sizes = (np.add.reduceat(share * column, data.page_starts) for column in (data.hits, data.sizes))
        f1 = 2 * hits / (sizes + data.truth)
        return float((1 - blend) * entropy.sum() + blend * (1 - f1).sum()) / len(data.truth)

    step = 3e-3
    for name in ("out", "deep", "own", "page", "level1", "bias1", "bias2"):
        at = np.unravel_index(int(np.abs(gradients[name]).argmax()), gradients[name].shape)
        sides = []
        for sign in (1, -1):
            moved = {key: value.copy() for key, value in params.items()}
            moved[name][at] += sign * step
            sides.append(loss(moved))
        assert (sides[0] - sides[1]) / (2 * step) == pytest.approx(float(gradients[name][at]), rel=0.05, abs=1e-4), name


def test_the_same_seed_gives_the_same_weights(pages: list[Labelled]) -> None:
    once, twice = (learn.train(pages, 7, SMALL) for _ in range(2))
    other = learn.train(pages, 8, SMALL)
    assert all(np.array_equal(once[name], twice[name]) for name in once)
    assert not np.array_equal(once["own"], other["own"])
