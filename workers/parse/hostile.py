"""Bounds on what a page may cost, applied before it is parsed (pure).

The HTML standard's tree construction looks up the stack of open elements at most tags, so markup nested n deep costs
n * n: a million nested <div> take half an hour. Real pages stay below 100 levels.
"""

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

MAX_BODY_BYTES = 10_000_000  # what is read of a page; the largest real pages are about 5 MB
FREE_TAGS = 40_000  # with fewer tags the worst nesting costs 3 s, and nothing is checked
MAX_NESTING = 2000

MAX_ATTRIBUTES = 300  # of a long tag: each new one is compared with all before it

FREE_CHARS, FREE_TAG_CHARS = 3_000_000, 10_000  # of a page, of a tag; below both the worst attributes cost 5 s
LONG_TAG_CHARS = 1000  # of a tag; shorter ones are not looked at (`_LONG_TAG` has the same number)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LONG_TAG = re.compile(r"(<[a-zA-Z][a-zA-Z0-9]*)[^<>]{1000,}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
# Elements without an end tag, or whose end is implied by the next of their kind.
_FLAT = """
area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option
optgroup colgroup path rect circle use
"""
_UNNESTED = frozenset(_FLAT.split())


def _with_few_attributes(tag: re.Match[str]) -> str:
    """The tag, or its name alone where it has more attributes than any template writes."""
    names = _QUOTED.sub("", tag[0]).split()
    return tag[0] if len(names) <= MAX_ATTRIBUTES else tag[1]


def _may_have_hordes(html: str) -> bool:
    """Whether a tag has so many attributes that `_LONG_TAG` would cut it: told from the long pieces between "<"."""
    for piece in html.split("<"):
        if len(piece) > LONG_TAG_CHARS:
            tag = _LONG_TAG.match("<" + piece)
            if tag and _with_few_attributes(tag) != tag[0]:
                return True
    return False


def _has_a_long_tag(markup: NDArray[np.uint8]) -> bool:
    ends = np.flatnonzero(markup == ord(">"))
    edges = np.concatenate(([0], ends, [len(markup)]))
    for gap in np.flatnonzero(np.diff(edges) > FREE_TAG_CHARS).tolist():
        begin, end = int(edges[gap]), int(edges[gap + 1])
        if end - max(begin, begin + markup[begin:end].tobytes().rfind(b"<")) > FREE_TAG_CHARS:
            return True
    return False


def bounded(html: str) -> str:
    """The page up to where its elements nest deeper than MAX_NESTING, and without hordes of attributes.

    Nearly always the whole page.
    """
    markup = np.frombuffer(html.encode("utf-8", "replace"), dtype=np.uint8)
    many_tags = np.count_nonzero(markup == ord("<")) > FREE_TAGS  # faster than counting in a str
    long = len(html) > FREE_CHARS or _has_a_long_tag(markup)
    if long and (many_tags or _may_have_hordes(html)):
        html = _LONG_TAG.sub(_with_few_attributes, html)
    if not many_tags or html.count("<") <= FREE_TAGS:
        return html
    opened: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _UNNESTED:
            continue
        if not tag[1]:
            opened[name] += 1
            depth += 1
            if depth > MAX_NESTING:
                return html[: tag.start()]
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return html
