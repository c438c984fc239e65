"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed (pure). Bytes as a server sent them → a frozen `Feed`."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from newsmill.sources.formats.feed_json import looks_like_json, read_json
from newsmill.sources.formats.feed_xml import NoFeed, RawFeed, RawItem, read_xml
from newsmill.sources.formats.prolog import read_prolog
from newsmill.text.charset import decode_xml
from newsmill.text.dates import not_future, parse_date
from newsmill.text.inflate import gunzip
from newsmill.text.visible import without_unseen

MAX_FEED = 16 << 20  # bytes; the largest news feeds seen are below 5 MB
MAX_TITLE = 500  # characters
PERIODS_S = {"hourly": 3600, "daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400, "yearly": 365 * 86400}
MAX_TTL_S = 7 * 86400  # a longer wait asked for is taken as a mistake
_PUBLISHED = ("pubdate", "published", "issued", "dcterms:issued", "dc:date", "date", "dcterms:created", "created")
_CHANGED = ("updated", "modified", "dcterms:modified")
_AMP = re.compile(r"//amp\.|/amp(?:[/?#]|$)|[?&](?:amp|outputtype=amp|output=amp)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?")
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|RDF|feed|channel)[\s>]", re.IGNORECASE)
_BEGIN = re.compile(r"<(?:\?xml|!DOCTYPE|(?:[\w.-]{1,40}:)?(?:rss|RDF|feed|channel))[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s*+")
BEGIN_WITHIN = 20_000  # characters of warnings and white space that may precede a feed


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry of a feed. `url` is absolute and as the feed has it; times are UTC and never in the future."""

    url: str
    title: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    guid: str = ""
    language: str = ""  # ISO 639, two or three letters; empty when the item says nothing
    author: str = ""  # as written, one a line


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says. Where `problem` is set it is none, and the rest is empty."""

    problem: str = ""
    title: str = ""
    language: str = ""
    home: str = ""  # the page the feed belongs to
    ttl_s: int = 0  # RSS <ttl>; 0 when it says nothing
    update_period_s: int = 0  # RSS 1.0 syndication module
    hub: str = ""  # WebSub
    items: tuple[FeedItem, ...] = ()
    remarks: tuple[str, ...] = ()  # what is wrong with it, in words an operator can pass on
    left_out: tuple[tuple[str, int], ...] = ()  # items that are none of these: reason and number


def parse_feed(body: bytes, content_type: str, base_url: str, *, now: datetime) -> Feed:
    """`body` as a feed found at `base_url`. Anything that is none comes back with `problem` set; never raises.

    Time and memory are bounded: MAX_FEED bytes (also of what gzip expands to), feed_xml.MAX_ITEMS items, no
    entity expansion.
    """
    try:
        body = b"".join(gunzip((body,), MAX_FEED))
        if not body.strip():
            return Feed(problem="empty")
        text, remark = decode_xml(body, content_type)
        raw = _read(text, base_url)
    except ValueError as error:  # NoFeed and TooLarge among them
        return Feed(problem=str(error))
    return _assemble(raw, base_url, now, remarks=[remark, raw.remark])


def _read(text: str, base_url: str) -> RawFeed:
    if looks_like_json(text):
        return read_json(text)
    if _HTML.match(text, _after_comments(text)) and not _ROOT.match(text, _root(text)):
        raise NoFeed("an HTML page, not a feed")
    begin = _BEGIN.search(text, 0, BEGIN_WITHIN)
    if begin is None:
        raise NoFeed("XML, but no feed" if text.lstrip().startswith("<") else "text, not a feed")
    raw = read_xml(text[begin.start() :], base_url)
    if text[: begin.start()].strip() and not raw.remark:
        raw.remark = "something precedes the feed"
    return raw


def _root(text: str) -> int:
    """Where the root element begins: some feeds are declared to be HTML."""
    try:
        return read_prolog(text).end
    except ValueError:
        return 0


def _after_comments(text: str) -> int:
    """Where the first thing of `text` that is neither white space nor a comment begins."""
    at = 0
    while True:
        found = _SPACE.match(text, at)
        at = found.end() if found else at
        end = text.find("-->", at) if text.startswith("<!--", at) else -1
        if end < 0:
            return at
        at = end + len("-->")


def _assemble(raw: RawFeed, base_url: str, now: datetime, *, remarks: list[str]) -> Feed:
    items = [_item(item, base_url, now, remarks=remarks) for item in raw.items]
    found = _distinct([item for item in items if item.url], remarks)
    lost = sum(not item.url for item in items)
    repeated = len(items) - lost - len(found)
    if lost:
        remarks.append(f"{lost} of {len(items)} items without an address")
    values = raw.values
    home = values.get("link") or _link(raw.links, ("alternate",))[0]
    return Feed(
        title=_plain(values.get("title", "")),
        language=language_code(values.get("language") or values.get("dc:language") or raw.language),
        home=_absolute(home, base_url),
        ttl_s=min(60 * _number(values.get("ttl", "")), MAX_TTL_S),
        update_period_s=_period(values),
        hub=_absolute(_link(raw.links, ("hub",))[0], base_url),
        items=tuple(found),
        remarks=tuple(dict.fromkeys(remark for remark in remarks if remark)),
        left_out=tuple((reason, n) for reason, n in (("without an address", lost), ("repeat others", repeated)) if n),
    )


def _item(raw: RawItem, base_url: str, now: datetime, *, remarks: list[str]) -> FeedItem:
    values = raw.values
    guid = values.get("guid") or values.get("id", "")
    published = _moment(values, _PUBLISHED + _CHANGED, now, remarks=remarks)
    return FeedItem(
        url=_address(raw, guid, base_url),
        title=_plain(values.get("title") or values.get("dc:title", "")),
        published=published,
        modified=_moment(values, _CHANGED, now, remarks=[]),
        guid=guid[:MAX_TITLE],
        language=language_code(values.get("dc:language") or raw.language),
        author=(values.get("dc:creator") or values.get("author", ""))[:MAX_TITLE],
    )


def _address(raw: RawItem, guid: str, base_url: str) -> str:
    """The item's page: RSS's own <link> before Atom's, which may lead to another form of it."""
    values = raw.values
    for name in ("feedburner:origlink", "pheedo:origlink", "link"):
        if address := _absolute(values.get(name, ""), _absolute(raw.base, base_url) or base_url):
            return address
    href, link_base = _link(raw.links, ("alternate", ""))
    if address := _absolute(href, _absolute(link_base or raw.base, base_url) or base_url):
        return address
    return _absolute(guid, base_url) if raw.guid_is_link and guid.startswith(("http://", "https://")) else ""


def _moment(values: Mapping[str, str], names: Iterable[str], now: datetime, *, remarks: list[str]) -> datetime | None:
    """The first of these that can be read: a broken pubDate does not hide a good dc:date."""
    ahead, unread = False, ""
    for said in (line for name in names for line in values.get(name, "").splitlines() if line.strip()):
        moment = parse_date(said)
        if found := not_future(moment, now):
            return found
        ahead, unread = ahead or moment is not None, unread or said
    if ahead:
        remarks.append("dates in the future")
    elif unread:
        remarks.append(f"dates that cannot be read: {unread[:40]!r}")
    return None


def _distinct(items: list[FeedItem], remarks: list[str]) -> list[FeedItem]:
    """`items` with each article once.

    Feeds give articles the guids of others, so that one alone drops nothing: an item repeats another that has its
    guid, its title, and its address up to the query.
    """
    seen: set[str | tuple[str, str, str]] = set()
    kept = []
    for item in items:
        keys: set[str | tuple[str, str, str]] = {item.url}
        if item.guid:
            keys.add((item.guid, item.title, item.url.partition("?")[0]))
        if not keys & seen:
            kept.append(item)
        seen |= keys
    if len(kept) < len(items):
        remarks.append(f"{len(items) - len(kept)} items repeat others")
    return kept


def _link(links: Iterable[dict[str, str]], relations: tuple[str, ...]) -> tuple[str, str]:
    """Address and base of the first link of one of these relations, an HTML one before others."""
    fitting = [link for link in links if link.get("rel", "alternate").strip().lower() in relations and link.get("href")]
    for link in sorted(fitting, key=lambda at: ("html" not in at.get("type", "html"), bool(_AMP.search(at["href"])))):
        if href := link.get("href", "").strip():
            return href, link.get("base", "")
    return "", ""


def _absolute(url: str, base: str) -> str:
    """`url` against `base`; nothing for what cannot be an http(s) address."""
    url = url.strip()
    if not url:
        return ""
    try:
        joined = urljoin(base, url)
    except ValueError:
        return ""
    return joined if joined[:8].lower().startswith(("http://", "https://")) else ""


def _plain(text: str) -> str:
    """A title without markup, entities and runs of white space."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _TAG.sub("", html.unescape(text))
    return " ".join(without_unseen(text).split())[:MAX_TITLE]


def language_code(text: str) -> str:
    """ISO 639 code of a language tag ("en" of "en-GB"), or nothing."""
    match = _LANGUAGE.fullmatch(text.strip())
    return match[1].lower() if match else ""


def _period(values: dict[str, str]) -> int:
    period = PERIODS_S.get(values.get("sy:updateperiod", "").lower(), 0)
    return period // max(1, _number(values.get("sy:updatefrequency", "")))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
