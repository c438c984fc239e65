"""The version of a document is later than the one that search has, whatever a clock said."""

import pytest

from workers.parse.step import version_after


@pytest.mark.parametrize(
    ("indexed", "fetched", "version"),
    [
        (0, 70, 70),
        (50, 70, 70),
        (70, 70, 70),  # the very page that search has: a newer extractor may judge it anew
        (90, 70, 91),  # a clock was ahead
    ],
)
def test_versions_follow_each_other(indexed: int, fetched: int, version: int) -> None:
    assert version_after(indexed, fetched) == version
