"""Single features by their names: what the net is told of a block, its containers and its page."""

from collections.abc import Mapping

import numpy as np
import pytest

from newsmill.extraction.blocks.features import Features, features
from newsmill.extraction.blocks.statistics import block_stats
from tests.unit.extraction.made import page_of

PROSE = "The council met on Tuesday to discuss the bridge, which has been closed since the flood of last year."
BODY = f"""<nav><ul><li><a href=/a>Home</a></li><li><a href=/b>Sport</a></li><li><a href=/c>Arts</a></li></ul></nav>
<article class="story-body"><h1>Bridge opens</h1><p>{PROSE}</p><p>{PROSE} <b>More</b> of it.</p></article>
<footer class=copyright>Imprint</footer>"""
HEAD = """<title>Bridge opens | The Paper</title><meta property=og:type content=article>
<script type=application/ld+json>{"@type": "NewsArticle"}</script>"""
NAV, HEADLINE, FIRST, SECOND, FOOT = 1, 3, 4, 5, 6  # blocks


@pytest.fixture(scope="module")
def found() -> Features:
    page = page_of(BODY, HEAD)
    return features(page, block_stats(page))


def of_block(found: Features, block: int) -> Mapping[str, float]:
    return dict(zip(found.names[0], found.own[block].tolist(), strict=True))


def of_page(found: Features) -> Mapping[str, float]:
    return dict(zip(found.names[2], found.page.tolist(), strict=True))


def test_every_column_has_its_name(found: Features) -> None:
    assert [table.shape[-1] for table in (found.own, found.containers, found.page)] == [len(n) for n in found.names]
    assert found.own.dtype == found.containers.dtype == found.page.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("linked share", {NAV: 1, FIRST: 0}),
        ("prose", {NAV: 0, HEADLINE: 0, FIRST: 1, SECOND: 1}),
        ("short", {NAV: 1, FIRST: 0}),
        ("links", {NAV: np.log1p(1), FIRST: 0}),
        ("strong", {FIRST: 0}),
        ("place", {0: 0, FOOT: FOOT / 7}),
        ("after h1", {NAV: 0, FIRST: 1}),
        ("from h1", {HEADLINE: 0, FIRST: 1 / 20, NAV: -2 / 20}),
        ("the one h1", {HEADLINE: 1, FIRST: 0}),
        ("in the title", {FIRST: 0}),
        ("copies", {NAV: 0, FIRST: 0}),
        ("within <nav>", {NAV: 1, FIRST: 0}),
        ("within <article>", {NAV: 0, FIRST: 1}),
        ("within footer", {FOOT: 1, FIRST: 0}),
        ("within body", {FIRST: 1, NAV: 0}),
    ],
)
def test_of_a_block(found: Features, name: str, values: Mapping[int, float]) -> None:
    for block, value in values.items():
        assert of_block(found, block)[name] == pytest.approx(value), (name, block)


def test_what_repeats(found: Features) -> None:
    menu, text = of_block(found, NAV), of_block(found, FIRST)
    assert menu["kin"] == pytest.approx(np.log1p(3))
    assert menu["kin's share of prose"] == 0
    assert text["kin's share of prose"] == pytest.approx(1)
    assert of_block(found, SECOND)["strong"] > 0


def test_of_the_page(found: Features) -> None:
    page = of_page(found)
    assert (page["og:type article"], page["og:type product"], page["og:type"], page["JSON-LD"]) == (1, 0, 1, 1)
    assert (page["JSON-LD Article"], page["JSON-LD Product"]) == (0, 0)  # "NewsArticle" is no "Article" by its quotes
    assert page["blocks"] == pytest.approx(np.log1p(7))
    assert page["units within <article>"] > page["units within <nav>"] > 0
    assert page["prose within <article>"] == pytest.approx(1)
    assert found.modern


def test_containers_span_their_blocks(found: Features) -> None:
    names = found.names[1]
    article = [
        dict(zip(names, row.tolist(), strict=True)) | {"span": (int(first), int(last))}
        for row, first, last in zip(found.containers, found.first, found.last, strict=True)
        if row[names.index("is <article>")]
    ]
    assert [one["span"] for one in article] == [(HEADLINE, FOOT)]
    assert article[0]["share of prose"] == pytest.approx(1)
    assert article[0]["headings"] == pytest.approx(1 / 3)
