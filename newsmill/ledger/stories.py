"""The stories of the last days, in Redis (keys: stories.lua)."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import redis

from newsmill.model import Document

PERIOD_S = 7 * 86400.0  # a generation; wire copy spreads within days, and one to two generations are remembered
MOST = 200_000  # stories a generation; 420 bytes each (measured), so 170 MB for two generations
NOTHING: Mapping[str, Document] = MappingProxyType({})


@dataclass
class Stories:
    """Finds the story of an article. now: seconds since the epoch; 0 means the clock, tests pass their own."""

    client: "redis.Redis"
    prefix: str = "nm:"
    period_s: float = PERIOD_S
    most: int = MOST
    now: float = 0.0

    def __post_init__(self) -> None:
        source = (files("newsmill.ledger") / "lua" / "stories.lua").read_text("utf-8")
        self._script: Any = self.client.register_script(source)

    def tell(self, documents: Sequence[Document], present: Mapping[str, Document] = NOTHING) -> list[Document]:
        """The documents with their stories, in order. The same batch again gives the same stories.

        present: what the index holds of them, by id; an unchanged text keeps its story. Raises redis.RedisError.
        """
        from newsmill.text.minhash import ALIKE, BANDS, ROWS, VERSION, signature  # numpy, which only index workers need

        documents = [_as_before(document, present.get(document.id)) for document in documents]
        signed = [(document.id, None if document.story else signature(document.text)) for document in documents]
        known = [part for entry_id, signed_as in signed if signed_as for part in (entry_id, signed_as)]
        if not known:
            return list(documents)
        limits = (repr(self.now or time.time()), int(self.period_s), self.most, BANDS, ROWS, ALIKE, VERSION)
        found = iter(self._script(keys=[self.prefix], args=[*limits, *known]))
        return [
            document.model_copy(update={"story": next(found)}) if signed_as else document
            for document, (_, signed_as) in zip(documents, signed, strict=True)
        ]


def _as_before(document: Document, old: Document | None) -> Document:
    if old is None or document.story or not old.story or old.fingerprint != document.fingerprint:
        return document
    return document.model_copy(update={"story": old.story})
