"""What the site does on each route: `/hang`, `/gzip-bomb`, ... One function a route, its name the path's first part."""

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import brotli
import zstandard

from tests.site.heads import DOUBTFUL, LATER_S, SHIFTING, SLOPPY, SLOPPY_CHUNKS
from tests.site.server import Hangup, Request, Route, Site, send

ROUTES: dict[str, Route] = {}
HTML = ("Content-Type", "text/html; charset=utf-8")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
FOREVER_S = 3600.0
DRIP_S = 0.05  # a "byte a second", faster, so that tests need not wait


def route(function: Any) -> Any:
    """Register a function as the route of its name."""
    ROUTES[function.__name__.rstrip("_").replace("_", "-")] = function
    return function


def article(title: str, words: int = 300) -> bytes:
    """A plain article page."""
    text = " ".join(f"{title} word{i}" for i in range(words))
    page = (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p>"
    )
    return f"{page}</article></body></html>".encode()


# --- honest answers


@route
async def page(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """An article named by the rest of the path."""
    send(writer, 200, article("/".join(request.args) or "page"), HTML)


@route
async def slow(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/slow/SECONDS: an article after a while."""
    await asyncio.sleep(float(request.args[0]))
    send(writer, 200, article("slow"), HTML)


@route
async def big(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/big/BYTES: a page of that size."""
    send(writer, 200, (b"<html>" + b"x" * int(request.args[0]))[: int(request.args[0])], HTML)


@route
async def not_found(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """What every unknown path answers, robots.txt included."""
    send(writer, 404, b"<html>no such page", HTML)


@route
async def status(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/status/CODE"""
    send(writer, int(request.args[0]), b"<html>status", HTML)


@route
async def type_(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/type/application/pdf: HTML sent under that type; /type/none: under none."""
    kind = "/".join(request.args)
    send(writer, 200, article("typed"), *([("Content-Type", kind)] if kind != "none" else []))


@route
async def pdf_as_html(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A PDF that says it is HTML."""
    send(writer, 200, b"%PDF-1.7\n" + b"\x00" * 100, HTML)


@route
async def etag(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """304 to whoever knows the tag."""
    if request.headers.get("if-none-match") == '"v1"':
        return send(writer, 304, b"", ("ETag", '"v1"'))
    return send(writer, 200, article("tagged"), HTML, ("ETag", '"v1"'))


CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@route
async def coded(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/coded/gzip: an article in that content coding; the browser must have offered it."""
    coding = request.args[0]
    assert coding in request.headers["accept-encoding"]
    send(writer, 200, CODERS[coding](article(coding)), HTML, ("Content-Encoding", coding))


# --- refusals


@route
async def too_many(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/too-many/VALUE: 429 with that Retry-After; `date` and `rfc850` name a time 100 seconds from now."""
    when = datetime.now(UTC) + timedelta(seconds=100)
    special = {
        "date": format_datetime(when, usegmt=True),
        "rfc850": when.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
        "asctime": when.strftime("%a %b %d %H:%M:%S %Y"),
    }
    value = special.get(request.args[0], request.args[0])
    send(writer, 429, b"", *([("Retry-After", value)] if value != "none" else []))


# --- silence and violence


@route
async def hang(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Says nothing at all."""
    await asyncio.sleep(FOREVER_S)


@route
async def hang_after_headers(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Promises a body that never comes."""
    writer.write(HEAD + b"Content-Length: 100\r\n\r\n")
    await asyncio.sleep(FOREVER_S)


@route
async def byte_by_byte(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A body that drips."""
    writer.write(HEAD + b"Content-Length: 1000000\r\n\r\n")
    await _drip(writer, b"x")


@route
async def header_by_byte(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A header that drips and never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    await _drip(writer, b"x")


@route
async def early_hints(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Informational answers for ever."""
    await _drip(writer, b"HTTP/1.1 103 Early Hints\r\n\r\n")


@route
async def reset(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Resets the connection instead of answering."""
    _reset(writer)


@route
async def reset_in_body(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Resets the connection in the middle of the body."""
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n<html>")
    await asyncio.sleep(0.05)
    _reset(writer)


@route
async def close(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Closes without an answer."""
    raise Hangup


@route
async def half_body(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Closes in the middle of a body of known length."""
    await _and_close(writer, HEAD + b"Content-Length: 1000\r\n\r\n<html>half")


@route
async def half_chunked(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Closes in the middle of a chunked body."""
    await _and_close(writer, HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n")


@route
async def too_long(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """More body than its length says."""
    await _and_close(writer, HEAD + b"Content-Length: 6\r\n\r\n<html>and more")


@route
async def two_lengths(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Two lengths that differ."""
    await _and_close(writer, HEAD + b"Content-Length: 6\r\nContent-Length: 9\r\n\r\n<html>abc")


@route
async def until_close(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A body without a length, that ends with the connection: old, and correct."""
    await _and_close(writer, HEAD + b"Connection: close\r\n\r\n" + article("until close"))


@route
async def bad_chunk(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A chunk whose size is no number."""
    await _and_close(writer, HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n<html>\r\n0\r\n\r\n")


# --- too much


@route
async def endless(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A body without end."""
    writer.write(HEAD + b"\r\n<html>")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


@route
async def endless_chunks(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A chunked body without end, with a chunk extension."""
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n")
    while True:
        writer.write(b"10000;x=y\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


@route
async def gzip_bomb(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """10 GB of nothing in 10 MB."""
    coder = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    head = coder.compress(b"<html>") + coder.flush(zlib.Z_FULL_FLUSH)
    megabyte = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = megabyte.compress(bytes(1_000_000)) + megabyte.flush(zlib.Z_FULL_FLUSH)
    writer.write(HEAD + b"Content-Encoding: gzip\r\n\r\n" + head)
    for _ in range(10_000):
        writer.write(block)
        await writer.drain()
    raise Hangup


@route
async def brotli_bomb(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """20 MB of nothing in 100 bytes."""
    send(writer, 200, _brotli_bomb(), HTML, ("Content-Encoding", "br"))


@route
async def bad_coding(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Brotli that is none."""
    send(writer, 200, b"\xff" * 100, HTML, ("Content-Encoding", "br"))


@route
async def many_headers(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """1,000 headers."""
    send(writer, 200, article("many headers"), HTML, *((f"X-{i}", "value") for i in range(1000)))


@route
async def header_1mb(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """One header of a megabyte."""
    send(writer, 200, article("huge header"), HTML, ("X-Huge", "x" * 1_000_000))


@route
async def cookies(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Cookies that never end."""
    send(writer, 200, article("cookies"), HTML, *(("Set-Cookie", f"c{i}={'x' * 80}; Path=/") for i in range(300)))


# --- nonsense


@route
async def bad_status_line(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A status that is no number."""
    await _and_close(writer, b"HTTP/1.1 OK fine\r\nContent-Length: 2\r\n\r\nhi")


@route
async def not_http(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Another protocol."""
    await _and_close(writer, b"220 mail.example ESMTP ready\r\n\r\n")


@route
async def shifting(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/shifting/NAME: an answer with bytes behind it, at once or later; the connection stays open."""
    at_once, later = SHIFTING[request.args[0]]
    writer.write(at_once)
    if later:
        await writer.drain()
        await asyncio.sleep(LATER_S)
        writer.write(later)


@route
async def sloppy(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/sloppy/NAME: an article under a head that RFC 9112 does not allow."""
    await _and_close(writer, (SLOPPY | SLOPPY_CHUNKS)[request.args[0]])


@route
async def doubtful(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/doubtful/NAME: an answer of which nobody can know where its body ends."""
    await _and_close(writer, DOUBTFUL[request.args[0]])


# --- redirects


@route
async def redirect_to(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/redirect-to/CODE?TARGET (percent-encoded)"""
    target = unquote(request.path.partition("?")[2])
    send(writer, int(request.args[0]), b"", ("Location", target))


@route
async def redirect_loop(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/redirect-loop/a and /redirect-loop/b send to each other."""
    send(writer, 302, b"", ("Location", "/redirect-loop/" + ("b" if request.args[:1] == ("a",) else "a")))


@route
async def redirect_chain(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/redirect-chain/N: N hops, then a page."""
    left = int(request.args[0])
    if left == 0:
        return send(writer, 200, article("end of the chain"), HTML)
    return send(writer, 301, b"", ("Location", f"/redirect-chain/{left - 1}"))


@route
async def redirect_endless(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/redirect-endless/N: always one further."""
    send(writer, 302, b"", ("Location", f"/redirect-endless/{int(request.args[0]) + 1}"))


@route
async def cookie_wall(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """/cookie-wall/KIND: sends to itself until the cookie comes back."""
    kind = request.args[0]
    if "seen=1" in request.headers.get("cookie", "") and kind != "deaf":
        return send(writer, 200, article("behind the wall"), HTML)
    here = request.path.partition("?")[0]
    cookie = ("Set-Cookie", "seen=1; Path=/; HttpOnly")
    match kind:
        case "itself" | "deaf":
            return send(writer, 302, b"", ("Location", here), cookie)
        case "parameter":  # the cookie is set on the way
            if "?" in request.path:
                return send(writer, 302, b"", ("Location", here), cookie)
            return send(writer, 302, b"", ("Location", f"{here}?cookieSet=1"))
        case "refresh":
            return send(
                writer, 200, b"<meta http-equiv=refresh content=0>", HTML, cookie, ("Refresh", f"0; url={here}")
            )
        case "new-ones":
            number = len(request.headers.get("cookie", ""))
            return send(writer, 302, b"", ("Location", here), ("Set-Cookie", f"n={'x' * (number + 1)}"))
        case _:  # another host's cookie is not ours to send
            return send(writer, 302, b"", ("Location", here), ("Set-Cookie", "seen=1; Max-Age=0"))


@route
async def redirect_bytes(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A Location that is not UTF-8."""
    writer.write(b"HTTP/1.1 302 -\r\nContent-Length: 0\r\nLocation: /page/caf\xe9\xff\r\n\r\n")


# --- how it is done


async def _drip(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(DRIP_S)


async def _and_close(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    raise Hangup


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Hangup


def _brotli_bomb() -> bytes:
    coder = brotli.Compressor(quality=2)
    return bytes(coder.process(bytes(20_000_000)) + coder.finish())
