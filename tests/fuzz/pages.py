"""A seeded, structure-aware fuzzer of `extract`: pages that are broken in the ways of the web, within bounds.

Each number makes one page: a page of tests/pages, changed a few times. An answer must be a whole value (it prints as
JSON), come within MAX_CPU_S, and must not let the process grow by more than MAX_GROWTH_MB.
"""

import random
import re
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from newsmill.extraction import extract
from newsmill.text.charset import decode
from newsmill.text.markup_bounds import bounded
from tests.fuzz.report import Report, peak_mb

PAGES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "pages").glob("*.[ht]*"))]
MAX_CPU_S = 5.0  # of a page of up to MAX_BYTES on one core; nearly all take a hundredth
MAX_BYTES = 400_000
MAX_TREE_MB = (
    1500  # what lexbor's tree may take: formatting repeated in every paragraph, up to what is stated for any page
)
MAX_GROWTH_MB = 250  # beside the tree
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TAG = re.compile(rb"<[^<>]{1,300}>")
NAMES = (
    b"div p span a table td tr li ul b i script style noscript template svg math title select pre h1 article".split()
)
JUNK = [
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1b$B", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"&#xD800;",
    b"&#0;", b"&#x110000;", b"&amp;lt;", b"&", b"\xe2\x80\xae", b"\r", b"\x85", b"\xc2\xad", "\u2028".encode(), b"<plaintext>",
    b"<frameset>", b"<base href='http://[::1'>", b"<a href='http://[:'>x</a>", b'<time datetime="9999-99-99">', b"</html>",
    b'<meta property="article:published_time" content="0000-00-00T99:99">', b'<meta charset="utf-16">', b"\xef\xbf\xbe",
    b'<html lang="x-\xff">', b"31.02.2024", b"10000000000000000-01-01", b'<img src="data:;base64,', b"<p hidden>", b"<br>" * 50,
]  # fmt: skip
LIES = [
    b"utf-16",
    b"shift_jis",
    b"gb18030",
    b"koi8-u",
    b"iso-2022-jp",
    b"windows-1251",
    b"big5",
    b"x-user-defined",
    b"\xff",
]
TYPES = [
    None,
    "text/html",
    "text/plain",
    "text/html; charset=utf-16be",
    "text/html; charset=\x00",
    "application/pdf",
    "",
]

Change = Callable[[bytes, random.Random], bytes]


def truncated(page: bytes, dice: random.Random) -> bytes:
    return page[: dice.randrange(len(page) + 1)]


def tags_shuffled(page: bytes, dice: random.Random) -> bytes:
    tags = TAG.findall(page) or [b"<p>"]
    return TAG.sub(lambda tag: dice.choice(tags) if dice.random() < 0.2 else tag[0], page)


def tags_lost(page: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.02, 0.3, 0.9))
    return TAG.sub(lambda tag: b"" if dice.random() < share else tag[0], page)


def horde(page: bytes, dice: random.Random) -> bytes:
    quote = dice.choice((b"", b'="x"', b"='<p>'", b'=">"', b"="))
    names = dice.choice((b" ", b"/", b"\n")).join(b"a%d" % i + quote for i in range(dice.choice((20, 300, 8000))))
    return _put(page, b"<div " + names + dice.choice((b">", b"", b"'>", b'">')), dice)


def nested(page: bytes, dice: random.Random) -> bytes:
    names = dice.choices(NAMES, k=dice.choice((1, 3)))
    return _put(
        page, b"".join(b"<" + name + b">" + dice.choice((b"", b"x")) for name in names) * dice.choice((50, 5000)), dice
    )


def entities(page: bytes, dice: random.Random) -> bytes:
    return _put(
        page,
        dice.choice((b"&amp;", b"&#60;", b"&ngE;", b"&lt;script&gt;", b"&#x1F469;")) * dice.choice((9, 20_000)),
        dice,
    )


def junk(page: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randrange(1, 20)):
        page = _put(page, dice.choice(JUNK), dice)
    return page


def bytes_flipped(page: bytes, dice: random.Random) -> bytes:
    changed = bytearray(page or b"x")
    for _ in range(dice.choice((1, 10, 1000))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def encoding_lie(page: bytes, dice: random.Random) -> bytes:
    lie = dice.choice(LIES)
    if dice.random() < 0.5:
        return re.sub(rb"charset=[\"']?[\w-]+", b"charset=" + lie, page) + b"<meta charset=" + lie + b">"
    return page.decode("utf-8", "replace").encode(
        dice.choice(("utf-16", "utf-32", "gb18030", "utf-7", "utf-8-sig")), "replace"
    )


def spliced(page: bytes, dice: random.Random) -> bytes:
    other = dice.choice(PAGES)
    return page[: dice.randrange(len(page) + 1)] + other[dice.randrange(len(other)) :]


def duplicated(page: bytes, dice: random.Random) -> bytes:
    """A part of the page again and again, where it stood."""
    at = dice.randrange(len(page) + 1)
    part = page[at : at + dice.choice((100, 3000))]
    return page[:at] + part * dice.choice((2, 30, 200)) + page[at:]


def json_ld(page: bytes, dice: random.Random) -> bytes:
    value = dice.choice(
        (
            b'"x"',
            b"null",
            b"[" * 2000,
            b'{"@value": []}',
            b'{"name": {"name": 1e999}}',
            b"-" * 99,
            b'"\\ud800"',
            b"[[[]]]",
        )
    )
    keys = dice.choices(
        (b"author", b"datePublished", b"headline", b"@graph", b"@type", b"articleBody", b"image", b"keywords"), k=4
    )
    pairs = b",".join(b'"' + key + b'": ' + value for key in keys)
    tail = dice.choice((b"}", b"", b"},", b"}}", b"}\x00"))
    return _put(page, b'<script type="application/ld+json">{"@type":"NewsArticle",' + pairs + tail + b"</script>", dice)


def meta_flood(page: bytes, dice: random.Random) -> bytes:
    value = dice.choice((b"x" * 5000, b"\x00", b"<b>", b"2024-02-30", b"99999999999", b"&quot;" * 500))
    names = (b"author", b"og:title", b"article:published_time", b"date", b"keywords", b"og:image", b"robots")
    return _put(
        page,
        b"".join(b'<meta name="' + name + b'" content="' + value + b'">' for name in names) * dice.choice((1, 300)),
        dice,
    )


def _put(page: bytes, what: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(page) + 1)
    return page[:at] + what + page[at:]


CHANGES: tuple[Change, ...] = (
    truncated, tags_shuffled, tags_lost, horde, nested, entities, junk, bytes_flipped, encoding_lie, spliced, duplicated,
    json_ld, meta_flood,
)  # fmt: skip


def made(number: int) -> tuple[bytes, str | None]:
    """The page of a number, and its content type."""
    dice = random.Random(number)
    page = dice.choice(PAGES)
    for change in dice.choices(CHANGES, k=dice.choice((1, 2, 3, 5))):
        page = change(page, dice)[:MAX_BYTES]
    return page, dice.choice(TYPES)


def run(first: int, seconds: float) -> Report:
    """Pages from number `first` on, for so long."""
    report, began = Report(), time.monotonic()
    extract(PAGES[0])  # tables and weights are loaded once
    while time.monotonic() - began < seconds:
        look(first + report.inputs, report)
        report.inputs += 1
    return report


def look(number: int, report: Report) -> None:
    body, content_type = made(number)
    grown = peak_mb()
    LexborHTMLParser(bounded(decode(body, content_type).encode()))
    before, began = peak_mb(), time.process_time()
    if before - grown > MAX_TREE_MB:
        report.failures.append(f"{number}: its tree takes {before - grown:.0f} MB")
    try:
        article = extract(body, "https://fuzz.example/a/b?c=d", content_type, NOW)
        took, grown = time.process_time() - began, peak_mb() - before
        article.model_dump_json()
        if number % 10 == 0 and extract(body, "https://fuzz.example/a/b?c=d", content_type, NOW) != article:
            report.failures.append(f"{number}: another article the second time")
    except Exception:  # noqa: BLE001 - whatever it raises is what is looked for
        report.failures.append(f"{number}: {traceback.format_exc(limit=-4)}")
        return
    report.note(str(number), took, grown)
    if took > MAX_CPU_S or grown > MAX_GROWTH_MB:
        report.failures.append(f"{number}: {took:.1f} s of CPU, grew by {grown:.0f} MB")
