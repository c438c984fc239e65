"""Why an address may or may not be asked for: robots.txt fetched now, and explained (for `newsmill robots`)."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin

from newsmill.download.robots_confined import read_confined
from newsmill.http.answer import Fetched, FetchError
from newsmill.http.client import Client
from newsmill.policy.robots import Decision, RobotsFile, RobotsOptions, RobotsRedirect, robots_from_response
from newsmill.policy.robots_rules import SIZE_MAX


@dataclass(frozen=True, slots=True)
class Explanation:
    """asked: the addresses of robots.txt that were asked for, redirects included. decision: for the address itself.

    crawl_delay_wish_s: as the file has it; crawl_delay_s: as we honour it; None if it has none.
    """

    url: str
    asked: tuple[str, ...]
    file: RobotsFile
    decision: Decision
    crawl_delay_s: float | None
    crawl_delay_wish_s: float | None

    def lines(self) -> list[str]:
        """The explanation for a terminal."""
        verdict = "allowed" if self.decision.allowed else "not allowed"
        lines = [f"{self.url}", f"  {verdict}: {self.decision.rule}"]
        lines += [f"  robots.txt: {url}" for url in self.asked]
        if self.crawl_delay_wish_s is not None:
            capped = "" if self.crawl_delay_s == self.crawl_delay_wish_s else f", honoured as {self.crawl_delay_s:g} s"
            lines.append(f"  crawl delay: {self.crawl_delay_wish_s:g} s{capped}")
        if self.file.state == "rules":
            lines += [f"  {self.file.reason}"] if self.file.reason != "robots.txt" else []
            lines.append("  rules for us:")
            lines += [f"    {rule}" for rule in self.file.text.splitlines()[1:]]
        return lines


async def explain_robots(
    client: Client, url: str, options: RobotsOptions, *, now: float, named: Collection[str] = ()
) -> Explanation:
    """Ask the host of `url` (canonical) for its robots.txt, and say what follows. `now`: seconds since the epoch.

    named: addresses that an operator wrote (see ports.py).
    """
    asked: list[str] = []
    target = urljoin(url, "/robots.txt")
    while True:
        asked.append(target)
        answer = await _ask(client, target, named)
        found = robots_from_response(answer, now, options, hops=len(asked) - 1, reduce=read_confined)
        if isinstance(found, RobotsRedirect):
            target = found.to
            continue
        return Explanation(
            url, tuple(asked), found, found.allowed(url), found.crawl_delay_s(options), found.crawl_delay_wish_s()
        )


async def _ask(client: Client, url: str, named: Collection[str]) -> Fetched | FetchError:
    try:
        return await client.get(url, max_body_bytes=SIZE_MAX + 1, named=named)
    except FetchError as error:
        return error
