"""The parse step: raw pages in, one object of documents out."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from billiard.exceptions import SoftTimeLimitExceeded

from newsmill.download.needs_browser import needs_browser
from newsmill.extraction.article import Article
from newsmill.extraction.said import from_source, with_said
from newsmill.ledger import Candidate, Ending, Move, PageEntry, a_page, entries
from newsmill.ledger.stages import Stage
from newsmill.model import Document, RawRecord, Said
from newsmill.outcomes import Outcome
from newsmill.policy.robots_tag import RobotsTag, x_robots_tag
from newsmill.policy.verdict import Gone, withdrawn
from newsmill.sources.follow import followed
from newsmill.sources.register import config_of, poll_id
from newsmill.sources.scope import refuse
from newsmill.stores.errors import ObjectDamaged, ObjectMissing, StoreUnavailable
from newsmill.stores.raw import to_micros
from newsmill.text.fingerprint import exact_fingerprint
from newsmill.urls.canonical import address_id, host_key, site_of
from workers.parse.filters import FilterFailed, filtered
from workers.parse.identity import claims, lies_at
from workers.runtime.step import again, claim, finish
from workers.runtime.tools import ParseTools

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page with an article in it: its document, and what the ledger keeps of it."""

    entry: PageEntry
    document: Document
    fields: dict[str, str]


def parse_pages(tools: ParseTools, ids: Sequence[str]) -> int:
    """Extracts what of `ids` is still ready; returns how many entries moved on."""
    claimed = [a_page(entry) for entry in claim(tools.worker, Stage.PARSE, ids)]
    moves: list[Move] = []
    parsed: list[Parsed] = []
    for i, entry in enumerate(claimed):
        try:
            result = _parse(tools, entry)
        except SoftTimeLimitExceeded:  # the time of the batch is over: this page has had its chance, the others not
            log.warning("parse.too_slow", id=entry.id, alone=len(claimed) == 1)
            moves += [entries.give_back(e.id, alone=True) for e in claimed[i + 1 :]]
            break
        if isinstance(result, Parsed):
            parsed.append(result)
        else:
            moves.append(result)
    return len(finish(tools.worker, Stage.PARSE, moves + _stored(tools, parsed)))


def _parse(tools: ParseTools, entry: PageEntry) -> Parsed | Move:
    try:
        raw = tools.raw.get(entry.raw)
    except (ObjectMissing, ObjectDamaged) as error:  # fetch it again; the attempt counts, so that it ends some day
        if entry.tries:
            return entries.settle(entry.id, Outcome.FAILED, f"raw page lost twice: {error}")
        return entries.delay(
            entry.id,
            0.0,
            f"raw page lost: {error}",
            set={"stage": Stage.FETCH, "raw": "", "etag": "", "last_modified": ""},
        )
    except StoreUnavailable as error:
        log.warning("raw.unavailable", id=entry.id, error=str(error))
        return entries.give_back(entry.id)
    if verdict := withdrawn(raw.status):  # kept as the end of an article that was there
        outcome = Outcome.GONE if isinstance(verdict, Gone) else Outcome.EXCLUDED
        return _without_article(tools, entry, outcome, reason=verdict.reason)
    content_type = next((value for name, value in raw.headers if name.lower() == "content-type"), None)
    shown = tools.extractor(raw.body, raw.final_url, content_type, raw.fetched_at)
    article, used = with_said(shown, raw.said, raw.fetched_at)
    header = x_robots_tag(raw.headers, tools.robots_token, tools.worker.clock())
    if entry.follow and not (article.nofollow or header.nofollow):
        _follow(tools, entry, article)
    return _judged(tools, entry, raw, article=article, header=header, used=used)


def _follow(tools: ParseTools, entry: PageEntry, article: Article) -> None:
    """Offers the links of a page to the frontier, where its source wants them followed."""
    poll = tools.worker.ledger.poll(poll_id(entry.source))
    if poll is None:
        return  # the source was removed meanwhile
    source, now = config_of(poll), tools.worker.now
    outgoing = (link.url for link in article.links)
    links = followed(source, entry.url, outgoing, depth=entry.depth, now=now, filters=tools.address_filters)
    beyond = sum(1 for _ in outgoing)  # not looked at: the page has more than one may bring
    left = entry.follow - 1
    added = tools.worker.ledger.add(
        (
            Candidate(
                *(address_id(url), url, host_key(url), entry.source, entry.priority, entry.depth + 1),
                follow=left,
                render=source.render,
            )
            for url in links
        ),
        beyond,
    )
    log.info("followed", id=entry.id, links=len(links), new=added.accepted, refused=added.later, beyond=beyond)


def _ask_for_original(tools: ParseTools, entry: PageEntry, url: str) -> None:
    """Offers the page that this one says to be a copy of, where its source may bring it in.

    Not for what another crawler fetched, nor for what is only parsed anew: a reparse never goes to the web.
    """
    if not url or entry.anew or entry.adopted:
        return
    poll = tools.worker.ledger.poll(poll_id(entry.source))
    if poll and refuse(config_of(poll).scope, url, tools.worker.now, depth=entry.depth):
        return
    tools.worker.ledger.add([Candidate(address_id(url), url, host_key(url), entry.source, entry.priority, entry.depth)])


def _judged(
    tools: ParseTools, entry: PageEntry, raw: RawRecord, *, article: Article, header: RobotsTag, used: Said | None
) -> Parsed | Move:
    """used: what the ledger keeps of what the source said, for the raw record of the next look."""
    kept = used.dump() if used else ""
    if article.noindex or header.noindex:
        said = [name for name, says in (("meta", article.noindex), ("X-Robots-Tag", header.noindex)) if says]
        return _without_article(tools, entry, Outcome.EXCLUDED, reason=f"noindex ({' and '.join(said)})")
    if not article.is_article:
        return _empty(tools, entry, raw, reason=article.empty_reason)
    if entry.indexed and entry.fingerprint == _mark(article) and not entry.anew:
        look = again(tools.recrawl, entry, tools.worker.clock(), changed=False)
        return entries.settle(
            entry.id, Outcome.UNCHANGED, "the same content", set={**look.fields, "said": kept}, again_s=look.wait_s
        )
    url = lies_at(raw.url, raw.final_url)
    copy_of = claims(url, article.canonical_url)
    _ask_for_original(tools, entry, copy_of)
    try:
        made = document_of(article, raw, url, source=entry.source, extractor=tools.extractor.version)
        made = made.model_copy(update={"version": version_after(entry.indexed, made.version)})
        document = filtered(tools.document_filters, made)
    except FilterFailed as error:
        log.error("filter.failed", id=entry.id, reason=str(error))
        return _without_article(tools, entry, Outcome.QUARANTINED, reason=str(error))
    if isinstance(document, str):
        return _without_article(tools, entry, Outcome.EXCLUDED, reason=document)
    published = f"{article.published.timestamp():.0f}" if article.published else entry["published"]
    fields = {
        "doc": document.id,
        "doc_url": url,
        "former": _former(entry, document.id),
        "copy_of": copy_of,
        "judged": "",
        "fingerprint": _mark(article),
        "published": published,
        "anew": "",
        "extractor": str(tools.extractor.version),
        "said": kept,
    }
    return Parsed(entry, document, fields)


def _empty(tools: ParseTools, entry: PageEntry, raw: RawRecord, *, reason: str) -> Move:
    """No article: the end, or once more with a browser if scripts make the text. A reparse never goes to the web."""
    if entry.rendered or not needs_browser(raw.body):
        return _without_article(tools, entry, Outcome.EMPTY, reason=reason)
    if not entry.anew and not entry.render and tools.worker.ledger.has_browser():
        _drop_raw(tools, entry)
        again_rendered = {"render": "1", "stage": str(Stage.FETCH), "raw": ""}
        return entries.requeue(entry.id, again_rendered, front=False, reason="its text is made by scripts")
    return _without_article(
        tools, entry, Outcome.EMPTY, reason=f"{reason}: scripts make its text, and it was read without a browser"
    )


def _drop_raw(tools: ParseTools, entry: PageEntry) -> None:
    """The page without its text is not kept: the rendered one takes its place."""
    try:
        tools.raw.delete(entry.raw)
    except StoreUnavailable as error:  # then it stays, as an older record of the page
        log.warning("raw.unavailable", id=entry.id, error=str(error))


def _former(entry: PageEntry, doc: str) -> str:
    """The document that the index has of the entry under another address; kept until index has taken it out."""
    return entry.doc if entry.indexed and entry.doc != doc else entry.former


def _mark(article: Article) -> str:
    """Changes when the text or the headline does: 64 bits of each, enough to compare two versions of one page."""
    return article.fingerprint[:16] + exact_fingerprint(article.title)[:16]


def _without_article(tools: ParseTools, entry: PageEntry, outcome: Outcome, *, reason: str) -> Move:
    looked_at = {"extractor": str(tools.extractor.version), "anew": ""}
    if entry.indexed:
        return entries.advance(entry.id, Stage.INDEX, {"remove": Ending(outcome, reason).dump(), **looked_at})
    return entries.settle(entry.id, outcome, reason, set=looked_at)


def version_after(indexed: int, fetched: int) -> int:
    """The version of what was fetched then (microseconds), after the one that search has: later, whatever a clock said.

    Of the very page that search has it is the same: a newer extractor may judge it anew.
    """
    return max(fetched, indexed + (fetched != indexed))


def document_of(article: Article, raw: RawRecord, url: str, *, source: str, extractor: int) -> Document:
    """The document of an article (pure). url: the document's address. extractor: its version.

    The version is the time of the fetch.
    """
    return Document(
        id=address_id(url),
        version=to_micros(raw.fetched_at),
        url=url,
        site=site_of(url),
        source=source,
        title=article.title,
        text=article.text,
        description=article.description,
        authors=article.authors,
        published=article.published,
        modified=article.modified,
        fetched=raw.fetched_at,
        language=article.language,
        site_name=article.site_name,
        section=article.section,
        image=article.image,
        keywords=article.keywords,
        fingerprint=article.fingerprint,
        extractor=extractor,
        from_source=from_source(article),
        quality=article.quality,
    )


def _stored(tools: ParseTools, parsed: list[Parsed]) -> list[Move]:
    if not parsed:
        return []
    try:
        keys = tools.documents.put_all([p.document for p in parsed])
    except StoreUnavailable as error:
        log.warning("documents.unavailable", error=str(error))
        return [entries.give_back(p.entry.id) for p in parsed]
    return [
        entries.advance(p.entry.id, Stage.INDEX, {**p.fields, "documents": key})
        if key
        else _without_article(tools, p.entry, Outcome.EXCLUDED, reason="its text is too large to be kept")
        for p, key in zip(parsed, keys, strict=True)
    ]
