"""A search for somebody: bounded in number, time and size."""

import re
import time
from dataclasses import dataclass

from newsmill.model import Document
from newsmill.search.store import MAX_WINDOW, ResultPage, Sort
from newsmill.search.tree import BadQuery
from workers.runtime.stores import has_index
from workers.web.console import Board, Call
from workers.web.filters import FOUND

WITHIN_S = 3.0  # of the store for one search; then what was found by then is shown, and the page says so
COPIES_LOOKED_AT = 200  # hits among which copies of an article are looked for
PHRASE = 7  # words in a row that copies have in common
_WORDS = re.compile(r"\w+")


class TooMany(Exception):
    """This client has searched too often; the text says when it may again."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(f"Too many searches: wait {headers.get('Retry-After', '60')} seconds.")
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for. page: from 1 on."""

    query: str
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    limit: int = 20
    facets: bool = False
    collapse: bool = False

    @property
    def offset(self) -> int:
        """Hits before this page."""
        return (self.page - 1) * self.limit


def client_of(asked: Call) -> str:
    """Whose searches are counted together."""
    return f"token:{asked.token.name}" if asked.token else asked.client


def count_search(console: Board, asked: Call) -> dict[str, str]:
    """Counts a search of this client; returns the headers that say how many are left. Raises TooMany."""
    allowed = console.searches.ask(client_of(asked), time.monotonic())
    headers = allowed.headers(console.searches.window_s)
    if not allowed.ok:
        raise TooMany(headers)
    return headers


def find(console: Board, wish: Wish) -> ResultPage:
    """Raises BadQuery, StoreError."""
    if not has_index(console.settings):
        return ResultPage(hits=(), total=0)
    if wish.offset + wish.limit > MAX_WINDOW:
        raise BadQuery(f"only the first {MAX_WINDOW:,} hits can be shown: name more words, or a time")
    return console.wiring.search.search(
        wish.query,
        wish.limit,
        wish.offset,
        sort=wish.sort,
        marks=FOUND,
        facets=wish.facets,
        collapse=wish.collapse,
        prefer=console.settings.search.prefer,
        within_s=WITHIN_S,
        half_life_days=console.settings.search.half_life_days,
    )


def documents(console: Board, page: ResultPage) -> dict[str, Document]:
    """The articles of a page, by id."""
    return console.wiring.search.get_many(page.ids) if page.ids else {}


def tellers(console: Board, query: str, story: str) -> list[Document]:
    """Those of the found that tell a story, newest first, as far as they are among the first."""
    found = find(console, Wish(query, Sort.DATE, limit=COPIES_LOOKED_AT))
    return [document for document in documents(console, found).values() if document.story == story]


def copies(console: Board, document: Document) -> list[Document]:
    """Other articles of its story: found by some words in a row of it, for a search store knows words."""
    if not document.story:
        return []
    found: dict[str, Document] = {}
    for phrase in phrases(document.text):
        for other in tellers(console, f'"{phrase}"', document.story):
            if other.id != document.id:
                found[other.id] = other
    return sorted(found.values(), key=lambda other: other.published or other.fetched)


def phrases(text: str) -> list[str]:
    """Some words in a row from three places of a text."""
    words = _WORDS.findall(text[:20_000])
    if len(words) < PHRASE:
        return []
    places = {len(words) // 4, len(words) // 2, 3 * len(words) // 4}
    return [" ".join(words[min(at, len(words) - PHRASE) :][:PHRASE]) for at in sorted(places)]
