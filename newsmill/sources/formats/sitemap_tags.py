"""The tags of a sitemap that matter, as its text arrives, and the entries they make (pure).

Many sitemaps are not well-formed (a bare "&", an element that never ends, prefixes nobody declared), and some have
100 MB, so no XML parser reads them: it would stop at the first fault, or hold the whole tree. Every character is looked
at once or twice, and no more than one tag is held.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_TAG = 1 << 16  # characters of one tag; longer ones are text
MAX_VALUE = 20_000  # characters kept of one element

_ENTRIES = ("url", "sitemap")
_ROOTS = ("urlset", "sitemapindex")
_FIELDS = ("loc", "lastmod", "publication_date", "title", "language")
_NEWS_FIELDS = _FIELDS[2:]
_MEDIA = ("image", "video")
_CONTAINERS = ("news", *_MEDIA)
_TAG = re.compile(
    rf"<(?:(/?)(?:([\w.-]{{1,100}}):)?({'|'.join(_ENTRIES + _ROOTS + _FIELDS + _CONTAINERS)})(?=[\s/>])([^<>]*)>"
    r"|(!--)|(!\[CDATA\[))",
    re.IGNORECASE,
)
_OTHER_TAG = re.compile(r"<[A-Za-z/!?]")
_FOREIGN_NAMESPACE = re.compile(
    r"xmlns:([\w.-]{1,100})\s*+=\s*+[\"'][^\"'<>]{0,100}?sitemap-(?:image|video)", re.IGNORECASE
)
OWN_TEXT = ""  # the field of what stands in an entry itself


@dataclass(slots=True)
class Entries:
    """Iterate `read()` once: each entry's fields by name, entities replaced. cut_off: the last one did not end."""

    cut_off: bool = False
    _foreign: set[str] = field(default_factory=lambda: {"image", "video", "xhtml"})
    _closing: str = ""  # of the comment or CDATA section that is being read
    _entry: dict[str, str] | None = None
    _inside: str = ""  # the container that is open
    _bare: bool = False  # the entry is an address that stands in no <url>
    _wrapped: bool = False  # the address stands in a <url> inside its <loc>
    _field: str | None = None
    _text: list[str] = field(default_factory=list)
    _room: int = 0  # characters that the field may still take

    def read(self, texts: Iterator[str]) -> Iterator[dict[str, str]]:
        """Never raises for what is in `texts`."""
        ended: list[dict[str, str]] = []
        rest = ""
        for text in texts:
            text = rest + text
            rest = text[self._piece(text, ended) :]
            yield from ended
            ended.clear()
        self._collect(rest)
        if self._entry is not None:
            self.cut_off = True
            if self._field == "loc" and self._room > 0:
                self._field = None  # an address that is cut off is another one
            self._end(ended)
            yield from (entry for entry in ended if "loc" in entry)

    def _piece(self, text: str, ended: list[dict[str, str]]) -> int:
        """Reads `text` and returns how far: up to a tag whose end is still to come."""
        at, skips = 0, True
        while True:
            if self._closing:
                end = text.find(self._closing, at)
                until = end if end >= 0 else max(at, len(text) - len(self._closing) + 1)
                if self._closing == "]]>":
                    self._keep(text[at:until])
                if end < 0:
                    return until
                at, self._closing = end + len(self._closing), ""
            found = _TAG.search(text, at)
            if found is None:
                begun = text.rfind("<", at)
                until = begun if begun >= 0 and len(text) - begun < MAX_TAG else len(text)
                self._collect(text[at:until])
                return until
            if self._field is not None:
                self._collect(text[at : found.start()])
            at = found.end()
            ends, prefix, name, attributes, comment, _ = found.groups()
            if name is None:
                self._closing = "-->" if comment else "]]>"
                continue
            self._tag(name.lower(), (prefix or "").lower(), ends == "/", attributes=attributes, ended=ended)
            if skips and self._inside in _MEDIA and not ends:  # what is in it is nobody's: most of some sitemaps
                end = text.find(f"</{prefix + ':' if prefix else ''}{name}", at)
                skips = end >= 0
                at = end if skips else at

    def _collect(self, text: str) -> None:
        if self._field is None or self._room <= 0:
            return
        if "<" in text and (other := _OTHER_TAG.search(text)):
            self._keep(html.unescape(text[: other.start()]))
            self._room = 0  # what stands behind the tag of another element is not this one's
        else:
            self._keep(html.unescape(text))

    def _keep(self, text: str) -> None:
        if self._field is not None and self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def _tag(self, name: str, prefix: str, ends: bool, *, attributes: str, ended: list[dict[str, str]]) -> None:
        if name in _ENTRIES and self._field == "loc" and self._wrapped == ends and not attributes:
            self._wrapped = not ends
            return
        if self._field is not None:
            self._close_field()
        if "xmlns:" in attributes:
            self._foreign.update(found[1].lower() for found in _FOREIGN_NAMESPACE.finditer(attributes))
        empty = attributes.endswith("/")
        if name in _CONTAINERS:
            if not empty:
                self._inside = "" if ends else name
        elif prefix in self._foreign:
            return
        elif name in _ENTRIES or name in _ROOTS:
            self._end(ended)
            if name in _ENTRIES and not ends:
                self._entry = {}
                self._open_field(OWN_TEXT)
                if empty:
                    self._end(ended)
        elif name == "loc" and not ends and not empty and not self._inside and (self._bare or self._entry is None):
            self._end(ended)
            self._entry, self._bare = {}, True
            self._open_field(name)
        elif self._entry is not None and not ends and not empty and self._is_ours(name, prefix):
            self._open_field(name)

    def _is_ours(self, name: str, prefix: str) -> bool:
        """Whether the field is the entry's own: pictures and films have addresses, titles and dates as well."""
        if self._inside in _MEDIA or name in (self._entry or ()):
            return False
        if name in _NEWS_FIELDS:
            return self._inside == "news" or bool(prefix)
        return name != "loc" or self._inside != "news"

    def _open_field(self, name: str) -> None:
        self._field, self._text, self._room = name, [], MAX_VALUE

    def _close_field(self) -> None:
        if self._field is not None and self._entry is not None:
            text = "".join(self._text).strip()
            if text:
                self._entry.setdefault(self._field, text)
        self._field = None

    def _end(self, ended: list[dict[str, str]]) -> None:
        self._close_field()
        if self._entry is not None:
            ended.append(self._entry)
        self._entry, self._inside, self._bare, self._wrapped = None, "", False, False
