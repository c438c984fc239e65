"""Newsmill keeps a search index of news sites up to date. This is its library's public face: what is named here stays.

Each name is imported when it is asked for, so that none costs what only another needs. The Celery application on top
of the library begins at workers/pipeline.py.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from newsmill.extraction.article import Article
    from newsmill.http.client import Client, ClientOptions
    from newsmill.ledger import Frontier, Limits
    from newsmill.model import Document, RawRecord
    from newsmill.search.store import SearchStore, open_search
    from newsmill.sources.config import SourceConfig
    from newsmill.urls.canonical import canonicalize

    __version__: str

__all__ = [  # noqa: RUF022  (grouped by what they are for)
    "__version__",
    # a page becomes an article
    "extract",
    "Article",
    # addresses, and where they come from
    "canonicalize",
    "SourceConfig",
    # pages are asked for, and by the ledger when
    "Client",
    "ClientOptions",
    "Frontier",
    "Limits",
    # what is kept, and found
    "RawRecord",
    "Document",
    "open_search",
    "SearchStore",
]

_HOMES = {
    "Article": "newsmill.extraction.article",
    "Client": "newsmill.http.client",
    "ClientOptions": "newsmill.http.client",
    "Document": "newsmill.model",
    "Frontier": "newsmill.ledger",
    "Limits": "newsmill.ledger",
    "RawRecord": "newsmill.model",
    "SearchStore": "newsmill.search.store",
    "SourceConfig": "newsmill.sources.config",
    "canonicalize": "newsmill.urls.canonical",
    "open_search": "newsmill.search.store",
}


def extract(
    html: bytes,
    url: str | None = None,
    content_type: str | None = None,
    now: "datetime | None" = None,
) -> "Article":
    """The article in a page; see `newsmill.extraction.extract`, which the first call imports, with numpy."""
    from newsmill.extraction.extractor import extract

    return extract(html, url, content_type, now)


def __getattr__(name: str) -> object:  # PEP 562
    if name == "__version__":
        from importlib.metadata import version

        found: object = version("newsmill")
    elif name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'newsmill' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
