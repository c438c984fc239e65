"""Fixtures for all: a real Redis or Valkey server on a free port, and a frontier of its own for each test."""

import uuid
from collections.abc import Iterator

import pytest

from workers.frontier import Frontier
from workers.mill import connect
from workers.ops.broker import LocalBroker

pytest_plugins = ["tests.site.fixtures"]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the tests' own: the same one that `newsmill run` starts."""
    with LocalBroker(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def frontier(redis_url: str) -> Iterator[Frontier]:
    """An empty frontier; its clock stands at 1,000,000 s until a test moves it."""
    client = connect(redis_url)
    yield Frontier(client, prefix=f"test:{uuid.uuid4().hex}:", now=1_000_000.0)
    client.close()
