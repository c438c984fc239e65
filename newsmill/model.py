"""What travels between the stages: frozen models, parsed once at the edge and trusted inside.

`Batch` goes through the broker. `RawRecord` and `Document` go through the stores (claim check):
pages and article bodies never enter a message.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

MAX_SAID = 500  # characters of a title or of authors
# Control characters, and those that turn the direction of what follows.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

EntryId = Annotated[str, Field(min_length=1, max_length=200)]


class Frozen(BaseModel):
    """Base of all values: immutable, and an unknown field is an error.

    What a store or the ledger holds is read with `stored`: a newer version may have written it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def stored(cls, value: str | bytes | Mapping[str, object]) -> Self:
        """The value that was kept as JSON, or as what JSON spells, without fields that this version does not know.

        Raises pydantic.ValidationError for anything else.
        """
        if isinstance(value, Mapping):
            return cls.model_validate(value, extra="ignore")
        return cls.model_validate_json(value, extra="ignore")


class Batch(Frozen):
    """A hint that these ledger entries have work in a stage. All that a Celery message holds."""

    ids: tuple[EntryId, ...] = Field(max_length=200)


class Said(Frozen):
    """What a source said of a page when it listed it: a witness, for what the page itself does not show.

    origin: the kind of source. Texts are bounded and on one line; authors stand one a line, as written.
    """

    origin: str
    published: datetime | None = None
    title: str = ""
    author: str = ""

    @field_validator("title", "author")
    @classmethod
    def _bounded(cls, text: str) -> str:
        lines = (" ".join(_UNPRINTABLE.sub(" ", line).split()) for line in text[:MAX_SAID].split("\n"))
        return "\n".join(line for line in lines if line)

    def dump(self) -> str:
        """A short text in ASCII, for the ledger and for a header."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), separators=(",", ":"))

    @classmethod
    def load(cls, text: str | None) -> "Said | None":
        """The other way round; None from an empty text, or from one that is none."""
        try:
            return cls.stored(text) if text else None
        except ValueError:
            return None


class RawRecord(Frozen):
    """What a server answered, exactly. Times are aware UTC; `body` is decoded (no content-encoding)."""

    id: EntryId
    url: str  # the canonical address that was accepted
    source: str = ""  # name of the source that found it
    final_url: str  # the address that answered, after redirects
    chain: tuple[str, ...] = ()  # addresses requested before final_url, in order
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    elapsed_s: float = 0.0
    ip: str = ""
    said: Said | None = None  # by the source that listed it


class Document(Frozen):
    """A searchable article. `id` is the id of its canonical address; `version` orders its writes.

    version: fetch time in microseconds since the epoch. An older write never replaces a newer one.
    """

    id: EntryId
    version: int
    url: str
    site: str  # host of `url`, without www.
    source: str  # name of the source that found it
    title: str = ""
    text: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    fetched: datetime
    language: str = ""  # ISO 639-1, or empty when unknown
    site_name: str = ""
    section: str = ""
    image: str = ""
    keywords: tuple[str, ...] = ()
    fingerprint: str = ""  # of the normalised text
    story: str = ""  # id of the first article that told it in nearly the same words; empty: not looked for
    extractor: int = 0  # version of the extractor that made it
    from_source: tuple[str, ...] = ()  # fields that the page does not show: its source said them
    quality: float = 0.0  # the F1 that its text is expected to have; 0: not known


class Rebuild(Frozen):
    """An index being built beside the live one. Counts are of articles that can be found."""

    live: int
    built: int


class Span(Frozen):
    """A stretch of the live index, in an order of the store's own: what comes after one place, up to another."""

    after: str
    until: str
