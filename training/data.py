"""Reading the development pages, a JSON object a line, xz-compressed: WCXB as it is distributed, and pages of news."""

import hashlib
import json
import lzma
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsmill.urls.canonical import site_of

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One page with its truth; empty where the truth says there is none, or says nothing.

    set, kind: where it is from, and of which of its kinds. complete: whether what is empty is none, and not unknown.
    has, has_not: snippets of the text and of what is not, where the text as a whole is unknown.
    """

    id: str
    url: str
    kind: str
    title: str
    author: str
    published: str  # ISO date
    text: str
    html: bytes
    set: str = "wcxb"
    complete: bool = True
    authors: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    now: datetime | None = None


def read(path: str) -> list[Sample]:
    """All samples of a file. Raises KeyError or ValueError for a file that is something else."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [_sample(json.loads(line)) for line in lines]


def _sample(row: dict[str, str | None]) -> Sample:
    return Sample(
        id=row["id"] or "",
        url=row["url"] or "",
        kind=row["page_type"] or "",
        title=row["title"] or "",
        author=row["author"] or "",
        published=row["publish_date"] or "",
        text=row["main_content"] or "",
        html=(row["html"] or "").encode("utf-8", "replace"),
    )


def read_news(path: str) -> list[Sample]:
    """All samples of a file of news pages: of each, one thing or another is known."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [_news(json.loads(line)) for line in lines]


def _news(row: dict[str, Any]) -> Sample:
    authors = row.get("authors") or row.get("author") or ()
    authors = (authors,) if isinstance(authors, str) else tuple(authors)
    now = datetime.fromisoformat(row["now"]) if row.get("now") else None
    return Sample(
        id=row["id"],
        url=row.get("url") or "",
        kind=row.get("group") or "",
        title=row.get("title") or "",
        author=", ".join(authors),
        published=row.get("date") or "",
        text=row.get("text") or "",
        html=row["html_bytes"].encode("latin-1"),
        set=row["set"],
        complete=False,
        authors=authors,
        has=tuple(row.get("has") or ()),
        has_not=tuple(row.get("has_not") or ()),
        now=now.replace(tzinfo=UTC) if now and now.tzinfo is None else now,
    )


def fold_of(sample: Sample) -> int:
    """The fold of a page: all pages of one registrable domain fall together."""
    site = site_of(sample.url) if sample.url else _host_in(sample.id)
    return hashlib.blake2b(site.encode(), digest_size=4).digest()[0] % FOLDS


def _host_in(identity: str) -> str:
    """The host that the name of a stored page has between its day and its hash, else the name."""
    parts = identity.split("_")
    return site_of(f"http://{parts[1]}/") if len(parts) == 3 and "." in parts[1] else identity
