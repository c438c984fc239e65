"""Whatever bytes a server sends, the client gives an answer or says why not, in time, and goes on working."""

import asyncio
import random
import time

from newsmill.http.answer import Fetched, FetchError
from newsmill.http.client import Client, ClientOptions
from newsmill.http.guard import parse_networks
from newsmill.policy.verdict import Facts, judge
from tests.site.names import FakeDns

CASES = 1500
AT_ONCE = 50
SEEDS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\n<html>hello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<html\r\n3;a=b\r\n>hi\r\n0\r\nX-T: 1\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x00\x00\xff\xff",
    b"HTTP/1.1 301 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: 10\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nno",
)
PIECES = (
    b"\r\n",
    b"\n",
    b"\x00",
    b": ",
    b"HTTP/1.1 ",
    b"Content-Length: -1\r\n",
    b"0\r\n\r\n",
    b"\xff\xfe",
    b"999999999",
    b" ",
)


def mutated(dice: random.Random) -> bytes:
    """An honest answer, with some bytes changed, dropped, doubled or put in."""
    data = bytearray(dice.choice(SEEDS))
    for _ in range(dice.randint(0, 6)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[place:place] = dice.choice(PIECES)
            case 1:
                del data[place : place + dice.randint(1, 8)]
            case 2:
                data[place : place + 1] = bytes([dice.randrange(256)])
            case _:
                data[place:place] = data[place : place + dice.randint(1, 30)]
    return bytes(data)


def test_mutated_answers() -> None:
    dice = random.Random(4)
    answers = [mutated(dice) for _ in range(CASES)]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(answers[int(head.split(b" ")[1][1:])])
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client hung up
        finally:
            writer.close()

    async def main() -> list[Fetched | FetchError]:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        slots = asyncio.Semaphore(AT_ONCE)
        allow = parse_networks(["127.0.0.0/8"])
        options = ClientOptions(user_agent="x", read_s=2, total_s=4, allow_networks=allow)
        async with Client(options, FakeDns()) as client:

            async def one(number: int) -> Fetched | FetchError:
                async with slots:
                    try:
                        return await client.get(f"http://127.0.0.1:{port}/{number}")
                    except FetchError as error:
                        return error

            found = await asyncio.gather(*(one(number) for number in range(CASES)))
        server.close()
        return found

    start = time.monotonic()
    found = asyncio.run(main())
    assert time.monotonic() - start < 60
    kinds = {type(answer) for answer in found}
    assert Fetched in kinds
    assert len(kinds) >= 3
    for answer in found:
        judge(answer, Facts(), 0.0)
