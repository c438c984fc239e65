"""Who wrote it, and what is it called? The candidates for authors and title (pure)."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from workers.parse.metadata import jsonld, visible
from workers.parse.metadata.dates import parse
from workers.parse.metadata.text import clean
from workers.parse.metadata.view import View
from workers.parse.metadata.witness import Candidate

Names = tuple[str, ...]
MAX_AUTHORS = 20
MAX_NAME_CHARS = 80
MAX_NAME_WORDS = 8

_BY = re.compile(r"^\s*(?:(?:written|posted|words|story|reported|article|text|published)\s+)?by\b\s*:?\s*", re.I)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@\w|[<>{}\[\]=#]|\d{3}|\b(?:min(?:ute)?s? read|read more|comments?|share|updated)\b", re.I
)
_CUT = re.compile(
    r"\s+[|·•–—/]\s*|\s+-\s+|\s*\|\s*|\s+on\s+(?=\w+,?\s*\w*\s*\d)|\n|\s{3,}|\s+\(|\s+updated\b|\s+posted\b|\s+published\b",
    re.I,
)
_SEVERAL = re.compile(r"\s*;\s*|\s+(?:&|and|und|et|y|e|ta|та|и)\s+|、")
_SEPARATOR = re.compile(r"\s+[|\-–—·•»:/]\s+|\s*\|\s*|\s*»\s*")
_LETTERS = re.compile(r"[^\W\d_]")


def author_candidates(view: View) -> list[Candidate[Names]]:
    """The authors as each place gives them; the same names from several places are one candidate."""
    sources, site = view.sources, view.sources.meta.get("og:site_name", "") or view.sources.site
    said: list[tuple[str, list[str]]] = [
        ("jsonld", jsonld.names(sources.article.get("author"), sources.by_id)),
        ("meta:author", list(sources.authors)),
        ("meta:parsely", [sources.meta.get("parsely-author", "")]),
        ("meta:creator", [sources.meta.get("dc.creator", "") or sources.meta.get("dcterms.creator", "")]),
        ("meta:sailthru", [sources.meta.get("sailthru.author", "")]),
        (
            "meta:twitter",
            [sources.meta.get("twitter:data1", "")] if "ritten" in sources.meta.get("twitter:label1", "") else [],
        ),
        ("jsonld:page", jsonld.names(sources.node.get("author"), sources.by_id)),
        ("jsonld:creator", jsonld.names(sources.article.get("creator"), sources.by_id)),
    ]
    said += [(place, [_CUT.split(raw)[0]]) for place, raw in visible.bylines(view.page, view.texts, view.headline)]
    if not _agreed(said):
        said += [(place, [_CUT.split(raw)[0]]) for place, raw in visible.signatures(view.page)]
    found: dict[str, Candidate[Names]] = {}
    met: set[str] = set()
    for place, raw in said:
        people = tuple(dict.fromkeys(name for item in raw for name in _names(item)))[:MAX_AUTHORS]
        if not people:
            continue
        candidate = found.setdefault(_key(" ".join(people)), Candidate(people, place))
        candidate.evidence.add(place if place not in met else f"{place} later")
        met.add(place)
    for key, candidate in found.items():
        places = sorted(candidate.evidence)
        candidate.evidence |= view.traits | _shape(candidate.value, key, site, found) | {" + ".join(places)}
    return list(found.values())


def _agreed(said: list[tuple[str, list[str]]]) -> bool:
    """Whether what is declared and what is shown near the headline name the same: then nobody need search further."""
    declared = {_key(name) for place, names in said if not place.startswith("byline") for name in names}
    shown = {_key(name) for place, names in said if place.startswith("byline") for name in names}
    return bool((declared & shown) - {""})


def _shape(people: Names, key: str, site: str, others: dict[str, Candidate[Names]]) -> set[str]:
    """What the names look like, and whether others contain or are contained in them."""
    words = key.split()
    said = {f"words {min(len(words), 5)}" if len(people) == 1 else "several people"}
    if site and (key == _key(site) or key in _key(site)):
        said.add("is the site")
    if any(key != other and key in other for other in others):
        said.add("part of another")
    if any(key != other and other in key for other in others):
        said.add("contains another")
    if len(others) == 1:
        said.add("only name")
    if all(word[:1].islower() for name in people for word in name.split()[:1]):
        said.add("lower case")
    return said


def _names(raw: str) -> Iterator[str]:
    text = _BY.sub("", clean(raw)).strip(" ,;:|-–—·•")
    parts = [part for part in _SEVERAL.split(text) if part]
    if len(parts) == 1 and text.count(",") >= 1:
        listed = [part.strip() for part in text.split(",")]
        # "Ann Li, Bo Ek, Cy Ode" are three; "Ann Li, MD, PhD" is one with her degrees.
        parts = listed if len(listed) > 2 and all(len(part.split()) > 1 for part in listed) else parts
    for part in parts:
        name = part.strip(" ,;:|-–—·•")
        if not name or len(name) > MAX_NAME_CHARS or len(name.split()) > MAX_NAME_WORDS or _NOT_A_NAME.search(name):
            continue
        if _LETTERS.search(name) and parse(name) is None:
            yield name


def title_candidates(view: View) -> list[Candidate[str]]:
    """The titles as each place gives them, whole and cut at separators."""
    sources = view.sources
    said: list[tuple[str, str]] = [("h1", view.heading)]
    for place, raw in (
        ("jsonld", jsonld.text(sources.article.get("headline"))),
        ("og", sources.meta.get("og:title", "")),
        ("twitter", sources.meta.get("twitter:title", "")),
        ("title", view.page.title),
        ("jsonld:page", jsonld.text(sources.node.get("name") or sources.node.get("headline"))),
        (
            "meta:title",
            sources.meta.get("title", "") or sources.meta.get("dc.title", "") or sources.meta.get("parsely-title", ""),
        ),
    ):
        said.append((place, raw))
        said += [(f"{place}:{end}", part) for end, part in _cuts(clean(raw))]
    found: dict[str, Candidate[str]] = {}
    for place, raw in said:
        value = clean(raw)
        if _LETTERS.search(value) or value.isdigit():
            found.setdefault(_key(value), Candidate(value, place)).evidence.add(place)
    site = _key(sources.meta.get("og:site_name", "") or sources.site)
    slug = set(re.findall(r"[^\W\d_]{2,}", urlsplit(view.url).path.lower())) if view.url else set()
    document = set(_key(view.page.title).split())
    for key, candidate in found.items():
        words = set(key.split())
        candidate.evidence.add(f"title overlap {_share(words, document)} {_share(document, words)}")
        if slug:
            candidate.evidence |= {f"slug overlap {_share(slug, words)}", f"in slug {_share(words, slug)}"}
        places = sorted(candidate.evidence)
        candidate.evidence |= {f"{place} & {trait}" for place in places for trait in view.traits}
        candidate.evidence |= _title_shape(key, site, found) | {" + ".join(places)}
    return list(found.values())


def _cuts(title: str) -> Iterator[tuple[str, str]]:
    """Without what stands after the last separator, and only what stands before the first."""
    marks = list(_SEPARATOR.finditer(title))
    if marks:
        yield "head", title[: marks[-1].start()]
        if len(marks) > 1:
            yield "first", title[: marks[0].start()]
        yield "tail", title[marks[0].end() :]


def _title_shape(key: str, site: str, others: dict[str, Candidate[str]]) -> set[str]:
    words = len(key.split())
    said = {f"words {'1' if words < 2 else '2-3' if words < 4 else '4-12' if words < 13 else 'many'}"}
    if site and key == site:
        said.add("is the site")
    elif site and site in key:
        said.add("contains the site")
    if any(key != other and key in other for other in others):
        said.add("part of another")
    if len(others) == 1:
        said.add("only title")
    return said


def _share(words: set[str], among: set[str]) -> str:
    """How many of the words are among the others, coarsely."""
    share = len(words & among) / len(words) if words else 0.0
    return "all" if share == 1 else "most" if share >= 0.6 else "some" if share >= 0.3 else "few"


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
