"""Fixtures for all: a real Redis or Valkey server, a real S3 API, and a frontier of its own for each test."""

import logging
import os
import urllib.request
import uuid
from collections.abc import Iterator

import hypothesis
import pytest

from newsmill.ledger import Frontier
from tests.system.s3 import server as s3
from workers.local.broker import LocalBroker
from workers.runtime.wiring import connect

hypothesis.settings.register_profile("any machine", deadline=None)  # a loaded one is no failure
hypothesis.settings.load_profile("any machine")

pytest_plugins = ["tests.site.fixtures"]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the tests' own: the same one that `newsmill run` starts."""
    with LocalBroker(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> Iterator[str]:
    """The tests' server, emptied after each test: an audit reads whatever others left."""
    yield redis_server
    client = connect(redis_server)
    client.flushall()
    client.close()


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """An imitation of S3 over HTTP, with a bucket `pages`. Its keys are whatever one says."""
    from moto.server import ThreadedMotoServer  # seconds that other tests need not wait for

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/pages", method="PUT")).close()
    yield address
    server.stop()


@pytest.fixture(scope="session")
def versitygw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 server, with a bucket `pages`. Where there is none the test is skipped; in CI it fails."""
    try:
        yield from s3.running(tmp_path_factory.mktemp("s3"))
    except s3.NotPossible as reason:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs a real S3 server: {reason}")
        pytest.skip(f"there is no real S3 server here: {reason}")


@pytest.fixture(params=["moto", "versitygw"])
def s3_address(request: pytest.FixtureRequest) -> str:
    """Each of them; the keys of tests/system/s3/server.py open both."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def frontier(redis_url: str) -> Iterator[Frontier]:
    """An empty frontier; its clock stands at 1,000,000 s until a test moves it."""
    client = connect(redis_url)
    yield Frontier(client, prefix=f"test:{uuid.uuid4().hex}:", now=1_000_000.0)
    client.close()
