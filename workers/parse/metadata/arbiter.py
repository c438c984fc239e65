"""The arbiter: for every metadata field, which source wins (pure).

Each field has a list of candidates in the order of trust that was measured on the development pages; the first
that survives the field's own check is taken, and where it came from is recorded.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from workers.parse.metadata import jsonld
from workers.parse.metadata.dates import Stamp, in_bounds, parse
from workers.parse.metadata.sources import Sources

Candidates = Iterable[tuple[str, str]]  # where from, raw value

MAX_FIELD_CHARS = 1000
MAX_KEYWORDS = 50
MAX_AUTHORS = 20


@dataclass(frozen=True, slots=True)
class Metadata:
    """What won, by field. Addresses are as written in the page."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published: Stamp | None = None
    modified: Stamp | None = None
    site_name: str = ""
    canonical: str = ""
    description: str = ""
    image: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    paywalled: bool | None = None
    origins: dict[str, str] = field(default_factory=dict)


def arbitrate(sources: Sources, title: str, heading: str, now: datetime | None = None) -> Metadata:
    """The metadata of a page. `title`: of the document; `heading`: its most likely headline element."""
    meta, article, node = sources.meta, sources.article, sources.node
    origins: dict[str, str] = {}

    def first(name: str, candidates: Candidates) -> str:
        for origin, raw in candidates:
            value = clean(raw)
            if value:
                origins[name] = origin
                return value
        return ""

    site = first("site_name", _site_candidates(sources))
    chosen = first("title", _title_candidates(sources, title, heading))
    authors = _authors(sources, site, origins)
    return Metadata(
        title=_without_site(chosen, site) if origins.get("title") != "h1" else chosen,
        authors=authors,
        published=_date("published", _published_candidates(sources), now, origins),
        modified=_date("modified", _modified_candidates(sources), now, origins),
        site_name=site,
        canonical=first(
            "canonical_url",
            [("link:canonical", sources.links.get("canonical", "")), ("meta:og:url", meta.get("og:url", ""))],
        ),
        description=first(
            "description",
            [
                ("meta:og:description", meta.get("og:description", "")),
                ("meta:description", meta.get("description", "")),
                ("jsonld", jsonld.text(article.get("description"))),
                ("meta:twitter:description", meta.get("twitter:description", "")),
            ],
        ),
        image=first(
            "image",
            [
                ("meta:og:image", meta.get("og:image", "")),
                ("jsonld", _image(article.get("image"))),
                ("meta:twitter:image", meta.get("twitter:image", "")),
                ("link:image_src", sources.links.get("image_src", "")),
                ("jsonld:page", _image(node.get("image"))),
            ],
        ),
        section=first(
            "section",
            [
                ("jsonld", jsonld.text(article.get("articleSection"))),
                ("meta:article:section", meta.get("article:section", "")),
            ],
        ),
        keywords=_keywords(sources, origins),
        paywalled=_paywalled(sources, origins),
        origins=origins,
    )


def clean(raw: str) -> str:
    """One line without entities (publishers escape twice), at most MAX_FIELD_CHARS."""
    text = raw[: MAX_FIELD_CHARS * 4]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return " ".join(text.split())[:MAX_FIELD_CHARS]


def _site_candidates(sources: Sources) -> Candidates:
    yield "meta:og:site_name", sources.meta.get("og:site_name", "")
    yield "jsonld:website", sources.site
    yield "jsonld:publisher", next(iter(jsonld.names(sources.article.get("publisher"), sources.by_id)), "")
    yield "meta:application-name", sources.meta.get("application-name", "")


def _title_candidates(sources: Sources, title: str, heading: str) -> Candidates:
    yield "h1", heading
    yield "jsonld", jsonld.text(sources.article.get("headline"))
    yield "meta:og:title", sources.meta.get("og:title", "")
    yield "meta:twitter:title", sources.meta.get("twitter:title", "")
    yield "title", title


_TITLE_TAIL = re.compile(r"\s+[|\-–—·•»:/]+\s+")


def _without_site(title: str, site: str) -> str:
    parts = _TITLE_TAIL.split(title)
    if len(parts) < 2 or not site:
        return title
    wanted = re.sub(r"\W+", "", site).lower()
    for cut in (-1, 0):
        if re.sub(r"\W+", "", parts[cut]).lower() == wanted:
            at = title.rindex(parts[-1]) if cut else title.index(parts[1])
            return _TITLE_TAIL.sub("", title[:at] + "\x00").strip("\x00 ") if cut else title[at:]
    return title


_BY = re.compile(r"^\s*(?:(?:written|posted|words|story|reported|article|text|published)\s+)?by\s*:?\s+", re.I)
_NOT_A_NAME = re.compile(r"https?:|www\.|@\w|[<>{}\[\]]|\d{3}", re.I)


def _authors(sources: Sources, site: str, origins: dict[str, str]) -> tuple[str, ...]:
    candidates = [
        ("jsonld", jsonld.names(sources.article.get("author"), sources.by_id)),
        ("meta:author", list(sources.authors)),
        ("meta:parsely-author", [sources.meta.get("parsely-author", "")]),
        ("meta:dc.creator", [sources.meta.get("dc.creator", "") or sources.meta.get("dcterms.creator", "")]),
        ("jsonld:page", jsonld.names(sources.node.get("author"), sources.by_id)),
    ]
    for origin, raw in candidates:
        found = tuple(dict.fromkeys(name for item in raw if (name := _name(item))))
        if found and found != (site,):
            origins["authors"] = origin
            return found[:MAX_AUTHORS]
    return ()


def _name(raw: str) -> str:
    name = _BY.sub("", clean(raw)).strip(" ,;|-–—")
    return "" if not name or len(name) > 120 or _NOT_A_NAME.search(name) else name


def _published_candidates(sources: Sources) -> Candidates:
    meta = sources.meta
    yield "jsonld", jsonld.text(sources.article.get("datePublished"))
    yield "meta:article:published_time", meta.get("article:published_time", "")
    for name in (
        "og:article:published_time",
        "datepublished",
        "parsely-pub-date",
        "sailthru.date",
        "pubdate",
        "publishdate",
        "dc.date.issued",
        "dcterms.created",
        "dc.date",
        "citation_publication_date",
        "date",
        "publication_date",
        "article.published",
        "published_time",
        "dc.date.created",
    ):
        yield f"meta:{name}", meta.get(name, "")
    yield "jsonld:created", jsonld.text(sources.article.get("dateCreated"))
    yield "jsonld:page", jsonld.text(sources.node.get("datePublished"))


def _modified_candidates(sources: Sources) -> Candidates:
    yield "jsonld", jsonld.text(sources.article.get("dateModified"))
    for name in ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified"):
        yield f"meta:{name}", sources.meta.get(name, "")
    yield "jsonld:page", jsonld.text(sources.node.get("dateModified"))


def _date(name: str, candidates: Candidates, now: datetime | None, origins: dict[str, str]) -> Stamp | None:
    for origin, raw in candidates:
        stamp = parse(raw) if raw else None
        if in_bounds(stamp, now):
            origins[name] = origin
            return stamp
    return None


def _image(value: object) -> str:
    if isinstance(value, dict):
        return jsonld.text(value.get("url") or value.get("contentUrl") or value.get("@id"))
    if isinstance(value, list):
        return next((got for item in value[:10] if (got := _image(item))), "")
    return jsonld.text(value)


def _keywords(sources: Sources, origins: dict[str, str]) -> tuple[str, ...]:
    raw = sources.article.get("keywords")
    listed = [jsonld.text(item) for item in raw] if isinstance(raw, list) else jsonld.text(raw).split(",")
    candidates = [
        ("jsonld", listed),
        ("meta:article:tag", list(sources.tags)),
        ("meta:news_keywords", sources.meta.get("news_keywords", "").split(",")),
        ("meta:keywords", sources.meta.get("keywords", "").split(",")),
    ]
    for origin, words in candidates:
        found = tuple(dict.fromkeys(word for item in words if (word := clean(item)) and len(word) <= 100))
        if found:
            origins["keywords"] = origin
            return found[:MAX_KEYWORDS]
    return ()


def _paywalled(sources: Sources, origins: dict[str, str]) -> bool | None:
    """From isAccessibleForFree and content_tier. `False` in either is a wall; `true` beside a locked part is not."""
    tier = sources.meta.get("article:content_tier", "").lower()
    if tier in ("free", "metered", "locked"):
        origins["paywalled"] = "meta:article:content_tier"
        return tier == "locked"
    free = sources.article.get("isAccessibleForFree", sources.node.get("isAccessibleForFree"))
    if free is None:
        return None
    said = str(free).strip().lower()
    if said not in ("true", "false", "1", "0", "yes", "no"):
        return None
    origins["paywalled"] = "jsonld"
    return said in ("false", "0", "no")
