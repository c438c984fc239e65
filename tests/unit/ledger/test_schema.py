"""Which versions may work on which ledgers."""

import pytest

from newsmill.ledger.schema import OLDEST, READS, SCHEMA, Schema, WrongSchema, refused, schema_of

MAY, LATER, OLDER, UNDER_WAY = "", "a later Newsmill", "run `newsmill upgrade`", "let `newsmill upgrade` end"


@pytest.mark.parametrize(
    ("ledger", "own", "reads", "why"),
    [
        (Schema(1, 1), 1, 1, MAY),
        (Schema(1, 1), 2, 1, MAY),  # what is older is taken up
        (Schema(2, 1), 1, 1, MAY),  # back to the version before: it ignores what was added
        (Schema(3, 2), 2, 1, MAY),
        (Schema(3, 2), 1, 1, LATER),
        (Schema(3, 3), 2, 1, LATER),
        (Schema(2, 1), 3, 3, OLDER),
        (Schema(1, 1), 3, 2, OLDER),
        (Schema(2, 1, upgrading=3), 3, 3, UNDER_WAY),
        (Schema(2, 1, upgrading=3), 2, 1, UNDER_WAY),
    ],
)
def test_who_may_work_on_it(ledger: Schema, own: int, reads: int, why: str) -> None:
    told = refused(ledger, own, reads)
    assert why in told
    assert bool(told) is bool(why)
    assert "\n" not in told


def test_a_ledger_without_numbers_is_of_schema_1() -> None:
    assert schema_of({}) == Schema(1, 1)


@pytest.mark.parametrize(
    "kept",
    [{"number": "x", "oldest": "1"}, {"number": "2"}, {"number": "1", "oldest": "2"}, {"number": "-1", "oldest": "-1"}],
)
def test_numbers_that_nobody_wrote_are_refused(kept: dict[str, str]) -> None:
    with pytest.raises(WrongSchema, match="which no Newsmill has written"):
        schema_of(kept)


def test_the_numbers_of_this_version_fit_each_other() -> None:
    assert 1 <= READS <= SCHEMA
    assert 1 <= OLDEST <= SCHEMA
    assert not refused(Schema(SCHEMA, OLDEST), SCHEMA, READS)
