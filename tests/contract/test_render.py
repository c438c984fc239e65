"""Pages made by scripts, through a real Chromium that has no network of its own."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from newsmill.download.browser import Renderer, RenderOptions, RenderUnavailable
from newsmill.download.browser_politeness import BrowserGate
from newsmill.download.chromium import find_chromium
from newsmill.http.answer import Fetched, FetchError, ForbiddenAddress
from newsmill.http.client import Client, ClientOptions
from newsmill.http.guard import parse_networks
from newsmill.policy.politeness import PolitenessOptions
from newsmill.policy.robots import RobotsOptions
from tests.site.names import FakeDns
from tests.site.server import Page, Site

REQUIRED = bool(os.environ.get("CI"))
if not REQUIRED:
    pytest.importorskip("playwright")
    if find_chromium() is None:
        pytest.skip("no Chromium here", allow_module_level=True)

JSON = (("Content-Type", "application/json"), ("Access-Control-Allow-Origin", "*"))
SCRIPT = (("Content-Type", "text/javascript"),)
DELAY_S = 0.2
# 127.0.1.x are the public hosts here; 127.0.0.x stands for what must not be reached.
ALLOWED = parse_networks(["127.0.1.0/24"])
OPTIONS = RenderOptions(sandbox=os.geteuid() != 0, total_s=5.0, quiet_s=0.3)


def render(job: Callable[[Renderer], Awaitable[Any]], options: RenderOptions = OPTIONS) -> Any:
    async def main() -> Any:
        client_options = ClientOptions(user_agent="Newsmill-Test/1.0", total_s=5, read_s=2, allow_networks=ALLOWED)
        async with Client(client_options, FakeDns({"inside.example": [["127.0.0.1"]]})) as client:
            gate = BrowserGate(client, PolitenessOptions(factor=0, delay_min_s=DELAY_S), RobotsOptions())
            async with Renderer(client, gate, options) as renderer:
                return await job(renderer)

    return asyncio.run(main())


def page(site: Site, path: str, script: str, host: int = 0) -> str:
    site.pages[site.host(host), path] = Page(f"<!doctype html><div id=root></div><script>{script}</script>".encode())
    return site.url(path, host)


def one(url: str, options: RenderOptions = OPTIONS, **more: Any) -> Fetched:
    found = render(lambda renderer: renderer.get(url, **more), options)
    assert isinstance(found, Fetched)
    return found


def test_a_page_made_by_scripts(site: Site) -> None:
    app = "fetch('/api/story').then(r => r.json()).then(s => { root.innerHTML = '<h1>' + s.title + '</h1>' })"
    site.pages["127.0.1.1", "/app.js"] = Page(app.encode(), headers=SCRIPT)
    site.pages["127.0.1.1", "/api/story"] = Page('{"title": "Brücke gesperrt"}'.encode(), headers=JSON)
    site.pages["127.0.1.1", "/story"] = Page(b"<div id=root></div><img src=/i.png><script src=/app.js></script>")
    found = one(site.url("/story"))
    assert "<h1>Brücke gesperrt</h1>" in found.body.decode()
    assert found.status == 200
    assert found.header("content-type") == "text/html; charset=utf-8"
    assert site.log.paths() == ["/story", "/robots.txt", "/app.js", "/api/story"]
    assert site.log.overlaps() == []
    assert min(site.log.gaps()) >= DELAY_S - 0.01
    assert {access.headers["user-agent"] for access in site.log.accesses} == {"Newsmill-Test/1.0"}


def test_scripts_are_fetched_once_for_many_pages(site: Site) -> None:
    site.pages["127.0.1.1", "/app.js"] = Page(b"root.textContent = 'made of script'", headers=SCRIPT)
    for path in ("/a", "/b"):
        site.pages["127.0.1.1", path] = Page(b"<div id=root></div><script src=/app.js></script>")

    async def job(renderer: Renderer) -> list[Fetched]:
        return [await renderer.get(site.url(path)) for path in ("/a", "/b")]

    assert all(b"made of script" in found.body for found in render(job))
    assert site.log.paths() == ["/a", "/robots.txt", "/app.js", "/b"]


ESCAPES = {
    "fetch": "fetch('{inside}').catch(() => 0)",
    "no-cors": "fetch('{inside}', {{mode: 'no-cors'}}).catch(() => 0)",
    "name": "fetch('http://inside.example:{port}/secret').catch(() => 0)",
    "post": "fetch('{public}', {{method: 'POST', body: 'x'}}).catch(() => 0)",
    "xhr": "const x = new XMLHttpRequest(); x.open('GET', '{inside}'); x.send()",
    "redirect": "fetch('/redirect-to/302?{inside}').catch(() => 0)",
    "websocket": "new WebSocket('ws://127.0.0.1:{port}/secret')",
    "public websocket": "new WebSocket('ws://127.0.1.2:{port}/secret')",
    "beacon": "navigator.sendBeacon('{public}', 'x')",
    "event source": "new EventSource('{inside}')",
    "image": "document.body.innerHTML = '<img src={inside}><img src={public}>'",
    "frame": "document.body.innerHTML = '<iframe src={inside}></iframe><object data={public}></object>'",
    "link": "document.head.innerHTML = '<link rel=preload as=script href={inside}><link rel=prefetch href={public}>'",
    "import": "import('{inside}').catch(() => 0)",
    "worker": "new Worker(URL.createObjectURL(new Blob([\"fetch('{inside}'); importScripts('{inside}')\"])))",
    "navigation": "location.href = '{inside}'",
    "window": "window.open('{inside}'); window.open('{public}')",
    "form": "document.body.innerHTML = '<form action={public} method=post></form>'; document.forms[0].submit()",
    "refresh": "document.head.innerHTML = '<meta http-equiv=refresh content=\"0;url={inside}\">'",
    "file": "fetch('file:///etc/passwd').then(r => r.text()).then(t => document.body.append(t)).catch(() => 0)",
    "webrtc": "const p = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}}); "
    "p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o))",
}


@contextmanager
def outside_and_inside() -> Iterator[tuple[Site, Site]]:
    """A site that may be asked, and one on 127.0.0.1 that may not, on the same port."""
    for left in reversed(range(20)):
        with Site(hosts=2) as outside, ExitStack() as stack:
            try:
                inside = stack.enter_context(Site(hosts=1, port=outside.port, first="127.0.0.1"))
            except OSError:  # somebody else has it there
                if left:
                    continue
                raise
            yield outside, inside
            return


@pytest.mark.parametrize("way", ESCAPES)
def test_no_way_out_of_the_browser(way: str) -> None:
    with outside_and_inside() as (site, inside):
        secret = inside.url("/secret")
        public = site.url("/page/x", host=1)
        script = ESCAPES[way].format(inside=secret, public=public, port=site.port)
        found = one(page(site, "/evil", script))
        assert found.status == 200
        assert b"root:" not in found.body
        assert inside.log.accesses == []
        asked = site.log.paths(site.host(1))
        assert "/page/x" not in asked


def test_robots_txt_binds_sub_requests(site: Site) -> None:
    site.pages["127.0.1.2", "/robots.txt"] = Page(
        b"User-agent: *\nDisallow: /api", headers=(("Content-Type", "text/plain"),)
    )
    site.pages["127.0.1.2", "/api/x"] = Page(b"{}", headers=JSON)
    one(page(site, "/a", f"fetch('{site.url('/api/x', host=1)}').catch(() => 0)"))
    assert site.log.paths(site.host(1)) == ["/robots.txt"]


def test_other_hosts_may_bring_content(site: Site) -> None:
    site.pages["127.0.1.2", "/api/x"] = Page(b'{"t": "from elsewhere"}', headers=JSON)
    script = f"fetch('{site.url('/api/x', host=1)}').then(r => r.json()).then(x => document.body.append(x.t))"
    assert b"from elsewhere" in one(page(site, "/a", script)).body


@pytest.mark.parametrize(
    "script",
    [
        "while (true) {}",
        "setInterval(() => fetch('/page/' + Math.random()), 1)",
        "(function f() { document.body.append('x'.repeat(1000)); setTimeout(f, 0) })()",
        "const a = []; while (true) a.push(new Array(1e6).fill(1))",
        "alert('x'); prompt('y'); document.body.append('after')",
        "window.onbeforeunload = () => 'stay'; document.body.append('x')",
        "for (let i = 0; i < 500; i++) fetch('/page/' + i)",
        "document.write('<script>' + 'x'.repeat(1e7))",
    ],
)
def test_pages_that_never_end_are_ended_and_the_next_one_works(site: Site, script: str) -> None:
    url = page(site, "/wild", script)
    tame = page(site, "/tame", "document.body.append('still alive')", host=1)

    async def job(renderer: Renderer) -> tuple[object, Fetched]:
        wild: object
        try:
            async with asyncio.timeout(25):
                wild = await renderer.get(url)
        except FetchError as error:
            wild = error
        return wild, await renderer.get(tame)

    options = RenderOptions(sandbox=OPTIONS.sandbox, total_s=1.5, quiet_s=0.2, requests_max=5)
    wild, found = render(job, options)
    assert isinstance(wild, Fetched | FetchError)
    assert b"still alive" in found.body
    assert len(site.log.paths(site.host(0))) <= 7


def test_what_is_no_page_is_not_rendered(site: Site) -> None:
    assert one(site.url("/status/404")).status == 404
    assert one(site.url("/redirect-chain/1")).status == 301
    assert one(site.url("/pdf-as-html")).status == 200


def test_the_guard_stands_before_the_browser(site: Site) -> None:
    with pytest.raises(ForbiddenAddress):
        one(site.url("/x", "inside.example"))


def test_without_a_browser_the_reason_is_told(site: Site) -> None:
    with pytest.raises(RenderUnavailable, match="no-browser"):
        one(site.url("/page/x"), RenderOptions(chromium="/bin/false"))
