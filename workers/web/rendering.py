"""A page from a template."""

import time
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, Response

from workers.web.console import Board, Call
from workers.web.filters import with_query

PLACES = (
    ("/search", "Search"),
    ("/pipeline", "Pipeline"),
    ("/sources", "Sources"),
    ("/hosts", "Hosts"),
    ("/failures", "Failures"),
)


def page(
    console: Board,
    asked: Call,
    template: str,
    *,
    code: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The answer to `asked`: a whole page."""
    return HTMLResponse(render(console, asked, template, **values), code, dict(headers or {}))


def render(console: Board, asked: Call, template: str, **values: Any) -> str:
    """The text of a template, with what every page shows."""
    shared = {
        "places": PLACES,
        "here": asked.target.partition("?")[0] if asked.target != "/" else "/search",
        "session": asked.session,
        "reading_is_open": console.open_reading,
        "with_query": with_query,
        "now": time.time(),
        "q": "",
    }
    return console.templates.get_template(template).render(shared | values)
