"""What the API answers: models, from which its OpenAPI document is made, and which every answer is made of."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from newsmill.ledger.changes import Kind
from newsmill.model import Document
from newsmill.search.rungs import Rung
from newsmill.search.store import Facets
from workers.desk.following import Told


class Answer(BaseModel):
    """Base: what is not in the document is not in an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Found(Answer):
    """One hit. snippet is plain text. others: how many more articles tell its story, where copies stand together."""

    id: str
    url: str
    title: str
    snippet: str
    score: float
    published: datetime | None
    language: str
    rung: Rung
    found_in: str
    others: int


class SearchAnswer(Answer):
    """next: the cursor of the next page, empty where there is none. cut: the time was over before all was found."""

    query: str
    total: int
    hits: tuple[Found, ...]
    next: str
    cut: bool
    rung: Rung
    missing: tuple[str, ...]
    meant: str
    notices: tuple[str, ...]
    facets: Facets | None


class Revision(Answer):
    """A version of an article. changed: names of the fields that are others than before; text as a unified diff."""

    version: int
    fetched: datetime
    title: str
    changed: tuple[str, ...]
    text: tuple[str, ...]


class RevisionsAnswer(Answer):
    """All versions, oldest first; the last one is what search has."""

    id: str
    revisions: tuple[Revision, ...]


class StoryAnswer(Answer):
    """Articles that tell one story in nearly the same words. id: of the one that told it first."""

    id: str
    articles: tuple[Document, ...]


class SourceAnswer(Answer):
    """How a source does."""

    name: str
    kind: str
    url: str
    state: str
    reason: str
    per_day: float | None
    newest: str
    polled: str
    next: str
    why: str
    found: int
    new: int
    left_out: Mapping[str, int]


class SourcesAnswer(Answer):
    sources: tuple[SourceAnswer, ...]


class SubmitAnswer(Answer):
    """How many of the addresses are new, known before, opened again, or to be offered again later."""

    accepted: int
    known: int
    reopened: int
    refused: int
    ids: tuple[str, ...]


class TraceAnswer(BaseModel):
    """What the ledger knows of an address: more fields of its entry may stand beside these."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    url: str
    known: bool
    state: str
    outcome: str = ""
    reason: str = ""


class StatusAnswer(BaseModel):
    """As `newsmill status --json`: more fields may come."""

    model_config = ConfigDict(frozen=True, extra="allow")

    accepted: int
    waiting: int
    in_progress: int
    outcomes: Mapping[str, int]
    stages: Mapping[str, Any]
    window: int
    window_reason: str
    balanced: bool


class Event(Answer):
    """type: what has happened. data: the article as the log has it; `article` is it as it is now, if asked for."""

    id: str
    type: Kind
    timestamp: datetime
    article_id: str
    url: str
    title: str
    story: str
    version: int
    article: Document | None = None


class ChangesAnswer(Answer):
    """events: oldest first. next: what to give as `after` the next time. more: there is more right now."""

    events: tuple[Event, ...]
    next: str
    more: bool


class Problem(Answer):
    """RFC 9457."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str


def event_answer(told: Told, whole: bool) -> Event:
    """An event as the API tells it. whole: with the article."""
    change = told.change
    return Event(
        id=change.cursor,
        type=change.kind,
        timestamp=datetime.fromtimestamp(change.at, UTC),
        article_id=change.id,
        url=change.url or (told.document.url if told.document else ""),
        title=change.title,
        story=change.story,
        version=change.version,
        article=told.document if whole else None,
    )
