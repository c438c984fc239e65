"""Who wrote it, and what is it called? The candidates for authors and title (pure)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.address import slug_words
from newsmill.extraction.metadata.bylines import Byline, bylines, signatures
from newsmill.extraction.metadata.people import names_in, without_roles
from newsmill.extraction.metadata.text import clean, words_of
from newsmill.extraction.metadata.view import View
from newsmill.extraction.metadata.witness import Contender, Contest

Names = tuple[str, ...]
MAX_AUTHORS = 20
MAX_CANDIDATES = 24
WHOLE_NAME = 2  # says that a candidate is the site's name, and not only a part of it
_WHOLE = frozenset(("jsonld", "byline:links", "byline:spans"))  # places that name all who wrote
# Han, kana and Hangul stand on both sides of marks without spaces.
_SPACELESS = "\u3040-\u9fff\uac00-\ud7af\u300d\u300f\uff01\uff1f"
_SEPARATOR = re.compile(
    rf" [|\-–—·•»«:/~] | ?[|｜|ㅣ¦»«] ?|：(?=[^：]*\Z)|(?<=[{_SPACELESS}])[_\-–—](?=[{_SPACELESS}])"
)
_LETTERS = re.compile(r"[^\W\d_]")


def authors_contest(view: View, *, settle: bool = True) -> Contest[Names]:
    """The authors as each place gives them; the same names from several places are one candidate."""
    site = _key(view.sources.meta.get("og:site_name", "") or view.sources.site or _publisher(view))
    found: dict[str, Contender[Names]] = {}
    met: Counter[str] = Counter()
    for place, raw in _declared_authors(view):
        _count(found, met, view, byline=Byline(place, raw), site=site)
    declared = [key for key in found if key != site]
    for byline in bylines(view.page, view.texts, view.headline, kind=view.kind):
        key = _count(found, met, view, byline=byline, site=site)
        if (
            settle and key in declared and byline.place.startswith("byline:")
        ):  # shown and declared: right on 96 % of pages
            return Contest([_fuller(found, key)], settled=True)
    if not any(len(found[key].evidence) > 1 for key in declared):
        for byline in signatures(view.page, view.texts):
            _count(found, met, view, byline=byline, site=site)
    page = view.kind | {f"some {place}": count for place, count in met.items()} | {"names": len(found)}
    for rank, (key, candidate) in enumerate(found.items()):
        said_of = _shape(candidate.value, key, site, others=found)
        candidate.evidence |= said_of | {"rank": rank, "places": len(candidate.evidence)}
    return Contest(list(found.values()), page)


def _publisher(view: View) -> str:
    return next(iter(jsonld.names(view.sources.article.get("publisher"), view.sources.by_id)), "")


def _fuller(found: dict[str, Contender[Names]], key: str) -> Contender[Names]:
    """The candidate, or the one that JSON-LD or several links name, where all its persons are among those."""
    own = {_key(name) for name in found[key].value}
    for candidate in found.values():
        whole = len(candidate.value) > len(own) and not _WHOLE.isdisjoint(candidate.evidence)
        if whole and own <= {_key(name) for name in candidate.value}:
            return candidate
    return found[key]


def persons(contest: Contest[Names], winner: Contender[Names]) -> Contender[Names]:
    """The winner of a contest, or the longer list that it is a part of; a person who signs goes before the outlet."""
    if winner.evidence.get("is the site") == WHOLE_NAME:
        winner = next((other for other in contest.candidates if "byline:end" in other.evidence), winner)
    found = {_key(" ".join(candidate.value)): candidate for candidate in contest.candidates}
    return _fuller(found, _key(" ".join(winner.value)))


def _declared_authors(view: View) -> Iterator[tuple[str, list[str]]]:
    sources = view.sources
    meta = sources.meta
    yield "jsonld", jsonld.names(sources.article.get("author"), sources.by_id)
    yield "meta:author", list(sources.authors)
    yield "meta:parsely", [meta.get("parsely-author", "")]
    yield "meta:creator", [meta.get("dc.creator", "") or meta.get("dcterms.creator", "")]
    yield "meta:sailthru", [meta.get("sailthru.author", "")]
    if "ritten" in meta.get("twitter:label1", ""):
        yield "meta:twitter", [meta.get("twitter:data1", "")]
    yield "jsonld:page", jsonld.names(sources.node.get("author"), sources.by_id)
    yield "jsonld:creator", jsonld.names(sources.article.get("creator"), sources.by_id)


def _count(found: dict[str, Contender[Names]], met: Counter[str], view: View, *, byline: Byline, site: str) -> str:
    """Note one more place that names authors; their key, or nothing where it names nobody. The site beside persons
    is none."""
    place, raw, offset = byline
    people = tuple(dict.fromkeys(name for item in raw for name in names_in(item)))[:MAX_AUTHORS]
    people = without_roles(tuple(name for name in people if _key(name) != site) or people)
    key = _key(" ".join(people))
    if not key or (key not in found and len(found) >= MAX_CANDIDATES):
        return ""
    evidence = found.setdefault(key, Contender(people, place)).evidence
    evidence[place] = min(evidence.get(place, 99), met[place])
    if offset is not None and "offset" not in evidence:
        evidence["offset"], evidence["distance"] = offset, abs(offset - 1)
        evidence["chars after headline"] = view.chars_after_headline(max(view.headline, 0) + offset)
    met[place] += 1
    return key


def _shape(people: Names, key: str, site: str, *, others: dict[str, Contender[Names]]) -> dict[str, float]:
    """What the names look like, and whether others contain or are contained in them."""
    said: dict[str, float] = {"people": len(people), "words": len(key.split()) / len(people), "chars": len(key)}
    if site and key in site:
        said["is the site"] = WHOLE_NAME if key == site else 1
    elif site and site in key:
        said["is the site"] = 0
    said["part of others"] = sum(1 for other in others if key != other and key in other)
    said["contains others"] = sum(1 for other in others if key != other and other in key)
    said["lower case"] = sum(1 for name in people for word in name.split()[:1] if word[:1].islower())
    said["capitals"] = sum(1 for name in people for word in name.split() if word[:1].isupper()) / len(people)
    said["marks"] = sum(1 for name in people for char in name if char in ",.()_@/")
    said["digits"] = sum(1 for char in key if char.isdigit())
    return said


def title_contest(view: View, *, settle: bool = True) -> Contest[str]:
    """The titles as each place gives them, whole and cut at separators."""
    site = _key(view.sources.meta.get("og:site_name", "") or view.sources.site)
    if settle and _headline_declared(view, site):
        return Contest([Contender(clean(view.heading), "h1")], settled=True)
    declared = clean(jsonld.text(view.sources.article.get("headline")))
    if settle and view.declares_alone and declared:
        return Contest([Contender(declared, "jsonld")], settled=True)
    found: dict[str, Contender[str]] = {}
    for place, raw in _titles(view):
        value = clean(raw)
        if _LETTERS.search(value) or value.isdigit():
            key = _key(value) or value
            found.setdefault(key, Contender(value, place)).evidence[place] = 1
    known = {
        "document": set(_key(view.page.title).split()),
        "headline": set(_key(view.heading).split()),
        "slug": slug_words(view.url),
    }
    page = view.kind | {"titles": len(found)}
    for place in ("h1", "jsonld", "og", "twitter", "jsonld:page", "meta:title"):
        page |= {f"some {place}": 1 for candidate in found.values() if place in candidate.evidence}
    for rank, (key, candidate) in enumerate(found.items()):
        said_of = _title_shape(key, candidate.value, site, others=found, known=known)
        candidate.evidence |= said_of | {"rank": rank, "places": len(candidate.evidence)}
    return Contest(list(found.values()), page)


def _headline_declared(view: View, site: str) -> bool:
    """Whether the headline is what the page declares as its title, the site's name aside (right on 95 % of pages)."""
    headline, meta = _key(view.heading), view.sources.meta
    if not headline or headline == site:
        return False
    for raw in (jsonld.text(view.sources.article.get("headline")), meta.get("og:title", ""), view.page.title,
                meta.get("twitter:title", "")):  # fmt: skip
        title = clean(raw)
        if _key(title) == headline:
            return True
        marks = list(_SEPARATOR.finditer(title))
        if marks and _key(title[: marks[-1].start()]) == headline:
            return True
    return False


def _titles(view: View) -> Iterator[tuple[str, str]]:
    sources = view.sources
    meta = sources.meta
    yield "h1", view.heading
    if rest := _without_kicker(view.heading_parts):
        yield "h1:rest", rest
    for end, part in _cuts(clean(view.heading)):
        yield f"h1:{end}", part
    for place, raw in (
        ("jsonld", jsonld.text(sources.article.get("headline"))),
        ("og", meta.get("og:title", "")),
        ("twitter", meta.get("twitter:title", "")),
        ("title", view.page.title),
        ("jsonld:page", jsonld.text(sources.node.get("name") or sources.node.get("headline"))),
        ("meta:title", meta.get("title", "") or meta.get("dc.title", "") or meta.get("parsely-title", "")),
    ):
        yield place, raw
        for end, part in _cuts(clean(raw)):
            yield f"{place}:{end}", part


def _without_kicker(parts: list[str]) -> str:
    """The headline without its first part, where that is a shorter one of its own; else empty."""
    shown = [" ".join(part.split()) for part in parts]
    shown = [part for part in shown if part]
    rest = " ".join(shown[1:]).lstrip(":|/–—- ")
    return rest if len(shown) > 1 and len(shown[0]) < len(rest) and " " in rest else ""


def _cuts(title: str) -> Iterator[tuple[str, str]]:
    """Without what stands after the last separator, and only what stands before the first."""
    marks = list(_SEPARATOR.finditer(title))
    if marks:
        yield "head", title[: marks[-1].start()]
        if len(marks) > 1:
            yield "first", title[: marks[0].start()]
        yield "tail", title[marks[0].end() :]


def _title_shape(
    key: str, value: str, site: str, *, others: dict[str, Contender[str]], known: Mapping[str, Set[str]]
) -> dict[str, float]:
    """How long it is, and how it stands to the other titles, the site's name, and the address."""
    words = set(key.split())
    said: dict[str, float] = {"words": len(key.split()), "chars": len(value)}
    if site:
        said["site"] = 2 if key == site else 1 if site in key else 0
    said["part of others"] = sum(1 for other in others if key != other and key in other)
    said["contains others"] = sum(1 for other in others if key != other and other in key)
    for name, others_words in known.items():
        if others_words:
            shared = len(words & others_words)
            said[f"in {name}"] = shared / len(words) if words else 0.0
            said[f"of {name}"] = shared / len(others_words)
    said["marks"] = sum(1 for char in value if char in "|:–—-·»!?…")
    return said


def _key(text: str) -> str:
    return " ".join(words_of(text))
