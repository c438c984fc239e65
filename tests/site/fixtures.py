"""Fixtures over the site. Import what a test module needs, or name this module in `pytest_plugins`."""

from collections.abc import Iterator

import pytest

from tests.site.server import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of three hosts, with an empty log."""
    with Site(hosts=3) as running:
        yield running
