"""A query tree as OpenSearch's query DSL (pure). Values only ever stand where the DSL takes a value.

Tokens decide what is found, so the hits are those of SQLite; word stems add to the score, and with
`stems_find` also find what only shares a stem.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any as Json

from newsmill.search.query import All, Any, Dated, Field, Filter, Not, Query, Words, leaves
from newsmill.search.store import Sort

WEIGHTS = {"tokens.title": 8.0, "tokens.text": 1.0, "tokens.description": 2.0, "tokens.keywords": 2.0}
FILTERED = {Field.SITE: "sites", Field.LANGUAGE: "language", Field.SOURCE: "source"}
EXPANSIONS = 10_000  # words that a beginning within a phrase may stand for; a single word has no such bound
STEM_CLAUSES = 400  # of the 1024 that OpenSearch takes; the tokens of the longest query need 512
FACET_VALUES = 20
OWNERS_MOST = 1_000  # articles looked at for who stands for the stories of one page
EXACT_STORIES = 40_000  # the most that OpenSearch counts nearly exactly


@dataclass(frozen=True, slots=True)
class Dsl:
    """How trees become DSL. languages: those that have a field of stems."""

    languages: frozenset[str]
    stems_find: bool = False

    def body(self, query: Query, limit: int, offset: int, sort: Sort, facets: bool) -> dict[str, Json]:
        """The whole request."""
        words = [leaf for leaf, excluded in leaves(query) if isinstance(leaf, Words) and not excluded]
        ranked = sort is Sort.RELEVANCE and bool(words)
        stems = self._stem_fields(query)
        bare = {"term": {"deleted": False}}
        clause = self._clause(query, stems if self.stems_find else [])
        root = {"filter": [bare], "must": [clause]} if ranked else {"filter": [bare, clause]}
        if ranked and stems and not self.stems_find:
            root["should"] = [_stems(leaf, stems) for leaf in words if _stemmed(leaf)]
        newest = [{"date": "desc"}, {"url": "asc"}]
        body: dict[str, Json] = {
            "query": {"bool": root},
            "from": offset,
            "size": limit,
            "track_total_hits": True,
            "track_scores": True,
            "sort": ["_score", *newest] if ranked else newest,
            "_source": ["document", "story"],
        }
        if facets:
            body["aggs"] = _facets()
        return body

    def owners(self, query: Query, stories: Sequence[str], prefer: Sequence[str]) -> dict[str, Json]:
        """The found articles that began these stories, and those of preferred sources in them."""
        clause = self._clause(query, self._stem_fields(query) if self.stems_find else [])
        first: list[Json] = [{"ids": {"values": list(stories)}}]
        first += [{"terms": {"source": list(prefer)}}] if prefer else []
        chosen = {"bool": {"should": first, "minimum_should_match": 1}}
        filters = [{"term": {"deleted": False}}, {"terms": {"story": list(stories)}}, chosen, clause]
        return {
            "query": {"bool": {"filter": filters}},
            "size": OWNERS_MOST,
            "sort": [{"date": "asc"}, {"url": "asc"}],
            "_source": ["document"],
        }

    def _stem_fields(self, query: Query) -> list[str]:
        """The fields of stems worth asking: of the language that the query names, else all, or none if too many."""
        parts = query.parts if isinstance(query, All) else (query,)
        named = {part.value for part in parts if isinstance(part, Filter) and part.field is Field.LANGUAGE}
        languages = named & self.languages or self.languages
        tokens = sum(len(leaf.tokens) for leaf, _ in leaves(query) if isinstance(leaf, Words) and _stemmed(leaf))
        return sorted(f"stems.{name}" for name in languages) if tokens * len(languages) <= STEM_CLAUSES else []

    def _clause(self, query: Query, stems: list[str]) -> dict[str, Json]:
        match query:
            case Words():
                return _words(query, stems)
            case Filter(field, value):
                return {"term": {FILTERED[field]: value}}
            case Dated(since, until):
                limits = {"gte": since, "lt": until}
                return {"range": {"date": {name: day.isoformat() for name, day in limits.items() if day}}}
            case Not(part):
                return {"bool": {"must_not": [self._clause(part, stems)]}}
            case All(parts):
                return {"bool": {"must": [self._clause(part, stems) for part in parts]}} if parts else {"match_all": {}}
            case Any(parts):
                return {"bool": {"should": [self._clause(part, stems) for part in parts], "minimum_should_match": 1}}


def collapsed(body: dict[str, Json]) -> dict[str, Json]:
    """What a request has beside its own, so that each story is one hit."""
    counted = {"stories": {"cardinality": {"field": "story", "precision_threshold": EXACT_STORIES}}}
    return {
        "collapse": {"field": "story", "inner_hits": {"name": "story", "size": 0}},
        "aggs": {**body.get("aggs", {}), **counted},
    }


def other_articles(hit: dict[str, Json]) -> int:
    """How many articles beside the hit its story has."""
    if "inner_hits" not in hit:
        return 0
    return int(hit["inner_hits"]["story"]["hits"]["total"]["value"]) - 1


def _words(words: Words, stems: list[str]) -> dict[str, Json]:
    weights = {"tokens.authors": 1.0} if words.authors else WEIGHTS
    ways = [_phrase(field, words, boost) for field, boost in weights.items()]
    if stems and _stemmed(words):
        ways.append(_stems(words, stems))
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _stems(words: Words, fields: list[str]) -> dict[str, Json]:
    return {"multi_match": {"query": words.text, "type": "phrase", "fields": fields, "boost": 0.5}}


def _stemmed(words: Words) -> bool:
    return bool(words.text) and not words.prefix and not words.authors


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
