"""Any search as a feed: Atom (RFC 4287) and JSON Feed 1.1, newest first."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from starlette.responses import PlainTextResponse, Response

from newsmill.model import Document
from newsmill.search.store import Sort
from workers.web.console import Board, Call
from workers.web.filters import with_query
from workers.web.finding import TooMany, Wish, count_search, documents, find

ENTRIES = 50
SUMMARY = 400  # characters of the text, where an article has no description
ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def may_read(board: Board, asked: Call) -> bool:
    """Readers of feeds cannot log in: a token with the scope read may be the password (RFC 7617)."""
    if board.open_reading or asked.session:
        return True
    kind, _, text = asked.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        password = base64.b64decode(text, validate=True).decode("ascii").partition(":")[2]
    except ValueError:
        return False
    token = board.wiring.frontier.access.token(password)
    return bool(token and "read" in token.scopes)


def atom(board: Board, asked: Call) -> Response:
    """The search as Atom."""
    found = _found(board, asked)
    if isinstance(found, Response):
        return found
    query, articles = found
    return Response(atom_of(query, articles, asked.base), media_type="application/atom+xml")


def json_feed(board: Board, asked: Call) -> Response:
    """The search as JSON Feed."""
    found = _found(board, asked)
    if isinstance(found, Response):
        return found
    query, articles = found
    text = json.dumps(json_of(query, articles, asked.base), ensure_ascii=False)
    return Response(text, media_type="application/feed+json")


def _found(board: Board, asked: Call) -> tuple[str, list[Document]] | Response:
    if not may_read(board, asked):
        return PlainTextResponse("log in, or give a token as password\n", 401, {"WWW-Authenticate": "Basic"})
    try:
        count_search(board, asked)
    except TooMany as error:
        return PlainTextResponse(f"{error}\n", 429, error.headers)
    query = asked.query.get("q", "")
    page = find(board, Wish(query, Sort.DATE, limit=ENTRIES, collapse=asked.query.get("stories") == "1"))
    known = documents(board, page)
    return query, [known[id] for id in page.ids if id in known]


def atom_of(query: str, articles: list[Document], base: str) -> bytes:
    """The text of an Atom feed. base: scheme and host of the console."""
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "id", f"{base}{with_query('/feed.atom', q=query)}")
    _add(feed, "title", f"{query or 'All articles'} · Newsmill")
    _add(feed, "updated", _moment(max((a.fetched for a in articles), default=datetime.fromtimestamp(0, UTC))))
    ElementTree.SubElement(feed, "link", rel="self", href=f"{base}{with_query('/feed.atom', q=query)}")
    ElementTree.SubElement(feed, "link", rel="alternate", href=f"{base}{with_query('/search', q=query)}")
    for article in articles:
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", f"urn:newsmill:{article.id}")
        _add(entry, "title", article.title or article.url)
        _add(entry, "updated", _moment(article.modified or article.published or article.fetched))
        if article.published:
            _add(entry, "published", _moment(article.published))
        ElementTree.SubElement(entry, "link", rel="alternate", href=_clean(article.url))
        for name in article.authors or (article.site_name or article.site,):
            _add(ElementTree.SubElement(entry, "author"), "name", name)
        _add(entry, "summary", article.description or article.text[:SUMMARY])
    text: str = ElementTree.tostring(feed, encoding="unicode")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode()


def json_of(query: str, articles: list[Document], base: str) -> dict[str, Any]:
    """A JSON feed."""
    items = [
        {
            "id": f"urn:newsmill:{a.id}",
            "url": a.url,
            "title": a.title,
            "summary": a.description or a.text[:SUMMARY],
            "content_text": a.text,
            "date_published": _moment(a.published or a.fetched),
            "authors": [{"name": name} for name in a.authors],
            "tags": list(a.keywords),
            **({"language": a.language} if a.language else {}),
        }
        for a in articles
    ]
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{query or 'All articles'} · Newsmill",
        "home_page_url": f"{base}{with_query('/search', q=query)}",
        "feed_url": f"{base}{with_query('/feed.json', q=query)}",
        "items": items,
    }


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
