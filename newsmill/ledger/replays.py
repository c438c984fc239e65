"""How far replays are: each by its name, so that the same command goes on where it was stopped."""

from dataclasses import dataclass
from typing import cast

import redis


@dataclass(frozen=True, slots=True)
class Replays:
    """Positions by the name of a replay. Raises redis.RedisError."""

    client: "redis.Redis"
    prefix: str = "nm:"

    def position(self, name: str) -> str:
        """Where to go on; empty for the beginning."""
        return cast("str | None", self.client.hget(f"{self.prefix}replay", name)) or ""

    def go_on_at(self, name: str, position: str) -> None:
        """Keeps where to go on; an empty position forgets it."""
        if position:
            self.client.hset(f"{self.prefix}replay", name, position)
        else:
            self.client.hdel(f"{self.prefix}replay", name)
