"""Whether a query finds an article, without an index (pure): for those who follow a search as articles come."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from newsmill.model import Document
from newsmill.search.forms import forms
from newsmill.search.rungs import languages_of, widened
from newsmill.search.store import dated
from newsmill.search.tree import All, Any, Dated, Field, Filter, Not, Place, Query, Words
from newsmill.text.tokens import analysed


@dataclass(frozen=True)
class Article:
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
    def forms(self) -> frozenset[str]:
        """The forms of its words."""
        return frozenset(forms(self.document).split())

    def wide(self, query: Query) -> bool:
        """Whether the query finds it with its words in any of their forms: the second rung of a search."""
        if self.meets(query):
            return True
        language = self.document.language
        return self.meets(widened(query, languages_of(query, [language] if language else [])))

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
            token = words.tokens[0]
            return any(form.startswith(token) for form in self.forms) if words.prefix else token in self.forms
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
