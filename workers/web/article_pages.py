"""An article's page, its revisions, and the trace of an address."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from newsmill.model import Document
from newsmill.redaction import without_users
from newsmill.stores.errors import ObjectMissing, StoreError
from newsmill.stores.revision_changes import changes
from newsmill.urls.canonical import BadAddress, address_id, canonicalize
from workers.desk.looks import story
from workers.runtime.stores import has_index
from workers.web.console import Board, Call
from workers.web.finding import copies
from workers.web.rendering import page
from workers.web.words import word_diff

METADATA = ("site_name", "authors", "published", "modified", "section", "keywords", "description", "language", "image")
NEVER_ORIGINS = ("language",)


def article(console: Board, asked: Call) -> Response:
    """One article as it is stored, and all that is known of how it came here."""
    document = document_of(console, asked.path["id"])
    if document is None:
        return page(console, asked, "error.html", code=404, said="There is no such article (any more).", status=404)
    told = provenance(console, document)
    return page(
        console,
        asked,
        "article.html",
        a=document,
        metadata=metadata(document),
        told=told,
        raw=raw_facts(console, told),
        versions=[kept.fetched for kept in console.wiring.revisions.of(document.id)],
        copies=copies(console, document),
    )


def document_of(console: Board, id: str) -> Document | None:
    """The article of this id; None if there is none."""
    return console.wiring.search.get(id) if has_index(console.settings) else None


def metadata(document: Document) -> list[tuple[str, str, str]]:
    """Name, value and origin of each field that has a value."""
    rows = []
    for name in METADATA:
        value = getattr(document, name)
        if not value:
            continue
        origin = "its source said so when it listed it" if name in document.from_source else "the page"
        if name in NEVER_ORIGINS:
            origin = "found by its words"
        text = ", ".join(value) if isinstance(value, tuple) else value
        rows.append(
            (name.replace("_", " "), f"{text:%Y-%m-%d %H:%M} UTC" if isinstance(text, datetime) else text, origin)
        )
    return rows


def provenance(console: Board, document: Document) -> dict[str, Any]:
    """What the ledger knows of the address that holds this document."""
    told = story(console.wiring, document.url)
    holder = console.wiring.frontier.overview.holder(document.id)
    if holder and (entry := console.wiring.frontier.entry(holder)):
        told = story(console.wiring, entry.url)
    return told


def raw_facts(console: Board, told: dict[str, Any]) -> dict[str, str]:
    """Of the answer that it was made from; empty where that is gone."""
    if not told.get("raw"):
        return {}
    try:
        raw = console.wiring.raw.get(told["raw"])
    except (ObjectMissing, StoreError):
        return {}
    headers = {name.lower(): value for name, value in raw.headers}
    found = {
        "asked for": raw.url,
        "redirects": " → ".join((*raw.chain, raw.final_url)) if raw.chain else "",
        "answered by": raw.ip,
        "status": str(raw.status),
        "content type": headers.get("content-type", ""),
        "server's date": headers.get("date", ""),
        "bytes": f"{len(raw.body):,}",
        "seconds": f"{raw.elapsed_s:.2f}",
        "raw record": told["raw"],
    }
    return {name: without_users(value) for name, value in found.items() if value}


def revisions(console: Board, asked: Call) -> Response:
    """What changed from one version to the next, side by side."""
    document = document_of(console, asked.path["id"])
    if document is None:
        return page(console, asked, "error.html", code=404, said="There is no such article (any more).", status=404)
    versions = [*console.wiring.revisions.of(document.id), document]
    newer = asked.number("newer", len(versions) - 1, 1, most=max(len(versions) - 1, 1))
    older = asked.number("older", newer - 1, 0, most=newer - 1) if len(versions) > 1 else 0
    told = changes([versions[older], versions[newer]])[0] if len(versions) > 1 else None
    rows = word_diff(versions[older].text, versions[newer].text) if told else []
    titles = word_diff(versions[older].title, versions[newer].title) if told else []
    return page(
        console,
        asked,
        "revisions.html",
        a=document,
        versions=versions,
        older=older,
        newer=newer,
        fields=[field for field in told.fields if field[0] != "title"] if told else [],
        titles=titles,
        rows=rows,
    )


def trace(console: Board, asked: Call) -> Response:
    """Why an address is here, or is not."""
    address = asked.query.get("url", "").strip()
    if not address:
        return page(console, asked, "trace.html", address="", told=None, said="", has_article=False)
    try:
        url = canonicalize(address if "://" in address else f"https://{address}")
    except BadAddress as error:
        return page(
            console, asked, "trace.html", code=400, address=address, told=None, said=str(error), has_article=False
        )
    told = story(console.wiring, url)
    doc = told.get("doc") or address_id(url)
    has_article = document_of(console, doc) is not None
    return page(
        console, asked, "trace.html", address=address, told=told | {"doc": doc}, said="", has_article=has_article
    )
