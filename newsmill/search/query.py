"""The query language for people: text to a small tree (pure). The stores translate the tree.

    query  = either { "OR" either }          OR binds weaker than standing side by side
    either = factor { [ "AND" ] factor }     every factor must hold
    factor = [ "-" | "NOT" ] ( "(" query ")" | field ":" value | phrase | word )
    value  = phrase | word
    phrase = '"' … '"'                       these words in a row; quotes of all kinds, also '…' around several words
    word   = anything without spaces         a trailing * finds every word that begins so; =word is exact, as in quotes

Operators are in capitals: or, and, not are words. Fields: site: (the host or any below it), lang:, source:, author:,
title:, url:, section:, after: (from that time on), before: (times before it), date: (that day, month or year). Times
are UTC: 2026, 2026-11, 2026-11-22, 2026-11-22T10:00+02:00, today, 3d. A name that is nearly a field's, or another
engine's, is told with the field that it may mean; what is like none is ordinary words. A quote or bracket that is never
closed is closed at the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsmill.search.fields import FIELDS, dated, language, nearest, site
from newsmill.search.forms import JOINED, signed
from newsmill.search.rungs import MOST_WORDS, too_many
from newsmill.search.tree import All, Any, BadQuery, Field, Filter, Not, Place, Query, Words, leaves
from newsmill.text.tokens import is_beginning, query_tokens

MAX_LENGTH = 2000  # characters; far above what people type, and what a store answers in bounded time
MAX_TERMS = 64
MAX_TOKENS = 128  # in all terms; OpenSearch takes 1024 clauses, and a token is one in each of four fields and more
MAX_DEPTH = 16  # brackets within brackets
_SIGN = r"((?:(?<=[\s(])|\A)[-+=])?"  # what follows a word or a phrase at once is part of it: “Blue Marble”-Foto
LEXEMES = re.compile(
    rf'\s+|{_SIGN}(?:([A-Za-z]+):)?"([^"]*)(?:"|$)(~\d+)?|((?:(?<=[\s(])|\A)-)?\(|(\))|{_SIGN}([^\s()"]+)'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟″«»「」『』＂❝❞", '"'))
_SINGLE = re.compile("(?<![^\\s(:])['‘‚‹]([^'‘’‚‹›\"]*+)['’‘›](?![^\\s)])")
_IN_HEBREW = re.compile('(?<=[א-ת])"(?=[א-ת])')  # gershayim, as most keyboards have it
_DASH = re.compile(r"(?<![^\s(])[−–—‐‑﹣－](?=[^\s−–—‐‑-])")
_PLACES = {"author": Place.AUTHORS, "title": Place.TITLE, "section": Place.SECTION}


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query's tree, and what is to be said of how it was read."""

    tree: Query
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str  # "(", ")", "or", "not", "phrase" or "word"
    sign: str = ""  # "-", "+", "=" or none
    field: str = ""
    text: str = ""
    near: str = ""  # what follows a phrase, and is not done
    unclosed: bool = False  # a phrase without an end


@dataclass(slots=True)
class _Reader:
    """Where a parse is, and what it has to say."""

    lexemes: list[_Lexeme]
    now: datetime
    at: int = 0
    notices: list[str] = field(default_factory=list)


def parse(text: str, now: datetime | None = None) -> Query:
    """The tree of a query. Raises BadQuery if it is too long, too deep, a value is none, or nothing is asked for."""
    return read_query(text, now).tree


def read_query(text: str, now: datetime | None = None) -> ParsedQuery:
    """The tree of a query, and what is to be told of it. Raises BadQuery as `parse` does.

    now: what `today` and `3d` mean; the clock's where it is not given.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"a query of {len(text)} characters; at most {MAX_LENGTH}")
    lexemes = list(_lexemes(text))
    if len(lexemes) > MAX_TERMS * 3:
        raise BadQuery(f"a query of {len(lexemes)} parts; at most {MAX_TERMS}")
    reader = _Reader(lexemes, now or datetime.now(UTC))
    tree = _either(reader, 0)
    terms = [leaf for leaf, _ in leaves(tree)]
    words = sum(len(leaf.tokens) for leaf in terms if isinstance(leaf, Words))
    if len(terms) > MAX_TERMS or words > MAX_TOKENS:
        raise BadQuery(f"a query of {len(terms)} terms and {words} words; at most {MAX_TERMS} and {MAX_TOKENS}")
    if not terms and text.strip():
        raise BadQuery(f"nothing to search for in {text.strip()[:40]!r}: words have letters or digits")
    if any(lexeme.unclosed for lexeme in lexemes):
        reader.notices.append("a quote is not closed: all that follows it was read as one phrase")
    if too_many(tree):
        reader.notices.append(f"other forms of words are looked for in queries of at most {MOST_WORDS} words")
    return ParsedQuery(tree, tuple(dict.fromkeys(reader.notices)))


def _lexemes(text: str) -> Iterator[_Lexeme]:
    text = _IN_HEBREW.sub("״", text).translate(_QUOTES)
    text = _DASH.sub("-", _SINGLE.sub(_phrase_of_words, text))
    for found in LEXEMES.finditer(text):
        sign, name, phrase, near, open_minus, close, word_sign, word = found.groups()
        if phrase is not None:
            yield _Lexeme("phrase", sign, (name or "").lower(), phrase, near or "", found[0].count('"') < 2)
        elif close:
            yield _Lexeme(")")
        elif found[0].endswith("(") and not word:
            yield _Lexeme("(", open_minus or "")
        elif word in ("OR", "NOT") and not word_sign:
            yield _Lexeme(word.lower())
        elif word and (word != "AND" or word_sign):
            name, colon, value = word.partition(":")
            known = bool(colon and value and name.isascii() and name.isalpha())
            yield _Lexeme("word", word_sign, name.lower() if known else "", value if known else word)


def _phrase_of_words(found: re.Match[str]) -> str:
    """Single quotes around several words are quotes; around one they may be apostrophes."""
    return f'"{found[1]}"' if len(found[1].split()) > 1 else found[0]


def _either(reader: _Reader, depth: int) -> Query:
    if depth > MAX_DEPTH:
        raise BadQuery(f"brackets deeper than {MAX_DEPTH}")
    choices: list[Query] = []
    parts: list[Query] = []
    negated = False
    while reader.at < len(reader.lexemes):
        lexeme = reader.lexemes[reader.at]
        reader.at += 1
        if lexeme.kind == ")":
            if depth:
                break
        elif lexeme.kind == "or":
            choices.extend(_all(parts))
            parts = []
        elif lexeme.kind == "not":
            negated = True
            continue
        else:
            term = _either(reader, depth + 1) if lexeme.kind == "(" else _term(lexeme, reader)
            if term is not None and term != All():
                parts.append(Not(term) if negated != (lexeme.sign == "-") else term)
        negated = False
    choices.extend(_all(parts))
    if len(choices) > 1:
        return Any(tuple(choices))
    return choices[0] if choices else All()


def _all(parts: list[Query]) -> list[Query]:
    """Side by side; nothing at all (as beside an OR at an end) is no choice."""
    if len(parts) < 2:
        return parts
    return [All(tuple(parts))]


def _term(lexeme: _Lexeme, reader: _Reader) -> Query | None:
    """None if there is nothing in it to search for, such as a lone dash."""
    name, value = lexeme.field, lexeme.text
    if lexeme.near:
        reader.notices.append(f"words near each other are not looked for: {lexeme.near} was left out")
    if name and name not in FIELDS:
        meant = nearest(name)
        if not meant:
            return _words(lexeme, f"{name}:{value}" if lexeme.kind == "word" else value, reader)
        if meant in ("author", "title", "url", "section", "source"):
            reader.notices.append(f"there is no field {name}: did you mean {meant}:? Its words are looked for anywhere")
            return _words(lexeme, value, reader)
        reader.notices.append(f"there is no field {name}: it was read as {meant}:")
        name = meant
    match name:
        case "site":
            found, told = site(value)
            reader.notices += [told] if told else []
            return found
        case "lang":
            return language(value)
        case "source" | "url":
            return Filter(Field(name), value.lower())
        case "after" | "before" | "date":
            return dated(name, value, reader.now)
        case _:
            return _words(lexeme, value, reader)


def _words(lexeme: _Lexeme, text: str, reader: _Reader) -> Words | None:
    place = _PLACES.get(lexeme.field, Place.ARTICLE)
    exact = lexeme.kind == "phrase" or lexeme.sign in ("=", "+")
    if lexeme.kind == "word" and len(signs := signed(text)) == 1 and len(query_tokens(text)) == 1:
        return Words((JOINED + signs[0],), place=Place.FORMS, exact=True, text=text)
    begun, star, rest = text.partition("*") if lexeme.kind == "word" else (text, "", "")
    if query_tokens(begun) and query_tokens(rest):
        reader.notices.append(f"* stands at the end of a word only: {text[:40]} was read as {begun[:40]}*")
        text = begun
    elif star:
        text = begun or rest
    tokens = query_tokens(text)
    if not tokens:
        return None
    prefix = bool(star and query_tokens(begun)) or is_beginning(tokens[-1])
    return Words(tokens, prefix=prefix, place=place, exact=exact, text=text)
