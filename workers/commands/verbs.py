"""What the smaller verbs of the command do: each returns a value to be shown."""

import asyncio
import time

from newsmill.demo.server import serve
from newsmill.http.client import Client
from newsmill.settings import Settings
from newsmill.urls.canonical import canonicalize
from workers.commands.plan import check_contact
from workers.commands.terminal import say
from workers.desk.robots_explained import Explanation, explain_robots
from workers.runtime.wiring import Wiring


def why_robots(s: Settings, address: str) -> Explanation:
    """What the robots.txt of an address's host says of it now. Raises BadAddress, BadInput."""
    url = canonicalize(address)
    check_contact(s, [url])

    async def ask() -> Explanation:
        wiring = Wiring(s)
        async with Client(wiring.client_options) as client:
            return await explain_robots(client, url, wiring.robots, now=time.time(), named=(url,))

    return asyncio.run(ask())


def serve_demo(port: int) -> None:
    """Serves the demo site until Ctrl-C. Raises PortInUse."""
    with serve("127.0.0.1", port) as server:
        say(f"demo news site: {server.base}/")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return
