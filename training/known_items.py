"""Real articles, and queries that somebody would type who wants one of them back (pure but for reading the pages)."""

import json
import lzma
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsmill.extraction.extractor import extract
from newsmill.model import Document
from newsmill.text.language import detect_language

SEED = 14
PER_LANGUAGE = 60  # articles asked for, of those that are indexed
LEAST_ARTICLES = 15  # of a language, to be told by itself; the others are told together
WORDS_ASKED = 3
RARE = 3  # articles at most that hold a rare word
MIN_TEXT = 400  # characters; below there are no three rare words
_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile("[\u4e00-\u9fff]{4,}")
FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and the id of the article that it should find. kind: what the words are."""

    kind: str
    language: str
    query: str
    id: str


def read(path: str) -> list[Document]:
    """The articles of a file of pages, in its order, once each."""
    found: dict[str, Document] = {}
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            html = row["html_bytes"].encode("latin-1")
            article = extract(html, row.get("url") or None)
            if len(article.text) < MIN_TEXT:
                continue
            language, _ = detect_language(article.text)
            url = row.get("url") or ""
            url = url if url.startswith("http") else f"https://page{number}.example/"
            document = Document(
                id=f"a{number}",
                version=1,
                url=url,
                site=url.split("/")[2],
                source="sample",
                title=article.title,
                text=article.text,
                description=article.description,
                authors=tuple(article.authors),
                published=FETCHED,  # all of one age: this measures words
                fetched=FETCHED,
                language=language,
            )
            found.setdefault(article.text, document)
    return list(found.values())


def questions(documents: Sequence[Document]) -> list[Asked]:
    """For a sample of each language: rare words of the text, their dictionary forms, and the headline."""
    spread = Counter(word for document in documents for word in _rare_form(document.text))
    by_language: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_language[document.language].append(document)
    asked: list[Asked] = []
    rng = random.Random(SEED)
    for language, of_it in sorted(by_language.items()):
        for document in rng.sample(of_it, min(PER_LANGUAGE, len(of_it))):
            asked += _of(document, language, spread, rng)
    return asked


def _rare_form(text: str) -> set[str]:
    words = {word.lower() for word in _WORD.findall(text) if 5 <= len(word) <= 20}
    return words | {run[at : at + 4] for run in _HAN.findall(text) for at in range(0, len(run) - 3, 4)}


def _of(document: Document, language: str, spread: Counter[str], rng: random.Random) -> list[Asked]:
    title = document.title
    found = [Asked("own headline", language, title, document.id)] if len(title) > 15 else []
    found += [Asked("headline lacking", language, title, document.id)] if len(title) > 15 else []
    rare = sorted(word for word in _rare_form(document.text) if spread[word] <= RARE)
    if len(rare) < WORDS_ASKED:
        return found
    words = rng.sample(rare, WORDS_ASKED)
    found.append(Asked("rare words", language, " ".join(words), document.id))
    forms = dictionary_forms(words, language)
    if forms != words:
        found.append(Asked("dictionary forms", language, " ".join(forms), document.id))
    return found


def dictionary_forms(words: Sequence[str], language: str) -> list[str]:
    """The words as a dictionary has them; as they are in languages that simplemma does not know."""
    from simplemma import lemmatize

    try:
        return [lemmatize(word, lang=language).lower() for word in words]
    except ValueError:
        return list(words)
