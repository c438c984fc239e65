"""Signatures on made rewritten copies of the demo site's articles."""

import random
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.demo.editions import load
from newsmill.text.minhash import ALIKE, BANDS, NUMBERS, ROWS, SHORTEST, signature, similarity
from newsmill.text.tokens import tokens

TEXTS = [
    text
    for edition in load()
    for article in edition.article
    if len(tokens(text := "\n".join(article.paragraphs))) >= SHORTEST
]
NAMES = ["Smith", "today", "officials", "Montag", "вчора", "42"]


def edited(text: str, dice: random.Random) -> str:
    """Every twentieth word is another one, as when an editor goes over it."""
    return " ".join(dice.choice(NAMES) if dice.random() < 0.05 else word for word in text.split(" "))


def cut(text: str, dice: random.Random) -> str:
    """The last quarter is gone, as where there was no room."""
    return text[: len(text) * 3 // 4]


def dressed(text: str, dice: random.Random) -> str:
    """A line of the paper's own before it, and one after it."""
    return f"From our correspondent, with reports by two agencies and a reader.\n{text}\nRead more on this in print."


def reordered(text: str, dice: random.Random) -> str:
    """Its paragraphs stand in another order."""
    paragraphs = text.split("\n")
    dice.shuffle(paragraphs)
    return "\n".join(paragraphs)


def one_story(a: bytes, b: bytes) -> bool:
    """As stories.lua decides: a band in common, and enough equal numbers."""
    width = ROWS * 2
    bands = any(a[i * width : (i + 1) * width] == b[i * width : (i + 1) * width] for i in range(BANDS))
    return bands and similarity(a, b) * NUMBERS >= ALIKE


@pytest.mark.parametrize(("rewrite", "floor"), [(edited, 0.95), (cut, 0.95), (dressed, 0.98), (reordered, 0.98)])
def test_rewritten_copies_are_found(rewrite: Callable[[str, random.Random], str], floor: float) -> None:
    dice = random.Random(7)
    found = 0
    for text in TEXTS:
        a, b = signature(text), signature(rewrite(text, dice))
        found += bool(a and b and one_story(a, b))
    assert found / len(TEXTS) >= floor


def test_different_articles_are_never_one_story() -> None:
    signatures = [signed for text in TEXTS if (signed := signature(text))]
    assert len(signatures) > 30
    assert not [pair for pair in combinations(signatures, 2) if one_story(*pair)]


def test_texts_of_one_template_stay_apart() -> None:
    dice = random.Random(3)
    weather = (
        "On {} in {} it will be {} degrees with {} and a wind from the {} at {} knots while {} is expected near {}."
    )
    words = [f"word{i}" for i in range(300)]
    bulletins = [" ".join(weather.format(*dice.sample(words, 8)) for _ in range(6)) for _ in range(40)]
    signatures = [signed for text in bulletins if (signed := signature(text))]
    assert not [pair for pair in combinations(signatures, 2) if one_story(*pair)]


def test_a_short_text_has_no_signature() -> None:
    assert signature("word " * (SHORTEST - 1)) is None
    assert signature("") is None
    assert signature("word " * SHORTEST) is not None


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "日本語", "№5"]), min_size=SHORTEST, max_size=200))
def test_a_signature_depends_on_the_text_alone(words: list[str]) -> None:
    one, two = signature(" ".join(words)), signature("  ".join(words).upper())
    assert one is not None
    assert one == two
    assert len(one) == NUMBERS * 2
