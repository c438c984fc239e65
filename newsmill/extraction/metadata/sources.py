"""The places where a page speaks about itself, read once and laid side by side for the arbiter (pure)."""

from dataclasses import dataclass, field

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.page.walk import Page

_NAMING = ("property", "name", "itemprop", "http-equiv")


@dataclass(frozen=True, slots=True)
class Sources:
    """What was found, by place.

    meta: first content by lower-case name, property or itemprop. keywords: every article:tag.
    links: first href by rel. article: the JSON-LD node of the article. node: that of the page.
    """

    meta: dict[str, str]
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    links: dict[str, str]
    article: jsonld.Node = field(default_factory=dict)
    node: jsonld.Node = field(default_factory=dict)
    by_id: dict[str, jsonld.Node] = field(default_factory=dict)
    site: str = ""
    kinds: frozenset[str] = frozenset()  # every @type of the page


def collect(page: Page, url: str = "") -> Sources:
    """The sources of a page. Empty contents count as absent."""
    meta: dict[str, str] = {}
    links: dict[str, str] = {}
    tags: list[str] = []
    authors: list[str] = []
    for attributes in page.metas:
        if rel := attributes.get("rel"):
            if href := attributes.get("href"):
                for name in rel.lower().split():
                    links.setdefault(name, href.strip())
            continue
        content = " ".join((attributes.get("content") or "").split())
        if not content:
            continue
        for key in _NAMING:
            if raw := attributes.get(key):
                name = raw.strip().lower()
                meta.setdefault(name, content)
                if name == "article:tag":
                    tags.append(content)
                elif name in ("author", "article:author"):
                    authors.append(content)
    nodes = jsonld.nodes(page.json_ld)
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str) and "name" in node}
    site = next((jsonld.text(node.get("name")) for node in nodes if "website" in jsonld.types_of(node)), "")
    return Sources(
        meta=meta,
        tags=tuple(dict.fromkeys(tags)),
        authors=tuple(dict.fromkeys(authors)),
        links=links,
        article=jsonld.article_node(nodes, url) or {},
        node=jsonld.page_node(nodes) or {},
        by_id=by_id,
        site=site,
        kinds=frozenset(kind for node in nodes for kind in jsonld.types_of(node)),
    )
