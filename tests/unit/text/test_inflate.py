"""Gzip streams: whole, in pieces, broken, of many members, inside one another, and bombs."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.text.inflate import LAYERS, TooLarge, gunzip

LIMIT = 1 << 20


def read(*chunks: bytes) -> bytes:
    return b"".join(gunzip(chunks, LIMIT))


@given(st.binary(max_size=300_000), st.integers(0, LAYERS), st.integers(1, 100_000))
def test_what_was_put_in_comes_out(body: bytes, layers: int, size: int) -> None:
    sent = body = body if not body.startswith(b"\x1f\x8b") else b"x" + body
    for _ in range(layers):
        sent = gzip.compress(sent, 1)
    assert read(*(sent[at : at + size] for at in range(0, len(sent), size))) == body


def test_members_follow_each_other_and_padding_is_left_out() -> None:
    assert read(gzip.compress(b"one") + gzip.compress(b"two") + b"\0" * 20, b"\0rubbish") == b"onetwo"
    assert read(gzip.compress(b"one") + b"<!-- made by a plugin -->") == b"one"


def test_a_stream_that_ends_early_is_taken_as_far_as_it_goes() -> None:
    body = bytes(range(256)) * 500
    assert body.startswith(read(gzip.compress(body)[:-100]))


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_bombs(layers: int) -> None:
    bomb = b" " * (LIMIT + 1)
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    with pytest.raises(TooLarge, match="larger than 1,048,576 bytes"):
        read(bomb)


def test_a_bomb_of_what_expands_to_nothing() -> None:
    with pytest.raises(TooLarge):
        read(gzip.compress(gzip.compress(b"") * 100_000))


def test_broken() -> None:
    with pytest.raises(ValueError, match="broken gzip"):
        read(b"\x1f\x8b\x08\x00" + b"\xff" * 100)
    with pytest.raises(ValueError, match="broken gzip"):
        read(gzip.compress(b"x" * 100)[:-4] + b"\xff" * 4)
    assert read(zlib.compress(b"x"))  # not gzip: as it is
    assert read(b"\x1f") == b"\x1f"
    assert read() == b""
