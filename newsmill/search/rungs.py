"""The rungs that a search goes down: exact words, their other forms, most words (pure)."""

import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from newsmill.search.forms import JOINED, asked_parts, asked_sound, asked_stems, joined, words_of
from newsmill.search.tree import All, Any, Field, Filter, Not, Place, Query, Words, leaves, positive
from newsmill.text.stems import LANGUAGES
from newsmill.text.tokens import query_tokens, tokens


class Rung(StrEnum):
    """How far a search went: what the last of its hits share with the query."""

    EXACT = "exact"  # every word as typed
    FORMS = "forms"  # every word in some form
    MOST = "most"  # most words, those that no article has left out


ENOUGH = 10  # hits; with fewer the next rung is taken, so that the first page is full where it can be
MOST_FORMS = 40  # alternatives of a word; the languages of one script are fewer
MOST_WORDS = 24  # looked for in other forms, and in the last rung; OpenSearch takes 1024 clauses in all
LEAST_APART = 3  # letters of each part of a word that the last rung takes apart: not of AT&T, U.S., don't
COMMON = 0.1  # of all articles; words in more of them say too little to find an article by
_SCRIPTS = (
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), ("el",)),
    (re.compile("[\u0400-\u052f]"), ("be", "bg", "mk", "ru", "sr", "uk")),
    (re.compile("[\u0530-\u058f]"), ("hy",)),
    (re.compile("[\u0590-\u05ff]"), ("he", "yi")),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa")),
    (re.compile("[\u0900-\u097f]"), ("hi", "ne")),
    (re.compile("[\u0b80-\u0bff]"), ("ta",)),
)
_OTHERS = frozenset(code for _, codes in _SCRIPTS for code in codes if code != "sr")
_LATIN = tuple(code for code in LANGUAGES if code not in _OTHERS)
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_SPELT = re.compile("ae|oe|ue|aa")
_OKURIGANA = re.compile("([\u4e00-\u9fff]+[\u3041-\u3096]*)[\u3041-\u3096]")  # 食べる, 食べた: all but the last letter


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a search may do without: as typed, and in any form."""

    typed: Words
    wide: Query

    @property
    def text(self) -> str:
        """The word as it was typed."""
        return self.typed.text


@dataclass(frozen=True, slots=True)
class AskedWords:
    """What a query asks for beside filters. required: all that must hold in every rung."""

    words: tuple[Word, ...]
    required: tuple[Query, ...]
    has_forms: bool


@dataclass(frozen=True, slots=True)
class Count:
    """The articles that have a word as typed, and in any form; of common words as typed only, as far as that tells."""

    exact: int
    wide: int


@dataclass(frozen=True, slots=True)
class RungStep:
    """A rung below the first: at least so many of these words, each in some form, and what is required.

    weights: what a word says, by how rare it is. missing: words that no article has in any form.
    """

    words: tuple[Query, ...]
    weights: tuple[float, ...]
    least: int
    required: tuple[Query, ...]
    missing: tuple[str, ...] = ()


def asked(query: Query, wide: Query) -> AskedWords:
    """The words of a query, as typed and widened. An OR or brackets at the top are as one word."""
    parts = query.parts if isinstance(query, All) else (query,)
    wides = wide.parts if isinstance(query, All) and isinstance(wide, All) else (wide,)
    free = [isinstance(part, Words) and not fixed(part) for part in parts]
    words = tuple(Word(p, w) for p, w in zip(parts, wides, strict=True) if isinstance(p, Words) and not fixed(p))
    required = tuple(w for w, is_free in zip(wides, free, strict=True) if not is_free)
    return AskedWords(words, required, wide != query)


def fixed(words: Words) -> bool:
    """Whether these words must be there as they are: quoted, begun, or in a field of their own."""
    return words.exact or words.place is not Place.ARTICLE


def apart(words: Sequence[Word], widen: Callable[[Query], Query]) -> tuple[Word, ...]:
    """The words of the last rung: what was typed in one is looked for part by part."""
    parts = [part for word in words for part in _apart(word.typed)][:MOST_WORDS]
    whole = {word.typed: word for word in words}
    return tuple(whole[part] if part in whole else Word(part, widen(part)) for part in parts)


def forms_in(query: Query) -> list[str]:
    """The whole forms that a widened query looks for."""
    return [
        leaf.tokens[0]
        for leaf, _ in leaves(query)
        if isinstance(leaf, Words) and leaf.place is Place.FORMS and not leaf.prefix
    ]


def only_with(query: Query, present: Collection[str]) -> Query:
    """A widened query without the forms that no article has: nothing else is found by it, and sooner."""
    match query:
        case All(parts):
            return All(tuple(only_with(part, present) for part in parts))
        case Any(parts):
            kept = tuple(only_with(part, present) for part in parts if not _absent(part, present))
            return (kept[0] if len(kept) == 1 else Any(kept)) if kept else parts[0]
    return query


def _absent(query: Query, present: Collection[str]) -> bool:
    whole = isinstance(query, Words) and query.place is Place.FORMS and not query.prefix
    return whole and isinstance(query, Words) and query.tokens[0] not in present


def all_forms(of: AskedWords, counts: Sequence[Count], articles: int) -> RungStep | None:
    """The rung of all words in any form; None if that is no more than the first."""
    told = [(word, count) for word, count in zip(of.words, counts, strict=True) if count.exact <= common(articles)]
    told = told or list(zip(of.words, counts, strict=True))
    firm = tuple(part for part in of.required if positive(part))
    if (len(told) == len(of.words) and not of.has_forms) or any(not count.wide for _, count in told):
        return None
    words = (*(word.wide for word, _ in told), *firm)
    weights = (*(weight(count.wide, articles) for _, count in told), *(1.0 for _ in firm))
    return RungStep(words, weights, len(words), tuple(part for part in of.required if part not in firm))


def most_words(words: Sequence[Word], counts: Sequence[Count], of: AskedWords, *, articles: int) -> RungStep | None:
    """The rung of most words; None if no article has any of them."""
    found = [(word, count) for word, count in zip(words, counts, strict=True) if count.wide]
    told = [(word, count) for word, count in found if count.exact <= common(articles)] or found
    missing = tuple(word.text for word, count in zip(words, counts, strict=True) if not count.wide)
    if not told:
        firm = tuple(part for part in of.required if positive(part))
        rest = tuple(part for part in of.required if part not in firm)
        return RungStep(firm, (1.0,) * len(firm), len(firm), rest, missing) if firm else None
    weights = tuple(weight(count.wide, articles) for _, count in told)
    return RungStep(tuple(word.wide for word, _ in told), weights, least_of(len(told)), of.required, missing)


def common(articles: int) -> int:
    """In how many of so many articles a word may be that tells something."""
    return max(int(COMMON * articles), ENOUGH)


def weight(count: int, articles: int) -> float:
    """What BM25 calls the inverse document frequency."""
    return math.log(1 + (max(articles - count, 0) + 0.5) / (count + 0.5))


def languages_of(query: Query, present: Iterable[str]) -> frozenset[str]:
    """The languages whose forms are looked for: those that the query names, else those that the index has."""
    parts = query.parts if isinstance(query, All) else (query,)
    named = {part.value for part in parts if isinstance(part, Filter) and part.field is Field.LANGUAGE}
    return frozenset(named or present)


def widened(query: Query, languages: frozenset[str]) -> Query:
    """The query with each of its words, unless excluded or exact, in any of its forms; as it is if it has too many."""
    return query if too_many(query) else _all_widened(query, languages)


def too_many(query: Query) -> bool:
    """Whether a query has more words than are looked for in all their forms."""
    return sum(isinstance(leaf, Words) for leaf, _ in leaves(query)) > MOST_WORDS


def _all_widened(query: Query, languages: frozenset[str]) -> Query:
    match query:
        case Words():
            return _widened(query, languages)
        case All(parts):
            return All(tuple(_all_widened(part, languages) for part in parts))
        case Any(parts):
            return Any(tuple(_all_widened(part, languages) for part in parts))
    return query


def _widened(words: Words, languages: frozenset[str]) -> Query:
    if words.exact or words.prefix or words.place is not Place.ARTICLE:
        return words
    ways = list(dict.fromkeys(_ways(words, languages)))[:MOST_FORMS]
    return Any((words, *ways)) if ways else words


def _ways(words: Words, languages: frozenset[str]) -> Iterable[Query]:
    text = words.text.strip()
    for other in _spellings(words):
        yield Words(other)
    if len(words.tokens) == 1:
        yield Words((JOINED + words.tokens[0],), place=Place.FORMS)
    for one in joined(text):
        yield Words((one,))
        yield Words((JOINED + one,), place=Place.FORMS)
    written = words_of(text)
    if len(written) == 1 and len(written[0]) > 1:
        yield from _forms_of(written[0], languages)
    elif len(written) > 1 and len(tokens(text)) == len(written):
        yield All(tuple(_of_part(part, languages) for part in written))
    if found := _OKURIGANA.fullmatch(text):
        yield Words(tuple(tokens(found[1])), prefix=True)


def _of_part(part: str, languages: frozenset[str]) -> Query:
    """A word that stands between marks, such as each of harbour-masters."""
    alone = Words(tuple(tokens(part)), text=part)
    found = tuple(_forms_of(part, languages)) if len(part) > 1 else ()
    return Any((alone, *found)) if found else alone


def _forms_of(word: str, languages: frozenset[str]) -> Iterable[Words]:
    asked = [code for code in _of_script(word) if code in languages]
    for token in asked_stems(word, asked):
        yield Words((token,), place=Place.FORMS)
    for token in asked_parts(word, asked):
        yield Words((token,), prefix=True, place=Place.FORMS)
    if word[0].isupper():
        yield from (Words((token,), place=Place.FORMS) for token in asked_sound(word))


def _of_script(word: str) -> Sequence[str]:
    return next((codes for script, codes in _SCRIPTS if script.search(word)), _LATIN)


def _spellings(words: Words) -> Iterable[tuple[str, ...]]:
    """Second ways to write German and Nordic letters: Müller, Mueller; Søren, Soeren; Ågård, Aagaard."""
    spelt_out = tuple(tokens(words.text.lower().translate(_SPELT_OUT)))
    if spelt_out != words.tokens:
        yield spelt_out
    short = tuple(_SPELT.sub(lambda found: found[0][0], token) for token in words.tokens)
    if short != words.tokens:
        yield short


def without_forms(query: Query) -> Query:
    """The query for an index that has words only, as those before forms have."""
    match query:
        case Words(place=Place.FORMS | Place.SECTION):
            return replace(query, tokens=query_tokens(query.text), place=Place.ARTICLE)
        case Not(part):
            return Not(without_forms(part))
        case All(parts):
            return All(tuple(without_forms(part) for part in parts))
        case Any(parts):
            return Any(tuple(without_forms(part) for part in parts))
    return query


def asks_for_words(query: Query) -> bool:
    """Whether a query has words that may be ranked by."""
    return any(isinstance(leaf, Words) and not excluded for leaf, excluded in leaves(query))


def _apart(words: Words) -> list[Words]:
    """The single words of what was typed in one: pairs of an unspaced script, parts between marks."""
    if len(words.tokens) == 1:
        return [words]
    written = words_of(words.text)
    if min(map(len, written), default=LEAST_APART) < LEAST_APART:
        return [words]
    if len(written) == len(words.tokens):
        return [replace(words, tokens=tuple(tokens(part)), text=part, prefix=False) for part in written]
    return [replace(words, tokens=(token,), text=token, prefix=False) for token in words.tokens]


def least_of(words: int) -> int:
    """How many of so many words an article must have."""
    return max(1, (words + 1) // 3)
