"""The sources file: one [[source]] table each, one [[site]] table for addresses of a single site (pure)."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from newsmill.doors import SOURCE_KINDS
from newsmill.model import Frozen
from newsmill.sources.durations import Seconds, in_words
from newsmill.sources.schedule.schedule import Bounds
from newsmill.sources.scope import Scope
from newsmill.urls.canonical import DEFAULT_RULES, BadAddress, CanonicalRules, SiteRule, canonicalize, site_of

DEFAULT_BOUNDS = Bounds()
_FEED_SCHEME = re.compile(r"\s*+(?:web\+)?(?:feed|rss)(s?):", re.IGNORECASE)
_SCHEME = re.compile(r"https?:", re.IGNORECASE)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
Model = TypeVar("Model", bound=BaseModel)


class SourceKind(StrEnum):
    """Those that come with Newsmill, and about which it knows more than how they are read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
    LIST = "list"


class Priority(IntEnum):
    """Which candidates the frontier hands out first. Lower is sooner."""

    FRESH = 0
    NORMAL = 1
    BACKFILL = 2


def web_address(url: str) -> str:
    """The http(s) address inside a feed: one ("feed:https://…", "feed://…", "feeds://…"); others as they are."""
    match = _FEED_SCHEME.match(url)
    if not match:
        return url
    rest = url[match.end() :]
    if _SCHEME.match(rest):
        return rest
    return f"{'https' if match[1] else 'http'}://{rest.lstrip('/')}"


def _priority(value: object) -> object:
    if isinstance(value, Priority):
        return value
    names = [priority.name.lower() for priority in Priority]
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"write one of {', '.join(map(repr, names))}")
    return Priority[value.upper()]


INSTALLED = {"installed": True}  # context of validation: kinds have to be installed here


def _a_kind(kind: str, info: ValidationInfo) -> str:
    """Ours as a member, another's as it is written.

    Whether it is installed here is asked of what an operator writes; what the ledger keeps may be for another worker.
    """
    if info.context == INSTALLED and (problem := SOURCE_KINDS.known(kind)):
        raise ValueError(problem)
    return SourceKind(kind) if kind in [str(ours) for ours in SourceKind] else kind


class SourceConfig(Frozen):
    """One [[source]] table."""

    name: str
    kind: Annotated[str, AfterValidator(_a_kind)]  # a SourceKind, or the name of one that another package brings
    url: str = ""
    path: str = ""  # a list in a file
    enabled: bool = True
    include: tuple[str, ...] = ()  # see scope.Scope
    exclude: tuple[str, ...] = ()
    same_site: bool | None = None  # only its own site's addresses; default: for sitemaps, pages, and with `sites`
    sites: tuple[str, ...] = ()  # further sites that are allowed
    max_age: Seconds = Field(default=0, ge=0)  # items published longer ago are left out; 0: none is
    languages: tuple[str, ...] = ()
    follow: int = Field(default=0, ge=0, le=10)  # links followed from the articles found
    priority: Annotated[Priority, BeforeValidator(_priority)] | None = None  # default: by each item's age
    poll_min: Seconds = Field(default=int(DEFAULT_BOUNDS.shortest_s), ge=1)
    poll_max: Seconds = Field(default=int(DEFAULT_BOUNDS.longest_s), ge=1)
    render: bool = False  # the articles need a browser
    site_rules: tuple[SiteRule, ...] = ()  # of the [[site]] tables, those that its addresses can meet

    @field_validator("name")
    @classmethod
    def _a_name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} must be 1 to 63 of a-z, 0-9, '.', '_', '-', and begin with a letter or digit")
        return name

    @field_serializer("priority")
    def _in_a_word(self, priority: Priority | None) -> str | None:
        return priority.name.lower() if priority is not None else None

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        url = web_address(url.strip())
        if url:
            try:
                canonicalize(url)
            except BadAddress as error:
                raise ValueError(str(error)) from error
        return url

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.kind is SourceKind.LIST:
            if bool(self.url) == bool(self.path):
                raise ValueError("a list needs either url or path")
        elif self.path:
            raise ValueError(f"path is for lists; a {self.kind} has a url")
        elif not self.url:
            raise ValueError("url is missing")
        if self.poll_min > self.poll_max:
            raise ValueError(f"poll_min ({in_words(self.poll_min)}) is above poll_max ({in_words(self.poll_max)})")
        if self.same_site and not self.url:
            raise ValueError("same_site has no site to compare with: write sites")
        try:
            _ = self.scope
        except ValidationError as error:
            raise ValueError("; ".join(_in_words(detail, Scope) for detail in error.errors())) from error
        return self

    @property
    def bounds(self) -> Bounds:
        """How often it may be polled."""
        return Bounds(self.poll_min, self.poll_max)

    @cached_property
    def rules(self) -> CanonicalRules:
        """How the addresses it lists become canonical."""
        return CanonicalRules.with_sites(self.site_rules) if self.site_rules else DEFAULT_RULES

    @cached_property
    def scope(self) -> Scope:
        """What it may bring in."""
        bound = self.same_site
        if bound is None:
            bound = bool(self.sites) or self.kind in (SourceKind.SITEMAP, SourceKind.PAGE)
        return Scope(
            include=self.include,
            exclude=self.exclude,
            sites=((site_of(self.url),) if bound and self.url else ()) + self.sites,
            max_age_s=self.max_age,
            max_depth=self.follow,
            languages=self.languages,
        )


class SourcesFile(Frozen):
    """All that a sources file says."""

    sources: tuple[SourceConfig, ...] = ()
    sites: tuple[SiteRule, ...] = ()

    @cached_property
    def rules(self) -> CanonicalRules:
        """How addresses of single sites are made canonical."""
        return CanonicalRules.with_sites(self.sites)


class BadSources(ValueError):
    """The sources file cannot be used. The message has one line for each thing that is wrong in it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def parse_sources(text: str, where: str) -> tuple[SourceConfig, ...]:
    """The sources in `text`, the content of the file `where`. Raises BadSources, which lists all problems at once."""
    return parse_file(text, where).sources


def parse_file(text: str, where: str) -> SourcesFile:
    """Sources and site rules in `text`, the content of the file `where`. Raises BadSources."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSources([f"{where}: not TOML: {error}"]) from error
    problems = [f"{where}: unknown {_unknown(key, ('source', 'site'))}" for key in tables.keys() - {"source", "site"}]
    sources = list(_read(SourceConfig, tables.get("source", []), "source", text=text, where=where, problems=problems))
    sites = list(_read(SiteRule, tables.get("site", []), "site", text=text, where=where, problems=problems))
    problems += _repeated([source.name for source in sources], f"{where}: name", "sources")
    problems += _repeated([rule.site for rule in sites], f"{where}: site", "[[site]] tables")
    problems += _repeated([f"{source.kind} {source.url or source.path}" for source in sources], where, "sources")
    if not problems:
        found = SourcesFile(sources=tuple(sources), sites=tuple(sites))
        try:
            _ = found.rules
        except ValueError as error:
            problems.append(f"{where}: {error}")
        else:
            return found.model_copy(update={"sources": tuple(_with_rules(source, sites) for source in sources)})
    raise BadSources(problems)


def _with_rules(source: SourceConfig, rules: list[SiteRule]) -> SourceConfig:
    """A source knows its rules itself, so that a worker needs no file."""
    bound = source.scope.sites
    met = tuple(r for r in rules if not bound or any(site_of(f"//{r.site}") == site_of(f"//{s}") for s in bound))
    return source.model_copy(update={"site_rules": source.site_rules + met}) if met else source


def _read(
    model: type[Model], tables: object, key: str, *, text: str, where: str, problems: list[str]
) -> Iterator[Model]:
    """Each table as a model; what is wrong goes to `problems`."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(f"{where}: write [[{key}]] with two brackets")
        return
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f"[[{key}]]")]
    for number, table in enumerate(tables):
        line = f":{lines[number]}" if len(lines) == len(tables) else f": {key} {number + 1}"
        try:
            yield model.model_validate(table, context=INSTALLED)
        except ValidationError as error:
            name = table.get("name") or table.get("site")
            at = f"{where}{line}: {key} {name!r}" if isinstance(name, str) else f"{where}{line}: {key}"
            problems += [f"{at}: {_in_words(detail, model)}" for detail in error.errors()]


def _in_words(detail: ErrorDetails, model: type[BaseModel]) -> str:
    key = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return "unknown " + _unknown(key, tuple(model.model_fields))
    if detail["type"] == "missing":
        return f"{key} is missing"
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "value_error":
        return f"{key}: {message}" if key else message
    shown = repr(detail["input"])
    return f"{key} = {shown[:60]}: {message[:1].lower()}{message[1:]}"


def _unknown(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"key {key!r}" + (f" (did you mean {near[0]!r}?)" if near else f" (known: {', '.join(known)})")


def _repeated(values: list[str], at: str, of: str) -> list[str]:
    return [f"{at}: {value!r} in {count} {of}" for value, count in Counter(values).items() if count > 1]
