"""What was made of words before, in bounded room (pure but for the memory)."""

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Remembered(dict[str, Made], Generic[Made]):
    """Makes a value of each word once, and forgets those that have not been asked for lately.

    A look-up of what is known is the dictionary's own and runs no Python; `functools.lru_cache` takes three times as
    long. entries: how many are kept, and up to as many again of those before. longest:
    characters of a word that is kept; longer ones do not repeat.
    """

    def __init__(self, make: Callable[[str], Made], *, entries: int, longest: int) -> None:
        super().__init__()
        self._make, self._entries, self._longest = make, entries, longest
        self._before: dict[str, Made] = {}  # what was known when there was no more room

    def __missing__(self, word: str) -> Made:
        before = self._before
        made = before[word] if word in before else self._make(word)
        if len(word) <= self._longest:
            if len(self) >= self._entries:
                self._before = dict(self)
                self.clear()
            self[word] = made
        return made
