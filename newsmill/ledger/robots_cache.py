"""Each authority's robots.txt, as text, until it has to be asked for again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import redis


@dataclass(frozen=True, slots=True)
class RobotsCache:
    """Texts by authority ("https://host:port"). Raises redis.RedisError."""

    client: "redis.Redis"
    prefix: str = "nm:"

    def get(self, authorities: Sequence[str]) -> dict[str, str]:
        """The texts that are kept of these."""
        keys = [self._key(authority) for authority in authorities]
        kept = cast(list[str | None], self.client.mget(keys)) if keys else []
        return {authority: text for authority, text in zip(authorities, kept, strict=True) if text}

    def put(self, authority: str, text: str, kept_s: float) -> None:
        """Keeps a text for so many seconds."""
        self.client.set(self._key(authority), text, px=int(kept_s * 1000))

    def note_large(self, site: str, authority: str, *, now: float, kept_s: float, most: int) -> bool:
        """Whether a site may have one more large file, `most` in all; if so it counts until it expires.

        now: seconds since the epoch.
        """
        key = f"{self.prefix}robots-large:{site}"  # a sorted set: authority -> when it expires
        self.client.zremrangebyscore(key, "-inf", now)
        if self.client.zscore(key, authority) is None and self.client.zcard(key) >= most:
            return False
        self.client.zadd(key, {authority: now + kept_s})
        last = cast(list[tuple[str, float]], self.client.zrange(key, -1, -1, withscores=True))
        self.client.pexpireat(key, int((last[0][1] + 1) * 1000))
        return True

    def _key(self, authority: str) -> str:
        return f"{self.prefix}robots:{authority}"
