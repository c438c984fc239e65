"""What a source listed and was not taken (pure): counted by reason, and the last ones by their ids.

A poll keeps this beside its other figures, so that `status`, `sources show` and `trace` can say what became of an
address that is not known: it was seen, and why it was left.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

from newsmill.urls.canonical import address_id

KEPT = 100  # addresses a poll remembers, the last ones
ID_CHARS = 8  # of an id: among 100 of them, another address fits once in ten thousand million
REASONS = 12  # different ones that are counted apart
MAX_REASON = 80  # characters


@dataclass(slots=True)
class LeftOut:
    """counts: items by reason. last: beginnings of the ids of the last ones, with their reasons."""

    counts: Counter[str] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many items were left out."""
        return self.counts.total()

    def note(self, reason: str, url: str = "", items: int = 1) -> None:
        """reason: what follows a colon is of the single item, and not counted apart. url: canonical, where it is."""
        if items <= 0:
            return
        reason = reason.partition(":")[0][:MAX_REASON]
        if reason not in self.counts and len(self.counts) >= REASONS:
            reason = "other reasons"
        self.counts[reason] += items
        if url:
            start = address_id(url)[:ID_CHARS]
            self.last.pop(start, None)
            self.last[start] = reason
            if len(self.last) > KEPT:
                del self.last[next(iter(self.last))]

    def why(self, id: str) -> str:
        """The reason for which the address of this id was left out the last time; empty if it is not remembered."""
        return self.last.get(id[:ID_CHARS], "")

    def dump(self) -> str:
        """A short text for the ledger; empty where nothing was left out."""
        if not self.counts:
            return ""
        ids: dict[str, str] = {}
        for start, reason in self.last.items():
            ids[reason] = ids.get(reason, "") + start
        return json.dumps([self.counts, ids], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "LeftOut":
        """The other way round; nothing from an empty text, or one of another version."""
        found = cls()
        try:
            counts, ids = json.loads(text or "[{},{}]")
            found.counts.update({str(reason): int(items) for reason, items in counts.items()})
            for reason, starts in ids.items():
                for at in range(0, len(starts), ID_CHARS):
                    found.last[starts[at : at + ID_CHARS]] = reason
        except (ValueError, TypeError, AttributeError):
            return cls()
        return found

    def __str__(self) -> str:
        return ", ".join(f"{items:,} {reason}" for reason, items in self.counts.most_common())
