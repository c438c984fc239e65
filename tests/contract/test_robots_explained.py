"""robots.txt of each kind, fetched from the misbehaving site and explained."""

import asyncio
import json

import pytest

from newsmill.http.client import Client, ClientOptions
from newsmill.http.guard import parse_networks
from newsmill.policy.robots import RobotsOptions
from newsmill.settings import FetchSettings, Settings
from tests.site.names import FakeDns
from tests.site.server import Page, Site
from workers.commands.show import robots as show_robots
from workers.commands.verbs import why_robots
from workers.desk.problems import BadInput
from workers.desk.robots_explained import Explanation, explain_robots

TEXT = (("Content-Type", "text/plain"),)
RULES = b"User-agent: Newsmill\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 600\n"


def explain(site: Site, path: str) -> Explanation:
    async def main() -> Explanation:
        allow = parse_networks(["127.0.0.0/8"])
        options = ClientOptions(user_agent="x", read_s=0.4, total_s=2, allow_networks=allow)
        async with Client(options, FakeDns()) as client:
            return await explain_robots(client, site.url(path), RobotsOptions(), now=0.0)

    return asyncio.run(main())


def robots(site: Site, page: Page, host: int = 0) -> None:
    site.pages[site.host(host), "/robots.txt"] = page


def test_rules_are_named(site: Site) -> None:
    robots(site, Page(RULES, headers=TEXT))
    denied = explain(site, "/private/x")
    assert (denied.decision.allowed, denied.decision.rule) == (False, "Disallow: /private")
    assert explain(site, "/private/open").decision.rule == "Allow: /private/open"
    assert "  crawl delay: 600 s, honoured as 60 s" in denied.lines()
    assert "    Disallow: /private" in denied.lines()


def test_redirects_are_followed_to_other_hosts(site: Site) -> None:
    robots(site, Page(b"", 301, (("Location", site.url("/robots.txt", host=1)),)))
    robots(site, Page(RULES, headers=TEXT), host=1)
    found = explain(site, "/private/x")
    assert not found.decision.allowed
    assert found.asked == (site.url("/robots.txt"), site.url("/robots.txt", host=1))


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        (Page(b"User-agent: *\nDisallow: /", headers=TEXT), False),
        (Page(b"<!doctype html><html>Disallow: /", headers=TEXT), True),
        (Page(b"User-agent: *\nDisallow: /x\n" + b"# padding\n" * 500_000, headers=TEXT), False),
        (Page(b"", 404), True),
        (Page(b"", 403), True),
        (Page(b"", 500), False),
        (Page(b"", 429), False),
        (Page(b"", 302, (("Location", "/robots.txt"),)), True),
        (Page(b"", 302, (("Location", "/redirect-endless/0"),)), True),
        (Page(b"", 302, (("Location", "/hang"),)), False),
        (Page(b"", 302, (("Location", "http://169.254.169.254/"),)), True),
        (Page(b"\x00\xff\xfe" * 1000, headers=TEXT), True),
    ],
)
def test_each_kind_of_file(site: Site, page: Page, allowed: bool) -> None:
    robots(site, page)
    found = explain(site, "/x")
    assert found.decision.allowed is allowed
    assert found.decision.rule
    assert len(found.asked) <= 6


def test_the_command_needs_no_broker_and_speaks_json(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    robots(site, Page(RULES, headers=TEXT))
    s = Settings(fetch=FetchSettings.model_validate({"allow_networks": "127.0.0.0/8"}))
    show_robots(why_robots(s, site.url("/private/x")), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["allowed"], told["rule"], told["crawl_delay_wish_s"]) == (False, "Disallow: /private", 600.0)
    with pytest.raises(BadInput, match="say who you are"):
        why_robots(s, "https://news.com/")
