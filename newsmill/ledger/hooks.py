"""Webhooks: who is told of which articles, and how far they are. Each is a cursor in the change log."""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import redis

SECRET_BYTES = 24  # as Standard Webhooks asks for


@dataclass(frozen=True, slots=True)
class Hook:
    """url: where events are posted. query: what it is told of; empty: all. cursor: of the last event it has taken.

    fails: in a row, since `since`. next_at: when it is tried again. disabled: why it is not any more.
    problem: of the last try. Times are seconds since the epoch.
    """

    id: str
    url: str
    query: str
    secret: str
    cursor: str
    fails: int = 0
    since: float = 0.0
    next_at: float = 0.0
    disabled: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Hooks:
    """All webhooks. Raises redis.RedisError."""

    client: "redis.Redis"
    prefix: str = "nm:"

    def add(self, url: str, query: str, cursor: str) -> Hook:
        """A new one, which is told of what comes after this cursor."""
        id = secrets.token_hex(6)
        secret = f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
        hook = Hook(id, url, query, secret, cursor)
        kept = {name: getattr(hook, name) for name in ("url", "query", "secret", "cursor")}
        with self.client.pipeline() as pipe:
            pipe.hset(f"{self.prefix}hook:{id}", mapping=kept)  # type: ignore[arg-type]
            pipe.sadd(f"{self.prefix}hooks", id)
            pipe.execute()
        return hook

    def all(self) -> Iterator[Hook]:
        """Each webhook, by its id."""
        for id in sorted(cast("set[str]", self.client.smembers(f"{self.prefix}hooks"))):
            if hook := self.get(id):
                yield hook

    def get(self, id: str) -> Hook | None:
        """One; None if there is none of this id."""
        kept = cast("dict[str, str]", self.client.hgetall(f"{self.prefix}hook:{id}"))
        if "url" not in kept:
            return None
        return Hook(
            id=id,
            url=kept["url"],
            query=kept["query"],
            secret=kept["secret"],
            cursor=kept["cursor"],
            fails=int(kept.get("fails") or 0),
            since=float(kept.get("since") or 0),
            next_at=float(kept.get("next_at") or 0),
            disabled=kept.get("disabled", ""),
            problem=kept.get("problem", ""),
        )

    def remove(self, id: str) -> bool:
        """Ends one; False if there was none."""
        with self.client.pipeline() as pipe:
            pipe.delete(f"{self.prefix}hook:{id}")
            pipe.srem(f"{self.prefix}hooks", id)
            return bool(pipe.execute()[1])

    def taken(self, id: str, cursor: str) -> None:
        """It has all up to this cursor."""
        self._set(id, {"cursor": cursor, "fails": "", "since": "", "next_at": "", "problem": ""})

    def failed(self, id: str, problem: str, *, fails: int, since: float, next_at: float) -> None:
        """It did not take an event, and is tried again."""
        self._set(id, {"problem": problem[:300], "fails": fails, "since": since, "next_at": next_at})

    def disable(self, id: str, why: str) -> None:
        """It is told of nothing any more, until `enable`."""
        self._set(id, {"disabled": why[:300]})

    def enable(self, id: str) -> None:
        """It goes on where it was."""
        self._set(id, {"disabled": "", "fails": "", "since": "", "next_at": ""})

    def _set(self, id: str, fields: dict[str, "str | int | float"]) -> None:
        key = f"{self.prefix}hook:{id}"
        if self.client.exists(key):  # it may have been removed meanwhile
            self.client.hset(key, mapping=fields)  # type: ignore[arg-type]
