"""A pipeline without processes for each test; the ledger must be whole when it ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsmill.ledger import Frontier
from newsmill.ledger.audit import problems
from tests.pipeline.line import Line
from tests.pipeline.served import shown
from workers.runtime.figures import status_of

__all__ = ["shown"]


@pytest.fixture
def make_line(frontier: Frontier, redis_url: str, tmp_path: Path) -> Iterator[Callable[..., Line]]:
    """Makes the test's line, with settings of [fetch]."""
    made: list[Line] = []

    def make(**fetch: Any) -> Line:
        made.append(Line(frontier, redis_url, tmp_path, **fetch))
        return made[0]

    yield make
    for line in made:
        line.close()
    assert list(problems(frontier)) == []
    assert status_of(frontier.snapshot(), 1000).balanced


@pytest.fixture
def line(make_line: Callable[..., Line]) -> Line:
    return make_line()
