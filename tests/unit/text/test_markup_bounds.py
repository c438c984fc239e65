"""Bad input: an answer or a clear `empty`, within a bounded time and memory.

Bounds, for any input of any size: 15 s of CPU and 1.5 GB of memory (`tests/system/test_bad_pages.py` runs the full
sizes in a child process with those limits); a two-hundredth of the size answers within 2 s.
"""

import time
from collections.abc import Callable

import pytest

from newsmill.extraction import extract
from newsmill.text.markup_bounds import MAX_NESTING, bounded

SMALL_CPU_S = 2
PROSE = "<p>The council met on Tuesday to discuss the bridge, which has been closed since the flood, they said.</p>"

# name -> page of a size: n is about the number of the thing that is too many
CASES: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "nested tags": (1_000_000, lambda n: b"<div>" * n + PROSE.encode() + b"</div>" * n),
    "nested inline tags with stray ends": (1_000_000, lambda n: b"<span></x>" * n),
    "nested formatting": (500_000, lambda n: b"<b><i><p></b>x" * n),
    "nested lists": (300_000, lambda n: b"<ul><li>a" * n),
    "nested tables": (200_000, lambda n: b"<table><tr><td>a" * n),
    "one line": (50_000_000, lambda n: b"word " * (n // 5)),
    "one line in a page": (50_000_000, lambda n: b"<html><body><p>" + b"word " * (n // 5)),
    "no spaces": (10_000_000, lambda n: b"<p>" + b"x" * n),
    "links": (100_000, lambda n: b"".join(b'<a href="/p/%d">link %d</a> ' % (i, i) for i in range(n))),
    "NUL bytes": (1_000_000, lambda n: b"<p>" + b"a\x00b " * n),
    "unclosed everything": (300_000, lambda n: b"<p>a<li>b<td>c<a href=x>d<em>e" * n),
    "unclosed quote": (5_000_000, lambda n: b'<a href="' + b"x" * n),
    "unclosed comment": (5_000_000, lambda n: b"<!-- " + b"x" * n),
    "only scripts": (100_000, lambda n: b"<script>var a = 1;</script>" * n),
    "frames": (1000, lambda n: b"<html><frameset>" + b'<frame src="a.html">' * n + b"</frameset></html>"),
    "base64 image": (10_000_000, lambda n: b'<img src="data:image/png;base64,' + b"A" * n + b'">' + PROSE.encode() * 5),
    "JSON-LD blocks": (10_000, lambda n: b'<script type="application/ld+json">{"@type":"Article"}</script>' * n),
    "nested JSON-LD": (1_000_000, lambda n: b'<script type="application/ld+json">' + b"[" * n + b"</script>"),
    "entities": (2_000_000, lambda n: b"<p>" + b"&amp;amp;&lt;&ngE;" * (n // 20)),
    "entity declarations": (  # "a billion laughs": HTML knows none, XML parsers do
        20_000,
        lambda n: (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
            + b"".join(b'<!ENTITY b%d "&a;&b%d;&b%d;">' % (i, i - 1, i - 1) for i in range(n))
            + b"]><x>&b%d;</x>" % (n - 1)
        ),
    ),
    "bodies": (500_000, lambda n: b"<html><body class=a%d>" % n * (n // 20) + PROSE.encode()),
    "unclosed title": (5_000_000, lambda n: b"<title>" + b"x " * (n // 2)),
    "half a surrogate pair in each entity": (1_000_000, lambda n: b"<p>" + b"&#xD800;&#xDFFF;" * (n // 16)),
    "attributes": (500_000, lambda n: b"<div " + b" ".join(b"a%d=1" % i for i in range(n)) + b">" + PROSE.encode()),
    "attributes between quoted markup": (
        500_000,
        lambda n: b"<div " + b" ".join(b'a%d="><p>"' % i for i in range(n)) + b">" + PROSE.encode(),
    ),
    "attributes after a quoted tag": (
        500_000,
        lambda n: b'<div a=">" ' + b"/".join(b"a%d" % i for i in range(n)) + b">" + PROSE.encode(),
    ),
    "many tags of many attributes": (
        10_000,
        lambda n: (b"<div " + b" ".join(b"a%d" % i for i in range(1500)) + b">") * (n // 10) + PROSE.encode(),
    ),
    "formatting that every paragraph repeats": (
        1_000_000,
        lambda n: b"<p>" + b"".join(b"<b a%d>" % i for i in range(n // 1000)) + b"<p>x" * (n // 10),
    ),
    "attributes that every paragraph repeats": (
        1_000_000,
        lambda n: b"<p><a " + b" ".join(b"a%d" % i for i in range(n // 100)) + b">" + b"<p>x" * (n // 10),
    ),
    "cells of several paragraphs": (1_000_000, lambda n: b"<table><tr><td>" + b"<br><br>two words" * (n // 50)),
    "cells of a row": (
        1_000_000,
        lambda n: b"<table><tr>" + b"<td>two words" * (n // 50) + b"<br><br>two words" + PROSE.encode() * 5,
    ),
    "tags in names": (5_000_000, lambda n: (b"<a" * 120 + b">") * (n // 120)),
    "line breaks": (1_000_000, lambda n: b"a<br>" * n),
    "dates": (200_000, lambda n: b"<p>5 March 2024</p>" * n),
    "headings": (200_000, lambda n: b"<h1>Title</h1>" * n),
    "bytes of every kind": (2_000_000, lambda n: bytes(range(256)) * (n // 256)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_little_of_it(name: str) -> None:
    size, make = CASES[name]
    body = make(size // 200)
    began = time.process_time()
    extract(body, "https://a.example/x")
    assert time.process_time() - began < SMALL_CPU_S


@pytest.mark.parametrize("text", ["a\ud800b", "&#xD800;&#xDFFF;", "&#0;&#x110000;", "\ufdd0\uffff"])
def test_surrogates_and_noncharacters(text: str) -> None:
    body = f"<p>{text} {PROSE * 3}</p>".encode("utf-8", "surrogatepass")
    extract(body).text.encode("utf-8")


def test_half_a_surrogate_pair_in_json_ld() -> None:
    data = '{"@type": "Article", "headline": "The \\ud800 bridge", "author": "Ann \\udfff Li", "keywords": ["\\ud800"]}'
    body = f'<script type="application/ld+json">{data}</script>{PROSE * 3}'
    assert extract(body.encode()).title == "The \ufffd bridge"
    assert extract(body.encode()).model_dump_json()


@pytest.mark.parametrize(
    ("before", "attribute", "between"),
    [("", "a%d=1", " "), ("", "a%d", "/"), ('a=">" ', "a%d", " "), ("", 'a%d="><p>"', ""), ("", "=a%d", " ")],
)
def test_hordes_of_attributes_are_cut_and_scripts_are_not(before: str, attribute: str, between: str) -> None:
    page = b"<p>a</p><script>if (a<b) { x = '<i b=\"'; " + b"c d " * 2000 + b"}</script>"
    horde = (f"<div {before}" + between.join(attribute % i for i in range(60_000)) + ">").encode()
    prose = PROSE.encode()
    assert bounded(page + horde + prose).replace(b"<div", b"") == page + b">" + prose
    data = b"<div data-x='" + b'{"a": 1} ' * 60_000 + b"' b='1'>"
    assert bounded(page + data + prose) == page + data + prose


def test_deep_markup_is_cut_and_flat_markup_is_not() -> None:
    flat = b"<p>a<br>b" * 30_000
    assert bounded(flat) == flat
    balanced = b"<div><span>a</span></div>" * 30_000
    assert bounded(balanced) == balanced
    assert bounded(b"<div>" * 50_000).count(b"<div>") == MAX_NESTING
