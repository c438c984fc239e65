"""What goes on being told: server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from workers.web.console import Board, Call
from workers.web.pipeline_pages import stages
from workers.web.rendering import render

EVERY_S = 2.0
AT_ONCE = 50  # viewers; who comes later reads the page without it
LASTS_S = 900.0  # then a browser asks anew, and its session is looked at anew


def event(data: str, *, id: str = "", name: str = "") -> str:
    """One server-sent event."""
    head = (f"id: {id}\n" if id else "") + (f"event: {name}\n" if name else "")
    return head + "".join(f"data: {line}\n" for line in data.splitlines()) + "\n"


def pipeline(console: Board, may: Callable[[Request], bool]) -> Callable[[Request], Awaitable[Response]]:
    """The stages, again and again while somebody looks."""
    viewers = 0

    async def answer(request: Request) -> Response:
        if not await run_in_threadpool(may, request):
            return PlainTextResponse("log in first\n", 403)
        if viewers >= AT_ONCE:
            return PlainTextResponse("too many viewers\n", 503, {"Retry-After": "60"})
        return StreamingResponse(told(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def told() -> AsyncIterator[str]:
        nonlocal viewers
        viewers += 1
        until, last = time.monotonic() + LASTS_S, ""
        asked = Call(path={}, query={}, target="/pipeline")
        try:
            while time.monotonic() < until and not console.stopping.is_set():
                text = await run_in_threadpool(lambda: render(console, asked, "stages.html", **stages(console)))
                yield event(text) if text != last else ": still there\n\n"
                last = text
                await asyncio.sleep(EVERY_S)
        finally:
            viewers -= 1

    return answer
