"""Each authority's robots.txt in Redis, and in the memory of a process.

A file takes robots_rules.TEXT_MAX at most. So that hosts without end under one domain cannot fill Redis, only
LARGE_PER_SITE files of a registrable domain may be large; others are cut to SMALL characters, towards "no".
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from newsmill.ledger import Frontier
from newsmill.policy.robots import RobotsFile, narrowed
from newsmill.urls.canonical import site_of

LARGE = 4096  # characters of a stored file from which it counts as large; most have some hundreds
SMALL = 2000  # characters of rules
LARGE_PER_SITE = 16  # at most 2 MB in Redis: a publisher with hosts for its papers has about that many
UNREACHABLE_MEMORY_S = 86400.0  # an unreachable file is remembered so long past its pause: the next pause is longer
LOADED_MAX = 4_000_000  # characters of rules that a process keeps ready to match: about ten times as many bytes


def known(ledger: Frontier, authorities: Sequence[str]) -> dict[str, RobotsFile]:
    """The files of these authorities, as far as there are any."""
    return {authority: _loaded.load(text) for authority, text in ledger.robots.get(authorities).items()}


def keep(ledger: Frontier, authority: str, file: RobotsFile, *, now: float) -> RobotsFile:
    """Keeps a file until it expires; returns it as it is kept. now: seconds since the epoch."""
    text = file.dump()
    kept_s = max(file.expires_at - now + (UNREACHABLE_MEMORY_S if file.state == "wait" else 0.0), 1.0)
    kept, site = ledger.robots, site_of(authority)
    large = len(text) > LARGE
    if large and not kept.note_large(site, authority, now=now, kept_s=kept_s, most=LARGE_PER_SITE):
        file = narrowed(file, SMALL)
        text = file.dump()
    kept.put(authority, text, kept_s)
    return file


class _Loaded:
    """Files ready to match, by their stored text; those used longest ago are forgotten. Safe from several threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, RobotsFile] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def load(self, text: str) -> RobotsFile:
        with self._lock:
            if file := self._files.get(text):
                self._files.move_to_end(text)
                return file
        file = RobotsFile.load(text)
        with self._lock:
            if text not in self._files:
                self._files[text] = file
                self._size += _weight(file)
            while self._size > LOADED_MAX:
                self._size -= _weight(self._files.popitem(last=False)[1])
        return file


def _weight(file: RobotsFile) -> int:
    return 1000 + len(file.text)


_loaded = _Loaded()
