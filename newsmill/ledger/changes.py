"""What became of articles, in the order in which it did: the change log that other programs follow.

`finish.lua` appends to it in the very moment in which it settles an entry, so that an event is there exactly when the
ledger says so. It is a Redis stream, bounded by number and by days (`Limits`); a cursor is the id of the last event
that a subscriber has seen. Who is behind what is kept is told so, and can begin anew from a search.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import redis

from newsmill.model import Document

TITLE = 200  # characters of a title in an event
START = "0-0"  # before the first event
_CURSOR = re.compile(r"\d{1,19}-\d{1,19}")


class Kind(StrEnum):
    """What has happened to an article."""

    NEW = "new"  # it can be found for the first time
    REVISED = "revised"  # its title, text or date is another
    REMOVED = "removed"  # it was taken out, whatever the cause
    STORY_JOINED = "story-joined"  # it tells what another article told before


class Behind(Exception):
    """Events after this cursor are not kept any more; the text says how to go on."""


class NoCursor(ValueError):
    """This is no cursor that the change log has given."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event. cursor: its place; a later event has a greater one. id, url: of the article. at: epoch seconds.

    story: the id of the story, where it tells one that another article began. version: see Document; 0 for a removal.
    """

    cursor: str
    kind: Kind
    id: str
    url: str
    title: str
    story: str
    version: int

    @property
    def at(self) -> float:
        """When it was told, seconds since the epoch by the server's clock."""
        return int(self.cursor.partition("-")[0]) / 1000


def digest(document: Document) -> str:
    """Changes with title, text or date: 60 bits, enough to compare two versions of one article."""
    text = "\n".join((document.title, document.fingerprint, str(document.published or "")))
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=8).digest()).decode()[:10]


def event_of(document: Document, before: Document | None) -> dict[str, str]:
    """What `finish.lua` needs to know of an article that was indexed. before: the version that search had."""
    joined = document.story if document.story != document.id else ""
    event = {"digest": digest(document), "title": document.title[:TITLE], "story": joined}
    return event | ({"before": digest(before)} if before else {})


@dataclass(frozen=True, slots=True)
class Changes:
    """The log. Raises redis.RedisError."""

    client: "redis.Redis"
    prefix: str = "nm:"

    @property
    def _key(self) -> str:
        return f"{self.prefix}changes"

    def head(self) -> str:
        """The cursor of the newest event there ever was."""
        if not self.client.exists(self._key):
            return START
        return str(cast(Mapping[str, object], self.client.xinfo_stream(self._key))["last-generated-id"])

    def trimmed(self) -> str:
        """The cursor of the newest event that is not kept any more."""
        return cast("str | None", self.client.get(f"{self.prefix}changes-trimmed")) or START

    def after(self, cursor: str, most: int = 100) -> list[Change]:
        """The next events, oldest first, at most so many. Raises Behind, NoCursor."""
        place = order(cursor)
        found = cast(
            Sequence[tuple[str, Mapping[str, str]]], self.client.xrange(self._key, f"({cursor}", "+", count=most)
        )
        if place < order(self.trimmed()):  # looked at last: what was trimmed meanwhile was not left out unsaid
            raise Behind(f"events up to {self.trimmed()} are not kept any more: search again, and go on from there")
        if not found and place > order(self.head()):
            raise Behind(
                "the log does not reach so far (Redis lost its last moments): search again, and go on from there"
            )
        return [_change(id, fields) for id, fields in found]


def order(cursor: str) -> tuple[int, int]:
    """What cursors are compared by. Raises NoCursor."""
    if not _CURSOR.fullmatch(cursor):
        raise NoCursor(f"{cursor[:50]!r} is no cursor: take one that the change log has given")
    ms, _, number = cursor.partition("-")
    return int(ms), int(number)


def _change(cursor: str, fields: Mapping[str, str]) -> Change:
    return Change(
        cursor=cursor,
        kind=Kind(fields["kind"]),
        id=fields["id"],
        url=fields.get("url", ""),
        title=fields.get("title", ""),
        story=fields.get("story", ""),
        version=int(fields.get("version") or 0),
    )
