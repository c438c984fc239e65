"""What goes into a bulk request to OpenSearch, and what its answer says of each item (pure)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Json

from newsmill.model import Document
from newsmill.search.forms import forms
from newsmill.search.store import Result, WriteVerdict, dated, rank
from newsmill.text.tokens import analysed

CURRENT = re.compile(r"current version \[(\d{1,19})\]")
NO_INDEX = "index_not_found_exception"
MAX_REASON = 300  # characters
# What an operator mends, and no page causes: it waits meanwhile. A mapping that lacks a field of ours is older.
FOR_AN_OPERATOR = {"cluster_block_exception", NO_INDEX, "index_closed_exception", "strict_dynamic_mapping_exception"}
NO_WRITE_INDEX = "no write index is defined"


@dataclass(frozen=True, slots=True)
class Write:
    """One document or deletion, on its way into every index that takes writes."""

    id: str
    rank: int
    source: bytes

    def lines(self, alias: str) -> bytes:
        """Its two lines of a bulk request. An index that is dropped meanwhile is not made again by the write."""
        action = {"index": {**self._where(alias), "require_alias": True}}
        return json.dumps(action).encode() + b"\n" + self.source + b"\n"

    def removal(self, index: str) -> bytes:
        """The line that takes this or an older version out of an index, without a trace."""
        return json.dumps({"delete": self._where(index)}).encode() + b"\n"

    def _where(self, index: str) -> dict[str, Json]:
        return {"_index": index, "_id": self.id, "version": self.rank, "version_type": "external_gte"}


def document_write(document: Document) -> Write:
    """The write of an article."""
    order = rank(document.version, document.extractor)
    labels = document.site.lower().split(".")
    source = {
        "deleted": False,
        "rank": order,
        "url": document.url,
        "site": document.site.lower(),
        "sites": [".".join(labels[i:]) for i in range(len(labels))],
        "source": document.source.lower(),
        "language": document.language.lower(),
        "date": dated(document).isoformat(),
        "extractor": document.extractor,
        "story": document.story or document.id,
        "tokens": {
            "title": analysed(document.title),
            "text": analysed(document.text),
            "description": analysed(document.description),
            "keywords": analysed("\n".join(document.keywords)),
            "authors": analysed("\n".join(document.authors)),
            "section": analysed(document.section),
        },
        "forms": forms(document),
        "document": document.model_dump(mode="json"),
    }
    return Write(document.id, order, json.dumps(source, ensure_ascii=False).encode())


def deletion_write(entry_id: str, version: int, extractor: int) -> Write:
    """The write of a deletion: it stays, so that nothing older comes back (OpenSearch forgets its own in a minute)."""
    order = rank(version, extractor)
    return Write(entry_id, order, json.dumps({"deleted": True, "rank": order}).encode())


def portions(writes: Sequence[Write], copies: int, max_bytes: int) -> Iterator[list[Write]]:
    """The writes in requests of at most `max_bytes`; a larger one goes alone."""
    portion: list[Write] = []
    size = 0
    for write in writes:
        length = copies * (len(write.source) + 200)
        if portion and size + length > max_bytes:
            yield portion
            portion, size = [], 0
        portion.append(write)
        size += length
    if portion:
        yield portion


def verdict(entry_id: str, item: Mapping[str, Json]) -> WriteVerdict:
    """What one item of a bulk answer means."""
    status = int(item.get("status", 500))
    if status in (200, 201):
        return WriteVerdict(entry_id, Result.WRITTEN)
    error = item.get("error") or {}
    kind = str(error.get("type", ""))
    reason = f"{status} {kind}: {error.get('reason', '')}"[:MAX_REASON]
    if kind == "version_conflict_engine_exception":
        there = CURRENT.search(str(error.get("reason", "")))
        return WriteVerdict(entry_id, Result.STALE, there=int(there[1]) if there else 0)
    passing = status in (401, 403, 429) or status >= 500 or kind in FOR_AN_OPERATOR or NO_WRITE_INDEX in reason
    return WriteVerdict(entry_id, Result.RETRY if passing else Result.REJECTED, reason)


def settled_in_both(live: WriteVerdict, building: WriteVerdict) -> WriteVerdict:
    """The verdict on a write to the live index and to the one being built.

    The latter may have been dropped, or made the live one, since its name was looked up: then it takes no write.
    """
    if building.settled or (building.result is Result.RETRY and NO_INDEX in building.reason):
        return live
    return live if live.result is Result.RETRY else building


def is_full(reason: str) -> bool:
    """Whether a reason is the block that OpenSearch sets when its disk is nearly full."""
    return "read-only-allow-delete" in reason or "disk usage exceeded" in reason
