"""Reading the development pages: a JSON object a line, xz-compressed, as WCXB is distributed."""

import hashlib
import json
import lzma
from dataclasses import dataclass

from newsmill.urls.canonical import site_of

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One page with its truth; empty where the truth says there is none."""

    id: str
    url: str
    kind: str
    title: str
    author: str
    published: str  # ISO date
    text: str
    html: bytes


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


def fold_of(sample: Sample) -> int:
    """The fold of a page: all pages of one registrable domain fall together."""
    site = site_of(sample.url) if sample.url else sample.id
    return hashlib.blake2b(site.encode(), digest_size=4).digest()[0] % FOLDS
