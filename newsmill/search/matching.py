"""Whether a query finds an article, without an index (pure): for those who follow a search as articles come."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from newsmill.model import Document
from newsmill.search.forms import forms
from newsmill.search.rungs import languages_of, widened
from newsmill.search.store import dated
from newsmill.search.tree import All, Any, Dated, Field, Filter, Not, Place, Query, Words
from newsmill.text.tokens import analysed


@dataclass(frozen=True)
class Matched:
    """An article to be held against queries; what they need of it is made once."""

    document: Document

    def texts(self, place: Place) -> Iterator[str]:
        """The tokens of each text at a place, between spaces."""
        d = self.document
        match place:
            case Place.TITLE:
                yield self._title
            case Place.AUTHORS:
                yield self._authors
            case Place.SECTION:
                yield f" {analysed(d.section)} "
            case _:
                yield from (self._title, self._text, self._description, self._keywords)

    @cached_property
    def _title(self) -> str:
        return f" {analysed(self.document.title)} "

    @cached_property
    def _text(self) -> str:
        return f" {analysed(self.document.text)} "

    @cached_property
    def _description(self) -> str:
        return f" {analysed(self.document.description)} "

    @cached_property
    def _keywords(self) -> str:
        return f" {analysed(' '.join(self.document.keywords))} "

    @cached_property
    def _authors(self) -> str:
        return f" {analysed(' '.join(self.document.authors))} "

    @cached_property
    def _forms(self) -> list[str]:
        """The forms of its words, in order: what begins so stands together."""
        return sorted(set(forms(self.document).split()))

    def meets(self, query: Query) -> bool:
        """Whether the query finds it as it stands."""
        match query:
            case Not(part):
                return not self.meets(part)
            case All(parts):
                return all(self.meets(part) for part in parts)
            case Any(parts):
                return any(self.meets(part) for part in parts)
            case Words():
                return self._has(query)
            case Filter(field, value):
                return self._is(field, value)
            case Dated(since, until):
                at = dated(self.document)
                return (since is None or at >= since) and (until is None or at < until)

    def _has(self, words: Words) -> bool:
        if words.place is Place.FORMS:
            token, forms = words.tokens[0], self._forms
            at = bisect_left(forms, token)
            return at < len(forms) and (forms[at].startswith(token) if words.prefix else forms[at] == token)
        phrase = f" {' '.join(words.tokens)}" + ("" if words.prefix else " ")
        return any(phrase in text for text in self.texts(words.place))

    def _is(self, field: Field, value: str) -> bool:
        d = self.document
        match field:
            case Field.SITE:
                return d.site == value or d.site.endswith(f".{value}")
            case Field.LANGUAGE:
                return d.language == value
            case Field.SOURCE:
                return d.source.lower() == value
            case _:
                return value in d.url.lower()


@dataclass(frozen=True, slots=True)
class Followed:
    """A query that many articles are held against: its words in all forms are made once for each language."""

    query: Query
    _wide: dict[str, Query] = field(default_factory=dict, compare=False)

    def finds(self, article: Matched) -> bool:
        """Whether it finds the article with its words in any of their forms: the second rung of a search."""
        if article.meets(self.query):
            return True
        language = article.document.language
        if language not in self._wide:
            self._wide[language] = widened(self.query, languages_of(self.query, [language] if language else []))
        return article.meets(self._wide[language])
