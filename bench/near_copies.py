"""Near-duplicates of rewritten wire copies: simhash against minhash, on copies and hard negatives made with a seed.

    python bench/near_copies.py wcxb-dev.jsonl.xz [--texts N] [--seed N]

Texts: the articles of the file's languages and of the demo site. A copy is cut, has another lead, local paragraphs,
other words and numbers, another order, or chrome left in, or several of these. Pairs that are no copies: different
articles, articles of one site with its boilerplate in them, later articles that repeat the background of an event. The
threshold of a method is the lowest at which it takes at most one such pair in a thousand for copies.
"""

import argparse
import json
import lzma
import random
import time
import zlib
from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from newsmill.demo.editions import load
from newsmill.text import minhash as stories
from newsmill.text.language import detect_language
from newsmill.text.tokens import tokens

MIN_WORDS, MAX_FALSE = 120, 0.001
SHARED = "Share this article with your friends. Subscribe to our letter. Comments are closed. All rights reserved. "
Paragraphs = list[str]


def paragraphs_of(text: str) -> Paragraphs:
    return [line for part in text.split("\n") if (line := part.strip())]


def corpus(path: str, most: int, dice: random.Random) -> list[tuple[str, Paragraphs]]:
    """(language, paragraphs) of articles; all that are not English, and English ones to fill up."""
    found, english = [], []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            text = page["main_content"] or ""
            if page["page_type"] in ("article", "documentation") and len(tokens(text)) >= MIN_WORDS:
                language = detect_language(text)[0]
                (english if language == "en" else found).append((language, paragraphs_of(text)))
    for edition in load():
        demo = [(a.language or edition.language, list(a.paragraphs)) for a in edition.article]
        found += [(lang, text) for lang, text in demo if len(tokens(" ".join(text))) >= MIN_WORDS]
    dice.shuffle(english)
    return [(lang, text) for lang, text in (found + english)[:most] if len(text) > 3]


def words_swapped(text: Paragraphs, other: Paragraphs, dice: random.Random, share: float) -> Paragraphs:
    """A share of the words (or pairs of characters, where no spaces are) becomes words of another article."""
    pool = " ".join(other).split()
    unspaced = len(pool) * 12 < sum(map(len, other))
    pool = [part for line in other for part in (line[i : i + 2] for i in range(0, len(line), 2))] if unspaced else pool
    out = []
    for line in text:
        parts = [line[i : i + 2] for i in range(0, len(line), 2)] if unspaced else line.split()
        parts = [dice.choice(pool) if dice.random() < share else part for part in parts]
        out.append(("" if unspaced else " ").join(parts))
    return out


def copies(text: Paragraphs, other: Paragraphs, dice: random.Random) -> dict[str, Paragraphs]:
    """Rewritten copies by what was done to them. other: another article of the language."""
    mixed = text[: max(2, len(text) * 7 // 10)]
    mixed = [other[0], *mixed[1:], other[1 % len(other)]]
    shuffled = text[:]
    dice.shuffle(shuffled)
    return {
        "cut to 60 %": text[: max(2, len(text) * 6 // 10)],
        "another lead": [other[0], *text[1:]],
        "local paragraphs": [*text[: len(text) // 2], *other[1:3], *text[len(text) // 2 :]],
        "4 % of words": words_swapped(text, other, dice, 0.04),
        "10 % of words": words_swapped(text, other, dice, 0.10),
        "another order": shuffled,
        "chrome left in": [SHARED, *text, SHARED * 2, other[0][:80], other[-1][:80]],
        "several of these": words_swapped(mixed, other, dice, 0.03),
    }


def others(text: Paragraphs, other: Paragraphs, site: str, dice: random.Random) -> dict[str, tuple[str, str]]:
    """Pairs that are no copies. A fifth of the shorter text is the site's, or a quarter repeats what was."""
    part = min(len(site), min(sum(map(len, text)), sum(map(len, other))) // 8)
    background, size = [], 0
    for line in reversed(text):
        if size + len(line) > 0.25 * sum(map(len, text)):
            break
        background.append(line)
        size += len(line)
    return {
        "different": (" ".join(text), " ".join(other)),
        "one site": (" ".join([site[:part], *text, site[-part:]]), " ".join([site[:part], *other, site[-part:]])),
        "later article": (" ".join(text), " ".join([*other, *background])),
    }


@lru_cache(maxsize=1 << 15)
def hashed(word: str) -> int:
    return zlib.crc32(word.encode())


def runs_of(text: str, length: int) -> np.ndarray:
    words = tokens(text)[: stories.LONGEST]
    hashes = np.fromiter(map(hashed, words), dtype=np.uint64, count=len(words))
    runs = np.zeros(max(len(words) - length + 1, 1), np.uint64)
    for place in range(min(length, len(words))):
        runs = runs * np.uint64(0x9E3779B97F4A7C15) + hashes[place : place + len(runs)]
    runs = (runs ^ (runs >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)  # splitmix64's finaliser
    runs = (runs ^ (runs >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.unique(runs ^ (runs >> np.uint64(31)))


def simhash(text: str, length: int) -> np.ndarray:
    """64 bits, each what most runs have there (Charikar 2002)."""
    bits = np.unpackbits(runs_of(text, length).view(np.uint8).reshape(-1, 8), axis=1)
    return bits.mean(axis=0) > 0.5


def minhash(text: str, length: int, numbers: int, bits: int) -> np.ndarray:
    runs = (runs_of(text, length) >> np.uint64(32)).astype(np.uint32)
    dice = np.random.Generator(np.random.PCG64(7))
    factors = dice.integers(0, 2**31, (numbers, 1), dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    orders = runs[None] * factors
    orders ^= orders >> np.uint32(15)
    orders *= factors[::-1]
    orders ^= orders >> np.uint32(13)
    return orders.min(axis=1) & np.uint32(2**bits - 1)


def one_permutation(text: str, length: int, numbers: int, bits: int) -> np.ndarray:
    """The least run of each of `numbers` bins; an empty bin takes over the next full one's."""
    runs = runs_of(text, length)
    bins = (runs >> np.uint64(40)) % np.uint64(numbers)
    least = np.full(numbers, 2**40 - 1, np.uint64)
    np.minimum.at(least, bins.astype(np.int64), runs & np.uint64(2**40 - 1))
    full = np.flatnonzero(least < 2**40 - 1)
    return least[full[np.searchsorted(full, np.arange(numbers)) % len(full)]] & np.uint64(2**bits - 1)


def in_use(text: str) -> np.ndarray:
    return np.frombuffer(stories.signature(text) or bytes(2 * stories.NUMBERS), ">u2")


METHODS: dict[str, tuple[Callable[[str], np.ndarray], int]] = {
    "simhash, 64 bits, 1 word": (partial(simhash, length=1), 8),
    "simhash, 64 bits, 2 words": (partial(simhash, length=2), 8),
    "minhash as in use: 48 x 16 bits, 3 words": (in_use, 96),
    **{
        f"minhash, {numbers} x {bits} bits, {length} words": (
            partial(minhash, length=length, numbers=numbers, bits=bits),
            numbers * bits // 8,
        )
        for numbers, bits, length in ((48, 8, 3), (128, 8, 3), (64, 16, 2), (64, 16, 4))
    },
    "one permutation, 128 x 8 bits, 3 words": (partial(one_permutation, length=3, numbers=128, bits=8), 128),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    texts = corpus(options.data, options.texts, dice)
    by_language: dict[str, list[Paragraphs]] = {}
    for language, text in texts:
        by_language.setdefault(language, []).append(text)
    same: dict[str, list[tuple[str, str]]] = {}
    apart: dict[str, list[tuple[str, str]]] = {}
    for language, text in texts:
        rest = [other for other in by_language[language] if other is not text]
        other = dice.choice(rest or [t for _, t in texts if t is not text])
        boilerplate = " ".join(dice.choice(rest or [other]))
        for kind, copy in copies(text, other, dice).items():
            same.setdefault(kind, []).append((" ".join(text), " ".join(copy)))
        for kind, pair in others(text, other, boilerplate, dice).items():
            apart.setdefault(kind, []).append(pair)
    shown = sorted(((len(found), language) for language, found in by_language.items()), reverse=True)
    print(len(texts), "texts:", ", ".join(f"{language} {count}" for count, language in shown))
    for name, (sign, size) in METHODS.items():
        report(name, sign, size, same, apart)


def report(name: str, sign: Callable[[str], np.ndarray], size: int, same: dict, apart: dict) -> None:  # type: ignore[type-arg]
    everything = [text for pairs in (*same.values(), *apart.values()) for pair in pairs for text in pair]
    kept = {text: sign(text) for text in everything}
    began = time.process_time()
    for text in everything[:300]:
        sign(text)
    cost = time.process_time() - began

    def alike(pairs: list[tuple[str, str]]) -> np.ndarray:
        return np.array([(kept[a] == kept[b]).mean() for a, b in pairs])

    negatives = np.sort(np.concatenate([alike(pairs) for pairs in apart.values()]))[::-1]
    threshold = negatives[int(MAX_FALSE * len(negatives))]
    print(f"\n{name}: {size} bytes, {cost / min(300, len(everything)) * 1000:.2f} ms, copies above {threshold:.3f}")
    recalls = {kind: float((alike(pairs) > threshold).mean()) for kind, pairs in same.items()}
    print("  found:", ", ".join(f"{kind} {recall:.3f}" for kind, recall in recalls.items()))
    print(f"  found of all {np.mean(list(recalls.values())):.3f}; most alike of others:", end=" ")
    print(", ".join(f"{kind} {alike(pairs).max():.2f}" for kind, pairs in apart.items()))
    if sign is in_use:
        for least in (stories.ALIKE, stories.ALIKE * 3 // 4):
            found, false = (
                np.mean([looked_up(kept[a], kept[b], least) for pairs in kinds.values() for a, b in pairs])
                for kinds in (same, apart)
            )
            print(f"  looked up by bands, {least} of {stories.NUMBERS} equal: found {found:.3f}, false {false:.4f}")


def looked_up(a: np.ndarray, b: np.ndarray, least: int) -> bool:
    """As stories.lua decides."""
    equal = a == b
    return bool(equal.reshape(stories.BANDS, stories.ROWS).all(axis=1).any() and equal.sum() >= least)


if __name__ == "__main__":
    main()
