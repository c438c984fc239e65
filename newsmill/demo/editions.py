"""The editions of the demo site and their articles, read from articles/*.toml (pure but for reading its own files)."""

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Literal, Self

from pydantic import Field, model_validator

from newsmill.model import Frozen

EDITIONS = ("en", "uk", "de", "es", "ja")

Layout = Literal["broadsheet", "portal", "journal", "gazette"]


class DemoArticle(Frozen):
    """One article as its file tells it. Exactly one of `date` and `hours_ago` says when it was published."""

    slug: str
    title: str
    author: str
    section: str
    summary: str
    text: str
    date: datetime | None = None
    hours_ago: int | None = Field(
        default=None, ge=0, le=20
    )  # so that it is never older than the 2 days of a news sitemap
    language: str = ""  # the edition's, unless it says otherwise
    layout: Layout | None = None
    path: str = ""  # where it lies, if not under its section
    noindex: bool = False
    busy_once: bool = False  # answers 503 the first time
    updates: tuple[str, ...] = ()  # paragraphs that revisions of the page put on top

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if (self.date is None) == (self.hours_ago is None):
            raise ValueError(f"{self.slug}: give either date or hours_ago")
        return self

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its text in paragraphs."""
        return tuple(part.strip() for part in self.text.strip().split("\n\n"))

    def published(self, now: datetime) -> datetime:
        """`date`, or `hours_ago` before the last UTC midnight: the same all day, so that a restart changes nothing."""
        if self.date is not None:
            return self.date
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(hours=self.hours_ago or 0)


class Edition(Frozen):
    """One newspaper: its name, its words for the chrome, its articles."""

    code: str
    name: str
    language: str
    layout: Layout
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    date_format: str
    sections: dict[str, str]
    labels: dict[str, str]
    article: tuple[DemoArticle, ...]

    def path(self, article: DemoArticle) -> str:
        """The path of an article in this edition."""
        return article.path or f"/{self.code}/{article.section}/{article.slug}"

    def shown_date(self, moment: datetime) -> str:
        """The date as this edition prints it."""
        return self.date_format.format(day=moment.day, month=self.months[moment.month - 1], year=moment.year)


def load() -> tuple[Edition, ...]:
    """All editions. Raises pydantic.ValidationError when a file is wrong."""
    folder = files("newsmill.demo") / "articles"
    return tuple(
        Edition.model_validate({"code": code, **tomllib.loads((folder / f"{code}.toml").read_text(encoding="utf-8"))})
        for code in EDITIONS
    )
