"""Markup that an HTML parser would read otherwise than it is meant, written so that it is read right (pure).

XHTML may close any element in its own tag; to HTML `<script src="a.js"/>` is a script without an end, and the page
is in it. What stands in a declarative shadow root is shown like the rest of the page; to HTML it is an inert template.
"""

import re

MARK_BYTES = 2000  # in which a page says that it is XHTML
_DECLARED = re.compile(r"application/(?:xhtml\+)?xml|text/xml", re.I)
_DOCTYPE = re.compile(rb"<!doctype[^>]{0,200}xhtml|<html[^>]{0,500}xmlns\s?=", re.I)
_ATTRIBUTES = rb"(?:[^<>\"'/]|\"[^\"]*+\"|'[^']*+'|/(?!>))*+"
_RAW = b"script|style|textarea|title|iframe|noframes|noembed|xmp|noscript"  # their content is text, up to an end tag
_EMPTY_RAW = re.compile(rb"<(%s)\b(%s)/>" % (_RAW, _ATTRIBUTES), re.I)
_EMPTY = re.compile(
    rb"<(%s|a|abbr|article|aside|b|button|canvas|caption|cite|code|dd|div|dl|dt|em|fieldset|figcaption|figure|footer|form|"
    rb"h[1-6]|header|i|label|li|main|nav|object|ol|option|p|pre|q|s|section|select|small|span|strong|sub|sup|table|tbody|"
    rb"td|tfoot|th|thead|tr|u|ul|video|audio)\b(%s)/>" % (_RAW, _ATTRIBUTES), re.I
)  # fmt: skip
_TEMPLATE = re.compile(rb"<template\b%s>|</template\s*>" % _ATTRIBUTES, re.I)
_SHADOW = b"shadowroot"


def as_html(page: bytes, content_type: str | None) -> bytes:
    """The page (UTF-8) with empty elements of XHTML closed, and shadow roots as plain elements."""
    head = page[:MARK_BYTES].lstrip()
    if head.startswith(b"<?xml") or (content_type and _DECLARED.match(content_type.strip())):
        page = _EMPTY.sub(rb"<\1\2></\1>", page)
    elif (b"xmlns" in head or b"XHTML" in head) and _DOCTYPE.search(head):
        page = _EMPTY_RAW.sub(rb"<\1\2></\1>", page)
    return _with_shadow_roots(page) if _SHADOW in page else page


def _with_shadow_roots(page: bytes) -> bytes:
    opened: list[bool] = []

    def rewritten(tag: re.Match[bytes]) -> bytes:
        if tag[0][1:2] != b"/":
            opened.append(_SHADOW in tag[0].lower())
            return b"<div>" if opened[-1] else tag[0]
        return b"</div>" if opened and opened.pop() else tag[0]

    return _TEMPLATE.sub(rewritten, page)
