"""What a source may bring in: patterns, sites, depth, age, languages (pure)."""

import re
from datetime import datetime, timedelta
from fnmatch import translate
from functools import lru_cache

from pydantic import Field, field_validator

from newsmill.model import Frozen
from newsmill.sources.durations import Seconds, in_words
from newsmill.urls.canonical import host_key

MAX_PATTERN = 500  # characters


class Scope(Frozen):
    """The limits of one source. Empty means no limit.

    Patterns are shell patterns ("*" any text, "?" one character, "[ab]" one of these) over the whole canonical
    address without its scheme; one that begins with "/" is matched against path and query on any host.
    `exclude` wins over `include`.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()  # registrable domains or hosts; their subdomains belong to them
    max_age_s: Seconds = Field(default=0, ge=0)  # since publication, for items that say when
    max_depth: int = Field(default=0, ge=0, le=10)  # links followed from what the source lists
    languages: tuple[str, ...] = ()  # ISO 639; items that say nothing pass

    @field_validator("include", "exclude")
    @classmethod
    def _patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if not pattern.strip() or len(pattern) > MAX_PATTERN:
                raise ValueError(f"not a pattern: {pattern[:60]!r}")
        return patterns

    @field_validator("sites")
    @classmethod
    def _sites(cls, sites: tuple[str, ...]) -> tuple[str, ...]:
        for site in sites:
            if not host_key(f"//{site}") == site.lower():
                raise ValueError(f"not a site: {site[:60]!r} (write only its domain: example.com)")
        return tuple(site.lower() for site in sites)

    @field_validator("languages")
    @classmethod
    def _languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if not re.fullmatch("[a-z]{2,3}", language):
                raise ValueError(f'not a language: {language[:60]!r} (write its ISO 639 code: "en", "uk")')
        return languages


def refuse(
    scope: Scope,
    url: str,
    now: datetime,
    *,
    depth: int = 0,
    published: datetime | None = None,
    language: str = "",
) -> str | None:
    """Why the candidate at the canonical address `url` is outside of `scope`; None when it is inside.

    depth: links followed from the source to it, 0 for what the source itself lists. published: aware.
    """
    if depth > scope.max_depth:
        return f"deeper than {scope.max_depth} links"
    if scope.sites and not _on_site(url, scope.sites):
        return f"another site: {host_key(url)}"
    address = url.partition("://")[2]
    if scope.include and not _matches(scope.include, address):
        return "no include pattern fits"
    if scope.exclude and _matches(scope.exclude, address):
        return "an exclude pattern fits"
    if scope.max_age_s and published and now - published > timedelta(seconds=scope.max_age_s):
        return f"older than {in_words(scope.max_age_s)}"
    if scope.languages and language and language[:2] not in scope.languages and language not in scope.languages:
        return f"in another language: {language}"
    return None


def _on_site(url: str, sites: tuple[str, ...]) -> bool:
    host = host_key(url)
    return any(host == site or host.endswith("." + site) for site in sites)


def _matches(patterns: tuple[str, ...], address: str) -> bool:
    rooted, whole = _compiled(patterns)
    if whole is not None and whole.match(address):
        return True
    return rooted is not None and rooted.match(address[address.find("/") :]) is not None


@lru_cache(maxsize=4096)  # sets of patterns in use; most sources have none
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    rooted = [translate(pattern) for pattern in patterns if pattern.startswith("/")]
    whole = [translate(re.sub("^https?://", "", pattern)) for pattern in patterns if not pattern.startswith("/")]
    return (
        re.compile("|".join(rooted)) if rooted else None,
        re.compile("|".join(whole)) if whole else None,
    )
