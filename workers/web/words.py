"""What changed between two texts, word by word and side by side (pure)."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

PARAGRAPHS = 1500  # of each text that are compared; the rest is said to be left out
WORDS = 600  # of two paragraphs that are compared word by word; longer ones are shown as a whole
PAIRS = 4_000_000  # of words that are held against each other in two texts; what comes then is shown as a whole
KEPT = 1  # unchanged paragraphs shown around a change
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. changed: it is not in the other version."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the older and one of the newer version. skipped: unchanged paragraphs left out before it."""

    old: tuple[Piece, ...] = ()
    new: tuple[Piece, ...] = ()
    skipped: int = 0


def word_diff(old: str, new: str) -> list[Row]:
    """Rows of all that changed, with a paragraph around; none if nothing did."""
    before, after = _paragraphs(old), _paragraphs(new)
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 200)
    shown, budget = 0, _Budget(PAIRS)
    for group in matcher.get_grouped_opcodes(KEPT):
        found = [row for opcode in group for row in _rows(opcode, before, after, budget=budget)]
        left_out = group[0][1] - shown
        rows += [replace(found[0], skipped=left_out), *found[1:]] if found else []
        shown = group[-1][2]
    return rows


@dataclass(slots=True)
class _Budget:
    """How many pairs of words may still be held against each other."""

    left: int

    def take(self, pairs: int) -> bool:
        self.left -= pairs
        return self.left >= 0


def _rows(
    opcode: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str], *, budget: _Budget
) -> Iterator[Row]:
    kind, i1, i2, j1, j2 = opcode
    if kind == "equal":
        yield from (Row((Piece(text),), (Piece(text),)) for text in before[i1:i2])
    else:
        yield from _changed(before[i1:i2], after[j1:j2], budget)


def _paragraphs(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[:PARAGRAPHS] + ([f"({len(lines) - PARAGRAPHS} more paragraphs)"] if len(lines) > PARAGRAPHS else [])


def _changed(before: Sequence[str], after: Sequence[str], budget: _Budget) -> Iterator[Row]:
    for n in range(max(len(before), len(after))):
        old, new = before[n] if n < len(before) else "", after[n] if n < len(after) else ""
        yield Row(*_by_words(old, new, budget)) if old and new else Row(_whole(old), _whole(new))


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, changed=True),) if text else ()


def _by_words(old: str, new: str, budget: _Budget) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > 2 * WORDS or not budget.take(len(before) * len(after)):
        return _whole(old), _whole(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.quick_ratio() < 0.3:  # another paragraph: single words in common would only confuse
        return _whole(old), _whole(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        left += [Piece("".join(before[i1:i2]), kind != "equal")] if i2 > i1 else []
        right += [Piece("".join(after[j1:j2]), kind != "equal")] if j2 > j1 else []
    return tuple(left), tuple(right)
