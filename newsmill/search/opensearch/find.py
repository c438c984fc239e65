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
from newsmill.search.spelling import SURE_LETTERS, mistakes, nearest
from newsmill.search.tree import Query, positive
from newsmill.text.stems import LANGUAGES


@dataclass(frozen=True, slots=True)
class Found:
    """What the last request answered, and how far the search went."""

    answer: dict[str, Json]
    rungs: Rungs
    wide: Query
    kinds: tuple[Rung, ...]
    missing: tuple[str, ...]

    @property
    def rung(self) -> Rung:
        """The last rung that has a hit which the ones before have not."""
        aggregations = self.answer["aggregations"]
        most = [aggregations[f"rung{number}"]["doc_count"] for number in range(len(self.kinds))]
        reached = [number for number in range(len(most)) if most[number] > max(most[:number], default=0)]
        return self.kinds[reached[-1]] if reached else Rung.EXACT

    def rung_of(self, hit: dict[str, Json]) -> Rung:
        """The first rung that has this hit."""
        names = [int(name.removeprefix("rung")) for name in hit.get("matched_queries", ())]
        return self.kinds[min(names, default=0)]


def find(client: OpenSearch, index: str, tree: Query, *, view: View, within_s: float) -> Found:
    """The hits of a query. Raises opensearchpy's errors."""
    languages = languages_of(tree, LANGUAGES)
    wide = widened(tree, languages)
    of = asked(tree, wide)
    ranks = bool(of.words) or any(positive(part) for part in of.required)
    timeout = {"timeout": f"{max(int(within_s * 1000), 1)}ms"}
    counted, articles = _counts(client, index, of.words)
    step = all_forms(of, counted, articles) if ranks else None
    rungs, kinds = Rungs(tree if ranks else wide, (step,) if step else (), ranks), [Rung.EXACT]
    kinds += [Rung.FORMS] if step else []
    missing: tuple[str, ...] = ()
    answer = client.search(index=index, body=search_body(rungs, view) | timeout)
    if ranks and of.words and answer["hits"]["total"]["value"] < ENOUGH:
        words = apart(of.words, lambda part: widened(part, languages))
        if words != of.words:
            counted, articles = _counts(client, index, words)
        if last := most_words(words, counted, of, articles=articles):
            rungs, missing = Rungs(rungs.exact, (*rungs.steps, last), ranks), last.missing
            kinds.append(Rung.MOST)
            answer = client.search(index=index, body=search_body(rungs, view) | timeout)
    return Found(answer, rungs, wide, tuple(kinds), missing)


def out_of_time(told: object) -> bool:
    """Whether what OpenSearch says of failed shards is that their time was over: it does not always say `timed_out`."""
    return "time_exceeded_exception" in str(told)


def _counts(client: OpenSearch, index: str, words: Sequence[Word]) -> tuple[list[Count], int]:
    if not words:
        return [], 0
    answer = client.search(index=index, body=counts_body(words))
    return counts(answer, len(words)), int(answer["hits"]["total"]["value"])


def told(
    client: OpenSearch, index: str, rungs: Rungs, *, stories: Sequence[str], prefer: Sequence[str]
) -> tuple[list[Json], dict[str, int]]:
    """The articles that may stand for these stories, and how many tell each."""
    if not stories:
        return [], {}
    answer = client.search(index=index, body=owners_body(rungs, stories, prefer))
    return answer["hits"]["hits"], {b["key"]: int(b["doc_count"]) for b in answer["aggregations"]["told"]["buckets"]}


def meant(client: OpenSearch, index: str, words: Sequence[str]) -> list[str]:
    """For each of these words, which no article has, the one of the vocabulary that is most like it, or nothing."""
    asked_for = {
        f"word{at}": {
            "text": word,
            "term": {"field": "tokens.text", "max_edits": mistakes(len(word)), "prefix_length": SURE_LETTERS},
        }
        for at, word in enumerate(words)
        if mistakes(len(word))
    }
    if not asked_for:
        return [""] * len(words)
    answer = client.search(index=index, body={"size": 0, "suggest": asked_for})["suggest"]
    options = [[o for part in answer.get(f"word{at}", ()) for o in part["options"]] for at in range(len(words))]
    found = [[(str(option["text"]), int(option["freq"])) for option in of_word] for of_word in options]
    return [nearest(word, like) for word, like in zip(words, found, strict=True)]
