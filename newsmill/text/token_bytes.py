"""Texts prepared so that their tokens are runs of bytes, and numbers for these: whole texts at once, in numpy (pure).

`prepared` gives a text in which the tokens of tokens.py are what stands between ASCII characters that are no letters or
digits: FTS5's tokenizer `ascii` finds them there, and no word becomes a Python object. `numbers` gives a hash of each.
"""

import re
import unicodedata
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from newsmill.text.remembered import Remembered
from newsmill.text.tokens import APOSTROPHE, DROPPED, JOINER, MAX_TOKEN, analysed, fold

REMEMBERED_TEXTS = 256  # that near-copies and the index both ask for: those of one batch, at most 200
REMEMBERED_CHARACTERS = 1 << 15  # of such a text; so at most some 16 MB in all
BLOCK = 1 << 15  # bytes that are looked at at once: their powers are kept (1/2 MB)
_RUNS = re.compile("([^\x00-\x7f]+(?:['`][^\x00-\x7f]+)*)")  # with the apostrophes of Ukrainian words
_OVERLONG = re.compile(f"([0-9a-z\x80-\U0010ffff]{{{MAX_TOKEN}}})[0-9a-z\x80-\U0010ffff]+")
# Where characters fold one by one, whatever stands beside them: Latin to Arabic, Georgian, the accents of Vietnamese
# and Greek, punctuation and symbols, ligatures, emoji.
_PLANES = ((0x80, 0x700), (0x10A0, 0x1100), (0x1E00, 0x2E80), (0xFB00, 0xFB07), (0x1F300, 0x1FB00))
_OTHER = "\x00"  # stands for what has to be looked at as a whole
_YPOGEGRAMMENI = "\u0345"  # a mark that becomes a letter
_WORD = re.compile(r"\w")


def prepared(text: str) -> str:
    """The text with folded letters, its tokens as runs of ASCII letters, digits and characters beyond ASCII."""
    return _prepared_lately(text) if len(text) <= REMEMBERED_CHARACTERS else _prepared(text)


def _prepared(text: str) -> str:
    if text.isascii():
        found = text.lower()
    else:
        parts = _RUNS.split(text.replace(_OTHER, " "))
        parts[1::2] = map(_FOLDED.__getitem__, parts[1::2])
        found = "".join(parts).lower()
        if _OTHER in found:
            return analysed(text)
    return _OVERLONG.sub(r"\1", found) if _longest(found) > MAX_TOKEN else found


_prepared_lately = lru_cache(maxsize=REMEMBERED_TEXTS)(_prepared)


def _fold_run(run: str) -> str:
    """What a run of characters beyond ASCII becomes, in any place; _OTHER where that depends on what is beside it."""
    run = JOINER.sub(" ", APOSTROPHE.sub("", run)).replace("\u02bc", "'")
    alone = _alone()
    try:
        return "".join([one if one < "\x80" else alone[one] for one in run])
    except KeyError:
        return _OTHER


_FOLDED = Remembered(_fold_run, entries=1 << 15, longest=24)  # 13 MB at most


@cache
def _alone() -> dict[str, str]:
    """Of each character that folds for itself, what it becomes: letters, digits, and a space where it separates."""
    found = {}
    for one in (chr(point) for plane in _PLANES for point in range(*plane)):
        is_mark = unicodedata.category(one)[0] == "M"
        if one != _YPOGEGRAMMENI and (not is_mark or DROPPED.fullmatch(one)):
            folded = fold(one)
            if not any(unicodedata.category(c)[0] == "M" for c in folded):
                found[one] = "".join(c if _WORD.match(c) and c != "_" else " " for c in folded)
    return found


def _longest(found: str) -> int:
    """Bytes of the longest token."""
    starts, ends = _edges(np.frombuffer(found.encode("utf-8", "surrogatepass"), dtype=np.uint8))
    return int((ends - starts).max(initial=0))


def _edges(data: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where tokens begin, and where they end."""
    inside = np.zeros(len(data) + 2, dtype=np.int8)
    inside[1:-1] = _in_token()[data]
    turns = np.flatnonzero(inside[1:] != inside[:-1])
    return turns[::2], turns[1::2]


@cache
def _in_token() -> NDArray[np.int8]:
    """Of each byte of prepared text, whether it is part of a token."""
    return np.array([byte >= 0x80 or chr(byte).isalnum() for byte in range(256)], dtype=np.int8)


def numbers(text: str, most: int) -> NDArray[np.uint32]:
    """A hash of each of the first `most` tokens of prepared text, in its order: equal where tokens are.

    A polynomial over the token's bytes modulo 2^64, from sums over all bytes before its end and before its start.
    """
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    found: list[NDArray[np.uint32]] = []
    at = known = 0
    while at < len(data) and known < most:
        block = data[at : at + BLOCK]
        starts, ends = _edges(block)
        if at + BLOCK < len(data) and len(ends) and ends[-1] == len(block):  # it may go on in the next block
            starts, ends, at = starts[:-1], ends[:-1], at + int(starts[-1])
        else:
            at += BLOCK
        powers, inverses = _powers()
        sums = np.zeros(len(block) + 1, dtype=np.uint64)
        np.cumsum((block + np.uint64(1)) * powers[: len(block)], out=sums[1:])
        hashed = (sums[ends] - sums[starts]) * inverses[starts]
        hashed ^= hashed >> np.uint64(29)
        hashed *= np.uint64(0xBF58476D1CE4E5B9)
        found.append((hashed >> np.uint64(32)).astype(np.uint32))
        known += len(starts)
    return np.concatenate(found)[:most] if found else np.zeros(0, dtype=np.uint32)


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of a number, and of the one that undoes it, modulo 2^64."""
    factor = 0x9E3779B97F4A7C15
    inverse = pow(factor, -1, 1 << 64)
    with np.errstate(over="ignore"):
        up = np.cumprod(np.array([1] + [factor] * (BLOCK - 1), dtype=np.uint64), dtype=np.uint64)
        down = np.cumprod(np.array([1] + [inverse] * (BLOCK - 1), dtype=np.uint64), dtype=np.uint64)
    return up, down
