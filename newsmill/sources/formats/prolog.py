"""What stands before the root element of an XML document (pure).

A DTD is never fetched and never expanded: it is cut out before an XML parser sees it. Of what it declares, only names
for a few characters are kept, so that a reference costs no more than it says.
"""

import html
import re
from dataclasses import dataclass, field

MAX_ENTITY = 64  # characters of an entity a feed declares: enough for names, too little to expand
MAX_ENTITIES = 500  # HTML has 253
_SPACE = re.compile(r"\s*+")
_PIECE = re.compile(r"<!--|<\?|\"[^\"]*\"|'[^']*'|[\[\]>]")
_ENTITY = re.compile(
    rf"<!ENTITY\s++([\w.:-]{{1,60}})\s++(?:\"([^\"<%]{{0,{MAX_ENTITY}}})\"|'([^'<%]{{0,{MAX_ENTITY}}})')\s*+>"
)


@dataclass(frozen=True, slots=True)
class Prolog:
    """end: where the root element begins. entities: short texts that the DTD gives names to."""

    end: int = 0
    entities: dict[str, str] = field(default_factory=dict)


def read_prolog(text: str) -> Prolog:
    """XML declaration, comments, instructions and DTD. Raises ValueError for a DTD that does not end."""
    at, entities = 0, {}
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if text.startswith("<?", at):
            end = _behind(text, "?>", at)
        elif text.startswith("<!--", at):
            end = _behind(text, "-->", at)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, at + 9)
            entities = _entities(text[at:end])
        else:
            return Prolog(at, entities)
        at = end


def _behind(text: str, closing: str, at: int) -> int:
    end = text.find(closing, at)
    if end < 0:
        raise ValueError("what precedes its root element does not end")
    return end + len(closing)


def _doctype_end(text: str, at: int) -> int:
    """Behind the ">" that ends a DTD, wherever else one stands in it."""
    inside = 0
    while found := _PIECE.search(text, at):
        piece, at = found[0], found.end()
        if piece == "<!--":
            at = _behind(text, "-->", at)
        elif piece == "<?":
            at = _behind(text, "?>", at)
        elif piece == "[":
            inside += 1
        elif piece == "]":
            inside -= 1
        elif piece == ">" and inside <= 0:
            return at
    raise ValueError("its DTD does not end")


def _entities(dtd: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ENTITY.finditer(dtd):
        value = html.unescape(match[2] or match[3] or "")
        if len(found) < MAX_ENTITIES and "&" not in value:
            found.setdefault(match[1], value)
    return found
