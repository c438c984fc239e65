"""What a query is: a small tree (pure). query.py makes it of a text, rungs.py widens it, the stores translate it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class BadQuery(ValueError):
    """This query cannot be answered; the message says why."""


class Field(StrEnum):
    """What a `Filter` compares, exactly and without case; an address has the value somewhere in it."""

    SITE = "site"
    LANGUAGE = "lang"
    SOURCE = "source"
    URL = "url"


class Place(StrEnum):
    """Where words are looked for. FORMS: what forms.py made of the article."""

    ARTICLE = "article"
    TITLE = "title"
    AUTHORS = "authors"
    SECTION = "section"
    FORMS = "forms"


@dataclass(frozen=True, slots=True)
class Words:
    """These tokens in a row, in one place.

    prefix: the last one only begins. exact: as typed, no other forms (in quotes, or with =). text: as typed.
    """

    tokens: tuple[str, ...]
    prefix: bool = False
    place: Place = Place.ARTICLE
    exact: bool = field(default=False, compare=False)
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
Leaf = Words | Filter | Dated


def leaves(query: Query, negated: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """The terms of a query, each with whether it is excluded."""
    match query:
        case Not(part):
            yield from leaves(part, not negated)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part, negated)
        case _:
            yield query, negated


def positive(query: Query) -> bool:
    """Whether this only says what words an article has."""
    match query:
        case Words():
            return True
        case All(parts) | Any(parts):
            return bool(parts) and all(positive(part) for part in parts)
    return False
