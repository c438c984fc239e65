"""What every part of the ledger works with: a connection, a prefix, a clock, and the Lua scripts of this folder."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, cast

import redis

from newsmill.ledger.entry import POLL_PREFIX, Entry, entry_of
from newsmill.ledger.schema import OLDEST, READS, SCHEMA, WrongSchema, refused, schema_of

SCAN_CHUNK = 1000  # keys, or entries, that are looked at in one round trip


@dataclass(frozen=True, slots=True)
class Limits:
    """How the frontier behaves; wired from settings."""

    window: int = 1000
    max_waiting: int = 20_000_000
    per_day: int = 100_000
    hint_s: float = 30.0
    max_crashes: int = 3
    retention_s: float = 30 * 86400.0
    polls: int = 100
    per_ip: int = 4
    events: int = 200_000  # of the change log that are kept at most, and for how long (seconds)
    events_s: float = 7 * 86400.0
    renders: int = 20  # pages in browsers or on their way there: seconds each, so that they never fill the window


@cache
def source(name: str) -> str:
    """The text of a script, with what they share in front of it."""
    folder = files("newsmill.ledger") / "lua"
    return (folder / "prelude.lua").read_text("utf-8") + (folder / f"{name}.lua").read_text("utf-8")


@dataclass
class Scripts:
    """The connection of a ledger. Every method of its heirs is one atomic script, or says otherwise.

    client: decodes responses. now: seconds since the epoch; 0 means the Redis server's clock, tests pass their own.
    Raises redis.RedisError when the server cannot be reached or refuses.
    """

    client: "redis.Redis"
    limits: Limits = field(default_factory=Limits)
    prefix: str = "nm:"
    now: float = 0.0

    def __post_init__(self) -> None:
        self._scripts: dict[str, Any] = {}
        self._joined = False

    def join(self) -> None:
        """Makes sure that this version may work here, and leaves its numbers. Raises WrongSchema."""
        key = f"{self.prefix}schema"
        ledger = schema_of(cast(dict[str, str], self.client.hgetall(key)))
        if why := refused(ledger, SCHEMA, READS):
            raise WrongSchema(why)
        self._joined = True
        if ledger.number < SCHEMA or ledger.oldest < OLDEST:
            self._run("join", SCHEMA, OLDEST)

    def _script(self, name: str) -> Any:
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self.client.register_script(source(name))
        return script

    def _run(self, name: str, *args: str | float) -> Any:
        if not self._joined:
            self.join()
        return self._script(name)(keys=[self.prefix], args=[repr(self.now), *args])

    def _scan(self, pattern: str) -> Iterator[Entry]:
        for key in self.client.scan_iter(match=self.prefix + pattern, count=SCAN_CHUNK):
            fields = cast(dict[str, str], self.client.hgetall(key))
            if fields:
                yield entry_of(str(key).removeprefix(f"{self.prefix}e:"), fields)

    def all_fields(self, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """These fields of every address, in no order, absent ones empty; polls are none."""
        keys = (str(key) for key in self.client.scan_iter(match=f"{self.prefix}e:*", count=SCAN_CHUNK))
        ids = (key.removeprefix(f"{self.prefix}e:") for key in keys)
        return self.fields_of((id for id in ids if not id.startswith(POLL_PREFIX)), names)

    def fields_of(self, ids: Iterable[str], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """These fields of each entry, in order, absent ones empty; in few round trips, while others work."""
        rest = iter(ids)
        while chunk := list(islice(rest, SCAN_CHUNK)):
            pipe = self.client.pipeline(transaction=False)
            for id in chunk:
                pipe.hmget(f"{self.prefix}e:{id}", list(names))
            yield from (tuple(value or "" for value in values) for values in pipe.execute())
