import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http.answer import BadAnswer, FetchError, HeaderTooLarge
from newsmill.http.head import HEAD_MAX, Heads, mend
from tests.site.heads import SHIFTING, SLOPPY, TE, TEXT, answer, sized

HONEST = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=\x01\r\n" + sized() + b"\r\n\r\n") + TEXT


def parsed(data: bytes) -> tuple[int, bytes]:
    """Status and body as h11 reads them. Raises h11.RemoteProtocolError."""
    state = h11.Connection(h11.CLIENT)
    state.send(h11.Request(method="GET", target="/", headers=[("host", "x.example")]))
    state.send(h11.EndOfMessage())
    state.receive_data(data)
    state.receive_data(b"")
    status, body = 0, b""
    while (event := state.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    return status, body


@pytest.mark.parametrize("name", SLOPPY)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_sloppy_heads_are_read_and_their_connection_is_not_kept(name: str, step: int) -> None:
    heads, data = Heads(), SLOPPY[name]
    got = b"".join(heads.feed(data[i : i + step]) for i in range(0, len(data), step))
    assert parsed(got + heads.feed(b"")) == (200, TEXT)
    legal = {"line-feeds-only", "folded", "no-reason", "two-spaces", "lower-case-version", "bytes-in-reason"}
    legal |= {"nul-in-value", "cr-in-value", "version-2-in-words", "version-0-9"}
    assert heads.sound == (name in legal)


def test_an_honest_head_stays_as_it_is_but_for_the_reason() -> None:
    heads = Heads()
    assert parsed(heads.feed(HONEST)) == (200, TEXT)
    assert heads.sound
    heads.asked()
    assert heads.feed(HONEST[:10]) == b""
    assert heads.unread


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length : 5",
        b"Content-Length\x00: 5",
        b"Content Length: 5",
        b"Content-Length 5",
        b"\x0bContent-Length: 5",
        b"Transfer-Encoding : chunked",
        b"Transfer\xa0Encoding: chunked",
        b"(Transfer-Encoding): chunked",
    ],
)
def test_a_bad_line_that_may_say_where_the_body_ends_refuses_the_answer(line: bytes) -> None:
    with pytest.raises(BadAnswer, match="may be the length"):
        Heads().feed(answer(line))


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: +5"],
        [b"Content-Length: 5 6"],
        [b"Content-Length: -1"],
        [b"Content-Length: 0x10"],
        [b"Content-Length: 5\x006"],
        [b"Transfer-Encoding: xchunked"],
        [b"Transfer-Encoding: chunked\x0b"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: identity, gzip"],
    ],
)
def test_lengths_that_mean_nothing_stay_for_the_parser_to_refuse(lines: list[bytes]) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        parsed(Heads().feed(answer(*lines)))


@pytest.mark.parametrize("lines", [[sized(), TE], [TE, sized()], [b"Content-Length: 1", b"Transfer-Encoding: Chunked"]])
def test_two_ways_to_end_are_one_too_many_for_a_connection(lines: list[bytes]) -> None:
    heads = Heads()
    heads.feed(answer(*lines))
    assert not heads.sound


@pytest.mark.parametrize("data", [b"x" * HEAD_MAX + b"yz", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 30_000 + b"\r\n"])
def test_no_head_is_too_large_for_our_memory(data: bytes) -> None:
    heads = Heads()
    heads.feed(data[:60_000])
    with pytest.raises(HeaderTooLarge):
        heads.feed(data[60_000:])


@pytest.mark.parametrize("garbage", [b"220 mail.example ESMTP ready\r\n\r\n", b"<html>\n\n", b"HTTP/1.1 20x\r\n\r\n"])
def test_what_is_no_answer(garbage: bytes) -> None:
    with pytest.raises(BadAnswer):
        Heads().feed(garbage)


ANSWERS = st.sampled_from([*SLOPPY.values(), *(now + later for now, later in SHIFTING.values()), HONEST])
PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b":", b"\x00", b"HTTP/1.1 103 x\r\n\r\n", b"Content-Length: 3\r\n"]
)


@given(ANSWERS, st.lists(st.tuples(st.integers(0, 200), PIECES), max_size=4), st.lists(st.integers(1, 60), min_size=1))
def test_how_the_bytes_come_changes_nothing(data: bytes, edits: list[tuple[int, bytes]], steps: list[int]) -> None:
    for place, piece in edits:
        data = data[:place] + piece + data[place:]

    def fed(parts: list[bytes]) -> tuple[bytes, bool] | type[FetchError]:
        heads = Heads()
        try:
            return b"".join([heads.feed(part) for part in [*parts, b""]]), heads.sound
        except FetchError as error:
            return type(error)

    cuts, at = [], 0
    while at < len(data):
        step = steps[len(cuts) % len(steps)]
        cuts.append(data[at : at + step])
        at += step
    assert fed(cuts) == fed([data])


@given(ANSWERS)
def test_what_was_mended_needs_no_mending(data: bytes) -> None:
    head = mend(data.lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")[0])[0]
    assert mend(head.removesuffix(b"\r\n\r\n"))[0] == head
