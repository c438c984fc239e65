"""The JSON API under /api/v1: what is asked where, with which scope, and what it answers. openapi.py describes it."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from newsmill.ledger import BACKFILL, FRESH, NORMAL, Candidate
from newsmill.ledger.changes import START
from newsmill.ledger.entries import GIVEN
from newsmill.model import Document
from newsmill.search.store import Sort
from newsmill.sources.config import SourceKind, parse_sources, web_address
from newsmill.sources.edit import Value, add_sources, name_for
from newsmill.sources.register import forget
from newsmill.stores.errors import ObjectMissing
from newsmill.stores.revision_changes import changes
from newsmill.urls.canonical import address_id, canonicalize, host_key
from workers.desk import sources as desk
from workers.desk.following import follow
from workers.desk.looks import look, status_json, story
from workers.runtime.stores import has_index
from workers.runtime.ticker import dispatch
from workers.web.answers import (
    ChangesAnswer,
    Found,
    Revision,
    RevisionsAnswer,
    SearchAnswer,
    SourceAnswer,
    SourcesAnswer,
    StatusAnswer,
    StoryAnswer,
    SubmitAnswer,
    TraceAnswer,
    event_answer,
)
from workers.web.article_pages import document_of, provenance
from workers.web.console import Board, Call
from workers.web.finding import Wish, copies, count_search, find

MOST_HITS = 100
MOST_EVENTS = 500
MOST_ADDRESSES = 1000
MOST_WAIT_S = 60
PRIORITIES = {"fresh": FRESH, "normal": NORMAL, "backfill": BACKFILL}


class ApiProblem(Exception):
    """What RFC 9457 calls a problem."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers: a model, or bytes as they are. empty: it may be worth waiting for more."""

    answer: BaseModel | bytes
    status: int = 200
    empty: bool = False
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of a query, or of a path. schema: of JSON Schema."""

    name: str
    schema: Mapping[str, Any]
    told: str
    place: Literal["query", "path"] = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. waits: `wait` seconds at most, while there is nothing."""

    method: Literal["get", "post", "delete"]
    path: str
    scope: Literal["read", "submit", "operate"]
    told: str
    view: Callable[[Board, Call], Reply]
    answer: type[BaseModel] | None
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    waits: bool = False

    @property
    def name(self) -> str:
        """Its name in the OpenAPI document."""
        return self.view.__name__


class Submitted(BaseModel):
    """Addresses that are to be fetched. priority: fresh goes before news, backfill after all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: tuple[str, ...] = Field(min_length=1, max_length=MOST_ADDRESSES)
    priority: Literal["fresh", "normal", "backfill"] = "normal"


class NewSource(BaseModel):
    """A source that is to be polled. name: made of its address where it is not given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    kind: SourceKind
    name: str = ""


def _body(asked: Call, model: type[BaseModel]) -> Any:
    try:
        return model.model_validate_json(asked.body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ApiProblem(422, f"{where or 'the body'}: {first['msg']}") from error


def search(board: Board, asked: Call) -> Reply:
    """What a query finds, a page of it."""
    headers = count_search(board, asked)
    order = asked.query.get("sort", str(Sort.RELEVANCE))
    if order not in list(Sort):
        raise ApiProblem(400, f"sort: choose one of {', '.join(Sort)}")
    limit = asked.number("limit", 20, 1, most=MOST_HITS)
    page = _page_of(asked.query.get("cursor", ""), limit)
    flags = {name: asked.query.get(name) in ("1", "true") for name in ("facets", "collapse")}
    query = asked.query.get("q", "")
    found = find(board, Wish(query, Sort(order), page, limit, **flags))
    hits = tuple(
        Found(id=id, others=others, snippet=hit.snippet.translate({2: None, 3: None}), **_hit(hit))
        for hit, id, others in zip(found.hits, found.ids, found.others or (0,) * len(found.hits), strict=True)
    )
    more = page * limit < min(found.total, 10_000) and bool(hits)
    told = found.model_dump(include={"total", "cut", "rung", "missing", "meant", "notices"})
    answer = SearchAnswer(
        query=query, hits=hits, next=_cursor(page + 1, limit) if more else "", facets=found.facets, **told
    )
    return Reply(answer, headers=headers)


def _hit(hit: Any) -> dict[str, Any]:
    return {name: getattr(hit, name) for name in ("url", "title", "score", "published", "language", "rung", "found_in")}


def _cursor(page: int, limit: int) -> str:
    return base64.urlsafe_b64encode(f"{page}/{limit}".encode()).decode().rstrip("=")


def _page_of(cursor: str, limit: int) -> int:
    if not cursor:
        return 1
    try:
        page, _, size = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition("/")
        if int(size) != limit:
            raise ApiProblem(400, f"cursor: it goes on with limit={size}")
        return max(int(page), 1)
    except ValueError as error:
        raise ApiProblem(400, "cursor: take one that a search has given") from error


def article(board: Board, asked: Call) -> Reply:
    """An article as it is indexed."""
    return Reply(_article(board, asked))


def _article(board: Board, asked: Call) -> Document:
    found = document_of(board, asked.path["id"])
    if found is None:
        raise ApiProblem(404, "there is no such article (any more)")
    return found


def revisions(board: Board, asked: Call) -> Reply:
    """Its texts so far, newest first, with what changed."""
    newest = _article(board, asked)
    versions = [*board.wiring.revisions.of(newest.id), newest]
    steps = [None, *changes(versions)]
    told = tuple(
        Revision(
            version=version.version,
            fetched=version.fetched,
            title=version.title,
            changed=tuple(name for name, _, _ in step.fields) if step else (),
            text=step.text if step else (),
        )
        for version, step in zip(versions, steps, strict=True)
    )
    return Reply(RevisionsAnswer(id=newest.id, revisions=told))


def raw(board: Board, asked: Call) -> Reply:
    """The page that it was made of, as it was sent."""
    told = provenance(board, _article(board, asked))
    if not told.get("raw"):
        raise ApiProblem(404, "its raw page is not kept any more")
    try:
        record = board.wiring.raw.get(told["raw"])
    except ObjectMissing as error:
        raise ApiProblem(404, "its raw page is not kept any more") from error
    content_type = next((value for name, value in record.headers if name.lower() == "content-type"), "")
    headers = {"Content-Disposition": "attachment", "X-Raw-Content-Type": content_type[:200], "X-Raw-Key": told["raw"]}
    return Reply(record.body, headers={name: value for name, value in headers.items() if value.isascii()})


def story_of(board: Board, asked: Call) -> Reply:
    """All that tell the same story, the first first."""
    one = _article(board, asked)
    found = [one, *copies(board, one)]
    found.sort(key=lambda document: (document.id != document.story, document.published or document.fetched))
    return Reply(StoryAnswer(id=one.story or one.id, articles=tuple(found)))


def _sources(board: Board) -> list[SourceAnswer]:
    found = desk.sources_in(board.sources)
    known, now = desk.known_of(board.wiring, found), datetime.now(UTC)
    return [SourceAnswer(**desk.facts(source, known.get(source.name, {}), now)) for source in found]


def sources(board: Board, asked: Call) -> Reply:
    """All sources."""
    return Reply(SourcesAnswer(sources=tuple(_sources(board))))


def source(board: Board, asked: Call) -> Reply:
    """One source."""
    for found in _sources(board):
        if found.name == asked.path["name"]:
            return Reply(found)
    raise ApiProblem(404, "there is no such source in the sources file")


def add_source(board: Board, asked: Call) -> Reply:
    """Adds a source to the operator's file."""
    given: NewSource = _body(asked, NewSource)
    text = desk.read(board.sources)
    present = parse_sources(text, str(board.sources))
    url = web_address(given.url)
    names = [one.name for one in present]
    name = given.name or name_for(canonicalize(url), given.kind, "", taken=names)
    tables: list[dict[str, Value]] = [{"name": name, "kind": str(given.kind), "url": url}]
    changed = add_sources(text, str(board.sources), tables)
    desk.write(board.sources, changed, f"add this to it where it is\n{add_sources('', str(board.sources), tables)}")
    for one in parse_sources(changed, str(board.sources))[len(present) :]:
        desk.tell(board.wiring, one, board.sources.parent)
    return Reply(source(board, Call(path={"name": name}, query={})).answer, 201)


def pause_source(board: Board, asked: Call) -> Reply:
    """It is not polled until it is resumed."""
    desk.pause(board.wiring, board.sources, asked.path["name"], since=time.time())
    return source(board, asked)


def resume_source(board: Board, asked: Call) -> Reply:
    """It is polled again."""
    desk.resume(board.wiring, board.sources, asked.path["name"])
    return source(board, asked)


def poll_source(board: Board, asked: Call) -> Reply:
    """It is polled now."""
    desk.poll(board.wiring, board.sources, [asked.path["name"]])
    return source(board, asked)


def remove_source(board: Board, asked: Call) -> Reply:
    """Takes a source out of the operator's file and of the schedule."""
    gone = source(board, asked)
    desk.remove_from(board.sources, asked.path["name"])
    forget(board.wiring.frontier, asked.path["name"])
    return gone


def submit(board: Board, asked: Call) -> Reply:
    """Hands addresses to the frontier."""
    given: Submitted = _body(asked, Submitted)
    urls = [canonicalize(url) for url in given.urls]
    priority = PRIORITIES[given.priority]
    added = board.wiring.frontier.add(
        Candidate(address_id(url), url, host_key(url), GIVEN, priority, asked=True) for url in urls
    )
    dispatch(board.wiring.worker)
    told = {"accepted": added.accepted, "known": added.known, "reopened": added.reopened, "refused": added.later}
    return Reply(SubmitAnswer(**told, ids=tuple(address_id(url) for url in urls)), 202)


def trace(board: Board, asked: Call) -> Reply:
    """What happened to an address."""
    told = story(board.wiring, asked.query.get("url", ""))
    answer = TraceAnswer(**{name: value for name, value in told.items() if value is not None})
    return Reply(answer, empty=answer.state not in ("settled", "unknown"))


def status(board: Board, asked: Call) -> Reply:
    """The mill's figures and verdict."""
    return Reply(StatusAnswer(**status_json(*look(board.wiring))))


def changes_after(board: Board, asked: Call) -> Reply:
    """Events after a cursor; waits for some where there are none."""
    after = asked.query.get("after", "")
    most = asked.number("limit", 100, 1, most=MOST_EVENTS)
    log = board.wiring.frontier.changes
    if after == "now":
        return Reply(ChangesAnswer(events=(), next=log.head(), more=False))
    cursor = log.trimmed() if after in ("", "oldest") else START if after == "0" else after
    store = board.wiring.search if has_index(board.settings) else None
    found = follow(board.wiring, store, cursor, query=asked.query.get("q", ""), most=most)
    whole = asked.query.get("articles") in ("1", "true")
    events = tuple(event_answer(told, whole) for told in found.told)
    return Reply(ChangesAnswer(events=events, next=found.cursor, more=found.more), empty=not events and not found.more)


TEXT: Mapping[str, Any] = {"type": "string"}
FLAG: Mapping[str, Any] = {"type": "boolean", "default": False}
ID = Parameter("id", TEXT, "Of an article.", "path", required=True)
NAME = Parameter("name", TEXT, "Of a source.", "path", required=True)
WAIT = Parameter(
    "wait",
    {"type": "integer", "minimum": 0, "maximum": MOST_WAIT_S, "default": 0},
    "Seconds to wait while there is nothing.",
)


def _limit(default: int, most: int) -> Parameter:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return Parameter("limit", schema, "At most so many.")


QUERY = Parameter("q", TEXT, "A query, as `newsmill search` takes it.")
FOLLOWED = (
    Parameter(
        "after",
        TEXT,
        "The cursor of the last event that was seen; `now` for what comes, `oldest` for all that is kept.",
    ),
    Parameter("q", TEXT, "Only articles that this query finds, and every removal."),
    Parameter("articles", FLAG, "With each article as it is now."),
)
OPERATIONS: Sequence[Operation] = (
    Operation(
        *("get", "/search", "read", "Search the articles.", search, SearchAnswer),
        (
            QUERY,
            Parameter("sort", {"enum": [str(sort) for sort in Sort], "default": "relevance"}, "The order."),
            _limit(20, MOST_HITS),
            Parameter("cursor", TEXT, "The `next` of the page before."),
            Parameter("facets", FLAG, "Count sites, languages, sources and months too."),
            Parameter("collapse", FLAG, "Copies of one article once."),
        ),
    ),
    Operation("get", "/articles/{id}", "read", "An article as it is stored.", article, Document, (ID,)),
    Operation("get", "/articles/{id}/revisions", "read", "What changed in it.", revisions, RevisionsAnswer, (ID,)),
    Operation("get", "/articles/{id}/raw", "read", "The bytes that it was made from.", raw, None, (ID,)),
    Operation("get", "/articles/{id}/story", "read", "It and its copies.", story_of, StoryAnswer, (ID,)),
    Operation("get", "/sources", "read", "The sources of the file.", sources, SourcesAnswer),
    Operation("get", "/sources/{name}", "read", "One source.", source, SourceAnswer, (NAME,)),
    Operation("post", "/sources", "operate", "Add a source.", add_source, SourceAnswer, (), NewSource),
    Operation("post", "/sources/{name}/pause", "operate", "Stop polling it.", pause_source, SourceAnswer, (NAME,)),
    Operation("post", "/sources/{name}/resume", "operate", "Poll it again.", resume_source, SourceAnswer, (NAME,)),
    Operation("post", "/sources/{name}/poll", "operate", "Poll it now.", poll_source, SourceAnswer, (NAME,)),
    Operation("delete", "/sources/{name}", "operate", "Remove it.", remove_source, SourceAnswer, (NAME,)),
    Operation("post", "/addresses", "submit", "Have addresses fetched.", submit, SubmitAnswer, (), Submitted),
    Operation(
        *("get", "/trace", "read", "What became of an address, and why.", trace, TraceAnswer),
        (Parameter("url", TEXT, "The address.", required=True), WAIT),
        waits=True,
    ),
    Operation("get", "/status", "read", "How many addresses there are, in which states.", status, StatusAnswer),
    Operation(
        *("get", "/changes", "read", "What became of articles, in order.", changes_after, ChangesAnswer),
        (*FOLLOWED, _limit(100, MOST_EVENTS), WAIT),
        waits=True,
    ),
)


def as_response(reply: Reply) -> Response:
    """A reply in HTTP."""
    headers = dict(reply.headers or {})
    if isinstance(reply.answer, bytes):
        return Response(reply.answer, reply.status, headers, media_type="application/octet-stream")
    return Response(reply.answer.model_dump_json(), reply.status, headers, media_type="application/json")
