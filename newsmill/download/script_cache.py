"""Scripts that many pages of a site share, so that a host is asked for them once (pure but for its memory)."""

from collections import OrderedDict

from newsmill.http.answer import Fetched
from newsmill.http.caching import max_age_s

BYTES_MAX = 64 * 1024 * 1024  # of bodies kept; the bundles of some fifty sites
TTL_MAX_S = 24 * 3600.0
TTL_SCRIPT_S = 3600.0  # of a script whose server says nothing: bundles change with deploys, and carry a hash then


class ScriptCache:
    """Answers by address, least recently used out first. Only what RFC 9111 lets a private cache keep."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._size = 0
        self._kept: OrderedDict[str, tuple[float, Fetched]] = OrderedDict()

    def get(self, url: str, now: float) -> Fetched | None:
        """The answer kept for `url`, if it is still fresh at `now` (epoch seconds)."""
        kept = self._kept.get(url)
        if kept is None:
            return None
        if kept[0] <= now:
            self._drop(url)
            return None
        self._kept.move_to_end(url)
        return kept[1]

    def put(self, url: str, answer: Fetched, now: float) -> None:
        """Keep `answer`, if it may be kept."""
        ttl_s = freshness_s(answer)
        if ttl_s <= 0 or len(answer.body) > self._bytes_max:
            return
        self._drop(url)
        self._kept[url] = (now + ttl_s, answer)
        self._size += len(answer.body)
        while self._size > self._bytes_max:
            self._drop(next(iter(self._kept)))

    def _drop(self, url: str) -> None:
        kept = self._kept.pop(url, None)
        if kept is not None:
            self._size -= len(kept[1].body)


def freshness_s(answer: Fetched) -> float:
    """For how many seconds an answer may be used again; 0 if not at all."""
    if answer.status != 200 or answer.truncated or answer.header("vary") == "*":
        return 0.0
    age = max_age_s(answer.header("cache-control"))
    if age is not None:
        return min(float(age), TTL_MAX_S)
    return TTL_SCRIPT_S if "javascript" in (answer.header("content-type") or "").lower() else 0.0
