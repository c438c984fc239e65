"""Which articles tell one story in nearly the same words: signatures that are alike where texts are (pure).

MinHash (Broder 1997) over runs of WORDS tokens: the share of equal numbers in two signatures estimates the
share of runs that two texts have in common. Bands of ROWS numbers find candidates without comparing all.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from newsmill.text.token_bytes import numbers, prepared
from newsmill.text.tokens import tokens

VERSION = 2  # raise it when the signature of any text changes: signatures of two versions are never compared

WORDS = (
    3  # a run (spelt out in `signature`); longer ones break at every edit, shorter ones are shared by unrelated texts
)
BANDS, ROWS = 16, 3  # texts with half their runs in common share a band in 88 of 100 cases, with 0.7 always
NUMBERS = BANDS * ROWS
ALIKE = 20  # equal numbers of 48 that make two texts one story: about four in ten of their runs
SHORTEST = 40  # tokens; a shorter text says too little to be told from another
LONGEST = 4000  # tokens that are looked at
_random = np.random.Generator(np.random.PCG64(20261122))
_FACTORS = _random.integers(0, 2**31, (NUMBERS, 1), dtype=np.uint32) * np.uint32(2) + np.uint32(1)
_ADDENDS = _random.integers(0, 2**32, (NUMBERS, 1), dtype=np.uint32)
_PLACES = np.array([0x9E3779B1, 0xC2B2AE3D, 0x165667B1], dtype=np.uint32)


def signature(text: str) -> bytes | None:
    """2 bytes for each of the NUMBERS, or None for a text that is too short to have one."""
    hashes = numbers(prepared(text), LONGEST)
    if len(hashes) < SHORTEST:
        return None
    runs = hashes[:-2] * _PLACES[0] + hashes[1:-1] * _PLACES[1] + hashes[2:] * _PLACES[2]
    return _minima(runs).tobytes()


def _minima(runs: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """For each number the least of all runs, in an order of its own."""
    mixed = runs ^ (runs >> np.uint32(15))
    orders = mixed[np.newaxis, :] * _FACTORS
    orders += _ADDENDS
    orders ^= orders >> np.uint32(13)
    least: NDArray[np.uint16] = orders.min(axis=1).astype(
        ">u2"
    )  # the low bits: the high ones of least numbers are alike
    return least


def share(a: str, b: str) -> float:
    """The share of the shorter text's runs that the longer one has, 0 to 1: an excerpt of a text has nearly all."""
    left, right = (_runs(tokens(text)[:LONGEST]) for text in (a, b))
    return len(left & right) / max(min(len(left), len(right)), 1)


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return set(zip(words, words[1:], words[2:], strict=False))


def similarity(a: bytes, b: bytes) -> float:
    """The estimated share of common runs, 0 to 1."""
    left, right = np.frombuffer(a, dtype=">u2"), np.frombuffer(b, dtype=">u2")
    return float((left == right).mean())
