"""What reads foreign input, as the stages call it, each with the alphabets that it is measured by."""

import atexit
import gzip
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import brotli
import zstandard
from pydantic import TypeAdapter

from newsmill.extraction import extract
from newsmill.extraction.said import names_in_lines
from newsmill.http import coding
from newsmill.http.answer import BadAnswer, Fetched
from newsmill.http.caching import max_age_s, retry_after_s
from newsmill.http.conditional import validators
from newsmill.http.content import classify, unwanted
from newsmill.http.cookies import Jar
from newsmill.http.guard import check_ip, parse_literal
from newsmill.http.head import Heads, mend
from newsmill.http.ports import check_port, port_of
from newsmill.http.refresh import refresh_target
from newsmill.policy.robots import RobotsOptions, robots_from_response
from newsmill.policy.robots_rules import Rules, reduced, reduced_frames, sitemaps_in
from newsmill.policy.robots_tag import x_robots_tag
from newsmill.policy.verdict import Facts, judge
from newsmill.redaction import redacted
from newsmill.search import query, snippets
from newsmill.search.forms import forms
from newsmill.search.store import SearchStore, open_search
from newsmill.sources.address_filters import Found, left_out, traps
from newsmill.sources.bookmark import bookmark, resume_at
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.confined_documents import look_frames, read_frames
from newsmill.sources.discovery import AskedPage, look
from newsmill.sources.follow import followed
from newsmill.sources.formats.feed import parse_feed
from newsmill.sources.formats.lists import parse_list
from newsmill.sources.formats.opml import read_opml
from newsmill.sources.formats.section import address_score, read_section
from newsmill.sources.formats.sitemap import parse_sitemap
from newsmill.sources.kinds import Polled
from newsmill.sources.left_out import LeftOut
from newsmill.sources.scope import Scope, refuse
from newsmill.stores.archive import read_archive
from newsmill.stores.errors import StoreError
from newsmill.testing.search_corpus import CORPUS, article
from newsmill.text import tokens as analysis
from newsmill.text.charset import decode, decode_stream
from newsmill.text.dates import find_date, parse_date
from newsmill.text.fingerprint import exact_fingerprint, near_fingerprint
from newsmill.text.inflate import gunzip
from newsmill.text.language import detect_language
from newsmill.text.minhash import share, signature
from newsmill.text.visible import escaped, without_unseen
from newsmill.urls.canonical import as_named, canonicalize, same_owner
from tests.growth import alphabets as of
from tests.growth.samples import ATOM, CHUNKED, DATES, DTD, ENCODED, JSON_FEED, MARKED, OWN, RECORD, SITEMAP
from tests.growth.samples import RSS as RSS_FILE

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HERE = "http://a.example/x"
ROBOTS_FILE = "http://a.example/robots.txt"


@dataclass(frozen=True, slots=True)
class Reader:
    """read: takes a text of the alphabet within one of the frames. length: of the shortest text, characters.

    samples: texts as they come, by which a reader shows which functions it reaches.
    """

    alphabet: tuple[str, ...]
    read: Callable[[str], object]
    frames: tuple[str, ...] = ("{}",)
    length: int = 4000
    samples: tuple[str, ...] = ()

    @staticmethod
    def framed(frame: str, text: str) -> str:
        before, _, behind = frame.replace("{{", "{").partition("{}")
        return before + text + behind


def _bytes(read: Callable[[bytes], object]) -> Callable[[str], object]:
    return lambda text: read(text.encode("utf-8", "replace"))


def _archive(body: bytes) -> object:
    with tempfile.NamedTemporaryFile(suffix=".warc") as file:
        file.write(body)
        file.flush()
        with suppress(StoreError):  # refusing is an answer
            return sum(1 for own in (False, True) for _ in read_archive(Path(file.name), NOW, own=own))
    return 0


def _answer(body: bytes, status: int = 200, **headers: str) -> Fetched:
    return Fetched(HERE, status, tuple(headers.items()), body, "192.0.2.1", 0.0, 0.0, 0.0)


def _fed(data: bytes) -> object:
    heads = Heads()
    heads.asked()
    with suppress(BadAnswer):
        return [heads.feed(data[at : at + 1000]) for at in range(0, len(data), 1000)]
    return heads.unread


def _left_out(text: str) -> object:
    found = LeftOut()
    for part in text.split("/"):
        found.note(part, f"http://a.example/{part}")
    return str(LeftOut.load(found.dump())) + found.why(text)


def _read_confined(kind: str, body: bytes) -> object:
    polled = TypeAdapter(Polled).dump_json(Polled(b"", "", HERE, NOW))
    return sum(map(len, read_frames(kind.encode() + b"\n" + polled, body)))


def _look_confined(body: bytes) -> object:
    page = TypeAdapter(AskedPage).dump_json(AskedPage(HERE, 200, "text/html", b""))
    return list(look_frames(NOW.isoformat().encode() + b"\n" + page, body))


@cache
def _library() -> SearchStore:
    """The articles of the stores' contract, in a file that goes with the process."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    made = open_search("", Path(folder.name))
    made.upsert(CORPUS)
    return made


PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}
UNSEEN = ("\u2066", "\u2069", "\u202e", "\x1b", "\x85", "\u2028", "\ud800")
FOLLOWING = SourceConfig(name="a", kind=SourceKind.PAGE, url=HERE)
OWNERS = ("http://a.example", "http://medium.com", "http://b.wordpress.com")
OTHERS = "http://c.medium.com/@a/%7e%e9%c3%a9%2f"
PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*.[ht]*"))
SCOPE = Scope(sites=("a.example",), include=("*a*b*c*", "/a*"), exclude=("http://a.example/*x*y*",))
RSS = "<rss><channel><item><title>a</title><link>/a</link>{}"
READERS = {
    "feed": Reader(
        of.FEED,
        _bytes(lambda b: parse_feed(b, "text/xml", HERE, now=NOW)),
        ("{}<rss><channel/></rss>", RSS, "<rss {}>"),
        1000,
        (RSS_FILE, ATOM, DTD),
    ),
    "json feed": Reader(
        of.JSON,
        _bytes(lambda b: parse_feed(b, "", HERE, now=NOW)),
        ('{{"items":{}', '{{"items":[{{"title":"{}'),
        samples=(JSON_FEED,),
    ),
    "sitemap": Reader(
        of.SITEMAP,
        _bytes(lambda b: parse_sitemap(b, HERE, NOW)),
        ("<urlset>{}", "{}<urlset>", "<urlset><url><loc>{}"),
        samples=(SITEMAP, "http://a.example/1\nhttp://a.example/2\n"),
    ),
    "section": Reader(
        of.PAGE, _bytes(lambda b: read_section(b, "text/html", HERE, now=NOW)), ("<html><body>{}", "<a href='{}'>x</a>")
    ),
    "discovery": Reader(
        of.PAGE, _bytes(lambda b: look(AskedPage(HERE, 200, "text/html", b), NOW)), ("<html><body>{}",), 10_000
    ),
    "discovery of robots": Reader(of.ROBOTS, _bytes(lambda b: look(AskedPage(ROBOTS_FILE, 200, "", b), NOW))),
    "list": Reader(of.LIST, _bytes(parse_list)),
    "opml": Reader(of.OPML, _bytes(read_opml), ("<opml><body>{}", "{}")),
    "robots": Reader(
        of.ROBOTS,
        _bytes(lambda b: Rules(reduced(b, "Newsmill").text).deciding("/a/b")),
        ("{}", "User-agent: *\nDisallow: /{}"),
    ),
    "sitemaps of robots": Reader(of.ROBOTS, _bytes(sitemaps_in)),
    "robots path": Reader(
        of.ADDRESS, Rules("User-agent: *\nDisallow: /*a*b*c\nDisallow: /a\nAllow: /*%20$").deciding, ("/{}",)
    ),
    "address": Reader(
        of.ADDRESS, canonicalize, ("http://a.example/{}", "http://a.example/?{}", "http://{}", "{}"), 4000, (OTHERS,)
    ),
    "address score": Reader(
        of.ADDRESS, lambda text: address_score(f"http://a.example/{text}".replace("[", "")), length=4000
    ),
    "named address": Reader(of.ADDRESS, lambda text: as_named(text, HERE), ("{}", "http://a.example/{}"), 4000),
    "owner": Reader(of.ADDRESS, lambda text: [same_owner(f"{at}/{text}".replace("[", ""), f"{at}/x") for at in OWNERS]),
    "date": Reader(of.DATE, parse_date, ("{}", "2026-11-20 {}"), samples=DATES),
    "date in a line": Reader(
        of.DATE,
        lambda text: [find_date(text, language=language) for language in ("", "fa", "vi", "hr")],
        ("{}", "20 Nov 2026 {}"),
        samples=("۱ آذر ۱۴۰۵", "22 tháng 11 năm 2026", "令和8年11月22日", "22 พ.ย. 69"),
    ),
    "charset": Reader(of.HEADER, lambda text: decode(b"caf\xe9", text), ("text/html; charset={}", "{}")),
    "encoding": Reader(
        (*of.PAGE, *of.HEADER),
        lambda text: decode(text.encode("latin-1", "replace") + b"\xe9"),
        ("<html>{}", "<?xml {}"),
        samples=ENCODED,
    ),
    "max-age": Reader(of.HEADER, max_age_s),
    "retry-after": Reader((*of.DATE, *of.HEADER), lambda text: retry_after_s(text, NOW.timestamp())),
    "head": Reader(of.HTTP, _bytes(mend), ("HTTP/1.1 200 OK\r\n{}\r\n\r\n",)),
    "content": Reader(of.PAGE, _bytes(lambda b: classify("text/html", b))),
    "content type": Reader(of.HEADER, lambda text: classify(text, b"<html>")),
    "content coding": Reader(
        (*of.HEADER, "gzip,", "br,"),
        lambda text: (coding.decode(b"x", text, 1000), coding.decode(b"<html>", "br", 1000)),
    ),
    "archive": Reader(of.WARC, _bytes(_archive), length=10_000, samples=(RECORD, CHUNKED, OWN)),
    "page": Reader(
        of.PAGE,
        _bytes(lambda b: extract(b, HERE, "text/html", NOW).markdown),
        ("<html><body>{}", "<html><head>{}", "<p>{}</p>"),
        2000,
        (*(page.read_text("utf-8", "replace") for page in PAGES), *MARKED),
    ),
    "query": Reader(of.QUERY, query.parse, length=4000),
    "snippet": Reader((*of.QUERY, "ﬁ"), lambda text: snippets.snippet(text, query.parse("a site b")), length=2000),
    "found": Reader(
        of.QUERY,
        lambda text: _library().search(text, facets=True),
        length=1500,
        samples=(
            *("harbours nowhere", "zepelin", "großenstadte", "Зеленский", "Zelensky harbour", "מהנמל", "covid19"),
            *("title:harbours lang:german", "lang:xx ship", '=ships -"a b" after:3d', "Hafenstadt meister visitor"),
            *("intitle:harbour", "'harbour master'", "ship-ping Hafen-stadt", "«harbour visitor»", "=harbour-master"),
            *('"harbour masters"', "harbuor", "harbour-mastr visitor", "in*ner"),
        ),
    ),
    "written": Reader(
        (*of.PAGE, "é", "日", "Häfen ", "Зеленский ", "מהנמל ", "covid-19 "),
        lambda text: [forms(article("a", text=text, title=text, language=language)) for language in ("de", "he", "uk")],
        length=2000,
    ),
    "tokens": Reader(
        (*of.QUERY, "é", "日", "\u0301"), lambda text: (list(analysis.tokens(text)), analysis.analysed(text))
    ),
    "heads": Reader(
        of.HTTP, _bytes(_fed), ("HTTP/1.1 200 OK\r\n{}\r\n\r\n", "{}"), samples=("\r\nHTTP/1.1 100 C\r\n\r\n",)
    ),
    "refresh header": Reader(of.HEADER, lambda text: refresh_target(_answer(b"", Refresh=text)), ("0;url={}", "{}")),
    "refresh": Reader(
        (*of.PAGE, "<noscript>", "<base href=b>", "<meta http-equiv=refresh content='0;url=/a'>"),
        _bytes(lambda b: refresh_target(_answer(b))),
        (
            "<html>{}",
            "<html><noscript><meta http-equiv=refresh content='0;url={}'>",
            "<html><meta http-equiv=refresh {}>",
        ),
    ),
    "cookies": Reader(
        (*of.HEADER, "expires=", "a=b;"),
        lambda text: Jar.load(Jar().after(HERE, (("Set-Cookie", text),), 0, now=0.0).dump()).header(HERE),
        ("a=b;{}", "{}"),
    ),
    "robots tag": Reader(
        (*of.HEADER, *of.DATE, "noindex", "unavailable_after:"),
        lambda text: x_robots_tag((("X-Robots-Tag", text),), "newsmill", 0.0),
    ),
    "verdict": Reader(
        of.ADDRESS, lambda text: judge(_answer(b"", 301, Location=text), Facts(), 0.0), ("{}", "http://b.example/{}")
    ),
    "validators": Reader(of.HEADER, lambda text: validators((("ETag", text), ("Last-Modified", text)))),
    **{
        f"coding {name}": Reader(of.PAGE, _bytes(lambda b, pack=pack, name=name: coding.decode(pack(b), name, 1 << 30)))
        for name, pack in PACKED.items()
    },
    "gzip": Reader(of.PAGE, _bytes(lambda b: list(gunzip((gzip.compress(gzip.compress(b)),), 1 << 30)))),
    "unseen": Reader(
        (*UNSEEN, "a", "\n"), lambda text: (without_unseen(text), escaped(text), escaped(text, lines=True)), length=1500
    ),
    "redaction": Reader(("://", "a:b@", "@", "/", " ", "a"), lambda text: redacted(text, ("ab", "a:b"))),
    "trap": Reader(
        of.ADDRESS,
        lambda text: left_out({"traps": traps}, Found(f"http://a.example/{text}".replace("[", ""), FOLLOWING, NOW)),
    ),
    "left out": Reader(of.ADDRESS, _left_out, length=2000),
    "fingerprint": Reader((*of.PAGE, "é", "日"), lambda text: (exact_fingerprint(text), near_fingerprint(text))),
    "minhash": Reader(
        (*of.PAGE, "日", "a b c d e "),
        lambda text: (signature(text), share(text, text)),
        samples=(" ".join(map(str, range(500))),),
    ),
    "language": Reader((*of.PAGE, "é", "日"), lambda text: detect_language(text, "en-GB")),
    "scope": Reader(of.ADDRESS, lambda text: refuse(SCOPE, f"http://a.example/{text}".replace("[", ""), NOW)),
    "ports": Reader(of.ADDRESS, lambda text: port_of(f"http://a.example/{text}".replace("[", ""))),
    "confined feed": Reader(of.FEED, _bytes(lambda b: _read_confined("feed", b)), (RSS,), 1000),
    "confined sitemap": Reader(of.SITEMAP, _bytes(lambda b: _read_confined("sitemap", b)), ("<urlset>{}",)),
    "confined list": Reader(of.LIST, _bytes(lambda b: _read_confined("list", b))),
    "confined page": Reader(of.PAGE, _bytes(lambda b: _read_confined("page", b)), ("<html><body>{}",)),
    "confined robots": Reader(of.ROBOTS, _bytes(lambda b: list(reduced_frames(b'["Newsmill", 65536]', b)))),
    "confined look": Reader(of.PAGE, _bytes(_look_confined), ("<html><body>{}",)),
    "stream": Reader(of.LIST, _bytes(lambda b: list(decode_stream([b, b], "text/plain; charset=iso-2022-jp")))),
    "plain text": Reader(
        (*of.LIST, "- a\n", "1) ", "… a »\n", "cookies ", "日", "é"),
        _bytes(lambda b: extract(b, HERE, "text/plain; charset=utf-8", NOW).markdown),
        ("{}", "Title\n\nA line of text, which goes on and on until it is wrapped at its end by\n{}"),
        2000,
        ("Title\n\n" + "Мы используем файлы cookie. Word word word. " * 9 + "\n\nRead more … a »\n",),
    ),
    "robots answer": Reader(
        of.ROBOTS,
        _bytes(lambda b: robots_from_response(_answer(b), 0.0, RobotsOptions(token="Newsmill")).allowed(HERE)),
    ),
    "bookmark": Reader(of.LIST, _bytes(lambda b: resume_at(bookmark(1, b), b))),
    "links": Reader(
        of.ADDRESS,
        lambda text: followed(
            FOLLOWING, HERE, [f"/{part}" for part in text.split("/")], depth=0, now=NOW, filters={"traps": traps}
        ),
        length=2500,
    ),
    "names": Reader((*of.LIST, ", "), names_in_lines),
    "wanted": Reader(
        (*of.HEADER, *of.PAGE), lambda text: unwanted(200, (("Content-Type", text),), text.encode(errors="replace"))
    ),
    "host": Reader(
        ("1", ".", ":", "[", "]", "0x", "%"),
        lambda text: (ip := parse_literal(text)) and check_ip(ip),
        samples=("192.0.2.1", "::ffff:1.1.1.1"),
    ),
    "port": Reader(of.ADDRESS, lambda text: check_port(f"http://a.example:22/{text}".replace("[", ""), (HERE,))),
}
