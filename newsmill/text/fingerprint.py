"""Fingerprints of a text: exact, for `unchanged` and `duplicate`, and near, for rewritten copies (pure)."""

import hashlib
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from newsmill.text.minhash import signature

EXACT_BYTES = 16  # 128 bits: no collision to expect below 10^18 texts
BEYOND = 0x10000  # the first character outside the basic plane


def normalized(text: str) -> str:
    """The text without what editions of one article differ in: case, width, spacing and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    points = np.frombuffer(folded.encode("utf-32-le", "replace"), dtype=np.uint32)
    in_word = _alphanumeric()[np.minimum(points, BEYOND)]
    beyond = np.flatnonzero(points >= BEYOND)
    in_word[beyond] = [chr(point).isalnum() for point in points[beyond].tolist()]
    kept = in_word.copy()
    kept[1:] |= in_word[:-1]  # one separator after each word
    return np.where(in_word, points, ord(" "))[kept].astype("<u4").tobytes().decode("utf-32-le").rstrip()


@cache
def _alphanumeric() -> NDArray[np.bool_]:
    """Of each character of the basic plane, whether it is a letter or a digit."""
    return np.fromiter((chr(point).isalnum() for point in range(BEYOND + 1)), dtype=np.bool_)


def exact_fingerprint(text: str) -> str:
    """32 hex digits, equal for texts that are equal once normalised."""
    return hashlib.blake2b(normalized(text).encode("utf-8", "replace"), digest_size=EXACT_BYTES).hexdigest()


def near_fingerprint(text: str) -> str:
    """The minhash signature that stories are found by, in hex; empty for a text that is too short to have one."""
    return (signature(text) or b"").hex()
