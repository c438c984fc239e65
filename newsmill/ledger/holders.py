"""Which entries are held against the stores, who holds a document, and how an entry is brought back to its stage."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import cast

from newsmill.ledger.entry import BACKFILL, POLL_PREFIX
from newsmill.ledger.frontier import Frontier
from newsmill.ledger.scripts import SCAN_CHUNK
from newsmill.ledger.stages import Stage


def pages(frontier: Frontier) -> Iterator[str]:
    """The id of every page that has an entry, in no order, while others work; one may come twice."""
    start = len(frontier.prefix) + len("e:")
    for key in frontier.client.scan_iter(match=f"{frontier.prefix}e:*", count=SCAN_CHUNK):
        if not (id := str(key)[start:]).startswith(POLL_PREFIX):
            yield id


def sample(ids: Iterator[str], most: int, seed: int = 0) -> list[str]:
    """At most so many of them, each as likely as the others (reservoir sampling)."""
    chosen, chance = list(islice(ids, most)), random.Random(seed)
    for number, id in enumerate(ids, start=most):
        place = chance.randrange(number + 1)
        if place < most:
            chosen[place] = id
    return chosen


def holders(frontier: Frontier, docs: Sequence[str]) -> list[str | None]:
    """How the one that holds each document ended; None if nobody does.

    Empty while it is at work, or if search has the document from it.
    """
    pipe = frontier.client.pipeline(transaction=False)
    for doc in docs:
        pipe.get(f"{frontier.prefix}own:{doc}")
        pipe.hget(f"{frontier.prefix}seen:{doc[:4]}", doc[4:])
    answers = pipe.execute()
    owners = [cast(str, answers[2 * i] or docs[i]) for i in range(len(docs))]
    known: list[str | None] = []
    for i, fields in enumerate(frontier.fields_of(owners, ["state", "outcome", "indexed", "former"])):
        state, outcome, indexed, former = fields
        if not state:
            known.append("" if answers[2 * i] or answers[2 * i + 1] else None)
        else:
            known.append("" if state != "settled" or indexed or former else outcome)
    return known


def bring_back(frontier: Frontier, id: str, stage: Stage, *, fields: Mapping[str, str]) -> bool:
    """Sets these fields of a settled entry ("" drops one), and puts it back into work from this stage on."""
    key = f"{frontier.prefix}e:{id}"
    if dropped := [name for name, value in fields.items() if not value]:
        frontier.client.hdel(key, *dropped)
    if kept := {name: value for name, value in fields.items() if value}:
        frontier.client.hset(key, mapping=kept)  # type: ignore[arg-type]
    return bool(frontier.reopen([id], BACKFILL, stage))
