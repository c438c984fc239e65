"""Bounds on what a page may cost, applied before it is parsed (pure).

The HTML standard's tree construction looks up the stack of open elements at most tags, so markup nested n deep costs
n * n: a million nested <div> take half an hour. Real pages stay below 100 levels.
"""

import re
from collections import Counter

MAX_BODY_BYTES = 10_000_000  # what is read of a page; the largest real pages are about 5 MB
FREE_TAGS = 20_000  # with fewer tags the worst nesting costs under a second, and nothing is checked
MAX_NESTING = 2000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
# Elements without an end tag, or whose end is implied by the next of their kind.
_FLAT = """
area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option
optgroup colgroup path rect circle use
"""
_UNNESTED = frozenset(_FLAT.split())


def bounded(html: str) -> str:
    """The page up to where its elements nest deeper than MAX_NESTING; nearly always the whole page."""
    if html.count("<") <= FREE_TAGS:
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
