"""What an answer's body is: by its header, and by its first bytes where the header lies or says nothing (pure).

The starts of HTML are those of the WHATWG MIME Sniffing Standard §7.1; binary files: `text/magic.py`.
"""

from dataclasses import dataclass

from newsmill.http.answer import first_header
from newsmill.text.magic import binary_type

SNIFF_BYTES = 1445  # as many as the WHATWG standard reads

HTML = "text/html"
PAGE_TYPES = frozenset({HTML, "application/xhtml+xml", "text/plain"})
_VAGUE = frozenset({"", "application/octet-stream", "application/unknown", "unknown/unknown", "*/*"})
_XML_TYPES = frozenset({"text/xml", "application/xml"})
# Never a page, whatever the first bytes: not worth downloading.
_MEDIA = ("image/", "video/", "audio/", "font/")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML_STARTS = (
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<body",
    b"<script",
    b"<title",
    b"<meta",
    b"<h1",
    b"<div",
    b"<p>",
    b"<article",
    b"<style",
    b"<table",
)
_FEED_STARTS = (
    (b"<rss", "application/rss+xml"),
    (b"<feed", "application/atom+xml"),
    (b"<rdf:rdf", "application/rss+xml"),
    (b"<urlset", "application/xml"),
    (b"<sitemapindex", "application/xml"),
    (b"<svg", "image/svg+xml"),
)
_MARKUP = frozenset({HTML, *(kind for _, kind in _FEED_STARTS)})


@dataclass(frozen=True, slots=True)
class Content:
    """What a body is. `reason` says why it is no page, and is empty for a page."""

    type: str
    reason: str = ""

    @property
    def is_page(self) -> bool:
        """True for HTML, XHTML and plain text."""
        return not self.reason


def essence(content_type: str | None) -> str:
    """The type of a Content-Type header in lower case, without parameters; empty if there is none."""
    return (content_type or "").split(";", 1)[0].split(",", 1)[0].strip().lower()[:100]


def classify(content_type: str | None, body: bytes) -> Content:
    """What `body` is. Its bytes win over the header where they are sure: binary signatures, feeds, HTML."""
    declared = essence(content_type)
    seen = sniff(body)
    if seen == HTML:
        return Content(declared if declared in PAGE_TYPES and declared != "text/plain" else HTML)
    if seen:
        lie = f" (sent as {declared})" if declared and declared != seen and declared not in _XML_TYPES else ""
        return Content(seen, f"content type {seen}{lie}")
    if declared in PAGE_TYPES:
        if declared == "text/plain" and is_binary(body):
            return Content(declared, "content type unknown binary (sent as text/plain)")
        return Content(declared)
    if declared in _VAGUE:
        if is_binary(body):
            return Content(declared, f"content type unknown binary (sent as {declared or 'nothing'})")
        return Content(HTML if b"<" in body[:SNIFF_BYTES] else "text/plain")
    return Content(declared, f"content type {declared}")


def hopeless(content_type: str | None, content_encoding: str | None, head: bytes) -> bool:
    """Whether a body that starts with `head` cannot be a page, so that the rest need not be downloaded."""
    if content_encoding and content_encoding.strip().lower() != "identity":
        return False
    if len(head) < len(_HTML_STARTS[0]):
        return False
    seen = sniff(head)
    if seen:
        return seen != HTML
    return essence(content_type).startswith(_MEDIA)


def unwanted(status: int, headers: tuple[tuple[str, str], ...], head: bytes) -> bool:
    """`hopeless` in the form in which `Client.get` asks: whether to end a download after its first bytes."""
    if not 200 <= status < 300:
        return False
    return hopeless(first_header(headers, "content-type"), first_header(headers, "content-encoding"), head)


def sniff(body: bytes) -> str:
    """The type that the first bytes give away, or an empty string."""
    head = body[:SNIFF_BYTES]
    if kind := binary_type(head):
        return kind
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.replace(b"\x00", b"")
    start = _first_tag(head)
    if start.startswith(_HTML_STARTS):
        return HTML
    return next((kind for tag, kind in _FEED_STARTS if start.startswith(tag)), "")


def sniff_markup(body: bytes) -> bool:
    """Whether the first bytes are those of HTML or XML for sure."""
    text = body[:SNIFF_BYTES].removeprefix(_BOMS[0]).lstrip()
    return text[:5].lower() == b"<?xml" or (text[:1] == b"<" and sniff(body) in _MARKUP)


def is_text(body: bytes) -> bool:
    """Whether the first bytes are HTML, XML or text, as far as one can see."""
    return sniff(body) in ("", *_MARKUP) and not is_binary(body)


def is_binary(body: bytes) -> bool:
    """Whether the first bytes hold control characters that no text has (WHATWG MIME Sniffing §7.2)."""
    head = body[:SNIFF_BYTES]
    if head.startswith(_BOMS):
        return False
    return any(byte < 0x20 and byte not in (0x09, 0x0A, 0x0C, 0x0D, 0x1B) for byte in head)


def _first_tag(head: bytes) -> bytes:
    """`head` in lower case from its first real tag on: past byte order mark, space, XML declaration, comments."""
    text = head
    for bom in _BOMS:
        text = text.removeprefix(bom)
    text = text.lower().lstrip()
    while text.startswith((b"<?", b"<!--")):
        end = text.find(b"-->" if text.startswith(b"<!--") else b">")
        if end < 0:
            return b""
        text = text[end + (3 if text.startswith(b"<!--") else 1) :].lstrip()
    return b"<html" if text.startswith(b"<!doctype") and b"html" in text[:40] else text
