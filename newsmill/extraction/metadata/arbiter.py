"""The arbiter: for every metadata field, which source wins (pure).

Title, authors and date of publication are contested: there every place is a witness with a learned weight. The other
fields take the first place that says anything, in order of trust. Where a value came from is recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.dating import modified_stamp
from newsmill.extraction.metadata.naming import authors_contest, persons, title_contest
from newsmill.extraction.metadata.paywall import paywalled
from newsmill.extraction.metadata.published import publication
from newsmill.extraction.metadata.sources import Sources
from newsmill.extraction.metadata.text import clean
from newsmill.extraction.metadata.view import View
from newsmill.extraction.metadata.witness import GUESS, Contest, Weights, best, weights
from newsmill.text.dates import Stamp

MAX_KEYWORDS = 50
T = TypeVar("T")


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


def arbitrate(view: View, table: Callable[[str], Weights] = weights) -> Metadata:
    """The metadata of a page. Title, authors and date are weighed (`witness`); the rest goes by order of trust.

    table: other weights than those committed, for cross-validation.
    """
    sources = view.sources
    meta, article, node = sources.meta, sources.article, sources.node
    origins: dict[str, str] = {}
    whole = bool(view.url and view.texts)

    def first(name: str, *candidates: tuple[str, str]) -> str:
        for origin, raw in candidates:
            value = clean(raw)
            if value:
                origins[name] = origin
                return value
        return ""

    def weighed(name: str, contest: Contest[T]) -> T | None:
        found, sure = best(contest, table(name if whole else f"{name} bare"))
        if found is None:
            return None
        origins[name] = found.origin if sure else f"{GUESS}{found.origin}"
        return found.value

    def signed(view: View) -> tuple[str, ...]:
        contest = authors_contest(view)
        found, sure = best(contest, table("authors" if whole else "authors bare"))
        if found is None:
            return ()
        found = persons(contest, found)
        origins["authors"] = found.origin if sure else f"{GUESS}{found.origin}"
        return found.value

    modified, locked = modified_stamp(view), paywalled(sources, view.page)
    published = publication(view, table("published" if whole else "published bare"))
    for name, declared in (("published", published), ("modified", modified), ("paywalled", locked)):
        if declared:
            origins[name] = declared[1]
    return Metadata(
        title=weighed("title", title_contest(view)) or "",
        authors=signed(view),
        published=published[0] if published else None,
        modified=modified[0] if modified else None,
        site_name=first(
            "site_name",
            ("meta:og:site_name", meta.get("og:site_name", "")),
            ("jsonld:website", sources.site),
            ("jsonld:publisher", next(iter(jsonld.names(article.get("publisher"), sources.by_id)), "")),
            ("meta:application-name", meta.get("application-name", "")),
        ),
        canonical=first(
            "canonical_url",
            ("link:canonical", sources.links.get("canonical", "")),
            ("meta:og:url", meta.get("og:url", "")),
        ),
        description=first(
            "description",
            ("meta:og:description", meta.get("og:description", "")),
            ("meta:description", meta.get("description", "")),
            ("jsonld", jsonld.text(article.get("description"))),
            ("meta:twitter:description", meta.get("twitter:description", "")),
        ),
        image=first(
            "image",
            ("meta:og:image", meta.get("og:image", "")),
            ("jsonld", _image(article.get("image"))),
            ("meta:twitter:image", meta.get("twitter:image", "")),
            ("link:image_src", sources.links.get("image_src", "")),
            ("jsonld:page", _image(node.get("image"))),
        ),
        section=first(
            "section",
            ("jsonld", jsonld.text(article.get("articleSection"))),
            ("meta:article:section", meta.get("article:section", "")),
        ),
        keywords=_keywords(sources, origins),
        paywalled=locked[0] if locked else None,
        origins=origins,
    )


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
