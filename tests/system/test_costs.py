"""No step runs many more bytecodes than it did. `make bench-micro PIN=--pin` writes them anew; say why."""

import pytest

from bench.micro import counted, dearer, pins


@pytest.mark.skipif(not pins(), reason="bytecodes are those of a version of Python, and none are pinned for this one")
def test_no_step_is_dearer_than_pinned() -> None:
    assert dearer(counted(), pins()) == []


def test_what_is_dearer_by_more_than_a_tenth_is_named() -> None:
    pinned = {"index": 1000, "extract": 1000}
    assert dearer({"index": {"bytecodes": 1099}, "extract": {"bytecodes": 900}}, pinned) == []
    assert dearer({"index": {"bytecodes": 1101}, "extract": {"bytecodes": 900}}, pinned) == [
        "index: 1101 bytecodes, 1000 are pinned"
    ]
