"""When was it published? Every place that says a day is a witness (pure)."""

import re
from collections.abc import Iterator

from workers.parse.metadata import jsonld, visible
from workers.parse.metadata.dates import Stamp, in_bounds, parse
from workers.parse.metadata.view import View
from workers.parse.metadata.witness import Candidate

_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?!\d)|(?<!\d)(20[0-3]\d)([01]\d)([0-3]\d)(?!\d)"
)
_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "pubdate", "publishdate", "publish-date", "dc.date.issued", "dcterms.created", "dc.date", "dc.date.created",
    "citation_publication_date", "citation_date", "date", "publication_date", "article.published", "published_time",
    "cxenseparse:recs:publishtime", "dcterms.date", "article:published", "og:published_time", "article_date_original",
    "og:pubdate", "publishedon", "published_date", "published", "doc_date", "datecreated", "dcterms.issued",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified", "og:modified_time",
    "lastmod", "article:modified", "dc.date.modified", "revised", "updated_time",
)  # fmt: skip
_MONTH_FIRST = ("en", "en-us", "en-ph", "")  # languages that write 12/31/2020; the rest of the world does not
MAX_WITNESSES = 200  # of one page; archives show hundreds of dates


def published_candidates(view: View) -> list[Candidate[Stamp]]:
    """The days on which the page may have been published, each with the places that say so, earliest witness first."""
    days: dict[str, Candidate[Stamp]] = {}
    shown: list[str] = []
    for count, (place, stamp) in enumerate(_witnesses(view)):
        if count >= MAX_WITNESSES:
            break
        if not in_bounds(stamp, view.now):
            continue
        day = stamp.at.date().isoformat()
        candidate = days.setdefault(day, Candidate(stamp, place))
        candidate.evidence.add(place)
        if len(stamp.precision) > len(candidate.value.precision):
            candidate.value = stamp
        if place.startswith(("text", "time")) and not place.endswith("far"):
            shown.append(day)
    for day, candidate in days.items():
        signature = " + ".join(sorted(candidate.evidence))
        candidate.evidence |= view.traits | {signature}
        candidate.evidence |= _standing(day, list(days), shown)
    return list(days.values())


def modified_stamp(view: View) -> tuple[Stamp, str] | None:
    """The last change that the page declares, and where."""
    places = [(f"meta:{name}", view.sources.meta.get(name, "")) for name in _MODIFIED_META]
    nodes = (("jsonld", view.sources.article), ("jsonld:page", view.sources.node))
    for origin, raw in [(origin, jsonld.text(node.get("dateModified"))) for origin, node in nodes] + places:
        stamp = parse(raw) if raw else None
        if stamp and in_bounds(stamp, view.now):
            return stamp, origin
    return None


def _standing(day: str, days: list[str], shown: list[str]) -> set[str]:
    """How a day stands among the others of the page."""
    said = set()
    if day == min(days):
        said.add("earliest")
    if day == max(days):
        said.add("latest")
    if len(days) == 1:
        said.add("only day")
    if shown and day == shown[0]:
        said.add("first shown")
    if not shown:
        said.add("none shown")
    elif day not in shown:
        said.add("another shown")
    return said


def _witnesses(view: View) -> Iterator[tuple[str, Stamp]]:
    for place, node in (("jsonld", view.sources.article), ("jsonld:page", view.sources.node)):
        published = jsonld.text(node.get("datePublished")) or jsonld.text(node.get("dateCreated"))
        yield from _one(f"{place}:published", published)
        yield from _one(f"{place}:modified", jsonld.text(node.get("dateModified")))
    for name in _PUBLISHED_META:
        yield from _one("meta:published", view.sources.meta.get(name, ""))
    for name in _MODIFIED_META:
        yield from _one("meta:modified", view.sources.meta.get(name, ""))
    if found := _URL_DAY.search(view.url):
        yield from _one("url", "-".join(part.zfill(2) for part in found.groups() if part))
    month_first = view.page.lang.lower() in _MONTH_FIRST
    for seen in visible.dates_seen(view.page, view.texts, view.headline, month_first=month_first):
        yield f"{seen.source}:{_nearness(seen.distance, view.headline)}", seen.stamp


def _nearness(distance: int, headline: int) -> str:
    if headline < 0:
        return "nowhere"
    if -4 <= distance <= 6:
        return "near"
    return "around" if -12 <= distance <= 20 else "far"


def _one(place: str, raw: str) -> Iterator[tuple[str, Stamp]]:
    stamp = parse(raw) if raw else None
    if stamp:
        yield place, stamp
