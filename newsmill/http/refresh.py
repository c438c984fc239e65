"""Where an answer sends its reader by itself: the header Refresh and `<meta http-equiv=refresh>` (pure).

WHATWG HTML, "shared declarative refresh steps". What comes after more than some seconds is for people who read the
page meanwhile, most often a reload. In `<noscript>` it counts only where the page shows nothing else: pages with a
text of their own send readers without scripts to a notice that says so.

Tags are looked for in bytes: fetch workers have no limit of memory, and a small page can make a huge tree.
"""

import html
import re
from collections.abc import Iterator

from newsmill.http.answer import Fetched
from newsmill.http.content import HTML, sniff
from newsmill.urls.canonical import BadAddress, as_named

WAIT_MAX_S = 5  # "you will be redirected in five seconds" is the longest that is common
LOOKED_AT = 64 * 1024  # bytes of a page in which it is looked for
CONTENT_MAX = 4096  # characters of a header; bytes of a tag
METAS_MAX = 10  # of a page; browsers obey the first
NOTICE_MAX = 400  # bytes of text that a page may show, and still be nothing but a redirect

_META = re.compile(rb"""http-equiv[ \t\r\n]{0,20}=[ \t\r\n]{0,20}["']?[ \t\r\n]{0,20}refresh""")
_TAG = re.compile(rb"<(!--|/?[a-z][a-z0-9]{0,20})")
_HIDDEN = frozenset({b"script", b"style", b"title", b"textarea", b"template", b"iframe", b"xmp", b"noembed"})
_ATTRIBUTE = re.compile(rb"""[\s/]*([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
_SECONDS = re.compile(r"[0-9]{0,9}")


def refresh_target(answer: Fetched) -> str | None:
    """The address that `answer` sends to within WAIT_MAX_S, as it names it; None if it does not."""
    header = answer.header("refresh")
    if header and (target := _target(header)):
        return _resolved(target, answer.url)
    head = answer.body[:LOOKED_AT]
    if not _META.search(head.lower()) or sniff(head) != HTML:
        return None
    base, seen, noscript = answer.url, 0, False
    for name, start, _ in _tags(head):
        if name in (b"noscript", b"/noscript"):
            noscript = name == b"noscript"
        elif name == b"base" and base == answer.url:
            base = _resolved(_attributes(head, start).get("href", ""), answer.url) or base
        elif name == b"meta" and seen < METAS_MAX:
            given = _attributes(head, start)
            refreshes = given.get("http-equiv", "").strip().lower() == "refresh"
            seen += refreshes
            target = _target(given.get("content", "")) if refreshes else ""
            if target and (not noscript or _shows_nothing(answer.body)):
                return _resolved(target, base)
    return None


def _tags(page: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin of the attributes and end of each tag that a browser sees, but for those within scripts and such."""
    lower, at = page.lower(), 0
    while tag := _TAG.search(lower, at):
        name = tag[1]
        if name == b"!--":
            at = _behind(lower, b"-->", tag.end())
            continue
        at = _behind(lower, b">", tag.end())
        yield name, tag.end(), at
        if name in _HIDDEN:
            at = max(_behind(lower, b"</" + name, at) - len(name) - 2, at)


def _behind(text: bytes, what: bytes, start: int) -> int:
    """Where `what` ends in `text` from `start` on; the end of `text` if it does not come."""
    found = text.find(what, start)
    return len(text) if found < 0 else found + len(what)


def _attributes(page: bytes, start: int) -> dict[str, str]:
    """The attributes of the tag whose name ends at `start`, first ones first."""
    tag, at = page[start : start + CONTENT_MAX], 0
    found: dict[str, str] = {}
    while match := _ATTRIBUTE.match(tag, at):
        value = next((value for value in match.groups()[1:] if value is not None), b"")
        found.setdefault(match[1].decode("utf-8", "replace").lower(), html.unescape(value.decode("utf-8", "replace")))
        at = match.end()
    return found


def _shows_nothing(body: bytes) -> bool:
    """Whether a page is short, and what it shows as well."""
    if len(body) > LOOKED_AT:
        return False
    shown, text_at = 0, len(body)
    for name, start, end in _tags(body):
        shown += len(b"".join(body[text_at : start - len(name) - 1].split()))
        text_at = len(body) if name in _HIDDEN else end
    return shown + len(b"".join(body[text_at:].split())) <= NOTICE_MAX


def _target(content: str) -> str:
    """The address in "0; url=…", if its time is short enough; empty for a reload of the page itself."""
    content = content[:CONTENT_MAX].lstrip()
    match = _SECONDS.match(content)
    seconds = match[0] if match else ""
    rest = content[len(seconds) :].lstrip("0123456789.")
    if not seconds and not content.startswith("."):
        return ""
    if int(seconds or 0) > WAIT_MAX_S or rest[:1] not in ("", ";", ",", " ", "\t", "\n", "\r", "\f"):
        return ""
    target = rest.lstrip(" \t\r\n\f;,")
    if target[:3].lower() == "url" and (value := target[3:].lstrip()).startswith("="):
        target = value[1:].lstrip()
    if target[:1] in ("'", '"'):
        target = target[1:].partition(target[0])[0]
    return target.strip()


def _resolved(target: str, base: str) -> str | None:
    try:
        return as_named(target, base)
    except BadAddress:  # javascript: and the like send nobody anywhere
        return None
