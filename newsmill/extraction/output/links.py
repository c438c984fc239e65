"""Outgoing links of a page, absolute and canonical, with their anchor texts; and robots directives (pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import ada_url

from newsmill.extraction.page.walk import Page
from newsmill.model import Frozen
from newsmill.urls.canonical import BadAddress, canonicalize

MAX_LINKS = 2000  # of one page; hubs have hundreds, link farms hundred thousands
CACHED_LINKS = 10_000  # about 2 MB
MAX_ANCHOR_CHARS = 300
MAX_HREF_CHARS = 2000  # longer addresses are scripts, data or traps
ROBOTS_NAMES = ("robots", "googlebot-news", "googlebot")


def base_of(page: Page, url: str | None) -> str | None:
    """What relative addresses of the page are relative to: <base href> against the page's own address."""
    if page.base:
        try:
            return str(ada_url.URL(page.base, url).href if url else ada_url.URL(page.base).href)
        except ValueError:
            return url
    return url


def absolute(href: str, base: str | None) -> str:
    """The canonical absolute address of a link as written, or an empty string where it is none."""
    if not href or len(href) > MAX_HREF_CHARS or href[0] == "#":
        return ""
    if base and href[0] == "/":  # the same for every page of the site: navigation is resolved once
        return _absolute(href, "/".join(base.split("/", 3)[:3]) + "/")
    return _absolute(href, None if href.startswith(("https://", "http://")) else base)


@lru_cache(maxsize=CACHED_LINKS)
def _absolute(href: str, base: str | None) -> str:
    try:
        return canonicalize(href, base)
    except BadAddress:
        return ""


def resolver(base: str | None) -> Callable[[str], str]:
    """`absolute` against one base, as a function of the link alone."""
    return lambda href: absolute(href, base)


class Link(Frozen):
    """An outgoing link: its canonical address and its anchor text, whitespace collapsed."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Anchors:
    """The links of a page as written, apart from its tree.

    base: what relative ones are relative to. written: href and rel of each. texts: pieces of text, each with the
    number of the link that it is in.
    """

    base: str | None = None
    written: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[int, str], ...] = ()

    def links(self) -> tuple[Link, ...]:
        """Links in document order, each address once with its longest anchor text; rel=nofollow ones left out."""
        anchors = [""] * len(self.written)
        for link, text in self.texts:
            if len(anchors[link]) < MAX_ANCHOR_CHARS:
                anchors[link] += text
        found: dict[str, str] = {}
        addresses: dict[str, str] = {}
        for (href, rel), anchor in zip(self.written, anchors, strict=True):
            if "nofollow" in rel.lower():
                continue
            if href not in addresses:
                if len(addresses) >= 2 * MAX_LINKS:
                    break
                addresses[href] = absolute(href, self.base)
            address = addresses[href]
            if not address or (address not in found and len(found) >= MAX_LINKS):
                continue
            text = " ".join(anchor.split())[:MAX_ANCHOR_CHARS]
            if len(text) >= len(found.get(address, "")):
                found[address] = text
        return tuple(Link(url=address, text=text) for address, text in found.items())


def anchors_of(page: Page, base: str | None) -> Anchors:
    """What the links of a page are made of."""
    texts = tuple([(link, piece) for link, piece in zip(page.hrefs, page.pieces, strict=True) if link >= 0])
    return Anchors(base, tuple(page.links), texts)


def robots_directives(meta: dict[str, str]) -> tuple[bool, bool]:
    """noindex and nofollow, as the page's robots meta elements ask for (any of them counts)."""
    said = {word.strip() for name in ROBOTS_NAMES for word in meta.get(name, "").lower().replace(";", ",").split(",")}
    return bool(said & {"noindex", "none"}), bool(said & {"nofollow", "none"})
