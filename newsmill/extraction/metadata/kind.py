"""What kind of page is it? Evidence that holds for every candidate of every field (pure).

An article has a day and an author, a shop's page rarely: no field can be judged without the page around it.
"""

import numpy as np
from numpy.typing import NDArray

from newsmill.extraction.metadata import jsonld
from newsmill.extraction.metadata.address import address_evidence
from newsmill.extraction.metadata.headline import MAX_HEADING_CHARS
from newsmill.extraction.metadata.sources import Sources
from newsmill.extraction.page.class_names import BIT
from newsmill.extraction.page.tags import TAG
from newsmill.extraction.page.walk import Page

_KINDS = {
    "article": jsonld.ARTICLE_TYPES,
    "news": frozenset(("newsarticle", "reportagenewsarticle", "liveblogposting")),
    "blog": frozenset(("blogposting",)),
    "product": frozenset(("product", "offer", "productgroup")),
    "forum": frozenset(("discussionforumposting", "qapage", "socialmediaposting")),
    "list": frozenset(("collectionpage", "itemlist", "searchresultspage")),
    "page": frozenset(("webpage",)),
    "questions": frozenset(("faqpage",)),
    "crumbs": frozenset(("breadcrumblist",)),
    "firm": frozenset(("organization", "localbusiness", "corporation")),
    "person": frozenset(("person",)),
    "event": frozenset(("event",)),
    "service": frozenset(("service", "softwareapplication")),
}
_OPEN_GRAPH = ("article", "website", "product", "profile")
_NAMES = ("article:section", "article:tag", "article:publisher", "article:author", "twitter:label1", "generator",
          "news_keywords", "product:price:amount", "og:price:amount", "parsely-type")  # fmt: skip
_BODY = ("content", "product", "card", "forum", "body", "section", "tags", "code")
_AROUND = ("comment", "related", "card", "forum", "product", "byline", "meta", "content", "body", "form", "user", "faq",
           "section", "code", "toc")  # fmt: skip
_AROUND_BITS = np.array([BIT[name] for name in _AROUND], dtype=np.int64)
_HEADLINE = ("related", "card", "product", "content", "header", "title", "summary")
PARAGRAPH_CHARS = 100  # a block of this size is prose, not a label
_MAX_TAG = max(TAG.values()) + 1
MAX_PRICE_CHARS = 40
_CURRENCIES = "$€£¥₹₴₽"
_BODY_ELEMENT = 2  # after html and head


def page_evidence(
    page: Page, texts: list[str], starts: NDArray[np.int64], *, sources: Sources, headline: int, url: str
) -> dict[str, float]:
    """Everything that tells articles, threads, shops, lists and manuals apart."""
    said = address_evidence(url)
    _declared(said, sources)
    if len(page.el_flags) > _BODY_ELEMENT:
        flags = page.el_flags[0] | page.el_flags[_BODY_ELEMENT]
        said |= {f"body:{name}": 1 for name in _BODY if flags & BIT[name]}
    if texts:
        _measured(said, page, texts, lengths=np.diff(starts).astype(np.float64), headline=headline)
    return said


def _declared(said: dict[str, float], sources: Sources) -> None:
    kind = sources.meta.get("og:type", "").lower().split(":")[0].split(".")[0]
    if kind in _OPEN_GRAPH:
        said[f"og:{kind}"] = 1
    elif not kind:
        said["og:none"] = 1
    said["jsonld types"] = len(sources.kinds)
    said |= {f"jsonld {name}": 1 for name, kinds in _KINDS.items() if sources.kinds & kinds}
    said |= {f"has {name}": 1 for name in _NAMES if name in sources.meta}
    said["metas"] = len(sources.meta)
    if "noindex" in sources.meta.get("robots", ""):
        said["noindex"] = 1
    if sources.authors or jsonld.text(sources.article.get("author")):
        said["author declared"] = 1


def _measured(
    said: dict[str, float], page: Page, texts: list[str], *, lengths: NDArray[np.float64], headline: int
) -> None:
    elements = page.blk_el
    total = float(lengths.sum()) + 1
    tree = page.columns
    around = tree.within.take(tree.el)
    shares = (lengths @ ((around[:, None] & _AROUND_BITS) != 0)) / total
    # Rounded: BLAS adds in an order that follows where the memory lies, and forests cut at the last digit.
    said |= zip([f"share:{name}" for name in _AROUND], shares.round(6).tolist(), strict=True)
    tags = np.minimum(tree.tag.take(tree.el), _MAX_TAG)
    counts = np.bincount(tags, minlength=_MAX_TAG)
    weights = np.bincount(tags, lengths, minlength=_MAX_TAG)
    long = lengths > PARAGRAPH_CHARS
    said["chars"], said["blocks"], said["links"] = total, len(texts), len(page.links)
    said["paragraphs"], said["share:paragraphs"] = float(long.sum()), float(lengths[long].sum()) / total
    said["share:p"], said["share:li"] = float(weights[TAG["p"]]) / total, float(weights[TAG["li"]]) / total
    said |= {f"count:{name}": float(counts[TAG[name]]) for name in ("h1", "h2", "h3")}
    said["count:article"] = page.el_tag.count(TAG["article"])
    said["count:form"] = page.el_tag.count(TAG["form"])
    labels = "".join([text for text in texts if len(text) < MAX_PRICE_CHARS])
    said["prices"] = sum(map(labels.count, _CURRENCIES))
    if headline >= 0:
        said["headline:block"], said["headline:place"] = headline, headline / len(texts)
        after = np.flatnonzero(long[headline + 1 : headline + 40])
        said["headline:to prose"] = float(after[0]) if len(after) else 40
        flags = page.el_within[elements[headline]]
        said |= {f"headline:in {name}": 1 for name in _HEADLINE if flags & BIT[name]}
        said["headline:words"] = len(texts[headline][:MAX_HEADING_CHARS].split())
