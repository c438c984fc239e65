"""Which word was meant where no article has the one that was typed (pure)."""

from collections.abc import Iterable, Sequence

LEAST_LETTERS = 4  # of a word that may be misspelt; shorter ones are like too many others
LONG = 7  # letters from which on two mistakes are thinkable
SURE_LETTERS = 2  # at the beginning, which are seldom wrong: so far the vocabulary is looked at


def mistakes(letters: int) -> int:
    """How many letters may be wrong, missing, too many or in the wrong place."""
    return 0 if letters < LEAST_LETTERS else 1 if letters < LONG else 2


def nearest(word: str, vocabulary: Iterable[tuple[str, int]]) -> str:
    """The word most like this one, the most frequent of those equally like it; empty if none is like it.

    vocabulary: words that articles have, and how many have each.
    """
    most = mistakes(len(word))
    best: tuple[int, int, str] | None = None
    letters = set(word)
    for other, articles in vocabulary:
        if abs(len(other) - len(word)) > most or len(letters.symmetric_difference(other)) > 2 * most:
            continue
        wrong = distance(word, other, most)
        if 0 < wrong <= most and (best is None or (wrong, -articles, other) < best):
            best = (wrong, -articles, other)
    return best[2] if best else ""


def distance(word: str, other: str, most: int) -> int:
    """Letters that are wrong, missing, too many, or exchanged with the next one; at least `most` + 1 if above it."""
    before: Sequence[int] = ()
    row = list(range(len(other) + 1))
    for at, letter in enumerate(word, 1):
        last, before, row = before, row, [at] + [0] * len(other)
        for to, same in enumerate(other, 1):
            row[to] = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != same))
            if at > 1 and to > 1 and letter == other[to - 2] and word[at - 2] == same:
                row[to] = min(row[to], last[to - 2] + 1)
        if min(row) > most:
            return most + 1
    return row[-1]


def replaced(query: str, missing: Sequence[str], meant: Sequence[str]) -> str:
    """The text of a query with the words that were meant."""
    for word, other in zip(missing, meant, strict=True):
        query = query.replace(word, other) if other else query
    return query
