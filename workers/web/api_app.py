"""The API in Starlette: tokens, problems, ETags, waiting and events; what it answers stands in api.py."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

import redis
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from newsmill.ledger.changes import Behind, NoCursor
from newsmill.search.tree import BadQuery
from newsmill.stores.errors import StoreError
from workers.desk.problems import explain
from workers.web.answers import Problem
from workers.web.api import MOST_WAIT_S, OPERATIONS, ApiProblem, Operation, Reply, as_response, changes_after
from workers.web.console import Board, Call
from workers.web.finding import TooMany, client_of
from workers.web.guarding import COOKIE
from workers.web.live import event
from workers.web.openapi import document

LOOK_S = 0.5  # between two looks of one who waits
LISTENERS = 100  # at once
KEEP_ALIVE_S = 15.0

Answering = Callable[[Request], Awaitable[Response]]


def routes(board: Board) -> list[BaseRoute]:
    """Those of the API."""

    async def described(_: Request) -> Response:
        return Response(json.dumps(document()), media_type="application/json")

    found: list[BaseRoute] = [
        Route("/api/v1/openapi.json", described, methods=["GET"]),
        Route("/api/v1/changes/stream", _stream(board), methods=["GET"]),
    ]
    found += [Route(f"/api/v1{op.path}", _endpoint(board, op), methods=[op.method.upper()]) for op in OPERATIONS]
    return found


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """RFC 9457."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    more = {"WWW-Authenticate": 'Bearer realm="newsmill"'} if status == 401 else {}
    return Response(told.model_dump_json(), status, more | (headers or {}), media_type="application/problem+json")


def _endpoint(board: Board, op: Operation) -> Answering:
    async def answer(request: Request) -> Response:
        asked = await _asked(request)
        until = time.monotonic() + (min(asked.number("wait", 0, 0, most=MOST_WAIT_S), MOST_WAIT_S) if op.waits else 0)
        while True:
            reply = await run_in_threadpool(_reply, board, op, asked, request=request)
            over = time.monotonic() >= until or board.stopping.is_set()
            if isinstance(reply, Response):
                return reply
            if not reply.empty or over or await request.is_disconnected():
                return _tagged(as_response(reply), asked, op)
            asked = replace(asked, counted=True)
            await asyncio.sleep(LOOK_S)

    return answer


async def _asked(request: Request) -> Call:
    return Call(
        path=request.path_params,
        query=dict(request.query_params),
        client=request.client.host if request.client else "",
        body=await request.body(),
        headers=request.headers,
    )


def _reply(board: Board, op: Operation, asked: Call, *, request: Request) -> Reply | Response:
    """What is answered, every error included."""
    try:
        asked = _allowed(board, op.scope, asked, request=request)
        if not asked.counted:
            allowed = board.calls.ask(client_of(asked), time.monotonic())
            if not allowed.ok:
                raise TooMany(allowed.headers(board.calls.window_s))
            reply = op.view(board, asked)
            return replace(reply, headers=allowed.headers(board.calls.window_s) | dict(reply.headers or {}))
        return op.view(board, asked)
    except Exception as error:
        if (told := _problem_of(error)) is None:
            raise
        return told


def _problem_of(error: Exception) -> Response | None:
    match error:
        case ApiProblem():
            return problem(error.status, error.detail)
        case TooMany():
            return problem(429, str(error), error.headers)
        case Behind():
            return problem(410, str(error))
        case BadQuery() | NoCursor():
            return problem(400, str(error))
        case redis.RedisError() | StoreError():
            told = explain(error)
            return problem(503, told[0] if told else str(error), {"Retry-After": "5"})
    told = explain(error)
    return problem(400, told[0]) if told else None


def _allowed(board: Board, scope: str, asked: Call, *, request: Request) -> Call:
    """Who asks, if they may. Raises ApiProblem."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        token = board.wiring.frontier.access.token(text.strip())
        if token is None:
            raise ApiProblem(401, "this token is not known here (any more)")
        if scope not in token.scopes:
            raise ApiProblem(403, f"the token {token.name} has not the scope {scope}")
        return replace(asked, token=token)
    if scope == "read":
        session = board.wiring.frontier.access.session(request.cookies.get(COOKIE, ""))
        if session or board.open_reading:
            return replace(asked, session=session)
    raise ApiProblem(401, f"send a token with the scope {scope}: `newsmill token add NAME --scope {scope}` makes one")


def _tagged(response: Response, asked: Call, op: Operation) -> Response:
    """With an ETag; 304 where the client has it."""
    if op.method != "get" or response.status_code != 200:
        return response
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    known = [part.strip().removeprefix("W/") for part in asked.headers.get("if-none-match", "").split(",")]
    if tag not in known:
        return response
    kept = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=kept)


def _stream(board: Board) -> Answering:
    """Server-sent events: each with its cursor as id, so that a browser goes on where it was."""
    listening = 0
    op = next(op for op in OPERATIONS if op.view is changes_after)

    async def answer(request: Request) -> Response:
        asked = await _asked(request)
        after = request.headers.get("last-event-id") or asked.query.get("after", "now")
        first = await run_in_threadpool(_reply, board, op, _after(asked, after), request=request)
        if isinstance(first, Response):
            return first
        if listening >= LISTENERS:
            return problem(503, "too many listeners", {"Retry-After": "30"})
        return StreamingResponse(told(asked, after, request), media_type="text/event-stream")

    async def told(asked: Call, after: str, request: Request) -> AsyncIterator[str]:
        nonlocal listening
        listening += 1
        spoken = time.monotonic()
        try:
            while not board.stopping.is_set():
                reply = await run_in_threadpool(
                    _reply, board, op, replace(_after(asked, after), counted=True), request=request
                )
                if isinstance(reply, Response):
                    yield event(bytes(reply.body).decode(), name="problem")
                    return
                answer = reply.answer
                for one in answer.events:  # type: ignore[union-attr]
                    yield event(one.model_dump_json(), id=one.id, name=str(one.type))
                    spoken = time.monotonic()
                after = answer.next  # type: ignore[union-attr]
                if time.monotonic() - spoken > KEEP_ALIVE_S:
                    yield f"id: {after}\n: still there\n\n"
                    spoken = time.monotonic()
                if not answer.more:  # type: ignore[union-attr]
                    await asyncio.sleep(LOOK_S)
        finally:
            listening -= 1

    return answer


def _after(asked: Call, after: str) -> Call:
    return replace(asked, query={**asked.query, "after": after})
