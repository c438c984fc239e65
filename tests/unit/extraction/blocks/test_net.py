"""The choice of blocks, and that what is trained is what runs."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.extraction.blocks.features import feature_names, features
from newsmill.extraction.blocks.net import TABLES, WEIGHTS, OtherFeatures, choose, load, probabilities, trained
from newsmill.extraction.blocks.statistics import block_stats
from newsmill.extraction.page.walk import read_page

PAGE = "<body><nav><a href=/>Home</a></nav><article><h1>T</h1><p>One two, three.</p><p>Four.</p></article></body>"


def test_a_sure_block_is_kept_and_a_doubtful_one_is_not() -> None:
    keep, expected = choose(np.array([0.95, 0.1, 0.9], np.float32), np.array([50, 50, 40], np.float32))
    assert keep.tolist() == [True, False, True]
    assert 0.8 < expected <= 1.0


def test_the_best_choice_is_not_a_threshold_of_one_half() -> None:
    probability, units = np.full(4, 0.4, np.float32), np.full(4, 10, np.float32)
    assert choose(probability, units)[0].all()


def test_a_page_without_blocks() -> None:
    keep, expected = choose(np.zeros(0, np.float32), np.zeros(0, np.float32))
    assert (len(keep), expected) == (0, 0.0)


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.floats(0, 1000, width=32)), min_size=1, max_size=30))
def test_some_block_is_always_kept(blocks: list[tuple[float, float]]) -> None:
    probability, units = (np.array(column, np.float32) for column in zip(*blocks, strict=True))
    keep, expected = choose(probability, units)
    assert keep.any()
    assert 0 <= expected <= 1


def test_the_committed_nets_fit_the_features() -> None:
    page = read_page(PAGE)
    found = features(page, block_stats(page))
    odds = probabilities(found)
    assert len(odds) == len(page.blk_el)
    assert np.isfinite(odds).all()
    assert [net.own.shape[0] for net in trained()] == [found.own.shape[1]] * 2


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    """Two columns that changed places fit in shape, and spoil every choice."""
    with np.load(WEIGHTS) as stored:
        kept = {name: stored[name] for name in stored.files}
    assert [tuple(kept[f"names/{table}"].tolist()) for table in TABLES] == list(feature_names())
    for table in TABLES:
        swapped = kept[f"names/{table}"].copy()
        swapped[[0, 1]] = swapped[[1, 0]]
        np.savez(tmp_path / "w.npz", allow_pickle=False, **{**kept, f"names/{table}": swapped})
        with pytest.raises(OtherFeatures, match=re.escape(f"features ({table})")):
            load(tmp_path / "w.npz")


def test_no_two_features_have_one_name() -> None:
    for names in feature_names():
        assert len(set(names)) == len(names)


def test_pages_of_before_html5_are_judged_by_the_net_of_all_sets() -> None:
    old = (
        "<body><table><tr><td><a href=/>Home</a></td><td>One two, three.<br><br>Four five six.</td></tr></table></body>"
    )
    found = [features(page, block_stats(page)) for page in map(read_page, (PAGE, old))]
    assert [one.modern for one in found] == [True, False]
    other = trained()[1]
    assert np.allclose(probabilities(found[1]), probabilities(found[1], (other, other)))
    assert not np.allclose(probabilities(found[0]), probabilities(found[0], (other, other)))
