"""The pages that benches are fed with: real ones, or else the demo's articles at the length that articles have."""

import json
import lzma
import random
from datetime import UTC, datetime
from pathlib import Path

from newsmill.demo.editions import Edition, load
from newsmill.demo.pages import article_page, front_page

LARGEST = 600_000  # bytes; the peers' site leaves out larger pages too
ARTICLE_CHARS = 5_000  # of the demo's articles: what a page of WCXB has on average, half of them more than 4,000
DEMO_PAGES = 400


def pages(data: Path | None) -> list[bytes]:
    """Of a file of JSON lines (.jsonl or .jsonl.xz, with `html` each), of a folder of .html files, or of the demo.

    In their order and each once. Raises OSError, ValueError.
    """
    if data is None:
        return demo_pages(DEMO_PAGES)
    if data.is_dir():
        found = (path.read_bytes() for path in sorted(data.glob("**/*.html")))
    else:
        with (lzma.open if data.suffix == ".xz" else open)(data, "rt", encoding="utf-8") as lines:
            found = [(json.loads(line).get("html") or "").encode("utf-8", "replace") for line in lines]
    kept = [page for page in found if page and len(page) < LARGEST]
    if not kept:
        raise ValueError(f"{data} has no pages")
    return kept


def demo_pages(count: int) -> list[bytes]:
    """The demo's articles in its layouts, made long of paragraphs of their edition, above its whole front page."""
    dice, now = random.Random(1), datetime(2026, 11, 1, tzinfo=UTC)
    editions = load()
    return [_long_page(editions[i % len(editions)], i // len(editions), dice, now) for i in range(count)]


def _long_page(edition: Edition, number: int, dice: random.Random, now: datetime) -> bytes:
    base = "http://127.0.1.1"
    article = edition.article[number % len(edition.article)]
    others = [paragraph for other in edition.article for paragraph in other.paragraphs]
    text = article.text.strip()
    while len(text) < ARTICLE_CHARS:
        text += f"\n\n{dice.choice(others)}"
    long = article.model_copy(update={"text": text, "title": f"{article.title} ({number})"})
    page = article_page(base, edition.model_copy(update={"article": (long, *edition.article)}), long, now=now)
    front = front_page(base, edition, edition.article, heading=edition.name, now=now)
    below = front.partition("<body")[2].partition(">")[2].partition("</body>")[0]
    return page.replace("</body>", f"<aside>{below}</aside></body>").encode()
