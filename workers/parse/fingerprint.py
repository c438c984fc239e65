"""Fingerprints of a text: exact, for `unchanged` and `duplicate`, and near, for rewritten copies (pure)."""

import hashlib
import unicodedata
from itertools import pairwise

import numpy as np

from workers.parse.charstats import classify, word_starts

EXACT_BYTES = 16  # 128 bits: no collision to expect below 10^18 texts
NEAR_BITS = 64


def normalized(text: str) -> str:
    """The text without what editions of one article differ in: case, width, spacing and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in folded).split())


def exact_fingerprint(text: str) -> str:
    """32 hex digits, equal for texts that are equal once normalised."""
    return hashlib.blake2b(normalized(text).encode("utf-8", "replace"), digest_size=EXACT_BYTES).hexdigest()


def near_fingerprint(text: str) -> str:
    """64-bit simhash (Charikar 2002) over pairs of words, 16 hex digits; compare with `distance`."""
    words = _words(normalized(text))
    grams = {f"{a} {b}" for a, b in pairwise(words)} or set(words)
    if not grams:
        return "0" * (NEAR_BITS // 4)
    digests = b"".join(
        hashlib.blake2b(gram.encode("utf-8", "replace"), digest_size=8).digest() for gram in sorted(grams)
    )
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8).reshape(-1, 8), axis=1)
    return bytes(np.packbits(bits.sum(axis=0) * 2 > len(grams))).hex()


def distance(near_a: str, near_b: str) -> int:
    """How many of the 64 bits of two near fingerprints differ."""
    return (int(near_a, 16) ^ int(near_b, 16)).bit_count()


def _words(text: str) -> list[str]:
    """Words; pairs of characters for scripts without spaces come from splitting their runs."""
    words: list[str] = []
    for word in text.split():
        words.extend(word if word.isascii() is False and _spaceless(word) else (word,))
    return words


def _spaceless(word: str) -> bool:
    classes = classify(word)
    return not word_starts(classes, np.zeros(1, dtype=np.int64)).any()
