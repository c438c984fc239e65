"""TLS is verified, and HTTP/2 spoken where the server offers it."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from newsmill.http.answer import Fetched, FetchError, TlsFailure
from newsmill.http.client import Client, ClientOptions
from newsmill.http.guard import parse_networks
from tests.site.h2site import H2Site
from tests.site.names import FakeDns
from tests.site.server import Site


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def server_tls(authority: trustme.CA, name: str = "tls.example") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def get(*urls: str, ca_file: str | None, http2: bool = True, most: int | None = None) -> list[Fetched | FetchError]:
    async def main() -> list[Fetched | FetchError]:
        allow = parse_networks(["127.0.0.0/8"])
        options = ClientOptions(user_agent="x", total_s=5, allow_networks=allow, ca_file=ca_file, http2=http2)
        answers: list[Fetched | FetchError] = []
        async with Client(
            options, FakeDns({"tls.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
        ) as client:
            for url in urls:
                try:
                    answers.append(await client.get(url, max_body_bytes=most))
                except FetchError as error:
                    answers.append(error)
        return answers

    return asyncio.run(main())


@pytest.fixture
def tls_site(authority: trustme.CA) -> Iterator[Site]:
    with Site(tls=server_tls(authority), first="127.0.0.1") as site:
        yield site


def test_a_known_authority_is_trusted_and_the_connection_kept(tls_site: Site, ca_file: str) -> None:
    one, two = get(tls_site.url("/page/1", "tls.example"), tls_site.url("/page/2", "tls.example"), ca_file=ca_file)
    assert isinstance(one, Fetched)
    assert isinstance(two, Fetched)
    assert one.http_version == "HTTP/1.1"


def test_an_unknown_authority_is_not(tls_site: Site) -> None:
    (found,) = get(tls_site.url("/page/1", "tls.example"), ca_file=None)
    assert isinstance(found, TlsFailure)
    assert "certificate not valid" in str(found)
    assert tls_site.log.accesses == []


def test_nor_a_certificate_for_another_name(tls_site: Site, ca_file: str) -> None:
    (found,) = get(tls_site.url("/page/1", "other.example"), ca_file=ca_file)
    assert isinstance(found, TlsFailure)


def test_tls_where_none_is_spoken(site: Site, ca_file: str) -> None:
    (found,) = get(f"https://127.0.1.1:{site.port}/bad-status-line", ca_file=ca_file)
    assert isinstance(found, FetchError)


@pytest.mark.parametrize("size", [0, 10, 60_000])
def test_http2(authority: trustme.CA, ca_file: str, size: int) -> None:
    with H2Site(server_tls(authority), b"x" * size) as site:
        base = f"https://tls.example:{site.port}"
        answers = get(f"{base}/1", f"{base}/2?q=a%20b", ca_file=ca_file)
    for found in answers:
        assert isinstance(found, Fetched), found
        assert (found.status, len(found.body), found.http_version) == (200, size, "HTTP/2")
        assert found.ip == "127.0.0.1"
    assert site.requests == [(1, "/1"), (1, "/2?q=a%20b")]


def test_http2_body_is_cut_off_and_the_connection_given_up(authority: trustme.CA, ca_file: str) -> None:
    with H2Site(server_tls(authority), b"x" * 60_000) as site:
        base = f"https://tls.example:{site.port}"
        answers = get(f"{base}/1", f"{base}/2", ca_file=ca_file, most=1000)
    for found in answers:
        assert isinstance(found, Fetched), found
        assert (len(found.body), found.truncated) == (1000, True)
    assert [number for number, _ in site.requests] == [1, 2]


def test_http2_is_only_spoken_when_asked_for(authority: trustme.CA, ca_file: str) -> None:
    with H2Site(server_tls(authority), b"x") as site:
        (found,) = get(f"https://tls.example:{site.port}/", ca_file=ca_file, http2=False)
    assert isinstance(found, FetchError)
