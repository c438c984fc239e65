"""`extract`: from the bytes of a response to an `Article`. Deterministic, thread-safe, without network or clock."""

from collections.abc import Callable
from datetime import datetime

from selectolax.lexbor import SelectolaxError

from newsmill.extraction.article import Article
from newsmill.extraction.blocks.features import features
from newsmill.extraction.blocks.net import probabilities
from newsmill.extraction.blocks.plain_text import is_plain, paragraphs, title_of
from newsmill.extraction.blocks.quality import QUALITY_OF_DATA, expected_quality
from newsmill.extraction.blocks.select import Judge, Selection, declared_body, select
from newsmill.extraction.blocks.statistics import block_stats
from newsmill.extraction.metadata.arbiter import Metadata, arbitrate
from newsmill.extraction.metadata.view import look
from newsmill.extraction.metadata.witness import Weights, weights
from newsmill.extraction.output import links as outlinks
from newsmill.extraction.output.markdown import Outline, outline_of
from newsmill.extraction.page.walk import read_page
from newsmill.text.characters import units
from newsmill.text.charset import as_utf8, decode_other
from newsmill.text.fingerprint import exact_fingerprint
from newsmill.text.language import detect_language
from newsmill.text.magic import binary_type
from newsmill.text.markup_bounds import MAX_BODY_BYTES, bounded
from newsmill.text.xhtml import as_html

EXTRACTOR_VERSION = 4  # raise it when the same page yields another article: operators reparse by it
MIN_ARTICLE_UNITS = 25  # words (or what stands for them) below which a text is a caption, a notice or an error
ENOUGH_CHARS = 1000  # of a text, that nearly always tell whether it has as many


def extract(
    html: bytes,
    url: str | None = None,
    content_type: str | None = None,
    now: datetime | None = None,
) -> Article:
    """The article in a page, with its metadata. Never raises on any bytes; where the process has a limit of memory,
    a page that needs more is empty.

    url: the address that answered (relative links, dates in addresses). content_type: the response header.
    now: when it was fetched (aware); dates after it are not believed. See `Article.empty_reason`.
    """
    try:
        return extract_by(probabilities, html, url, content_type=content_type, now=now)
    except (MemoryError, SelectolaxError):  # lexbor's only error
        return Article(empty_reason="the page takes more memory than a page may")


def extract_by(
    judge: Judge,
    html: bytes,
    url: str | None,
    *,
    content_type: str | None,
    now: datetime | None,
    table: Callable[[str], Weights] = weights,
) -> Article:
    """`extract` with another judge of blocks and other weights for metadata: for cross-validation."""
    body = html[:MAX_BODY_BYTES]
    if reason := _not_a_page(body):
        return Article(empty_reason=reason)
    exact = as_utf8(body)
    text = decode_other(body, content_type) if exact is None else exact
    if is_plain(text, content_type):
        return _plain_article(text)
    page = read_page(bounded(as_html(text.encode() if exact is None else body, content_type)))
    base = outlinks.base_of(page, url)
    if not page.blk_el:
        choice, texts = Selection([], 0.0), []
    else:
        stats = block_stats(page)
        found = features(page, stats)
        choice, texts = select(page, stats, found, judge=judge), found.texts
    outline = outline_of(page, choice.blocks)
    shown = outline.text()
    view = look(page, texts, url or "", now=now)
    other, place = declared_body(page, view.sources.article, shown)
    metadata = arbitrate(view, table)
    if other:
        outline, shown, metadata.origins["text"] = Outline(), other, place
    meta = view.sources.meta
    noindex, nofollow = outlinks.robots_directives(meta)
    declared = page.lang or meta.get("content-language", "") or meta.get("og:locale", "")
    language, language_origin = detect_language(shown or metadata.title, declared)
    if language:
        metadata.origins["language"] = language_origin
    return _article(
        metadata,
        shown,
        base,
        outline=outline,
        anchors=outlinks.anchors_of(page, base),
        language=language,
        noindex=noindex,
        nofollow=nofollow,
        confidence=choice.confidence,
        quality=QUALITY_OF_DATA if other else expected_quality(choice.confidence),
    )


def _not_a_page(body: bytes) -> str:
    head = body[:1024].lstrip() or body.lstrip()[:1024]
    if not head:
        return "the body is empty"
    kind = binary_type(head)
    if kind == "application/pdf":
        return "a PDF, not a page"
    return "a binary file, not a page" if kind else ""


def _plain_article(text: str) -> Article:
    found = paragraphs(text)
    title = title_of(found)
    body = "\n\n".join(found[1:] if title else found)
    language, origin = detect_language(body)
    origins = ({"title": "text"} if title else {}) | ({"language": origin} if language else {})
    metadata = Metadata(title=title, origins=origins)
    return _article(metadata, body, None, language=language, confidence=0.5)


def _article(metadata: Metadata, text: str, base: str | None, **more: object) -> Article:
    count = units(text[:ENOUGH_CHARS])
    if count < MIN_ARTICLE_UNITS:
        count = units(text)
    reason = "" if count >= MIN_ARTICLE_UNITS else f"no article text: {count:.0f} words"
    published, modified = metadata.published, metadata.modified
    return Article(
        title=metadata.title,
        authors=metadata.authors,
        published=published.at if published else None,
        published_precision=published.precision if published else None,
        modified=modified.at if modified else None,
        modified_precision=modified.precision if modified else None,
        site_name=metadata.site_name,
        canonical_url=outlinks.absolute(metadata.canonical, base),
        description=metadata.description,
        image=outlinks.absolute(metadata.image, base),
        section=metadata.section,
        keywords=metadata.keywords,
        paywalled=metadata.paywalled,
        text=text,
        origins=metadata.origins,
        fingerprint=exact_fingerprint(text),
        empty_reason=reason,
        **more,
    )
