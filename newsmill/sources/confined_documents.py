"""Foreign documents of produce, read in a confined process (workers/confined).

`read_frames` and `look_frames` run there; `reading` and `looked_at` are how a step and a command ask for them. What
passes between the two is JSON of the same values that the readers make.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from newsmill.confined import ProcessEnded, confined
from newsmill.doors import SOURCE_KINDS, NotThere
from newsmill.sources.discovery import AskedPage, Looked, look
from newsmill.sources.kinds import Item, Polled, Reading, reader_of

ITEMS = 500  # in one frame; as many as are offered to the frontier at once

_ITEMS = TypeAdapter(list[Item])
_POLLED = TypeAdapter(Polled)
_PAGE = TypeAdapter(AskedPage)
_LOOKED = TypeAdapter(Looked)
Adapters = dict[str, TypeAdapter[Any]]
_HINTS = {name: hint for name, hint in get_type_hints(Reading).items() if name != "items"}
# What a Reading says before its items are read, and what it says (when called) only once they were.
_BEFORE = {name: TypeAdapter[Any](hint) for name, hint in _HINTS.items() if get_origin(hint) is not Callable}
_AFTER = {name: TypeAdapter[Any](get_args(hint)[1]) for name, hint in _HINTS.items() if name not in _BEFORE}


def read_frames(head: bytes, document: bytes) -> Iterator[bytes]:
    """What the document lists: what is said before, the items in batches, an empty batch, what is said after."""
    kind, _, polled = head.partition(b"\n")
    read = reader_of(kind.decode())(replace(_POLLED.validate_json(polled), body=document))
    yield _dumped(_BEFORE, {name: getattr(read, name) for name in _BEFORE})
    while batch := list(islice(read.items, ITEMS)):
        yield _ITEMS.dump_json(batch)
    yield b""
    yield _dumped(_AFTER, {name: getattr(read, name)() for name in _AFTER})


@contextmanager
def reading(kind: str, polled: Polled) -> Iterator[Reading]:
    """As the kind's reader. Raises NotThere; and ProcessEnded and Stopping, here or while its items are read."""
    if problem := SOURCE_KINDS.known(kind):
        raise NotThere(problem)
    head = f"{kind}\n".encode() + _POLLED.dump_json(replace(polled, body=b""))
    with confined().answer("newsmill.sources.confined_documents:read_frames", head, polled.body) as frames:
        said = _loaded(_BEFORE, next(frames))
        after: dict[str, Any] = {}

        def items() -> Iterator[Item]:
            while frame := next(frames):
                yield from _ITEMS.validate_json(frame)
            for frame in frames:  # one, and then the end
                after.update(_loaded(_AFTER, frame))

        said |= {name: partial(_said, after, name) for name in _AFTER}
        yield Reading(items(), **said)


def look_frames(head: bytes, document: bytes) -> Iterator[bytes]:
    """What one answer shows."""
    now, _, page = head.partition(b"\n")
    answer = replace(_PAGE.validate_json(page), body=document)
    yield _LOOKED.dump_json(look(answer, datetime.fromisoformat(now.decode())))


async def looked_at(page: AskedPage, now: datetime) -> Looked | str:
    """As discovery.look; a text says why the answer could not be read."""
    head = f"{now.isoformat()}\n".encode() + _PAGE.dump_json(replace(page, body=b""))
    from asyncio import to_thread  # here: the confined side has no use for it

    try:
        frame = await to_thread(confined().only, "newsmill.sources.confined_documents:look_frames", head, page.body)
    except ProcessEnded as error:
        return str(error)
    return _LOOKED.validate_json(frame)


def _dumped(adapters: Adapters, values: dict[str, Any]) -> bytes:
    return json.dumps({name: adapters[name].dump_python(value, mode="json") for name, value in values.items()}).encode()


def _loaded(adapters: Adapters, frame: bytes) -> dict[str, Any]:
    return {name: adapters[name].validate_python(value) for name, value in json.loads(frame).items()}


def _said(after: dict[str, Any], name: str) -> Any:
    """Nothing, of its type, where the items were not read to the end."""
    return after[name] if name in after else get_args(_HINTS[name])[1]()
