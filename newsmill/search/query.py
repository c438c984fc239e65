"""The query language for people: text to a small tree (pure). The stores translate the tree.

    query  = either { "OR" either }          OR binds weaker than standing side by side
    either = factor { [ "AND" ] factor }     every factor must hold
    factor = [ "-" ] ( "(" query ")" | field ":" value | phrase | word )
    value  = phrase | word
    phrase = '"' … '"'                       these words in a row
    word   = anything without spaces         a trailing * finds every word that begins so

Fields: site: (the host or any below it), lang:, source:, author:, after: (from that day on), before: (days
before it). Days are UTC: 2026, 2026-11 or 2026-11-22. What is no such field is ordinary words. A quote or
bracket that is never closed is closed at the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from newsmill.text.tokens import is_beginning, query_tokens

MAX_LENGTH = 2000  # characters; far above what people type, and what a store answers in bounded time
MAX_TERMS = 64
MAX_TOKENS = 128  # in all terms; OpenSearch takes 1024 clauses, and a token is one in each of four fields and more
MAX_DEPTH = 16  # brackets within brackets
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
LEXEMES = re.compile(r'\s+|(-?)(?:([A-Za-z]+):)?"([^"]*)(?:"|$)|(-?)\(|(\))|(-?)([^\s()"]+)')


class BadQuery(ValueError):
    """This query cannot be answered; the message says why."""


class Field(StrEnum):
    """What a `Filter` compares, exactly and without case."""

    SITE = "site"
    LANGUAGE = "lang"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Words:
    """These tokens in a row, in the article or (authors) in the names of its authors.

    prefix: the last one only begins. text: as typed, for stores that can rank by word stems; the tokens decide.
    """

    tokens: tuple[str, ...]
    prefix: bool = False
    authors: bool = False
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """The field has this value; a site also has those of its parents."""

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Dated:
    """Published (or fetched, where that is unknown) within [since, until)."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Not:
    part: "Query"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no parts, everything."""

    parts: tuple["Query", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple["Query", ...]


Query = Words | Filter | Dated | Not | All | Any


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str  # "(", ")", "or", "phrase" or "word"
    negated: bool = False
    field: str = ""
    text: str = ""


def parse(text: str) -> Query:
    """The tree of a query. Raises BadQuery if it is too long, too deep, or a date is none."""
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"a query of {len(text)} characters; at most {MAX_LENGTH}")
    lexemes = list(_lexemes(text))
    if len(lexemes) > MAX_TERMS * 3:
        raise BadQuery(f"a query of {len(lexemes)} parts; at most {MAX_TERMS}")
    tree, _ = _either(lexemes, 0, 0)
    terms = [leaf for leaf, _ in leaves(tree)]
    words = sum(len(leaf.tokens) for leaf in terms if isinstance(leaf, Words))
    if len(terms) > MAX_TERMS or words > MAX_TOKENS:
        raise BadQuery(f"a query of {len(terms)} terms and {words} words; at most {MAX_TERMS} and {MAX_TOKENS}")
    return tree


def leaves(query: Query, negated: bool = False) -> Iterator[tuple[Words | Filter | Dated, bool]]:
    """The terms of a query, each with whether it is excluded."""
    match query:
        case Not(part):
            yield from leaves(part, not negated)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part, negated)
        case _:
            yield query, negated


def _lexemes(text: str) -> Iterator[_Lexeme]:
    for found in LEXEMES.finditer(text):
        minus, field, phrase, open_minus, close, word_minus, word = found.groups()
        if phrase is not None:
            yield _Lexeme("phrase", bool(minus), (field or "").lower(), phrase)
        elif close:
            yield _Lexeme(")")
        elif open_minus is not None:
            yield _Lexeme("(", bool(open_minus))
        elif word == "OR" and not word_minus:
            yield _Lexeme("or")
        elif word and (word != "AND" or word_minus):
            name, colon, value = word.partition(":")
            known = bool(colon and value and name.lower() in FIELDS)
            yield _Lexeme("word", bool(word_minus), name.lower() if known else "", value if known else word)


def _either(lexemes: list[_Lexeme], at: int, depth: int) -> tuple[Query, int]:
    if depth > MAX_DEPTH:
        raise BadQuery(f"brackets deeper than {MAX_DEPTH}")
    choices: list[Query] = []
    parts: list[Query] = []
    while at < len(lexemes):
        lexeme = lexemes[at]
        at += 1
        if lexeme.kind == ")":
            if depth:
                break
        elif lexeme.kind == "or":
            choices.extend(_all(parts))
            parts = []
        elif lexeme.kind == "(":
            inner, at = _either(lexemes, at, depth + 1)
            if inner != All():
                parts.append(Not(inner) if lexeme.negated else inner)
        else:
            term = _term(lexeme)
            if term is not None:
                parts.append(Not(term) if lexeme.negated else term)
    choices.extend(_all(parts))
    if len(choices) > 1:
        return Any(tuple(choices)), at
    return (choices[0] if choices else All()), at


def _all(parts: list[Query]) -> list[Query]:
    """Side by side; nothing at all (as beside an OR at an end) is no choice."""
    if len(parts) < 2:
        return parts
    return [All(tuple(parts))]


def _term(lexeme: _Lexeme) -> Query | None:
    """None if there is nothing in it to search for, such as a lone dash."""
    match lexeme.field:
        case "site":
            return Filter(Field.SITE, lexeme.text.lower().strip(".").removeprefix("www."))
        case "lang" | "source":
            return Filter(Field(lexeme.field), lexeme.text.lower())
        case "after":
            return Dated(since=_day(lexeme.text))
        case "before":
            return Dated(until=_day(lexeme.text))
        case name:
            tokens = query_tokens(lexeme.text)
            if not tokens:
                return None
            star = lexeme.kind == "word" and lexeme.text.endswith("*")
            return Words(tokens, prefix=star or is_beginning(tokens[-1]), authors=name == "author", text=lexeme.text)


FIELDS = frozenset({"site", "lang", "source", "author", "after", "before"})


def _day(text: str) -> datetime:
    parts = DAY.fullmatch(text.strip())
    try:
        if not parts:
            raise ValueError(text)
        year, month, day = (int(part) if part else 1 for part in parts.groups())
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError as error:
        raise BadQuery(f"not a day: {text[:40]!r}; write 2026-11-22, 2026-11 or 2026") from error
