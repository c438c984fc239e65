import contextlib
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http.coding import BadCoding, Decoded, decode


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(data) + coder.flush()


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", CODERS)
@given(data=st.binary(max_size=3000), limit=st.integers(0, 4000))
def test_decoding_gives_the_body_up_to_the_limit(coding: str, data: bytes, limit: int) -> None:
    decoded = decode(CODERS[coding](data), coding, limit)
    assert decoded == Decoded(data[:limit], len(data) > limit)


@pytest.mark.parametrize("coding", CODERS)
def test_a_bomb_costs_no_more_than_the_limit(coding: str) -> None:
    bomb = CODERS[coding](bytes(10_000_000))
    assert decode(bomb, coding, 1000) == Decoded(bytes(1000), True)


@pytest.mark.parametrize("coding", CODERS)
@pytest.mark.parametrize("garbage", [b"\x00" * 40, b"\xff" * 40])
def test_garbage_is_bad_coding_or_plain(coding: str, garbage: bytes) -> None:
    if "gzip" in coding:
        assert decode(garbage, coding, 100).body == garbage
    else:
        with contextlib.suppress(BadCoding):
            assert len(decode(garbage, coding, 100).body) <= 100


@pytest.mark.parametrize("coding", CODERS)
def test_what_ends_early_gives_what_there_is(coding: str) -> None:
    text = b"".join(b"%d," % i for i in range(20_000))
    coded = CODERS[coding](text)
    part = decode(coded[: len(coded) // 2], coding, 1_000_000).body
    assert text.startswith(part)


def test_layers_are_undone_from_the_last() -> None:
    assert decode(brotli.compress(gzip.compress(b"hi")), "gzip, br", 100).body == b"hi"


@pytest.mark.parametrize("named", ["deflate", "br", "zstd"])
def test_gzip_under_another_name_is_undone(named: str) -> None:
    assert decode(gzip.compress(b"hi"), named, 100).body == b"hi"


def test_members_follow_each_other() -> None:
    assert decode(gzip.compress(b"a") + gzip.compress(b"b") + b"trailer", "gzip", 10).body == b"ab"


@pytest.mark.parametrize("encoding", ["gzip,gzip,gzip,gzip", "sdch", "aes128gcm"])
def test_unknown_or_too_many_codings(encoding: str) -> None:
    with pytest.raises(BadCoding):
        decode(b"\x1f\x8bx", encoding, 10)


PLAIN = {
    "html": b"<!doctype html><title>Gr\xc3\xbc\xc3\x9fe</title>",
    "fragment": b"<p>no head, no tail",
    "feed": b"<?xml version='1.0'?>\n<rss><channel/></rss>",
    "sitemap": b"<urlset></urlset>",
    "text": "Die Höhe der Brücke\n".encode("latin-1"),
    "utf-16": "<html>".encode("utf-16"),
}


@pytest.mark.parametrize("body", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize(
    "encoding",
    ["aws-chunked", "iso-8859-1", "UTF-8", "8bit", "text/html", "binary", "chunked", "sdch, none", "7bit;q=1", '"x"'],
)
def test_a_coding_that_does_not_exist_is_passed_over(encoding: str, body: bytes) -> None:
    assert decode(body, encoding, 1000) == Decoded(body, False)
    assert decode(gzip.compress(body), f"gzip,{encoding}", 1000) == Decoded(body, False)
    assert decode(gzip.compress(body), f"{encoding}, X-GZIP", 1000) == Decoded(body, False)
    assert decode(gzip.compress(body), encoding, 1000) == Decoded(body, False)


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\x00\x01\x02", b"BZh91AY&SY\x00\x01", gzip.compress(b"\0x", mtime=0)]
)
@pytest.mark.parametrize("encoding", ["aws-chunked", "compress", "bzip2", "gzip2"])
def test_but_not_over_a_body_that_is_no_text(encoding: str, body: bytes) -> None:
    with pytest.raises(BadCoding, match=encoding):
        decode(body, encoding, 1000)


@pytest.mark.parametrize("encoding", ["x-deflate", "Deflate", "deflate;q=1.0", "'deflate'"])
def test_other_spellings_of_a_coding(encoding: str) -> None:
    assert decode(zlib.compress(b"hi"), encoding, 10).body == b"hi"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("kind", ["html", "feed", "sitemap"])
def test_a_header_that_lies_over_a_plain_body(encoding: str, kind: str) -> None:
    assert decode(PLAIN[kind], encoding, 1000).body == PLAIN[kind]


@pytest.mark.parametrize("encoding", [None, "", "identity", "none", " , "])
def test_no_coding(encoding: str | None) -> None:
    assert decode(b"abc", encoding, 2) == Decoded(b"ab", True)


@given(st.binary(max_size=200), st.sampled_from(list(CODERS)))
def test_any_bytes_give_a_body_or_bad_coding(raw: bytes, coding: str) -> None:
    with contextlib.suppress(BadCoding):
        assert len(decode(raw, coding, 500).body) <= 500
