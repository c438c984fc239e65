"""The ASGI application: what is asked where, by whom, and what every answer carries."""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import redis
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsmill.ledger.access import Session
from newsmill.search.tree import BadQuery
from newsmill.stores.errors import StoreError
from workers.desk.problems import explain
from workers.web import api_app, article_pages, feeds, live, pipeline_pages, search_pages, sources_pages
from workers.web.console import Board, Call
from workers.web.filters import segment
from workers.web.guarding import COOKIE, HEADERS, host_refused, origin_refused
from workers.web.rendering import page

BODY_MOST = 4 << 20  # bytes of a request; an OPML file of ten thousand feeds has less
FIELDS_MOST = 200

View = Callable[[Board, Call], Response]
log = structlog.get_logger()


class RequestRefused(Exception):
    """A request that is answered with a status and one line."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Guard:
    """Around all: Host, Origin, the size of what is sent, and the headers of every answer."""

    app: ASGIApp
    console: Board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        told = send

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                more = HEADERS if b"cache-control" in present else {**HEADERS, "Cache-Control": "no-store"}
                message["headers"] += [(k.lower().encode(), v.encode()) for k, v in more.items()]
            await told(message)

        refusal = _refused(request, self.console)
        if refusal:
            log.warning("web.refused", status=refusal[0], why=refusal[1])
            await PlainTextResponse(refusal[1] + "\n", refusal[0])(scope, receive, send_with_headers)
            return
        await self.app(scope, _bounded(receive), send_with_headers)


def _refused(request: Request, console: Board) -> tuple[int, str] | None:
    origin = console.settings.web.origin
    if why := host_refused(request.headers.get("host", ""), origin):
        return 421, why
    bearer = request.headers.get("authorization", "").lower().startswith("bearer ")
    changes = request.method not in ("GET", "HEAD", "OPTIONS") and not bearer
    if changes and (why := origin_refused(request.headers, request.url.scheme, origin)):
        return 403, why
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > BODY_MOST:
        return 413, f"at most {BODY_MOST >> 20} MB"
    return None


def _bounded(receive: Receive) -> Receive:
    """What is sent without a length is bounded too."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_MOST:
            raise HTTPException(413, f"at most {BODY_MOST >> 20} MB")
        return message

    return bounded


def endpoint(console: Board, view: View, *, opened: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """A view as Starlette calls it; it runs in a thread, for stores and ledger wait.

    opened: for those who are not logged in, too.
    """

    async def answer(request: Request) -> Response:
        asked = await _asked(request)
        return await run_in_threadpool(_answered, console, view, asked, request=request, opened=opened)

    return answer


async def _asked(request: Request) -> Call:
    fields: dict[str, str] = {}
    file = b""
    if request.method == "POST":
        async with request.form(max_files=1, max_fields=FIELDS_MOST, max_part_size=BODY_MOST) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    file = await value.read()
                else:
                    fields[name] = value
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Call(
        path=request.path_params,
        query=dict(request.query_params),
        client=request.client.host if request.client else "",
        fields=fields,
        file=file,
        target=target,
        base=f"{request.url.scheme}://{request.headers.get('host', '')}",
        headers=request.headers,
    )


def _answered(console: Board, view: View, asked: Call, *, request: Request, opened: bool) -> Response:
    try:
        session = console.wiring.frontier.access.session(request.cookies.get(COOKIE, ""))
        asked = replace(asked, session=session)
        if session is None and not opened and not console.open_reading:
            return RedirectResponse(f"/login?next={segment(asked.target)}", 303)
        if request.method == "POST" and not opened:
            _may_change(session, asked)
        return view(console, asked)
    except RequestRefused as error:
        return page(
            console, asked, "error.html", code=error.status, headers=error.headers, said=error.text, status=error.status
        )
    except BadQuery as error:
        return page(console, asked, "error.html", code=400, said=str(error), status=400)
    except Exception as error:
        if (told := explain(error)) is None:
            raise
        away = isinstance(error, redis.RedisError | StoreError)
        status = 503 if away else 400
        return page(console, replace(asked, session=None), "error.html", code=status, said=told[0], status=status)


def _may_change(session: Session | None, asked: Call) -> None:
    if session is None:
        raise RequestRefused(403, "To change things here, open the address that newsmill printed when it started.")
    if not hmac.compare_digest(session.csrf, asked.fields.get("csrf", "")):
        raise RequestRefused(403, "This form is of an earlier session: load the page anew and try again.")


def enter(console: Board, asked: Call) -> Response:
    """The address that is printed at the start: it opens one session, once."""
    given, once = asked.query.get("once", ""), console.once
    if not console.logins.ask(asked.client, time.monotonic()).ok:
        raise RequestRefused(429, "Too many tries: wait a minute.")
    same = hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(once.encode()).digest())
    if not console.open_reading or not same or not console.wiring.frontier.access.first_use(once):
        raise RequestRefused(
            403, "This address does not work, or was used already: start the console anew for another one."
        )
    return _with_session(console, asked, "operator", target="/")


def login(console: Board, asked: Call) -> Response:
    """The form, and what it sends."""
    target = asked.query.get("next", "/")
    target = target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
    if not asked.fields:
        return page(console, asked, "login.html", target=target, said="")
    web = console.settings.web
    if not console.logins.ask(asked.client, time.monotonic()).ok:
        raise RequestRefused(429, "Too many tries: wait a minute.")
    user, password = asked.fields.get("user", ""), asked.fields.get("password", "")
    right = hmac.compare_digest(user.encode(), web.user.encode()) & hmac.compare_digest(
        hashlib.sha256(password.encode()).digest(), hashlib.sha256(web.password.encode()).digest()
    )
    if not right or not web.password:
        return page(console, asked, "login.html", code=403, target=target, said="User or password is wrong.")
    return _with_session(console, asked, user, target=target)


def _with_session(console: Board, asked: Call, user: str, *, target: str) -> Response:
    cookie, _ = console.wiring.frontier.access.begin(user)
    answer = RedirectResponse(target, 303)
    secure = console.settings.web.origin.startswith("https://")
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="lax", secure=secure, path="/")
    return answer


def make_app(console: Board) -> Starlette:
    """The application of a console."""

    def get(path: str, view: View, *, opened: bool = False) -> Route:
        return Route(path, endpoint(console, view, opened=opened), methods=["GET"])

    def post(path: str, view: View, *, opened: bool = False) -> Route:
        return Route(path, endpoint(console, view, opened=opened), methods=["POST"])

    def logout(_: Board, asked: Call) -> Response:
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def leave(request: Request) -> Response:
        await run_in_threadpool(console.wiring.frontier.access.end, request.cookies.get(COOKIE, ""))
        return await endpoint(console, logout, opened=True)(request)

    routes: list[BaseRoute] = [
        get("/", search_pages.search),
        get("/search", search_pages.search),
        get("/article/{id}", article_pages.article),
        get("/article/{id}/revisions", article_pages.revisions),
        get("/trace", article_pages.trace),
        get("/pipeline", pipeline_pages.pipeline),
        Route("/pipeline/live", live.pipeline(console, _session_of(console)), methods=["GET"]),
        get("/hosts", pipeline_pages.hosts),
        get("/hosts/{host}", pipeline_pages.host),
        get("/failures", pipeline_pages.failures),
        post("/failures/retry", pipeline_pages.retry),
        get("/sources", sources_pages.sources),
        get("/sources.opml", sources_pages.opml),
        get("/sources/{name}", sources_pages.source),
        post("/sources/add", sources_pages.add),
        post("/sources/import", sources_pages.import_opml),
        post("/sources/{name}/{what}", sources_pages.change),
        get("/feed.atom", feeds.atom, opened=True),
        get("/feed.json", feeds.json_feed, opened=True),
        get("/enter", enter, opened=True),
        get("/login", login, opened=True),
        post("/login", login, opened=True),
        Route("/logout", leave, methods=["POST"]),
        Route("/health", lambda _: PlainTextResponse("ok\n"), methods=["GET"]),
        *api_app.routes(console),
        Mount("/static", _Static(directory=Path(__file__).parent / "static"), name="static"),
    ]
    middleware = [Middleware(Guard, console=console), Middleware(GZipMiddleware, minimum_size=500)]

    async def not_found(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/api/") and isinstance(error, HTTPException):
            return api_app.problem(error.status_code, str(error.detail), dict(error.headers or {}))
        status = error.status_code if isinstance(error, HTTPException) else 404
        said = str(error.detail) if isinstance(error, HTTPException) and status != 404 else "There is no such page."

        def view(console: Board, asked: Call) -> Response:
            return page(console, asked, "error.html", code=status, said=said, status=status)

        asked = Call(path={}, query={}, target=request.url.path)
        return await run_in_threadpool(view, console, asked)

    return Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: not_found})


def _session_of(console: Board) -> Callable[[Request], bool]:
    """Whether a request may read."""

    def may(request: Request) -> bool:
        return console.open_reading or bool(console.wiring.frontier.access.session(request.cookies.get(COOKIE, "")))

    return may


class _Static(StaticFiles):
    """Our own files: they change with a release only."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = "public, max-age=600"
        return answer
