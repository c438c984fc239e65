"""Section pages of sites without feeds: article links told from navigation (pure).

No single sign is enough, so signs are added up: what the address looks like, how long the words are, where in the
page the link stands, and whether others of the same shape stand beside it (a list of teasers repeats a shape, and a
teaser repeats its address: picture, headline, "read on").
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsmill.sources.formats.feed import language_code
from newsmill.text.charset import decode
from newsmill.text.dates import not_future, parse_date
from newsmill.text.markup_bounds import bounded
from newsmill.urls.canonical import DEFAULT_RULES, BadAddress, CanonicalRules, canonicalize, same_site

MAX_PAGE = 4 << 20  # bytes; section pages of news sites have up to 2 MB, most of it scripts
MAX_LINKS = 5000  # links looked at
MAX_TITLE = 300  # characters
ENOUGH = 3  # the sum of signs from which a link counts as an article's; tests/unit/sources/formats/test_section.py
ANCESTORS = 14  # how far up a link's place is looked at
SHAPE = 4  # how many of them make its shape

_DATE_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:[/-]|\d\d|$)")
_LONG_NUMBER = re.compile(r"\d{5,}")
_SLUG_WORD = re.compile(r"[^-_]+")
SLUG_WORDS = 4  # from which a segment of a path reads like a headline
_PAGE_END = re.compile(r"\.(?:s?html?|php|aspx?|ece|amp)$")
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp3|mp4|zip|xml|rss|atom|json|css|js|ics)$")
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|themes?|categor(?:y|ies)|sections?|rubrics?|authors?|people|users?|profiles?|search|login|log-in|"
    r"sign-?(?:in|up)|register|account|subscri(?:be|ption)|newsletters?|about(?:-us)?|contacts?(?:-us)?|privacy|cookies?|"
    r"terms|legal|imprint|impressum|advert\w*|jobs|careers|help|faq|sitemap|rss|feeds?|page|pages|archives?|share|"
    r"comments?|print|app|apps|shop|podcasts?|weather|horoscopes?|quiz(?:zes)?|games?)(?:/|\.\w+$|$)"
)
_CHROME_TAGS = frozenset({"nav", "header", "footer", "menu", "form", "select", "button"})
_CHROME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|topbar|footer|bottom|breadcrumbs?|paginat\w*|pager|social|share|"
    r"cookie\w*|tags?|taglist|langs?|languages?|logo|login|subscribe|copyright|skip)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5"})
_TEASERS = re.compile(r"(?:article|teaser|story|headline|card|post|news|item|entry|title)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link that leads to an article, as it seems. `url` is canonical."""

    url: str
    title: str = ""
    published: datetime | None = None
    score: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """What a section page lists. Where `problem` is set it lists nothing that could be used."""

    problem: str = ""
    title: str = ""
    language: str = ""
    links: tuple[PageLink, ...] = ()
    others: int = 0  # links that seem to be none of an article


@dataclass(slots=True)
class _Place:
    """Where one <a> stands. chrome: in navigation or the like; heading: in or around a heading."""

    shape: str
    chrome: bool
    heading: bool
    teaser: bool


@dataclass(slots=True)
class _Seen:
    """One address on the page."""

    title: str = ""
    times: int = 0
    score: int = 0
    place: _Place | None = None
    published: datetime | None = None
    shapes: set[str] = field(default_factory=set)


def read_section(
    body: bytes, content_type: str, url: str, *, now: datetime, rules: CanonicalRules = DEFAULT_RULES
) -> Section:
    """The article links of the page at `url`, in its order. Never raises for what is in it."""
    if len(body) > MAX_PAGE:
        return Section(problem=f"larger than {MAX_PAGE:,} bytes")
    text = decode(body, content_type)
    if "<" not in text[:10_000]:
        return Section(problem="empty" if not text.strip() else "no HTML page")
    tree = LexborHTMLParser(bounded(text.encode(), free_tags=0))
    seen = _links(tree, url, now, rules=rules)
    _judge(seen, url)
    found = [PageLink(at, s.title, s.published, s.score) for at, s in seen.items() if s.score >= ENOUGH]
    title = tree.css_first("title")
    root = tree.css_first("html")
    return Section(
        problem="" if found else "no link looks like an article's",
        title=" ".join(title.text().split())[:MAX_TITLE] if title else "",
        language=language_code((root.attributes.get("lang") or "") if root else ""),
        links=tuple(found),
        others=len(seen) - len(found),
    )


def address_score(url: str) -> int:
    """How much an address (canonical) looks like an article's: from -3, certainly none, to 3."""
    parts = urlsplit(url)
    path = parts.path.lower()
    segments = [segment for segment in path.split("/") if segment]
    if not segments or _NO_PAGE.search(path):
        return -3
    score = 0
    if _DATE_IN_PATH.search(path):
        score += 2
    if _LONG_NUMBER.search(path) or _LONG_NUMBER.search(parts.query):
        score += 1
    words = len(_SLUG_WORD.findall(segments[-1]))
    if words >= SLUG_WORDS or segments[-1].count("%") > 20:  # long names in other scripts are escaped
        score += 2
    elif _PAGE_END.search(path):
        score += 1
    if _NO_ARTICLE.search(path):
        score -= 2
    elif score == 0 and len(segments) == 1 and len(segments[0]) < 20:
        score -= 1  # /sport
    return min(3, score)


def _links(tree: LexborHTMLParser, url: str, now: datetime, *, rules: CanonicalRules) -> dict[str, _Seen]:
    """The addresses that the page links to, each once, in order of appearance."""
    base = tree.css_first("base[href]")
    against = url
    if base is not None:
        try:
            against = canonicalize(base.attributes.get("href") or "", url, rules)
        except BadAddress:
            against = url
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for node in tree.css("a[href]")[:MAX_LINKS]:
        href = (node.attributes.get("href") or "").strip()
        if not href or href.startswith("#"):
            continue
        try:
            address = canonicalize(href, against, rules)
        except BadAddress:
            continue  # mailto:, javascript: and the like are no addresses of articles
        if address != url:
            _note(seen[address], node, now)
    return seen


def _note(seen: _Seen, node: LexborNode, now: datetime) -> None:
    title = " ".join(node.text(separator=" ").split())[:MAX_TITLE]
    place = _place(node)
    seen.times += 1
    seen.shapes.add(place.shape)
    if seen.place is None or (len(title), not place.chrome) > (len(seen.title), not seen.place.chrome):
        seen.title, seen.place = title, place
        seen.published = _date_beside(node, now) or seen.published


def _place(node: LexborNode) -> _Place:
    shape, chrome, teaser = [], False, False
    heading = any(child.tag in _HEADINGS for child in node.iter())
    at: LexborNode | None = node
    for step in range(ANCESTORS):
        if at is None or at.tag in ("body", "html"):
            break
        attributes = at.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:200]
        tag = at.tag or ""
        if step < SHAPE:
            shape.append(f"{tag}.{(attributes.get('class') or '').split(' ')[0]}")
        chrome = chrome or tag in _CHROME_TAGS or attributes.get("role") == "navigation"
        chrome = chrome or bool(_CHROME_NAMES.search(name))
        teaser = teaser or tag == "article" or bool(step and _TEASERS.search(name))
        heading = heading or (step < 3 and tag in _HEADINGS)
        at = at.parent
    return _Place("/".join(shape), chrome, heading, teaser)


def _date_beside(node: LexborNode, now: datetime) -> datetime | None:
    """The date of the <time> in the teaser that the link belongs to."""
    at = node.parent
    for _ in range(4):
        if at is None or at.tag in ("body", "main"):
            return None
        times = at.css("time[datetime]")
        if len(times) == 1:
            return not_future(parse_date(times[0].attributes.get("datetime") or ""), now)
        if times:
            return None  # a list of teasers: which one's is unknown
        at = at.parent
    return None


def _judge(seen: dict[str, _Seen], url: str) -> None:
    """Gives each link its sum of signs."""
    by_shape: dict[str, list[_Seen]] = defaultdict(list)
    for one in seen.values():
        if one.place:
            by_shape[one.place.shape].append(one)
    wordy = {shape: sum(_words(one.title) for one in group) / len(group) for shape, group in by_shape.items()}
    for address, one in seen.items():
        if one.place is None:
            continue
        words, mates = _words(one.title), len(by_shape[one.place.shape])
        score = address_score(address) + (2 if words >= 5 else 1 if words >= 3.5 else -1 if words < 2.5 else 0)
        if mates >= 3 and wordy[one.place.shape] >= 4:
            score += 1
        if one.place.chrome:
            score -= 3
        elif one.place.heading or one.place.teaser:
            score += 1
        if one.times >= 2 and not one.place.chrome:
            score += 1
        if not same_site(address, url):
            score -= 2
        one.score = score


def _words(title: str) -> float:
    """Words of a title; scripts without spaces are taken at two and a half characters a word."""
    wide = sum(1 for character in title if "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af")
    return max(len(title.split()), wide / 2.5) if title else 0
