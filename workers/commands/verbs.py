"""What the smaller verbs do: each takes values and a mill, and returns a value to be shown."""

import asyncio
import time
from collections.abc import Sequence

from newsmill.demo.server import serve
from newsmill.http.client import Client
from newsmill.ledger import NORMAL, Added, Candidate, Entry
from newsmill.ledger.entries import GIVEN, POLL_PREFIX
from newsmill.outcomes import Outcome
from newsmill.settings import Settings
from newsmill.urls.canonical import address_id, canonicalize, host_key
from workers.commands.plan import check_contact
from workers.commands.problems import BadInput
from workers.commands.robots_explained import Explanation, explain_robots
from workers.commands.terminal import say
from workers.runtime.ticker import dispatch
from workers.runtime.wiring import Mill

RETRY_CHUNK = 500


def offer(mill: Mill, urls: Sequence[str]) -> Added:
    """Puts canonical addresses into the frontier and dispatches what is due."""
    added = mill.frontier.add(Candidate(address_id(u), u, host_key(u), GIVEN, NORMAL, asked=True) for u in urls)
    dispatch(mill)
    return added


def put_back(mill: Mill, outcome: str, host: str, reason: str, newer_s: float) -> int:
    """Opens settled entries again; returns how many. Raises BadInput for an unknown outcome."""
    if outcome not in list(Outcome):
        raise BadInput(f"--outcome {outcome}: choose one of {', '.join(Outcome)}")
    since = time.time() - newer_s if newer_s else 0.0

    def fits(entry: Entry) -> bool:
        return (
            entry["outcome"] == outcome
            and (not host or entry.host == host)
            and reason.lower() in entry["reason"].lower()
            and (entry.seconds("settled") or 0.0) >= since
            and not entry.id.startswith(POLL_PREFIX)
        )

    ids = [entry.id for entry in mill.frontier.entries() if fits(entry)]
    chunks = [ids[i : i + RETRY_CHUNK] for i in range(0, len(ids), RETRY_CHUNK)]
    back = sum(len(mill.frontier.reopen(chunk, NORMAL)) for chunk in chunks)
    dispatch(mill)
    return back


def why_robots(s: Settings, address: str) -> Explanation:
    """What the robots.txt of an address's host says of it now. Raises BadAddress, BadInput."""
    url = canonicalize(address)
    check_contact(s, [url])

    async def ask() -> Explanation:
        mill = Mill(s)
        async with Client(mill.client_options) as client:
            return await explain_robots(client, url, mill.robots, time.time(), named=(url,))

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
