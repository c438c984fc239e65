"""A query tree as OpenSearch's query DSL (pure). Values only ever stand where the DSL takes a value.

Tokens and forms decide what is found, as in SQLite, so the hits are the same; how they are ranked within a rung is
OpenSearch's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any as Json

from newsmill.search.rungs import Count, RungStep, Word
from newsmill.search.tree import All, Any, Dated, Field, Filter, Not, Place, Query, Words, positive

WEIGHTS = {"tokens.title": 8.0, "tokens.text": 1.0, "tokens.description": 2.0, "tokens.keywords": 2.0}
PLACES = {
    Place.ARTICLE: WEIGHTS,
    Place.TITLE: {"tokens.title": 1.0},
    Place.AUTHORS: {"tokens.authors": 1.0},
    Place.SECTION: {"tokens.section": 1.0},
}
FILTERED = {Field.SITE: "sites", Field.LANGUAGE: "language", Field.SOURCE: "source"}
EXPANSIONS = 10_000  # words that a beginning within a phrase may stand for; a single word has no such bound
FACET_VALUES = 20
OWNERS_MOST = 1_000  # articles looked at for who stands for the stories of one page
EXACT_STORIES = 40_000  # the most that OpenSearch counts nearly exactly
# Added to the score of a rung, and far above what words give, so that age (which takes at most the rest of LEAST_SHARE)
# never puts an article into another rung: 0.25 * 40,000 > 4,000 + words; 0.25 * 4,000 > words.
RUNG_SCORES = (40_000.0, 4_000.0, 0.0)
LEAST_SHARE = 0.25  # of its score that an article keeps, however old; as in SQLite
NOT_DELETED: dict[str, Json] = {"term": {"deleted": False}}


@dataclass(frozen=True, slots=True)
class Rungs:
    """What a search asks for, rung by rung. steps: those below the first."""

    exact: Query
    steps: tuple[RungStep, ...]
    ranks: bool

    def found(self) -> dict[str, Json]:
        """The clause that every hit meets, with the scores of its rung."""
        if not self.ranks:
            return {"bool": {"filter": [clause(self.exact)]}}
        numbers = range(len(self.steps) + 1)
        scored = [_higher(self.rung(number), RUNG_SCORES[number], f"rung{number}") for number in numbers]
        return {"bool": {"should": scored, "minimum_should_match": 1}}

    def rung(self, number: int) -> dict[str, Json]:
        """The clause of one rung, scored by its words."""
        return _step(self.steps[number - 1]) if number else _exact(self.exact)


@dataclass(frozen=True, slots=True)
class View:
    """Which hits are wanted, and how. half_life: days; 0: relevance does not fall with age."""

    limit: int
    offset: int
    by_date: bool
    collapse: bool
    facets: bool
    half_life: float


def search_body(rungs: Rungs, view: View) -> dict[str, Json]:
    """The whole request for a page."""
    newest = [{"date": "desc"}, {"url": "asc"}]
    found = {"bool": {"filter": [NOT_DELETED], "must": [rungs.found()]}}
    body: dict[str, Json] = {
        "query": _aged(found, view.half_life) if view.half_life and rungs.ranks else found,
        "from": view.offset,
        "size": view.limit,
        "track_total_hits": True,
        "track_scores": True,
        "sort": newest if view.by_date else ["_score", *newest],
        "_source": ["document", "story"],
        "aggs": {f"rung{number}": {"filter": rungs.rung(number)} for number in range(len(rungs.steps) + 1)},
    }
    if view.facets:
        body["aggs"] |= _facets()
    if view.collapse:
        body["collapse"] = {"field": "story"}
        body["aggs"]["stories"] = {"cardinality": {"field": "story", "precision_threshold": EXACT_STORIES}}
    return body


def owners_body(rungs: Rungs, stories: Sequence[str], prefer: Sequence[str]) -> dict[str, Json]:
    """How many found articles tell each of these stories; and those that began one, or are of a preferred source."""
    first: list[Json] = [{"ids": {"values": list(stories)}}]
    first += [{"terms": {"source": list(prefer)}}] if prefer else []
    filters = [NOT_DELETED, {"terms": {"story": list(stories)}}, rungs.found()]
    return {
        "query": {"bool": {"filter": filters}},
        "post_filter": {"bool": {"should": first, "minimum_should_match": 1}},
        "aggs": {"told": {"terms": {"field": "story", "size": len(stories)}}},
        "size": OWNERS_MOST,
        "sort": [{"date": "asc"}, {"url": "asc"}],
        "_source": ["document"],
    }


def counts_body(words: Sequence[Word]) -> dict[str, Json]:
    """How many articles there are, and how many have each word as typed and in any form."""
    filters = {f"exact{at}": {"filter": clause(word.typed)} for at, word in enumerate(words)}
    filters |= {f"wide{at}": {"filter": clause(word.wide)} for at, word in enumerate(words)}
    return {"size": 0, "track_total_hits": True, "query": NOT_DELETED, "aggs": filters}


def counts(answer: dict[str, Json], words: int) -> list[Count]:
    """What such a request found."""
    found = answer["aggregations"]
    return [Count(found[f"exact{at}"]["doc_count"], found[f"wide{at}"]["doc_count"]) for at in range(words)]


def clause(query: Query) -> dict[str, Json]:
    """The DSL of a tree."""
    match query:
        case Words(place=Place.FORMS):
            return _form(query)
        case Words():
            ways = [_phrase(field, query, boost) for field, boost in PLACES[query.place].items()]
            return _either(ways)
        case Filter(Field.URL, value):
            pattern = "".join(f"\\{char}" if char in "*?\\" else char for char in value)
            return {"wildcard": {"url": {"value": f"*{pattern}*", "case_insensitive": True}}}
        case Filter(field, value):
            return {"term": {FILTERED[field]: value}}
        case Dated(since, until):
            limits = {"gte": since, "lt": until}
            return {"range": {"date": {name: day.isoformat() for name, day in limits.items() if day}}}
        case Not(part):
            return {"bool": {"must_not": [clause(part)]}}
        case All(parts):
            return {"bool": {"must": [clause(part) for part in parts]}} if parts else {"match_all": {}}
        case Any(parts):
            forms = [part for part in parts if isinstance(part, Words) and part.place is Place.FORMS]
            whole = [part.tokens[0] for part in forms if not part.prefix]
            ways = [clause(part) for part in parts if part not in forms or (isinstance(part, Words) and part.prefix)]
            return _either([*ways, {"terms": {"forms": whole}}] if whole else ways)
    raise TypeError(f"not a query: {query}")


def _either(ways: list[dict[str, Json]]) -> dict[str, Json]:
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways, "minimum_should_match": 1}}


def _exact(query: Query) -> dict[str, Json]:
    parts = query.parts if isinstance(query, All) else (query,)
    words = [clause(part) for part in parts if positive(part)]
    return {"bool": {"must": words, "filter": [clause(part) for part in parts if not positive(part)]}}


def _step(step: RungStep) -> dict[str, Json]:
    words = [
        {"constant_score": {"filter": clause(word), "boost": weight}}
        for word, weight in zip(step.words, step.weights, strict=True)
    ]
    required = [clause(part) for part in step.required]
    return {"bool": {"should": words, "minimum_should_match": step.least, "filter": required}}


def _higher(rung: dict[str, Json], score: float, name: str) -> dict[str, Json]:
    more = [{"constant_score": {"filter": {"match_all": {}}, "boost": score}}] if score else []
    return {"bool": {"must": [rung, *more], "_name": name}}


def _aged(query: dict[str, Json], half_life: float) -> dict[str, Json]:
    """The query, its scores falling with age. What is dated in the future counts as if it were as old."""
    falls = {"exp": {"date": {"origin": "now", "scale": f"{max(int(half_life * 24), 1)}h", "decay": 0.5}}}
    parts = [{"weight": LEAST_SHARE}, falls | {"weight": 1 - LEAST_SHARE}]
    return {"function_score": {"query": query, "functions": parts, "score_mode": "sum", "boost_mode": "multiply"}}


def _form(words: Words) -> dict[str, Json]:
    return {"prefix" if words.prefix else "term": {"forms": {"value": words.tokens[0]}}}


def _phrase(field: str, words: Words, boost: float) -> dict[str, Json]:
    if words.prefix and len(words.tokens) == 1:
        return {"prefix": {field: {"value": words.tokens[0], "boost": boost}}}
    text = " ".join(words.tokens)
    if words.prefix:
        return {"match_phrase_prefix": {field: {"query": text, "max_expansions": EXPANSIONS, "boost": boost}}}
    return {"match_phrase": {field: {"query": text, "boost": boost}}}


def _facets() -> dict[str, Json]:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    names = ("site", "language", "source")
    month = {"field": "date", "calendar_interval": "month", "format": "yyyy-MM", "min_doc_count": 1}
    return {
        **{name: {"terms": {"field": name, "size": FACET_VALUES, "order": order}} for name in names},
        "month": {"date_histogram": {**month, "order": {"_key": "desc"}}},
    }
