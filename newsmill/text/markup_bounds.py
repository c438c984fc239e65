"""Bounds on what a page may cost, applied before it is parsed (pure).

The HTML standard's tree construction looks up the stack of open elements at most tags, so markup nested n deep costs
n * n: a million nested <div> take half an hour. Real pages stay below 100 levels.
"""

import re
from collections import Counter

MAX_BODY_BYTES = 10_000_000  # what is read of a page; the largest real pages are about 5 MB
# With fewer tags the worst nesting costs a second or two, and nothing is checked; 2 of 1,497 real pages have more.
FREE_TAGS = 20_000
MAX_NESTING = 2000

MAX_ATTRIBUTES = 200  # of a tag; templates write up to 50. Each new one is compared with all before it
# One tag over a page of as many bytes costs 5 s, and shorter ones over a longer page about the same (8 s over ten
# megabytes), as long as their length times its length is no more than the square of this. A longer tag holds a whole
# probe.
FREE_BYTES, PROBE_BYTES = 250_000, 1500
# What goes on inside a tag: quotes count only after "=", and ">" inside them ends nothing.
_INSIDE = re.compile(rb"(?:[^=>]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?+)*+")
_OPENING = re.compile(rb"[^=]=\s*\Z")
# One attribute. A long name counts as several, so that a look from one "<" goes no further than to the tenth.
_ATTRIBUTE = rb"[\s/]*+[^\s/>][^\s/>=]{0,49}+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]{0,49}+)?)?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_SCRIPT = rb"<[sS][cC][rR][iI][pP][tT]\b"
_SCRIPT_TAG = re.compile(_SCRIPT)
_MANY = re.compile(  # a script, skipped; a tag's name, and its attributes where there are ten; a name that is none
    rb"%s[^<]*+(?:<(?!/[sS][cC][rR][iI][pP][tT])[^<]*+)*+"
    rb"|(<[a-zA-Z][^\s/>]{0,199}+)(?:[^\s/>]|((?=[\s/])(?:%s){10}(?:%s)*+))" % (_SCRIPT, _ATTRIBUTE, _ATTRIBUTE)
)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
# Elements without an end tag, or whose end is implied by the next of their kind.
_FLAT = b"""
area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option
optgroup colgroup path rect circle use
"""
_UNNESTED = frozenset(_FLAT.split())


def _with_few_attributes(tag: re.Match[bytes]) -> bytes:
    """The tag, or its name alone where it has more attributes than any template writes."""
    name, attributes = tag.groups()
    if not attributes:
        return b"" if name else tag[0]
    horde = len(attributes) > 2 * MAX_ATTRIBUTES and len(_ATTRIBUTES.findall(attributes)) > MAX_ATTRIBUTES
    return bytes(name) if horde else tag[0]


def _may_be_in_a_tag(html: bytes, at: int, every: int) -> bool:
    """Whether what follows `at` reads on like the inside of one tag, and what precedes it does not say otherwise."""
    end = at + PROBE_BYTES
    starts = [at, *(found + 1 for quote in (b'"', b"'") if (found := html.find(quote, at, end)) >= 0)]  # perhaps quoted
    if all(_INSIDE.match(html, start, end).end() < end for start in starts):  # type: ignore[union-attr]
        return False
    before = max(at - every, 0)  # a tag that began earlier was judged by the probe there
    closed = html.rfind(b">", before, at)
    opened = html.rfind(b"<", max(closed, before), at)
    if opened >= 0 and _SCRIPT_TAG.match(html, opened):
        return False
    if opened >= 0 and (tag := _MANY.match(html, opened)):
        may = _with_few_attributes(tag) != tag[0]
    else:  # the last ">" must be in quotes, and the nearest quote before it an opening one: after "="
        quotes = [html.rfind(quote, 0, max(closed, 0)) for quote in (b'"', b"'")]
        may = any(_OPENING.search(html, max(quote - 100, 0), max(quote, 0)) for quote in quotes)
    return may and html.rfind(b"<script", 0, at) <= html.rfind(b"</script", 0, at)


def bounded(html: bytes, free_tags: int = FREE_TAGS) -> bytes:
    """The page (UTF-8) up to where its elements nest deeper than MAX_NESTING, and without hordes of attributes.

    Nearly always the whole page. free_tags: with no more, nothing is checked.
    """
    every = FREE_BYTES**2 // (len(html) or 1)
    if any(_may_be_in_a_tag(html, at, every) for at in range(every, len(html), every)):
        html = _MANY.sub(_with_few_attributes, html)
    if html.count(b"<") <= free_tags:
        return html
    opened: Counter[bytes] = Counter()
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
