"""Labels for blocks: which tokens of a page are the truth's, by the longest common subsequence (pure)."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

MIN_RUN = 4  # tokens; shorter common runs inside long blocks are chance ("of the")
GRAM = 3  # tokens that must agree before a block is looked for out of order
MAX_TOKENS = 60_000  # of a page; the alignment is quadratic in bits
_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Labels:
    """sizes: tokens of each block. hits: those that are the truth's. truth: tokens of the truth."""

    sizes: NDArray[np.float32]
    hits: NDArray[np.float32]
    truth: int


def tokens(text: str) -> list[str]:
    """Lower-cased words, as the WCXB metric counts them."""
    return _TOKEN.findall(text.lower())


def align(texts: list[str], truth: str) -> Labels:
    """How many tokens of every block belong to the truth, each token of the truth used once.

    First in order, by the longest common subsequence; then blocks that stand elsewhere in the truth (grids, product
    pages and quoted posts are often written down in another order) by what is left of it.
    """
    blocks = [tokens(text) for text in texts]
    wanted = tokens(truth)
    vocabulary: dict[str, int] = {}
    page = [vocabulary.setdefault(word, len(vocabulary)) for block in blocks for word in block][:MAX_TOKENS]
    target = [vocabulary.get(word, -1) for word in wanted][:MAX_TOKENS]
    owner = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])[: len(page)]
    sizes = np.array([len(block) for block in blocks], np.float32)
    hits = np.zeros(len(blocks), np.float32)
    free = np.ones(len(wanted), np.bool_)
    for run in LCSseq.opcodes(page, target).as_matching_blocks() if page and target else ():
        spans: Counter[int] = Counter(owner[run.a : run.a + run.size].tolist())
        for block, count in spans.items():
            if count >= min(MIN_RUN, len(blocks[block])):
                hits[block] += count
                free[run.b : run.b + run.size] = False
    _place_elsewhere(blocks, wanted, hits, free)
    return Labels(sizes, hits, len(wanted))


def _place_elsewhere(
    blocks: list[list[str]], wanted: list[str], hits: NDArray[np.float32], free: NDArray[np.bool_]
) -> None:
    """Give blocks that the common subsequence missed a stretch of the truth that nothing has used."""
    starts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at in range(len(wanted) - GRAM + 1):
        if free[at]:
            starts[tuple(wanted[at : at + GRAM])].append(at)
    for block, words in enumerate(blocks):
        if len(words) < GRAM or hits[block] * 2 >= len(words):
            continue
        for at in starts.get(tuple(words[:GRAM]), ()):
            size = 0
            while (
                size < len(words) and at + size < len(wanted) and free[at + size] and wanted[at + size] == words[size]
            ):
                size += 1
            if size * 2 > len(words):
                hits[block] = size
                free[at : at + size] = False
                break


def f1(predicted: str, truth: str) -> float:
    """Word-level F1 of two texts, tokens as multisets; two empty texts agree."""
    got, wanted = Counter(tokens(predicted)), Counter(tokens(truth))
    if not got and not wanted:
        return 1.0
    common = sum((got & wanted).values())
    return 2 * common / (sum(got.values()) + sum(wanted.values())) if common else 0.0
