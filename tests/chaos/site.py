"""The site of the chaos runs: pages on many hosts, each with a word of its own and an outcome known beforehand."""

import asyncio
import random
import re
import socket
import time
from dataclasses import dataclass

from newsmill.ledger import Candidate
from newsmill.outcomes import Outcome
from newsmill.urls.canonical import address_id, canonicalize, host_key
from tests.site.routes import HTML
from tests.site.server import Hangup, Page, Request, Site, send
from tests.system.made import WORDS

MARK = re.compile(r"marker\d{6}x")
LOOK_S = 0.02  # how often a slow answer looks whether its client is still there
ESTABLISHED = 1  # first byte of TCP_INFO (linux/tcp.h): neither end has closed
SLOWEST_S = 1.2  # of an answer; the mean is half of it
LONG = 500  # paragraphs of every tenth article: parse has it in hand for a while
POISON = {17: b"crash", 217: b"memory"}  # number modulo 400 -> what parsing it does; it is quarantined
ENDLESS = 57  # number of the one page whose parsing never ends: three time limits
OTHERS = {7: Outcome.GONE, 13: Outcome.EXCLUDED}  # number of a page modulo 20 -> how it ends; all others are indexed


@dataclass(frozen=True, slots=True)
class Expected:
    """An address, and what must come of it."""

    number: int
    url: str

    @property
    def id(self) -> str:
        return address_id(self.url)

    @property
    def outcome(self) -> Outcome:
        return Outcome.QUARANTINED if poison(self.number) else OTHERS.get(self.number % 20, Outcome.INDEXED)

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.id, self.url, host_key(self.url), "test")


def expected(site: Site, number: int) -> Expected:
    """Page `number`: hosts take turns."""
    return Expected(number, canonicalize(site.url(f"/story/{number}", number % len(site.hosts))))


def poison(number: int) -> bytes:
    """What parsing this page does to its process; empty for an honest one."""
    return b"endless" if number == ENDLESS else POISON.get(number % 400, b"")


def marker(number: int) -> str:
    return f"marker{number:06d}x"


def prepare(site: Site) -> None:
    """Makes it serve stories; robots.txt is not there, on any host."""
    site.routes["story"] = story
    for host in site.hosts:
        site.pages[host, "/robots.txt"] = Page(b"none", 404)


def body(number: int) -> bytes:
    """The article, 180 words or many more that no other has in this order."""
    dice = random.Random(number)
    length = LONG if number % 10 == 3 else 3
    texts = [f"{' '.join(dice.choices(WORDS, k=60)).capitalize()} {marker(number)}." for _ in range(length)]
    title = f"Report {number} about {' '.join(dice.choices(WORDS, k=4))}"
    paragraphs = "".join(f"<p>{text}</p>" for text in texts)
    robots = "<meta name=robots content=noindex>" if OTHERS.get(number % 20) is Outcome.EXCLUDED else ""
    page = f"<!doctype html><html lang=en><head><title>{title}</title>{robots}</head><body><article><h1>{title}</h1>"
    planted = b"<p>POISON-" + kind if (kind := poison(number)) else b""
    return f"{page}{paragraphs}</article>".encode() + planted + b"</body></html>"


async def story(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """Answers after a while; the request has ended when its client has gone, as at servers that look."""
    number = int(request.args[0])
    port = writer.get_extra_info("peername")[1]
    access = next(a for a in reversed(site.log.accesses) if a.client == port and a.path == request.path and not a.end)
    end = time.monotonic() + random.Random(-number).uniform(0.0, SLOWEST_S)
    while (left_s := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left_s, LOOK_S))
        if _gone(writer):
            raise Hangup
    access.end = time.time()  # before its bytes leave, as the site does for fixed pages
    if OTHERS.get(number % 20) is Outcome.GONE:
        send(writer, 404, b"<html>gone", HTML)
    else:
        send(writer, 200, body(number), HTML)


def _gone(writer: asyncio.StreamWriter) -> bool:
    sock = writer.get_extra_info("socket")
    try:
        return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED)
    except OSError:
        return True
