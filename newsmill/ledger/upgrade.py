"""What older versions cannot read is brought on here, and nowhere else: fenced, bit by bit, and resumable.

The whole ledger moves behind a prefix of its own (`nm:` to `nm:3:`), and what every script of an older version works on
is left behind with another type, so that each of them fails or finds nothing, whatever still runs. The only way back is
the backup.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import redis

from newsmill.ledger.schema import Schema, schema_of
from newsmill.ledger.scripts import Scripts, source
from newsmill.ledger.stages import Stage

SCANNED_AT_ONCE = 1000  # keys a turn: about 20 ms in Redis
MOVED = "moved"  # instead of a cursor: all keys have gone
PRIORITIES = ("0", "1", "2")
FENCED = (  # every script of schema 1 and later reads or writes one of these before anything else, or an entry
    *("n", "window", "delayed", "sources", "recrawl", "retire", "parked", "waiting", "rendering"),
    *(f"{kind}:{stage}" for kind in ("ready", "leased") for stage in Stage),
    *(f"due:{priority}" for priority in PRIORITIES),
)


@dataclass(frozen=True, slots=True)
class Migration:
    """A change that older versions cannot read. to: the schema after it; what: one line for the operator.

    run: does a bounded part of it, behind a prefix, from a position on ("" at first); returns the next position, or ""
    when all is done. A part that is done twice must do no harm.
    """

    to: int
    what: str
    run: Callable[["redis.Redis", str, str], str]


CHANGES: tuple[Migration, ...] = ()  # schema 2 only adds to schema 1, so that nothing has to be changed yet


@dataclass
class Upgrade:
    """Brings the ledger behind `prefix` on, turn by turn. Raises redis.RedisError, WrongSchema."""

    client: "redis.Redis"
    prefix: str = "nm:"
    changes: Sequence[Migration] = CHANGES

    @classmethod
    def of(cls, ledger: Scripts) -> "Upgrade":
        """That of a ledger, whichever schema it has."""
        return cls(ledger.client, ledger.prefix)

    @property
    def schema(self) -> Schema:
        """That of the ledger now."""
        return schema_of(cast(dict[str, str], self.client.hgetall(f"{self.prefix}schema")))

    def pending(self) -> list[Migration]:
        """What is to be done, in order."""
        number = self.schema.number
        return sorted((change for change in self.changes if change.to > number), key=lambda change: change.to)

    def target(self, to: int) -> str:
        """The prefix behind which a ledger of that schema lives."""
        return f"{self.prefix}{to}:"

    def turn(self) -> bool:
        """Goes on where the last turn stopped, for a moment; False when nothing is left to do."""
        pending = self.pending()
        if not pending:
            return False
        to = pending[-1].to
        if not self.schema.upgrading:
            self._fence(to)
        elif not self._move(to):
            self._change(pending, to)
        return True

    def _fence(self, to: int) -> None:
        """All at once: what scripts work on goes ahead, and something that is no such thing stays."""
        now = self.schema
        script = self.client.register_script(source("fence"))
        script(keys=[self.prefix], args=["0", to, now.number, now.oldest, *FENCED])

    def _move(self, to: int) -> bool:
        """Moves some keys; False when all have gone.

        What is there all along is met once in a pass of SCAN, but where the server was started anew: the last
        pass is one that met nothing.
        """
        new, state = self.target(to), f"{self.prefix}schema"
        cursor, met = cast(list["str | None"], self.client.hmget(state, "cursor", "met"))
        if cursor == MOVED:
            return False
        left = {f"{self.prefix}{name}" for name in ("schema", *FENCED)}
        found = cast(tuple[int, list[str]], self.client.scan(int(cursor or 0), f"{self.prefix}*", SCANNED_AT_ONCE))
        keys = [key for key in found[1] if key not in left and not key.startswith(new)]
        pipe = self.client.pipeline(transaction=False)
        for key in keys:
            pipe.renamenx(key, new + key.removeprefix(self.prefix))
        pipe.execute(raise_on_error=False)  # one that ended by itself meanwhile
        count = int(met or 0) + len(keys)
        ended = not found[0]
        mapping = {"cursor": MOVED if ended and not count else found[0], "met": 0 if ended else count}
        self.client.hset(state, mapping=mapping)  # type: ignore[arg-type]
        return True

    def _change(self, pending: Sequence[Migration], to: int) -> None:
        """A part of the first change that is not done; at the end, the new number, and no way back."""
        kept = cast(dict[str, str], self.client.hgetall(f"{self.prefix}schema"))
        done = int(kept.get("done", 0))
        change = next((change for change in pending if change.to > done), None)
        if change is None:
            pipe = self.client.pipeline(transaction=True)
            for key in (f"{self.prefix}schema", f"{self.target(to)}schema"):
                pipe.hset(key, mapping={"number": to, "oldest": to})
            pipe.hdel(f"{self.prefix}schema", "upgrading", "done", "position", "cursor", "met")
            pipe.execute()
            return
        position = change.run(self.client, self.target(to), kept.get("position", ""))
        self.client.hset(
            f"{self.prefix}schema",
            mapping={"position": position} if position else {"position": "", "done": change.to},
        )
