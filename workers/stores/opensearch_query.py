"""A query tree as OpenSearch's query DSL (pure). Values only ever stand where the DSL takes a value.

Tokens decide what is found, so the hits are those of SQLite; word stems add to the score, and with
`stems_find` also find what only shares a stem.
"""

from dataclasses import dataclass
from typing import Any as Json

from workers.index.query import All, Any, Dated, Field, Filter, Not, Query, Words, leaves
from workers.stores.search import Sort

WEIGHTS = {"tokens.title": 8.0, "tokens.text": 1.0, "tokens.description": 2.0, "tokens.keywords": 2.0}
FILTERED = {Field.SITE: "sites", Field.LANGUAGE: "language", Field.SOURCE: "source"}
EXPANSIONS = 10_000  # words that a beginning within a phrase may stand for; a single word has no such bound
FACET_VALUES = 20


@dataclass(frozen=True, slots=True)
class Dsl:
    """How trees become DSL. languages: those that have a field of stems."""

    languages: frozenset[str]
    stems_find: bool = False

    def body(self, query: Query, limit: int, offset: int, sort: Sort, facets: bool) -> dict[str, Json]:
        """The whole request."""
        ranked = sort is Sort.RELEVANCE and any(isinstance(leaf, Words) and not out for leaf, out in leaves(query))
        root: dict[str, Json] = {"filter": [{"term": {"deleted": False}}]}
        root["must" if ranked else "filter"] = [*root.get("must" if ranked else "filter", []), self.clause(query)]
        if ranked:
            root["should"] = [self._stems(leaf) for leaf, out in leaves(query) if _stemmed(leaf) and not out]
        newest = [{"date": "desc"}, {"url": "asc"}]
        body: dict[str, Json] = {
            "query": {"bool": root},
            "from": offset,
            "size": limit,
            "track_total_hits": True,
            "track_scores": True,
            "sort": ["_score", *newest] if ranked else newest,
            "_source": ["document"],
        }
        if facets:
            body["aggs"] = _facets()
        return body

    def clause(self, query: Query) -> dict[str, Json]:
        """One tree."""
        match query:
            case Words():
                return self._words(query)
            case Filter(field, value):
                return {"term": {FILTERED[field]: value}}
            case Dated(since, until):
                limits = {"gte": since, "lt": until}
                return {"range": {"date": {name: day.isoformat() for name, day in limits.items() if day}}}
            case Not(part):
                return {"bool": {"must_not": [self.clause(part)]}}
            case All(parts):
                return {"bool": {"must": [self.clause(part) for part in parts]}} if parts else {"match_all": {}}
            case Any(parts):
                return {"bool": {"should": [self.clause(part) for part in parts], "minimum_should_match": 1}}

    def _words(self, words: Words) -> dict[str, Json]:
        weights = {"tokens.authors": 1.0} if words.authors else WEIGHTS
        ways = [_phrase(field, words, boost) for field, boost in weights.items()]
        if self.stems_find and _stemmed(words):
            ways.append(self._stems(words))
        return {"bool": {"should": ways, "minimum_should_match": 1}}

    def _stems(self, leaf: Words | Filter | Dated) -> dict[str, Json]:
        text = leaf.text if isinstance(leaf, Words) else ""
        fields = sorted(f"stems.{language}" for language in self.languages)
        return {"multi_match": {"query": text, "type": "phrase", "fields": fields, "boost": 0.5}}


def _stemmed(leaf: Words | Filter | Dated) -> bool:
    return isinstance(leaf, Words) and bool(leaf.text) and not leaf.prefix and not leaf.authors


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
