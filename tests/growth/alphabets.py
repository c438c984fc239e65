"""Inputs of any length: each token of an alphabet again and again, in pairs, and nested; the tokens of a pattern."""

import itertools
import re
from collections.abc import Callable, Iterator
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

Make = Callable[[int], str]
MAX_TOKENS = 6  # of a pattern: an alternative of many words begins as one of few
END = "\x00!"  # fits nowhere, so that what was begun fails at the end

MARKUP = (
    "<!---->",
    "<!--",
    "-->",
    "<a>",
    "</a>",
    "<",
    ">",
    "&amp;",
    "&",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "<!",
    "\n",
    " ",
    "\0",
)
FEED = (
    *MARKUP,
    "<item>",
    "</item>",
    "<link>http://a.example/1</link>",
    "<title>",
    "<b>",
    "<x:a>",
    "xmlns:a='b' ",
    "<pubDate>T</pubDate>",
)
SITEMAP = (
    *MARKUP,
    "<url>",
    "</url>",
    "<url ",
    "<loc>",
    "<loc>/a</loc>",
    "<sitemap>",
    "<image:loc>",
    "<x:",
    "a.",
    "<url><loc>/a</loc></url>",
)
PAGE = (
    *MARKUP,
    "<a href='/2026/a-b-c-d-e'>x</a>",
    "<div class='a'>",
    "<p>word word",
    "<meta charset=",
    "<time datetime='T'>",
    "<script>",
    "word ",
    "<td>",
    "a=",
)
OPML = (
    *MARKUP,
    "<outline text='a'>",
    "<outline xmlUrl='http://a.example/'/>",
    "<outline xmlUrl='ftp://a'/>",
    "</outline>",
)
JSON = ("[", "]", "{", "}", '"', "\\", "\\u0041", '{"url":"http://a.example/1"},', '{"a":', "1", ",", "-", " ", "[[],")
LIST = ("http://a.example/x\n", "x\n", "#", "\n", " ", "%20", "\t", "http://")
ROBOTS = (
    "User-agent: *\n",
    "Disallow: /a*b$\n",
    "Disallow:",
    "*",
    "$",
    "#",
    " ",
    "\n",
    "\r",
    "%41",
    "Allow",
    "Sitemap: /a\n",
    "user agent ",
    "é",
)
ADDRESS = (
    "%20",
    "%C2%A0",
    "%",
    "a-",
    "a_",
    "/",
    "../",
    "?",
    "&",
    "utm_a=1&",
    ";sid=1",
    "#",
    "@",
    ":",
    ".",
    "(S(a))",
    "é",
    "http://",
    "amp;",
    "\t",
)
DATE = ("1", " ", "T", "-", ":", "+", ".", "Jan ", "12:00 ", "2026-", "Z", "GMT", "年", "/")
HEADER = ("charset=", " ", ";", "=", '"', "'", ",", "max-age=", "a", "\t", "\\")
QUERY = ("(", ")", '"', "-", "a* ", "OR ", "site:", " ", "a ", "after:2026 ", "-(", "AND ", ":")
HTTP = ("HTTP/1.1 200 OK\r\n", "a: b\r\n", "a b\r\n", "\r\n", "\n", ":", " ", "\t", "X: \r\n y\r\n", "\0")
WARC = (
    "WARC/1.0\r\n",
    "WARC-Type: response\r\n",
    "a: b\r\n",
    "\r\n",
    "Content-Length: 5\r\n",
    "x",
    "\n",
    ":",
    "WARC/1.0\r\n\r\n\r\n",
)


def inputs(alphabet: tuple[str, ...]) -> Iterator[tuple[str, Make]]:
    """Each token repeated; each with its neighbour by turns; all; each nested in the last."""
    for token in alphabet:
        yield f"{token!r} repeated", _repeated(token)
    for one, other in zip(alphabet, (*alphabet[1:], alphabet[0]), strict=True):
        yield f"{one!r} and {other!r} by turns", _repeated(one + other)
        yield f"{one!r} then {other!r}", _then(one, other)
    yield "all by turns", _repeated("".join(alphabet))


def of_pattern(pattern: "re.Pattern[Any]") -> list[str]:
    """The tokens that a pattern knows: its literals, and a character of each of its classes."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    found = list(
        dict.fromkeys(
            _tokens(
                sre.parse(
                    text,
                    pattern.flags & ~re.DEBUG & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags,
                )
            )
        )
    )
    return list(dict.fromkeys([*found[:MAX_TOKENS], "a", " ", "\n"]))


def inputs_of(tokens: list[str]) -> Iterator[tuple[str, Make]]:
    """Every token, every pair by turns and one after the other."""
    for token in tokens:
        yield f"{token!r} repeated", _repeated(token)
    for one, other in itertools.permutations(tokens, 2):
        yield f"{one!r} and {other!r} by turns", _repeated(one + other)
        yield f"{one!r} before {other!r} repeated", _before(one, other)
    for count, token in itertools.product(range(2, len(tokens) + 1), tokens):
        begun = "".join(tokens[:count])
        yield f"{begun!r} before {token!r} repeated", _before(begun, token)


def _repeated(token: str) -> Make:
    return lambda length: (token * (length // len(token) + 1))[:length] + END


def _then(one: str, other: str) -> Make:
    return lambda length: one * (length // 2 // len(one) + 1) + other * (length // 2 // len(other) + 1) + END


def _before(one: str, other: str) -> Make:
    return lambda length: one + other * (length // len(other) + 1) + END


def _tokens(parsed: Any) -> Iterator[str]:
    literal = ""
    for op, value in parsed:
        if op is code.LITERAL:
            literal += chr(value)
            continue
        if literal:
            yield literal
            literal = ""
        if op is code.IN:
            yield _member(value)
        elif op is code.NOT_LITERAL or op is code.ANY:
            yield "a"
        elif op is code.BRANCH:
            for branch in value[1]:
                yield from _tokens(branch)
        elif op is code.SUBPATTERN:
            yield from _tokens(value[-1])
        elif op is code.ATOMIC_GROUP:
            yield from _tokens(value)
        elif op in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            yield from _tokens(value[2])
        elif op in (code.ASSERT, code.ASSERT_NOT):
            yield from _tokens(value[1])
    if literal:
        yield literal


def _member(items: Any) -> str:
    """A character of a class."""
    kinds = {code.CATEGORY_DIGIT: "1", code.CATEGORY_SPACE: " ", code.CATEGORY_WORD: "a"}
    for op, value in items:
        if op is code.LITERAL:
            return chr(value)
        if op is code.RANGE:
            return chr(value[0])
        if op is code.CATEGORY and value in kinds:
            return kinds[value]
    return "a"
