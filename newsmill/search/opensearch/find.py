"""A search in OpenSearch: down the rungs as far as it needs, in at most three requests, and one for stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any as Json

from opensearchpy import OpenSearch

from newsmill.search.opensearch.query import (
    Rungs,
    View,
    counts,
    counts_body,
    owners_body,
    search_body,
)
from newsmill.search.rungs import ENOUGH, Count, Rung, Word, all_forms, apart, asked, languages_of, most_words, widened
from newsmill.search.tree import Query, positive
from newsmill.text.stems import LANGUAGES

RUNGS = (Rung.EXACT, Rung.FORMS, Rung.MOST)


@dataclass(frozen=True, slots=True)
class Found:
    """What the last request answered, and how far the search went."""

    answer: dict[str, Json]
    rungs: Rungs
    wide: Query
    rung: Rung
    missing: tuple[str, ...]


def find(client: OpenSearch, index: str, tree: Query, view: View, within_s: float) -> Found:
    """The hits of a query. Raises opensearchpy's errors."""
    languages = languages_of(tree, LANGUAGES)
    of, wide = asked(tree, languages), widened(tree, languages)
    ranks = bool(of.words) or any(positive(part) for part in of.required)
    timeout = {"timeout": f"{max(int(within_s * 1000), 1)}ms"}
    counted, articles = _counts(client, index, of.words)
    step = all_forms(of, counted, articles) if ranks else None
    rungs, kinds = Rungs(tree if ranks else wide, (step,) if step else (), ranks), [Rung.EXACT]
    kinds += [Rung.FORMS] if step else []
    missing: tuple[str, ...] = ()
    answer = client.search(index=index, body=search_body(rungs, view) | timeout)
    if ranks and of.words and answer["hits"]["total"]["value"] < ENOUGH:
        words = apart(of.words, languages)
        if words != of.words:
            counted, articles = _counts(client, index, words)
        if last := most_words(words, counted, of, articles):
            rungs, missing = Rungs(rungs.exact, (*rungs.steps, last), ranks), last.missing
            kinds.append(Rung.MOST)
            answer = client.search(index=index, body=search_body(rungs, view) | timeout)
    return Found(answer, rungs, wide, _rung(answer, kinds), missing)


def _counts(client: OpenSearch, index: str, words: Sequence[Word]) -> tuple[list[Count], int]:
    if not words:
        return [], 0
    answer = client.search(index=index, body=counts_body(words))
    return counts(answer, len(words)), int(answer["hits"]["total"]["value"])


def _rung(answer: dict[str, Json], kinds: Sequence[Rung]) -> Rung:
    """The last rung that has a hit which the ones before have not."""
    most = [answer["aggregations"][f"rung{number}"]["doc_count"] for number in range(len(kinds))]
    reached = [number for number in range(len(kinds)) if most[number] > max(most[:number], default=0)]
    return kinds[reached[-1]] if reached else Rung.EXACT


def told(
    client: OpenSearch, index: str, rungs: Rungs, stories: Sequence[str], prefer: Sequence[str]
) -> tuple[list[Json], dict[str, int]]:
    """The articles that may stand for these stories, and how many tell each."""
    if not stories:
        return [], {}
    answer = client.search(index=index, body=owners_body(rungs, stories, prefer))
    return answer["hits"]["hits"], {b["key"]: int(b["doc_count"]) for b in answer["aggregations"]["told"]["buckets"]}
