"""Made news pages, as many as a test wants: 40 sites, 300 words each, no two alike."""

import os
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsmill.model import RawRecord
from newsmill.stores.archive import write_archive
from newsmill.urls.canonical import address_id

PAGES = int(os.environ.get("NEWSMILL_TEST_PAGES", "1000"))
WORDS = [a + b + c for a in "bdfklmn" for b in ("ar", "el", "in", "os", "un") for c in ("t", "ta", "ne", "rio", "d")]
START = datetime(2026, 11, 1, tzinfo=UTC)


def raw_page(url: str, body: str, *, source: str = "test", fetched_at: datetime | None = None) -> RawRecord:
    """A page of HTML as fetch would keep it, just now unless told otherwise."""
    return RawRecord(
        id=address_id(url),
        url=url,
        source=source,
        final_url=url,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=body.encode(),
        fetched_at=fetched_at or datetime.now(UTC),
        elapsed_s=0.1,
    )


def made_page(i: int) -> RawRecord:
    dice = random.Random(i)
    paragraphs = "".join(f"<p>{' '.join(dice.choices(WORDS, k=60)).capitalize()}.</p>" for _ in range(5))
    url = f"https://site{i % 40}.example/news/{i}/article-number-{i}.html"
    title = f"Report {i} about {' '.join(dice.choices(WORDS, k=4))}"
    body = (
        f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body>"
    )
    return raw_page(url, body, source="made", fetched_at=START + timedelta(seconds=i))


def made_archive(path: Path, numbers: Iterable[int]) -> Path:
    """A WARC file of these pages."""
    with path.open("wb") as out:
        write_archive(out, (made_page(i) for i in numbers), START)
    return path
