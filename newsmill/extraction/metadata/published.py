"""The day of publication: what the contest says, what publishers declare, and which guesses are none (pure)."""

from collections.abc import Mapping

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.bounds import in_bounds
from newsmill.extraction.metadata.dating import published_contest
from newsmill.extraction.metadata.view import View
from newsmill.extraction.metadata.witness import GUESS, Contender, Contest, Weights, best
from newsmill.text.dates import Stamp, field_date

_CHANGES = ("jsonld:modified", "jsonld:page:modified", "meta:modified", "time:modified", "says modified")
_TOLD = ("jsonld:", "meta:", "url", "script", "description", "document")
_LISTS = ("in related", "in card", "in sidebar", "in footer")
ALIKE = 3  # dates of one look, above which they are those of a list


def publication(view: View, table: Weights) -> tuple[Stamp, str] | None:
    """When the page was published, and where it says so.

    What publishers tell machines stands where nothing else does, and before the later day of a change. The origin of
    what is not sure begins with `witness.GUESS`.
    """
    contest = published_contest(view)
    found, sure = best(contest, table)
    if found and not sure and _in_a_list(found.evidence):
        found = None
    declared = declared_day(view)
    if declared and (found is None or _is_a_change(contest, found, declared[0])):
        return declared
    return (found.value, found.origin if sure else f"{GUESS}{found.origin}") if found else None


def declared_day(view: View) -> tuple[Stamp, str] | None:
    """The date of publication that the article's own description gives, and where."""
    meta = view.sources.meta
    for origin, raw in (
        ("jsonld:published", jsonld.text(view.sources.article.get("datePublished"))),
        ("meta:published", meta.get("article:published_time", "")),
    ):
        stamp = field_date(raw) if raw else None
        if stamp and in_bounds(stamp, view.now):
            return stamp, origin
    return None


def _is_a_change(contest: Contest[Stamp], found: Contender[Stamp], declared: Stamp) -> bool:
    """Whether what was found is the later day of a change to a piece of news, and not its publication.

    Guides that are kept up to date are another matter: there readers take the day of the last change.
    """
    if "jsonld news" not in contest.page or found.value.at.date() <= declared.at.date():
        return False
    return "says published" not in found.evidence and any(place in found.evidence for place in _CHANGES)


def _in_a_list(evidence: Mapping[str, float]) -> bool:
    """Whether a day only stands in a list of other articles."""
    if any(place.startswith(_TOLD) for place in evidence):
        return False
    return evidence.get("same look", 0) >= ALIKE and any(place in evidence for place in _LISTS)
