"""Who may do what at the console and the API: sessions, tokens, and addresses that work once.

Only hashes of what a client shows are kept, so that whoever reads the ledger cannot be anybody.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import redis

SESSION_S = 12 * 3600  # of a session that is not used
ONCE_S = 30 * 86400  # how long it is remembered that an address was used; a new one is made with each start
TOKEN_BYTES = 24
TOKEN_MARK = "nm_"  # what a token begins with, so that scanners of leaked secrets know it
SCOPES = ("read", "submit", "operate")


def digest(secret: str) -> str:
    """What is kept of something long and random: no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Session:
    """user: who it is. csrf: what every form has to bring back."""

    user: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the API, as it is kept. made: seconds since the epoch. mark: its first characters after nm_."""

    name: str
    scopes: tuple[str, ...]
    made: float = 0.0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Sessions by cookie, tokens by text. Raises redis.RedisError."""

    client: "redis.Redis"
    prefix: str = "nm:"

    def begin(self, user: str) -> tuple[str, Session]:
        """A new session; what its cookie holds, and what it is."""
        cookie, session = secrets.token_urlsafe(TOKEN_BYTES), Session(user, secrets.token_urlsafe(16))
        key = f"{self.prefix}session:{digest(cookie)}"
        with self.client.pipeline() as pipe:
            pipe.hset(key, mapping={"user": session.user, "csrf": session.csrf})
            pipe.expire(key, SESSION_S)
            pipe.execute()
        return cookie, session

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie, which goes on; None if it has ended."""
        if not cookie:
            return None
        key = f"{self.prefix}session:{digest(cookie)}"
        kept = cast(dict[str, str], self.client.hgetall(key))
        if not kept:
            return None
        self.client.expire(key, SESSION_S)
        return Session(kept["user"], kept["csrf"])

    def end(self, cookie: str) -> None:
        """Ends a session."""
        self.client.delete(f"{self.prefix}session:{digest(cookie)}")

    def first_use(self, once: str) -> bool:
        """True the first time that this address is used."""
        return bool(self.client.set(f"{self.prefix}once:{digest(once)}", "1", ex=ONCE_S, nx=True))

    def make_token(self, name: str, scopes: Sequence[str], now: float) -> str:
        """A new token, which is told once. Raises ValueError for a scope that there is not, or a name in use."""
        if wrong := [scope for scope in scopes if scope not in SCOPES]:
            raise ValueError(f"there is no scope {wrong[0]!r}: choose from {', '.join(SCOPES)}")
        if any(token.name == name for token in self.tokens()):
            raise ValueError(f"there is a token {name!r} already")
        text = TOKEN_MARK + secrets.token_urlsafe(TOKEN_BYTES)
        kept = {"name": name, "scopes": list(scopes), "made": now, "mark": text[3:7]}
        self.client.hset(f"{self.prefix}tokens", digest(text), json.dumps(kept))
        return text

    def token(self, text: str) -> Token | None:
        """The token that this text is; None if it is none, or not any more."""
        kept = cast("str | None", self.client.hget(f"{self.prefix}tokens", digest(text)))
        return _token(json.loads(kept)) if kept else None

    def tokens(self) -> Iterator[Token]:
        """All tokens, in no order."""
        return (_token(json.loads(kept)) for _, kept in self._kept())

    def drop_token(self, name: str) -> bool:
        """Takes a token back; False if there is none of that name."""
        found = [key for key, kept in self._kept() if json.loads(kept)["name"] == name]
        return bool(found and self.client.hdel(f"{self.prefix}tokens", *found))

    def _kept(self) -> list[tuple[str, str]]:
        return list(cast(dict[str, str], self.client.hgetall(f"{self.prefix}tokens")).items())


def _token(kept: Mapping[str, object]) -> Token:
    scopes = cast(list[str], kept["scopes"])
    return Token(str(kept["name"]), tuple(scopes), float(cast(float, kept["made"])), str(kept.get("mark", "")))
