import contextlib
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from workers.fetch.coding import BadCoding, Decoded, decode


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


def test_members_follow_each_other() -> None:
    assert decode(gzip.compress(b"a") + gzip.compress(b"b") + b"trailer", "gzip", 10).body == b"ab"


@pytest.mark.parametrize("encoding", ["gzip,gzip,gzip,gzip", "sdch", "aes128gcm"])
def test_unknown_or_too_many_codings(encoding: str) -> None:
    with pytest.raises(BadCoding):
        decode(b"\x1f\x8bx", encoding, 10)


@pytest.mark.parametrize("encoding", [None, "", "identity", "none", " , "])
def test_no_coding(encoding: str | None) -> None:
    assert decode(b"abc", encoding, 2) == Decoded(b"ab", True)


@given(st.binary(max_size=200), st.sampled_from(list(CODERS)))
def test_any_bytes_give_a_body_or_bad_coding(raw: bytes, coding: str) -> None:
    with contextlib.suppress(BadCoding):
        assert len(decode(raw, coding, 500).body) <= 500
