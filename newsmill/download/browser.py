"""Pages that only a browser can read: Chromium runs the page's scripts, and we make its requests.

The browser has no network: its proxy is a port where nobody listens, and every request it wants to make is
intercepted and made by our own client, through the same guard, limits, robots.txt and politeness as pages
(`BrowserGate`). So nothing in a page can reach where the crawler itself may not go.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import structlog

from newsmill.download.browser_politeness import BrowserGate, NotAllowed
from newsmill.download.chromium import NO_CHROMIUM, NO_PLAYWRIGHT, find_chromium
from newsmill.download.script_cache import ScriptCache
from newsmill.http.answer import BadAnswer, BadRequest, Fetched, FetchError
from newsmill.http.client import Client, Stop
from newsmill.policy.politeness import PolitenessOptions
from newsmill.policy.robots import RobotsOptions
from newsmill.policy.verdict import readable_location
from newsmill.urls.canonical import BadAddress, as_named

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Page, Playwright, Request, Route

WANTED = frozenset({"script", "xhr", "fetch"})  # what can bring text; never images, styles, fonts, frames, beacons
FORWARDED = frozenset({"accept", "origin", "referer", "x-requested-with"})  # request headers that a page may set
HOP_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})
REDIRECTS_MAX = 5
CLOSE_S = 5.0  # a browser that has not closed by then is killed
QUIET_LOOK_S = 0.05
ARGUMENTS = (
    "--proxy-server=http://127.0.0.1:9",  # nobody listens on the discard port: no request leaves the browser itself
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-features=DnsOverHttps,NetworkPrediction",
    "--js-flags=--max-old-space-size=256",
)

log = structlog.get_logger()


class RenderUnavailable(BadRequest):
    """Rendering needs the extra `render` (Playwright) and an installed Chromium."""

    reason = "no-browser"


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What one rendered page may cost. chromium: path of the browser; empty looks on the PATH.

    sandbox: Chromium's own; it must be off where the browser runs as root.
    """

    chromium: str = ""
    sandbox: bool = True
    pages: int = 2  # at once in one browser; each takes 100 to 300 MB
    total_s: float = 50.0  # of scripts and their requests; with the page's own below a stage's 75 s
    quiet_s: float = 0.5  # no request under way for so long: the page is done
    requests_max: int = 40  # beside the page itself
    body_max_bytes: int = 4 * 1024 * 1024  # of each such request
    browser_pages_max: int = 200  # then a fresh browser: leaks stay bounded


@dataclass(frozen=True, slots=True)
class Browser:
    """What a render worker is given: the browser's options, and the politeness of what pages ask for."""

    options: RenderOptions
    politeness: PolitenessOptions
    robots: RobotsOptions

    def renderer(self, client: Client) -> "Renderer":
        """A renderer that makes its requests through `client`; the browser starts with the first page."""
        return Renderer(client, BrowserGate(client, self.politeness, self.robots), self.options)


class Renderer:
    """Has the `get` of `Client`; what it gives back is the page as scripts left it. For one event loop."""

    def __init__(self, client: Client, gate: BrowserGate, options: RenderOptions | None = None) -> None:
        self.options = options or RenderOptions()
        self._client = client
        self._gate = gate
        self._cache = ScriptCache()
        self._slots = asyncio.Semaphore(self.options.pages)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Chromium | None = None
        self._served = 0
        self._open = 0

    async def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        max_body_bytes: int | None = None,
        stop: Stop | None = None,
        named: Collection[str] = (),
    ) -> Fetched:
        """The page at `url`, rendered if it is HTML with status 200. Raises FetchError, RenderUnavailable.

        `url` is asked for at once, as by `Client.get`: its host's turn is the caller's.
        """
        async with self._in_use():
            document = await self._client.get(url, headers, max_body_bytes=max_body_bytes, stop=stop, named=named)
            return await self._made(document, max_body_bytes)

    @asynccontextmanager
    async def _in_use(self) -> AsyncIterator[None]:
        await self._start()  # before anything is asked of the host
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def _made(self, document: Fetched, max_body_bytes: int | None) -> Fetched:
        kind = (document.header("content-type") or "").lower()
        if document.status != 200 or document.truncated or "html" not in kind:
            return document
        self._gate.held(document.url)
        async with self._slots:
            html = await self._rendered(document)
        limit = self._client.options.max_body_bytes if max_body_bytes is None else max_body_bytes
        body = html.encode("utf-8", "replace")
        plain = tuple((n, v) for n, v in document.headers if n.lower() not in HOP_HEADERS | {"content-type"})
        ended_at = time.time()
        return replace(
            document,
            headers=(*plain, ("content-type", "text/html; charset=utf-8")),
            body=body[:limit],
            truncated=len(body) > limit,
            ended_at=ended_at,
            elapsed_s=document.elapsed_s,  # the host's own: what politeness is to learn from
        )

    async def _rendered(self, document: Fetched) -> str:
        from playwright.async_api import Error

        browser = await self._start()
        self._served += 1
        context: BrowserContext | None = None
        try:
            context = await browser.new_context(
                service_workers="block", accept_downloads=False, user_agent=self._client.options.user_agent
            )
            visit = _Visit(document, self._gate, self._cache, options=self.options)
            return await visit.run(await context.new_page())
        except (Error, TimeoutError) as error:
            await self._stop()
            raise BadAnswer(f"the browser gave up: {str(error).splitlines()[0] if str(error) else error!r}") from error
        finally:
            if context is not None:
                await self._close(context)

    async def _close(self, context: "BrowserContext") -> None:
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(CLOSE_S):
                await context.close()
        except (Error, TimeoutError) as error:
            log.warning("render.close", error=str(error))
            await self._stop()

    async def _start(self) -> "Chromium":
        async with self._starting:
            if self._served >= self.options.browser_pages_max and self._open == 0:
                await self._stop()
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._launch()
                self._served = 0
            return self._browser

    async def _launch(self) -> "Chromium":
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError as error:
            raise RenderUnavailable(NO_PLAYWRIGHT) from error
        path = self.options.chromium or find_chromium()
        if path is None:
            raise RenderUnavailable(NO_CHROMIUM)
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        try:
            return await self._playwright.chromium.launch(
                executable_path=path, chromium_sandbox=self.options.sandbox, args=list(ARGUMENTS)
            )
        except Error as error:
            raise RenderUnavailable(f"{path} does not start: {str(error)[:500]}") from error

    async def _stop(self) -> None:
        """End the browser, by force if it does not answer; the next page starts another."""
        from playwright.async_api import Error

        browser, self._browser = self._browser, None
        if browser is None:
            return
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await browser.close()
                return
        playwright, self._playwright = self._playwright, None
        if playwright is not None:
            await playwright.stop()

    async def aclose(self) -> None:
        """End the browser."""
        await self._stop()
        if self._playwright is not None:
            await self._playwright.stop()
            self._playwright = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Visit:
    """One page in the browser: answers what it asks for, and knows when it is done."""

    def __init__(self, document: Fetched, gate: BrowserGate, cache: ScriptCache, *, options: RenderOptions) -> None:
        self._document = document
        self._gate = gate
        self._cache = cache
        self._options = options
        self._opened = False
        self._asked = 0
        self._under_way = 0
        self._quiet_since = time.monotonic()

    async def run(self, page: "Page") -> str:
        """The document as scripts left it, when it is quiet or its time is over. Raises playwright's Error."""
        await page.route("**/*", self._route)
        await page.route_web_socket("**/*", lambda socket: socket.close())
        page.on("dialog", lambda dialog: dialog.dismiss())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._options.total_s):
                await page.goto(self._document.url, wait_until="domcontentloaded", timeout=0)
                self._quiet_since = time.monotonic()  # only now its scripts have run for the first time
                while not self._quiet():
                    await asyncio.sleep(QUIET_LOOK_S)
                    if self._quiet():
                        await page.evaluate("0")  # a busy browser answers late, after what it asked for meanwhile
        async with asyncio.timeout(CLOSE_S):
            return await _content(page)

    def _quiet(self) -> bool:
        return not self._under_way and time.monotonic() - self._quiet_since >= self._options.quiet_s

    async def _route(self, route: "Route", request: "Request") -> None:
        if request.is_navigation_request() and not self._opened:
            self._opened = True
            document = self._document
            await route.fulfill(status=200, headers=_browser_headers(document.headers), body=document.body)
            return
        if request.is_navigation_request():
            await route.abort("aborted")  # as a user who pressed Escape: the page stays as it is
            return
        if request.resource_type not in WANTED or request.method != "GET":
            await route.abort("blockedbyclient")
            return
        self._under_way += 1
        try:
            answer = await self._answer(request)
            if answer is None:
                await route.abort("blockedbyclient")
            else:
                headers = _browser_headers(answer.headers)
                await route.fulfill(status=answer.status, headers=headers, body=answer.body)
        finally:
            self._under_way -= 1
            self._quiet_since = time.monotonic()

    async def _answer(self, request: "Request") -> Fetched | None:
        """What the request's address answers, redirects followed; None if it may not or cannot be asked."""
        headers = {name: value for name, value in request.headers.items() if name.lower() in FORWARDED}
        try:
            url = as_named(request.url)
            for _ in range(REDIRECTS_MAX + 1):
                answer = self._cache.get(url, time.time())
                if answer is None:
                    self._asked += 1
                    if self._asked > self._options.requests_max:
                        return None
                    answer = await self._gate.get(url, headers, self._options.body_max_bytes)
                    self._cache.put(url, answer, time.time())
                if answer.truncated:
                    return None
                location = answer.header("location")
                if not 300 <= answer.status < 400 or not location:
                    return answer
                url = as_named(readable_location(location), url)
        except (FetchError, NotAllowed, BadAddress) as error:
            log.info("render.refused", url=request.url[:300], reason=str(error))
        return None


async def _content(page: "Page") -> str:
    from playwright.async_api import Error

    while True:
        try:
            return str(await page.content())
        except Error as error:  # a page that tries to go elsewhere has no content for a moment
            if "navigating" not in str(error):
                raise
        await asyncio.sleep(QUIET_LOOK_S)


def _browser_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Response headers as the browser is to see them: decoded, and without cookies."""
    merged: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        if name not in HOP_HEADERS:
            merged[name] = f"{merged[name]}, {value}" if name in merged else value
    return merged
