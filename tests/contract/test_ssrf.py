"""No request enters a private network, however the address is spelled and whatever the resolver says."""

import asyncio
from collections.abc import Sequence

import pytest

from newsmill.http.answer import BadRequest, DnsFailure, Fetched, FetchError, ForbiddenAddress, Refused
from newsmill.http.client import Client, ClientOptions
from newsmill.http.guard import parse_networks
from newsmill.http.network import Resolver, SystemResolver
from newsmill.urls.canonical import BadAddress, canonicalize
from tests.site.names import FakeDns
from tests.site.server import Site

# Hosts that lead inside, PORT being that of a server that listens on 127.0.0.1.
SPELLINGS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "0177.0.0.1",
    "0177.0.0.01",
    "0x7f.0.0.1",
    "0x7F.0x0.0x0.0x1",
    "0x7f000001",
    "0x7f.1",
    "2130706433",
    "017700000001",
    "127.0.0.0x1",
    "127%2E0%2E0%2E1",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "0",
    "0.0.0.0",
    "0x0",
    "00000000000",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::80ff:fffe]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[fec0::1]",
    "10.0.0.1",
    "012.0.0.1",
    "0xa.1",
    "167772161",
    "172.16.0.1",
    "192.168.0.1",
    "3232235521",
    "169.254.169.254",
    "0xA9FEA9FE",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[::ffff:a9fe:a9fe]",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "user:pass@127.0.0.1",
    "10.0.0.1@127.0.0.1",
    "127.0.0.1\\@10.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
]


def get(url: str, resolver: Resolver, allow: Sequence[str] = ()) -> Fetched | FetchError:
    async def main() -> Fetched | FetchError:
        options = ClientOptions(user_agent="x", connect_s=2, total_s=3, allow_networks=parse_networks(allow))
        async with Client(options, resolver) as client:
            try:
                return await client.get(url)
            except FetchError as error:
                return error

    return asyncio.run(main())


class LocalNames(SystemResolver):
    """The system's resolver for numbers (no traffic), and a table for the names of this machine."""

    async def resolve(self, host: str) -> Sequence[str]:
        if host.rstrip(".").lower() == "localhost":
            return ["127.0.0.1", "::1"]
        if any(c.isdigit() for c in host):
            return await super().resolve(host)
        raise DnsFailure(f"{host} does not resolve")


@pytest.mark.parametrize("canonical", [True, False])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_leads_inside(site: Site, spelling: str, canonical: bool) -> None:
    url = f"http://{spelling}:{site.port}/secret"
    resolver = LocalNames(threads=1)
    try:
        found = get(canonicalize(url) if canonical else url, resolver)
    except BadAddress:
        return
    finally:
        resolver.close()
    assert isinstance(found, ForbiddenAddress | BadRequest | DnsFailure), found
    assert site.log.accesses == []


INSIDE = [
    "127.0.0.1",
    "10.0.0.5",
    "169.254.169.254",
    "::1",
    "::ffff:127.0.0.1",
    "fe80::1%lo",
    "fd00::1",
    "nonsense",
    "",
]


@pytest.mark.parametrize("ip", INSIDE)
def test_no_name_leads_inside(site: Site, ip: str) -> None:
    assert isinstance(get(site.url("/secret", "evil.example"), FakeDns({"evil.example": [[ip]]})), ForbiddenAddress)
    assert site.log.accesses == []


# In the tests below 127.0.1.2 plays the public server, and 127.0.1.1 the private one.
PUBLIC = ["127.0.1.2/32"]


def test_the_address_that_was_vetted_is_the_one_that_is_dialled(site: Site) -> None:
    dns = FakeDns({"rebind.example": [["127.0.1.2"], ["127.0.1.1"]]})
    found = get(site.url("/page/x", "rebind.example"), dns, PUBLIC)
    assert isinstance(found, Fetched)
    assert found.ip == "127.0.1.2"
    assert dns.asked == ["rebind.example"]  # nobody asks again between the check and the connection
    assert isinstance(get(site.url("/page/x", "rebind.example"), dns, PUBLIC), ForbiddenAddress)
    assert [access.host for access in site.log.accesses] == ["127.0.1.2"]


def test_rebinding_between_hops_of_one_client(site: Site) -> None:
    dns = FakeDns({"rebind.example": [["127.0.1.2"], ["127.0.1.1"]]})

    async def main() -> list[object]:
        async with Client(ClientOptions(user_agent="x", allow_networks=parse_networks(PUBLIC)), dns) as client:
            answers: list[object] = []
            for path in ("/until-close", "/page/b"):  # the first answer ends its connection
                try:
                    answers.append(await client.get(site.url(path, "rebind.example")))
                except FetchError as error:
                    answers.append(error)
            return answers

    first, second = asyncio.run(main())
    assert isinstance(first, Fetched)
    assert isinstance(second, ForbiddenAddress)
    assert [access.host for access in site.log.accesses] == ["127.0.1.2"]


def test_of_several_addresses_only_the_vetted_are_dialled(site: Site) -> None:
    dns = FakeDns({"mixed.example": [["10.0.0.1", "::1", "127.0.1.1", "127.0.1.2"]]})
    found = get(site.url("/page/x", "mixed.example"), dns, PUBLIC)
    assert isinstance(found, Fetched)
    assert found.ip == "127.0.1.2"


def test_a_dead_address_does_not_hide_a_live_one(site: Site) -> None:
    dns = FakeDns({"half.example": [["127.0.9.9", "127.0.1.2"]], "dead.example": [["127.0.9.9"]], "none.example": [[]]})
    allow = ["127.0.0.0/8"]
    assert isinstance(get(site.url("/page/x", "half.example"), dns, allow), Fetched)
    assert isinstance(get(site.url("/page/x", "dead.example"), dns, allow), Refused)
    assert isinstance(get(site.url("/page/x", "none.example"), dns, allow), DnsFailure)
