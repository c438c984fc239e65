"""What a search store is: one contract, kept by SQLite (sqlite.py) and OpenSearch (opensearch.py).

A write carries a version: an older one never replaces a newer one, deletions included, and a repeated one
changes nothing. Of two writes of one version the one by the newer extractor counts.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from newsmill.doors import SEARCH_STORES
from newsmill.model import Document, Frozen, Rebuild, Span
from newsmill.redaction import without_users
from newsmill.search.marking import Wanted, wanted
from newsmill.search.rungs import Rung
from newsmill.search.snippets import shown
from newsmill.search.tree import BadQuery, Query
from newsmill.stores.errors import StoreDamaged, StoreError

if TYPE_CHECKING:
    from newsmill.search.opensearch.client import OpenSearchOptions

SEARCH_S = 5.0  # for one search: `a*` over 3,000 articles took up to 4.4 s, over a million nobody would wait for it
HALF_LIFE_DAYS = 90.0  # in which half of the relevance that falls with age has fallen (see docs/decisions/search.md)
SUFFIX = ".sqlite"  # of a path without sqlite://
OUTDATED = "the index was made by an earlier version: run `newsmill reindex` to find words in all their forms"
MARKS = ("\x02", "\x03")  # around found words until it is known what they become
NO_MARKS = {ord(mark): None for mark in MARKS}
MAX_WINDOW = 10_000  # hits one can page through; OpenSearch's index.max_result_window
EXTRACTORS = 1000  # versions of the extractor that fit into a rank
DELETED = EXTRACTORS - 1  # the extractor of a deletion that says nothing else: it wins over any article of its version


class Result(StrEnum):
    """What became of one write."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"  # exactly this was there
    STALE = "stale"  # something newer was there
    REJECTED = "rejected"  # the store will never take it
    RETRY = "retry"  # the store cannot take it now


@dataclass(frozen=True, slots=True)
class WriteVerdict:
    """What became of the write of one document.

    reason: for REJECTED and RETRY. there: for STALE, the rank of what is there; 0 where the store does not say it.
    """

    id: str
    result: Result
    reason: str = ""
    there: int = 0

    @property
    def settled(self) -> bool:
        """Nothing more is to be done: the store holds this write or a newer one."""
        return self.result in (Result.WRITTEN, Result.UNCHANGED, Result.STALE)


class Sort(StrEnum):
    """The order of hits. RELEVANCE: falls with age. DATE: newest first. BEST: by the words alone, however old."""

    RELEVANCE = "relevance"
    DATE = "date"
    BEST = "best"


class Hit(Frozen):
    """One found article: what `newsmill search --json` prints. Other scripts rely on exactly these fields."""

    url: str
    title: str
    snippet: str  # plain text: whoever puts it into HTML has to escape it
    snippet_html: str  # the same, escaped, with found words in <mark>
    score: float
    published: datetime | None
    language: str
    rung: Rung = Rung.EXACT  # whether it has the words as typed, all of them in some form, or most
    found_in: str = "text"  # the field that has the words: where it is not the text, the snippet may not show them


class Facet(Frozen):
    """How many of the found articles share a value."""

    value: str
    count: int


class Facets(Frozen):
    """The most frequent values among all found articles, most frequent first; months as 2026-11, newest first."""

    site: tuple[Facet, ...] = ()
    language: tuple[Facet, ...] = ()
    source: tuple[Facet, ...] = ()
    month: tuple[Facet, ...] = ()


class ResultPage(Frozen):
    """One page of hits. total: of all hits, or of stories where collapsed (OpenSearch estimates above 40,000).

    cut: the time was over before all was found and counted: there may be more and better hits than these.
    `ids` are those of the hits, in their order, and `others` how many more articles tell the hit's story.
    rung: how far the search went down. missing: words that no article has in any form. meant: the
    query with nearly the same words, which articles have. notices: how the query was read.
    """

    hits: tuple[Hit, ...]
    total: int
    ids: tuple[str, ...] = ()
    others: tuple[int, ...] = ()
    facets: Facets | None = None
    cut: bool = False
    rung: Rung = Rung.EXACT
    missing: tuple[str, ...] = ()
    meant: str = ""
    notices: tuple[str, ...] = ()


class SearchStore(Protocol):
    """Documents by id, searchable. Safe from several threads and processes at once.

    Every method may raise StoreUnavailable (StoreFull among them) or StoreDamaged.
    """

    def upsert(self, documents: Sequence[Document]) -> Sequence[WriteVerdict]:
        """Write the batch; durable when this returns. One verdict a document, in their order."""

    def delete(self, items: Sequence[tuple[str, int]], extractor: int = DELETED) -> Sequence[WriteVerdict]:
        """Take out ids as of versions. What was written before them never comes back.

        extractor: of a deletion that an extractor decided (no article in the page); a newer one may write again.
        """

    def remove_older(self, before: datetime, most: int) -> int:
        """Take out at most `most` articles that are dated (published, else fetched) before this time; how many were.

        No deletion is left behind: a later write of one may be taken, and then it goes again at the next call.
        """

    def search(
        self,
        query: Query | str,
        limit: int = 10,
        offset: int = 0,
        *,
        sort: Sort = Sort.RELEVANCE,
        marks: tuple[str, str] = ("", ""),
        facets: bool = False,
        collapse: bool = False,
        prefer: Sequence[str] = (),
        within_s: float = SEARCH_S,
        half_life_days: float = HALF_LIFE_DAYS,
    ) -> ResultPage:
        """The hits from `offset` on, down the rungs of rungs.py as far as it needs. marks stand around found words in
        snippets; facets are counted over all hits.

        collapse: of each story one article, and how many others there are: the first found of a source in `prefer`, in
        their order, else the one that began the story, else the best. A copy never stands for what it copies.
        within_s: seconds after which the search is cut, and the page says so. half_life_days: how fast relevance falls
        with age; 0: it does not.

        Raises BadQuery for a text that is no query, and for hits beyond MAX_WINDOW.
        """

    def get(self, entry_id: str) -> Document | None:
        """The newest version of a document."""

    def get_many(self, entry_ids: Sequence[str]) -> dict[str, Document]:
        """The newest version of each of these documents that is there."""

    def scan(self, query: Query | str = "") -> Iterator[Document]:
        """Every document that the query finds, in no order, while others write; bounded memory."""

    def identity(self) -> str:
        """Which index this is, through reindexes and backups: another one does not have what was written to this."""
        ...

    def count(self) -> int:
        """How many documents can be found."""

    def begin_rebuild(self) -> None:
        """Start an empty index beside the live one; it gets every write from now on, and every deletion so far.

        Nothing happens if one is being built already: a rebuild that was interrupted goes on.
        """

    def spans(self, most: int) -> Sequence[Span]:
        """All articles of the live index, cut into at most `most` spans of about the same size; none if it is empty."""

    def read(self, span: Span, most: int) -> tuple[Sequence[Document], Span | None]:
        """The first articles of a span, at most `most`, and the rest of it; None if that was all.

        What is written meanwhile may be left out, or come in its new version.
        """

    def fill(self, documents: Sequence[Document]) -> Sequence[WriteVerdict]:
        """Write the batch into the index that is being built, and no other. Raises NotBuilding if there is none."""

    def rebuild(self) -> Rebuild | None:
        """How far the rebuild is, or None if there is none."""

    def commit_rebuild(self) -> Rebuild:
        """From one query to the next, the built index is the live one. Raises NotBuilding if there is none."""

    def abort_rebuild(self) -> None:
        """Drop the index that is being built, if there is one."""

    def roll(self) -> str:
        """Begin a new index for what comes, if that is due by the store's options; its name, or empty if it is not."""

    def check(self) -> tuple[str, ...]:
        """What is wrong with the store, a sentence each; takes long on a large one."""

    def outdated(self) -> str:
        """What searches lack until a reindex, in a sentence; empty if the index is as this version makes it."""

    def trouble(self) -> str:
        """Why it cannot take writes now, in a sentence; empty if it can. Answers within some seconds."""

    def compact(self, deletions_before: datetime) -> None:
        """Give room back to the disk, and forget deletions of versions before this time.

        It must be earlier than anything that can still arrive: no raw page and no message may be older.
        """

    def close(self) -> None:
        """Let go of files and connections."""


def found_page(
    found: Sequence[tuple[Document, float]],
    total: int,
    rungs: Sequence[Rung],
    *,
    query: Query,
    wide: Query,
    marks: tuple[str, str],
    facets: Facets | None,
    others: Sequence[int],
) -> ResultPage:
    """The page of these documents and their scores (higher is better).

    rungs: of each, the first that has it. wide: the query with its words in all forms.
    """
    typed = wanted(query) if Rung.EXACT in rungs else None  # each costs a millisecond
    in_forms = wanted(wide) if any(rung is not Rung.EXACT for rung in rungs) else None
    hits = tuple(
        Hit(
            url=document.url,
            title=document.title,
            **_snippets(document, typed if rung is Rung.EXACT else in_forms, marks),
            score=round(score, 6) + 0.0,
            published=document.published,
            language=document.language,
            rung=rung,
        )
        for (document, score), rung in zip(found, rungs, strict=True)
    )
    ids = tuple(document.id for document, _ in found)
    return ResultPage(hits=hits, total=total, ids=ids, others=tuple(others), facets=facets)


def _snippets(document: Document, want: Wanted | None, marks: tuple[str, str]) -> dict[str, str]:
    assert want is not None
    if any(mark in document.text or mark in document.description for mark in MARKS):
        bare = {name: getattr(document, name).translate(NO_MARKS) for name in ("text", "description")}
        document = document.model_copy(update=bare)
    found = shown(document, want, MARKS)
    return {
        "snippet": found.text.replace(MARKS[0], marks[0]).replace(MARKS[1], marks[1]),
        "snippet_html": html.escape(found.text).replace(MARKS[0], "<mark>").replace(MARKS[1], "</mark>"),
        "found_in": found.where,
    }


def unreadable(error: Exception) -> StoreDamaged:
    """The error for what lies in an index and is no document that this version can read."""
    why = " ".join(str(error).split())[:200]
    return StoreDamaged(f"the index holds what is no document ({why}): `newsmill reparse --rebuild` makes a new one")


def check_window(limit: int, offset: int) -> None:
    """Raises BadQuery if these hits cannot be shown."""
    if limit < 0 or offset < 0 or limit + offset > MAX_WINDOW:
        raise BadQuery(f"hits {offset} to {offset + limit}: only the first {MAX_WINDOW} can be shown")


def dated(document: Document) -> datetime:
    """When an article is of: as published, but not after it was fetched, so that a date in the future leads nothing.

    In UTC: OpenSearch takes offsets up to 18 hours only. Years 1 and 9999 end where they end.
    """
    moment = min(document.published or document.fetched, document.fetched)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def rank(version: int, extractor: int) -> int:
    """The order of writes to one id, as one number below 2^63."""
    return version * EXTRACTORS + min(max(extractor, 0), EXTRACTORS - 1)


def open_search(url: str, data: Path | None = None, options: "OpenSearchOptions | None" = None) -> SearchStore:
    """The store at `url`: empty for search.sqlite in the data folder, sqlite:///path, or http(s)://host[,http(s)://…];
    other schemes are those that installed packages bring. The path of an .sqlite file may stand alone.

    Raises StoreError if it names none, StoreUnavailable or StoreDamaged if its file cannot be used.
    """
    url = f"sqlite://{Path(url).absolute()}" if "://" not in url and url.endswith(SUFFIX) else url
    scheme = url.partition("://")[0] if "://" in url else "" if url else "sqlite"
    if problem := SEARCH_STORES.known(scheme):
        what = f"no search store at {without_users(url)!r}"
        raise StoreError(f"{what}: leave it empty, or name sqlite:///path or https://host:9200 ({problem})")
    found: SearchStore = SEARCH_STORES.load(scheme)(url, data or Path(), options)
    return found
