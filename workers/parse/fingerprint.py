"""Fingerprints of a text: exact, for `unchanged` and `duplicate`, and near, for rewritten copies (pure)."""

import hashlib
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from workers.parse.charstats import HAN, SEA, classify

EXACT_BYTES = 16  # 128 bits: no collision to expect below 10^18 texts
NEAR_BITS = 64
MAX_NEAR_CHARS = 200_000  # of a text; a longer one is told by its beginning
BEYOND = 0x10000  # the first character outside the basic plane
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2^64
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # splitmix64's finaliser
_NEXT = np.uint64(0xD6E8FEB86659FD93)  # tells (a, b) from (b, a)


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
    return _digest(normalized(text))


def near_fingerprint(text: str) -> str:
    """64-bit simhash (Charikar 2002) over pairs of words, 16 hex digits; compare with `distance`."""
    return _simhash(normalized(text))


def distance(near_a: str, near_b: str) -> int:
    """How many of the 64 bits of two near fingerprints differ."""
    return (int(near_a, 16) ^ int(near_b, 16)).bit_count()


def _digest(plain: str) -> str:
    return hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=EXACT_BYTES).hexdigest()


def _simhash(plain: str) -> str:
    words = _word_hashes(plain[:MAX_NEAR_CHARS])
    if not len(words):
        return "0" * (NEAR_BITS // 4)
    pairs = np.sort(_mixed(words[:-1] * _NEXT + words[1:]) if len(words) > 1 else _mixed(words))
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
    bits = np.unpackbits(pairs.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1).astype(np.float32)
    ones = np.ones(len(bits), np.float32) @ bits  # exact: counts stay far below 2^24
    return bytes(np.packbits(ones * 2 > len(pairs))).hex()


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of the base and of its inverse, one for each character that is looked at (3 MB)."""
    powers, inverses = (np.full(MAX_NEAR_CHARS, base, dtype=np.uint64) for base in (_BASE, _INVERSE))
    return np.cumprod(powers, out=powers), np.cumprod(inverses, out=inverses)


def _word_hashes(plain: str) -> NDArray[np.uint64]:
    """A polynomial hash of every word, all words at once; in scripts without spaces every character is a word."""
    points = np.frombuffer(plain.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    if not len(points):
        return points
    inside = points != ord(" ")
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    if not plain.isascii():
        classes = classify(plain)
        spaceless = (classes == HAN) | (classes == SEA)
        starts |= spaceless
        starts[1:] |= spaceless[:-1] & inside[1:]
    points[~inside] = 0
    powers, inverses = _powers()
    sums = np.zeros(len(points) + 1, np.uint64)
    np.cumsum(points * powers[: len(points)], out=sums[1:])
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(points))
    # Words are moved to the origin: divide by the power of where they start.
    hashes: NDArray[np.uint64] = (sums[last] - sums[first]) * inverses[first]
    return hashes
