"""Nothing that comes behind an answer is ever the answer to something else: not at once, not later, not over TLS."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence

import pytest
import trustme

from newsmill.http.answer import BadAnswer, Fetched, FetchError
from newsmill.http.client import Client, ClientOptions
from newsmill.http.guard import parse_networks
from tests.site.h2site import H2Site
from tests.site.heads import DOUBTFUL, LATER_S, SHIFTING, SLOPPY, SLOPPY_CHUNKS, TEXT
from tests.site.names import FakeDns
from tests.site.routes import article
from tests.site.server import Site

NAME = "tls.example"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    return context


@pytest.fixture(scope="module", params=["plain", "tls"])
def served(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[Site]:
    tls = server_tls(authority) if request.param == "tls" else None
    with Site(tls=tls, first="127.0.0.1") as site:
        yield site


def answers(urls: Sequence[str], ca_file: str, pause_s: float = 2 * LATER_S) -> list[Fetched | FetchError]:
    """The answers to `urls`, asked one after the other by one client, with pauses."""

    async def main() -> list[Fetched | FetchError]:
        allow = parse_networks(["127.0.0.0/8"])
        options = ClientOptions(user_agent="x", read_s=2, total_s=5, allow_networks=allow, ca_file=ca_file)
        found: list[Fetched | FetchError] = []
        async with Client(options, FakeDns({NAME: [["127.0.0.1"]]})) as client:
            for url in urls:
                try:
                    found.append(await client.get(url))
                except FetchError as error:
                    found.append(error)
                await asyncio.sleep(pause_s)
        return found

    return asyncio.run(main())


def asked(served: Site, ca_file: str, paths: Sequence[str], pause_s: float) -> list[Fetched | FetchError]:
    served.log.accesses.clear()
    host = NAME if served.url("/").startswith("https") else 0
    return answers([served.url(path, host) for path in paths], ca_file, pause_s)


@pytest.mark.parametrize("name", SHIFTING)
def test_what_comes_behind_an_answer_is_no_answer(served: Site, ca_file: str, name: str) -> None:
    _, second, third = asked(served, ca_file, [f"/shifting/{name}", "/page/b", "/page/c"], 2 * LATER_S)
    assert isinstance(second, Fetched), second
    assert isinstance(third, Fetched), third
    assert (second.body, third.body) == (article("b"), article("c"))
    clients = [access.client for access in served.log.accesses]
    assert clients[0] != clients[1] == clients[2]


@pytest.mark.parametrize("name", [name for name, (_, later) in SHIFTING.items() if not later])
def test_nor_without_a_pause(served: Site, ca_file: str, name: str) -> None:
    _, second = asked(served, ca_file, [f"/shifting/{name}", "/page/b"], 0.0)
    assert isinstance(second, Fetched), second
    assert second.body == article("b")


def test_an_honest_connection_is_kept(served: Site, ca_file: str) -> None:
    paths = ["/page/a", "/status/404", "/coded/gzip", "/etag", "/status/204", "/big/300000", "/page/b"]
    found = asked(served, ca_file, paths, 0.01)
    assert all(isinstance(answer, Fetched) for answer in found)
    assert len({access.client for access in served.log.accesses}) == 1


@pytest.mark.parametrize("name", [*SLOPPY, *SLOPPY_CHUNKS])
def test_a_sloppy_head_is_read(site: Site, ca_file: str, name: str) -> None:
    (found,) = answers([site.url(f"/sloppy/{name}")], ca_file, 0)
    assert isinstance(found, Fetched), found
    assert (found.status, found.body) == (200, TEXT)
    assert found.header("content-type") == "text/html"


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_body_whose_end_is_in_doubt_is_refused(site: Site, ca_file: str, name: str) -> None:
    (found,) = answers([site.url(f"/doubtful/{name}")], ca_file, 0)
    assert isinstance(found, FetchError), found


@pytest.mark.parametrize("later", [False, True])
def test_frames_for_a_request_not_made_yet_are_no_answer(authority: trustme.CA, ca_file: str, later: bool) -> None:
    with H2Site(server_tls(authority), b"honest", forged=b"FORGED", forged_after_s=LATER_S if later else 0.0) as site:
        base = f"https://{NAME}:{site.port}"
        found = answers([f"{base}/{n}" for n in range(3)], ca_file)
    for answer in found:
        assert isinstance(answer, BadAnswer) or (isinstance(answer, Fetched) and answer.body == b"honest"), answer
    if later:
        assert all(isinstance(answer, Fetched) for answer in found)
    assert [connection for connection, _ in site.requests] == [1, 2, 3]
