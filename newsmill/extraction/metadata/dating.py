"""When was it published? Every place that says a day is a witness (pure)."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.address import host_of
from newsmill.extraction.metadata.bounds import in_bounds
from newsmill.extraction.metadata.sightings import Sighting, describe, sightings
from newsmill.extraction.metadata.view import View
from newsmill.extraction.metadata.witness import Contender, Contest
from newsmill.text.dates import MAX_LINE, DatePrecision, Stamp, field_date

_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?!\d)|(?<!\d)(20[0-3]\d)([01]\d)([0-3]\d)(?!\d)"
)
_URL_DAY_FIRST = re.compile(r"(?<!\d)([0-3]?\d)[-.]([01]?\d)[-.](20[0-3]\d)(?!\d)")
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
_OTHER_NAMES = re.compile(r"date|time|publi|creat|issued")
_MODIFIED_NAMES = re.compile(r"modif|updat|revis")
_FOREIGN_NAMES = re.compile(r"expir|valid|event|start|end|unavail|revisit|birth|release|upload|read|interval|copyright")
_MONTH_FIRST = ("en", "en-us", "en-ph", "")  # languages that write 12/31/2020; the rest of the world does not
# Countries that write English, and the day first.
_DAY_FIRST_HOST = re.compile(r"\.(?:uk|ie|au|nz|in|za|ng|ke|pk|bd|lk|sg|my|hk|mt|gh|zw|eu|de|fr|it|es|nl|ch|at)$")
_DATED = ",".join(f'[{key}~="{name}"]' for name in ("datePublished", "schema:datePublished", "schema:dateCreated")
                  for key in ("itemprop", "property"))  # fmt: skip
# What scripts are given to render: read where nothing is declared.
_SCRIPTED = re.compile(
    r'\\?"(?:datePublished|date_published|publishedAt|published_at|publishDate|publish_date|pubDate|publicationDate|'
    r'firstPublished|firstPublishedDate|published_date|publishedDate)\\?"\s?:\s?\\?"(\d{4}-\d\d-\d\d[^"\\]{0,30})'
)
MAX_SCRIPTS, MAX_SCRIPT_CHARS = 40, 400_000
MAX_DATED = 20  # elements; in lists every entry has one
MAX_DAYS = 24  # that are judged: archives show hundreds
FAR = 500.0  # stands for the distance from a headline that is not there
_PLACES = ("jsonld:", "meta:", "text", "time", "url", "description", "document", "script", "lead")
_EXACT = {DatePrecision.DAY: 0, DatePrecision.TIME: 1, DatePrecision.ZONED: 2}
DECLARED = ("jsonld:published", "jsonld:created", "jsonld:page:published", "meta:published", "meta:date")


def published_contest(view: View, *, settle: bool = True) -> Contest[Stamp]:
    """The days on which the page may have been published, each with what speaks for and against it."""
    days: dict[str, Contender[Stamp]] = {}
    for place, stamp in _declared(view):
        _count(days, view, place, stamp=stamp)
    if not any(place in candidate.evidence for candidate in days.values() for place in DECLARED):
        for place, stamp in _scripted(view):
            _count(days, view, place, stamp=stamp)
    for candidate in days.values():
        said = candidate.evidence
        if settle and (_agreed(said) or ("jsonld:published" in said and view.declares_alone)):
            return Contest([candidate], settled=True)
    order = _shown(view, days)
    if settle and len(days) == 1 and "jsonld news" in view.kind:
        (only,) = days.values()
        if "jsonld:published" in only.evidence:  # right on 31 of 31 development pages
            return Contest([only], settled=True)
    _stand(days, order)
    return Contest(list(days.values()), view.kind | _of_all(days, order))


def modified_stamp(view: View) -> tuple[Stamp, str] | None:
    """The last change that the page declares, and where."""
    places = [(f"meta:{name}", view.sources.meta.get(name, "")) for name in _MODIFIED_META]
    nodes = (("jsonld", view.sources.article), ("jsonld:page", view.sources.node))
    for origin, raw in [(origin, jsonld.text(node.get("dateModified"))) for origin, node in nodes] + places:
        stamp = field_date(raw) if raw else None
        if stamp and in_bounds(stamp, view.now):
            return stamp, origin
    return None


def _declared(view: View) -> Iterator[tuple[str, Stamp]]:
    """What is said where only machines look; in microdata only if it is nowhere else."""
    published = False
    for place, node in (("jsonld", view.sources.article), ("jsonld:page", view.sources.node)):
        for name, key in (("published", "datePublished"), ("created", "dateCreated"), ("modified", "dateModified")):
            yield from _one(f"{place}:{name}", jsonld.text(node.get(key)))
    for name, content in view.sources.meta.items():
        if place := _meta_place(name):
            published |= place == "meta:published"
            yield from _one(place, content)
    if not (published or "datePublished" in view.sources.article):
        yield from _one("meta:published", _microdata(view))
    if found := _URL_DAY.search(view.url):
        yield from _one("url", "-".join(part.zfill(2) for part in found.groups() if part))
    elif found := _URL_DAY_FIRST.search(view.url):
        yield from _one("url", ".".join(found.groups()))
    for place, text in (("description", meta_description(view)), ("document", view.page.title)):
        if "20" in text and len(text) < MAX_LINE:
            yield from _one(place, text)


def meta_description(view: View) -> str:
    """What the page declares as its description."""
    meta = view.sources.meta
    return meta.get("description", "") or meta.get("og:description", "")


def _scripted(view: View) -> Iterator[tuple[str, Stamp]]:
    """The first date of publication in what scripts are given."""
    for node in view.page.scripts[:MAX_SCRIPTS]:
        if found := _SCRIPTED.search(node.text() or "", 0, MAX_SCRIPT_CHARS):
            yield from _one("script", found[1])
            return


def _agreed(said: dict[str, float]) -> bool:
    """Two of the three places that publishers fill by different means say the same day (right on 95 % of pages)."""
    return sum(place in said for place in ("jsonld:published", "meta:published", "url")) > 1


@lru_cache(maxsize=4096)
def _meta_place(name: str) -> str:
    """What a meta element of this name says: names are made up freely, so unknown ones are read by their words."""
    if name in _MODIFIED_META:
        return "meta:modified"
    if name in ("date", "dc.date", "dcterms.date"):
        return "meta:date"
    if name in _PUBLISHED_META:
        return "meta:published"
    if not _OTHER_NAMES.search(name) or _FOREIGN_NAMES.search(name):
        return ""
    return "meta:modified" if _MODIFIED_NAMES.search(name) else "meta:date"


def _microdata(view: View) -> str:
    """The datePublished of an element that is neither meta nor time (those were read on the walk)."""
    tree = view.page.tree
    for node in tree.css(_DATED)[:MAX_DATED] if tree is not None else ():
        if node.tag not in ("meta", "time"):
            return node.attributes.get("content") or node.attributes.get("datetime") or node.text()[:MAX_LINE]
    return ""


def _one(place: str, raw: str) -> Iterator[tuple[str, Stamp]]:
    stamp = field_date(raw) if raw else None
    if stamp:
        yield place, stamp


def _count(days: dict[str, Contender[Stamp]], view: View, place: str, *, stamp: Stamp) -> Contender[Stamp] | None:
    """The candidate of that day, with one more place that says it; None for a day that cannot be or is one too many."""
    if not in_bounds(stamp, view.now):
        return None
    day = stamp.at.date().isoformat()
    candidate = days.get(day)
    if candidate is None:
        if len(days) >= MAX_DAYS:
            return None
        candidate = days[day] = Contender(stamp, place)
    candidate.evidence[place] = candidate.evidence.get(place, 0) + 1
    # The time of a change on the same day is not that of publication.
    if _EXACT[stamp.precision] > _EXACT[candidate.value.precision] and not place.endswith("modified"):
        candidate.value = stamp
    return candidate


def _shown(view: View, days: dict[str, Contender[Stamp]]) -> list[str]:
    """Count what readers see; the days in the order of their first sighting."""
    declared = (view.page.lang or view.sources.meta.get("og:locale", "")).lower().replace("_", "-")
    month_first = declared in _MONTH_FIRST and not _DAY_FIRST_HOST.search(host_of(view.url))
    found = list(sightings(view, month_first=month_first, language=declared.partition("-")[0]))
    looks = Counter(seen.look for seen in found)
    nearest: dict[str, tuple[float, Sighting]] = {}
    order: list[str] = []
    for seen in found:
        if _count(days, view, seen.place, stamp=seen.stamp) is None:
            continue
        day = seen.stamp.at.date().isoformat()
        distance = abs(seen.block - view.headline - 1) if view.headline >= 0 else FAR
        if day not in nearest or distance < nearest[day][0]:
            nearest[day] = (distance, seen)
        if day not in order and (view.headline < 0 or seen.block - view.headline > -13):
            order.append(day)
    by_distance = sorted(nearest, key=lambda day: nearest[day][0])
    for rank, day in enumerate(by_distance):
        distance, seen = nearest[day]
        said = days[day].evidence
        said |= describe(view, seen, looks)
        said["distance"], said["nearest of those shown"] = distance, rank
    if found and view.page.times and found[0].place != "text":
        first = days.get(found[0].stamp.at.date().isoformat())
        if first:
            first.evidence["first time element"] = 1
    return order


def _stand(days: dict[str, Contender[Stamp]], order: list[str]) -> None:
    """How each day stands among the others of the page."""
    if not days:
        return
    ordinals = {day: date.fromisoformat(day).toordinal() for day in days}
    ranked = sorted(days)
    oldest, newest = ordinals[ranked[0]], ordinals[ranked[-1]]
    declared = [day for day in ranked if any(place in days[day].evidence for place in DECLARED)]
    for rank, day in enumerate(ranked):
        said, value = days[day].evidence, days[day].value
        said["places"] = sum(1 for place in said if place.startswith(_PLACES))
        said["older"], said["newer"] = rank, len(ranked) - 1 - rank
        said["days since the oldest"], said["days to the newest"] = ordinals[day] - oldest, newest - ordinals[day]
        if day in order:
            said["order shown"] = order.index(day)
        if declared:
            said["days after the declared"] = ordinals[day] - ordinals[declared[0]]
        others = [abs(ordinals[day] - ordinals[other]) for other in declared if other != day]
        if others:
            said["days from another declared"] = min(others)
        said["precision"] = len(value.precision)
        if day.endswith("-01"):
            said["first of the month"] = 2 if day.endswith("-01-01") else 1
        if value.at.hour == value.at.minute == 0:
            said["midnight"] = 1


def _of_all(days: dict[str, Contender[Stamp]], order: list[str]) -> dict[str, float]:
    """What the dates of a page say of the page."""
    said: dict[str, float] = {"days": len(days), "days shown": len(order)}
    for candidate in days.values():
        said |= {f"some {place}": 1 for place in (*DECLARED, "url") if place in candidate.evidence}
        if candidate.evidence.get("distance", FAR) < 6:
            said["some near"] = 1
        said["most alike"] = max(said.get("most alike", 0), candidate.evidence.get("same look", 0))
    return said
