"""One page becomes an article at a terminal. Needs no extra, but for pages that are downloaded."""

import sys
from pathlib import Path

from newsmill.extraction import Article, extract
from newsmill.settings import Settings
from newsmill.urls.canonical import canonicalize
from workers.commands.terminal import say, tell
from workers.desk.problems import BadInput

LARGEST_PAGE = 100_000_000  # bytes read from a file or stdin


def extract_page(s: Settings, page: str, url: str) -> Article:
    """The article of a file, of an address, or of stdin. Raises BadInput, FetchError."""
    if page == "-":
        return extract(sys.stdin.buffer.read(LARGEST_PAGE), url or None)
    if "://" in page:
        from workers.commands.download import download

        answer = download(s, canonicalize(page))
        return extract(answer.body, url or answer.url, answer.header("content-type"))
    try:
        with Path(page).open("rb") as file:
            return extract(file.read(LARGEST_PAGE), url or None)
    except OSError as error:
        raise BadInput(f"cannot read {page}: {error.strerror}") from error


def show(a: Article, as_json: bool) -> None:
    """Shows an article."""
    if as_json:
        fields = a.model_dump(mode="json")
        first = ("title", "authors", "published", "modified", "language", "site_name", "canonical_url", "description")
        ordered = {name: fields.pop(name) for name in (*first, "image", "keywords", "text", "links")}
        tell(ordered | fields)
        return
    about = [a.title, ", ".join(a.authors), f"{a.published:%Y-%m-%d}" if a.published else "", a.language]
    say("\n".join(line for line in about if line), end="\n\n")
    say(a.text or f"no article: {a.empty_reason}")
