"""JSON-LD as it is found in the wild: graphs, lists, several objects a script, broken JSON (pure)."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

MAX_NODES = 2000  # a page describing a shop may carry thousands of products
MAX_NESTING = 12
_ARTICLE_TYPES = """
article newsarticle blogposting reportagenewsarticle analysisnewsarticle opinionnewsarticle liveblogposting
techarticle scholarlyarticle report socialmediaposting discussionforumposting reviewnewsarticle
backgroundnewsarticle askpublicnewsarticle advertisercontentarticle satiricalarticle medicalscholarlyarticle
blog recipe howto review qapage
"""
ARTICLE_TYPES = frozenset(_ARTICLE_TYPES.split())
_PAGE_TYPES = """
webpage itempage collectionpage aboutpage faqpage creativework product
"""
PAGE_TYPES = frozenset(_PAGE_TYPES.split())

Node = dict[str, Any]
_CONTROL = re.compile(r"[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_TYPE = re.compile(r'"@type"\s*+:\s*+\[?\s*+"([^"]{1,60})"')
_FIELDS = (
    "headline datePublished dateModified dateCreated author creator publisher articleBody description articleSection"
)
_KEY = r'(?:"[@\w]{1,40}"|[@\w]{1,40})\s*+:'
_NAMES = f"{_FIELDS} isAccessibleForFree keywords image".replace(" ", "|")
_FIELD = re.compile(rf'(?:"|[{{,]\s{{0,20}}+)({_NAMES})"?\s*+:\s*+')
_AFTER_VALUE = re.compile(rf"\s*+(?:[}}\]]|$|,?\s*+(?:$|[{{\[/]|{_KEY}))")
# A string whose quotes are not escaped ends where the next field, or the object, does.
_QUOTED = re.compile(rf'"((?:[^"]|"(?!\s*+(?:,?\s*+{_KEY}|[}}\]]|,\s*+/)))*+)"')
_NAME = re.compile(r'[{\[][^}]{0,400}?"name"\s*+:\s*+"([^"]{1,200})"')
_OPENINGS = ("//", "<![CDATA[", "<!--", ";")
_CLOSINGS = ("//", "]]>", "-->", ";")


def nodes(scripts: list[str]) -> list[Node]:
    """Every typed object in the scripts, outermost first; at most MAX_NODES. What is not JSON is skipped."""
    found: list[Node] = []
    for script in scripts:
        for value in _values(script):
            for node in _typed(value, 0):
                found.append(node)
                if len(found) >= MAX_NODES:
                    return found
    return found


def types_of(node: Node) -> set[str]:
    """The lower-cased local names of a node's @type."""
    raw = node.get("@type")
    names = raw if isinstance(raw, list) else [raw]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def article_node(found: list[Node], url: str = "") -> Node | None:
    """The node that describes the page's article: of an article type, with the most to say, the page's own first."""

    def weight(node: Node) -> tuple[bool, bool, int]:
        kinds = types_of(node)
        own = bool(url) and url.rstrip("/") in {text(node.get(key)).rstrip("/") for key in ("url", "mainEntityOfPage")}
        known = sum(key in node for key in ("headline", "datePublished", "author", "articleBody", "publisher"))
        return own, "blog" not in kinds and "review" not in kinds, known

    articles = [node for node in found if types_of(node) & ARTICLE_TYPES]
    return max(articles, key=weight, default=None)


def page_node(found: list[Node]) -> Node | None:
    """The node that describes the page itself."""
    return next((node for node in found if types_of(node) & PAGE_TYPES), None)


def text(value: Any) -> str:
    """The text of a property value: a string, or the name, @id or url of an object, or the first of a list."""
    if isinstance(value, str):
        return " ".join(html.unescape(value).split())
    if isinstance(value, list):
        return next((got for got in map(text, value[:20]) if got), "")
    if isinstance(value, dict):
        return next((got for key in ("name", "@value", "@id", "url") if (got := text(value.get(key)))), "")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def names(value: Any, by_id: dict[str, Node]) -> list[str]:
    """The names of persons or organisations; references by @id are followed within the page."""
    if isinstance(value, list):
        return [name for item in value[:30] for name in names(item, by_id)]
    if isinstance(value, dict):
        target = by_id.get(str(value.get("@id")), value) if "name" not in value else value
        name = target.get("name")
        return names(name, {}) if isinstance(name, str | list) else []
    return [text(value)] if isinstance(value, str) and value.strip() else []


def _typed(value: Any, depth: int) -> Iterator[Node]:
    if depth > MAX_NESTING:
        return
    if isinstance(value, list):
        for item in value:
            yield from _typed(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key, item in value.items():
            if isinstance(item, dict | list) and key != "@context":
                yield from _typed(item, depth + 1)


def _values(script: str) -> Iterator[Any]:
    body = _unwrapped(script)
    if not body:
        return
    try:
        yield json.loads(body, strict=False)
        return
    except (ValueError, RecursionError):
        body = _mended(body)
    try:
        yield json.loads(body, strict=False)
        return
    except (ValueError, RecursionError):
        pass
    whole = list(_leading_values(body))
    yield from whole
    if not any(types_of(node) & ARTICLE_TYPES for value in whole for node in _typed(value, 0)):
        yield from _recovered(body)


def _unwrapped(script: str) -> str:
    """Without the comment marks that templates put around scripts."""
    body = script.strip()
    for _ in range(4):
        for opening in _OPENINGS:
            body = body.removeprefix(opening).lstrip()
        for closing in _CLOSINGS:
            body = body.removesuffix(closing).rstrip()
    return body


def _mended(body: str) -> str:
    mended = _CONTROL.sub(" ", body)
    if "&quot;" in mended and '"' not in mended:
        mended = html.unescape(mended)
    if '"' not in mended:
        mended = mended.replace("'", '"')
    return _TRAILING_COMMA.sub(r"\1", mended)


def _leading_values(body: str) -> Iterator[Any]:
    """Objects written one after the other, up to the first that is broken."""
    decoder = json.JSONDecoder(strict=False)
    at = 0
    for _ in range(20):
        at = min((found for char in "{[" if (found := body.find(char, at)) >= 0), default=-1)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(body, at)
        except (ValueError, RecursionError):
            return
        yield value


def _recovered(body: str) -> Iterator[Node]:
    """The article that broken JSON describes, field by field: what can be read of it, and nothing where no type says
    that it is one."""
    kinds = [kind for found in _TYPE.finditer(body) for kind in types_of({"@type": found[1]}) if kind in ARTICLE_TYPES]
    if not kinds:
        return
    node: Node = {"@type": kinds[0]}
    decoder = json.JSONDecoder(strict=False)
    for found in _FIELD.finditer(body):
        name = found[1]
        if name in node:
            continue
        try:
            node[name], end = decoder.raw_decode(body, found.end())
        except (ValueError, RecursionError):
            end = 0
        if not end or not _AFTER_VALUE.match(body, end):  # a quote in the text looked like its end
            node.pop(name, None)
            if text_in := _QUOTED.match(body, found.end()) or _NAME.match(body, found.end()):
                node[name] = text_in[1].replace('\\"', '"').replace("\\n", "\n")
    if len(node) > 1:
        yield node
