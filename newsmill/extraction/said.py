"""What the source said of a page, where the page itself says nothing (pure)."""

from datetime import datetime, timedelta

from newsmill.extraction.article import Article
from newsmill.extraction.metadata.people import names_in
from newsmill.extraction.metadata.witness import GUESS
from newsmill.model import Said
from newsmill.text.dates import EARLIEST, DatePrecision

SOURCE = "source:"  # begins the origin of what the page does not show
MAX_PERSONS = 20
SLACK = timedelta(days=1)  # as of pages: a wrong clock, or a zone ahead


def with_said(article: Article, said: Said | None, fetched_at: datetime) -> tuple[Article, Said | None]:
    """The article with what only its source knows of it, and the part of `said` that was used (None: nothing).

    A page that shows a date, a title or authors is believed, unless what it shows is a guess. origins name the source's
    kind: "source:feed".
    """
    if said is None or not article.is_article:
        return article, None
    taken: dict[str, object] = {}
    used: dict[str, object] = {"origin": said.origin}
    guessed = {name for name, origin in article.origins.items() if origin.startswith(GUESS)}
    if (
        (article.published is None or "published" in guessed)
        and said.published
        and EARLIEST <= said.published <= fetched_at + SLACK
    ):
        taken |= {"published": said.published, "published_precision": DatePrecision.ZONED}
        used["published"] = said.published
    if not article.title and said.title:
        taken["title"] = used["title"] = said.title
    if (not article.authors or "authors" in guessed) and (names := tuple(dict.fromkeys(names_in_lines(said.author)))):
        taken["authors"], used["author"] = names, said.author
    if not taken:
        return article, None
    fields = [name for name in ("published", "title", "authors") if name in taken]
    origins = article.origins | dict.fromkeys(fields, f"{SOURCE}{said.origin}")
    return article.model_copy(update=taken | {"origins": origins}), Said.model_validate(used)


def from_source(article: Article) -> tuple[str, ...]:
    """The fields of an article that its source said, and not the page."""
    return tuple(sorted(name for name, origin in article.origins.items() if origin.startswith(SOURCE)))


def names_in_lines(author: str) -> list[str]:
    """Persons as feeds name them: "desk@news.example (Jane Roe)", "Jane Roe and John Doe", one a line."""
    found = []
    for line in author.split("\n")[:MAX_PERSONS]:
        before, bracket, inside = line.partition("(")
        person = line
        if bracket and "@" in line:  # the address before the name in brackets, or the other way round
            person = inside.rpartition(")")[0] if "@" in before else before
        if "@" not in person:
            found += list(names_in(person))
    return found[:MAX_PERSONS]
