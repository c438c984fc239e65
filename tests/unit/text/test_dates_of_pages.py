"""Dates as pages write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.extraction.metadata.bounds import in_bounds
from newsmill.text.dates import DatePrecision
from newsmill.text.dates import find_date as parse


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2025-09-04T10:20:30+02:00", "2025-09-04"),
        ("20240305", "2024-03-05"),
        ("Thu, 01 Jan 2015 10:00:00 GMT", "2015-01-01"),
        ("September 4, 2025", "2025-09-04"),
        ("Sept. 3rd, 2019", "2019-09-03"),
        ("Updated: 4 Sep 2025, 5:50 am", "2025-09-04"),
        ("3 травня 2024, 14:05", "2024-05-03"),
        ("31 декабря 2023 г.", "2023-12-31"),
        ("12 de marzo de 2023", "2023-03-12"),
        ("1er août 2020", "2020-08-01"),
        ("4. září 2024", "2024-09-04"),
        ("28. Februar 2024", "2024-02-28"),
        ("15 Ağustos 2023 10:11", "2023-08-15"),
        ("25 Μαρτίου 2024", "2024-03-25"),
        ("3 marca 2024", "2024-03-03"),
        ("2024年3月5日", "2024-03-05"),
        ("2024년 3월 5일", "2024-03-05"),
        ("٥ مارس ٢٠٢٤", "2024-03-05"),
        ("5 ינואר 2024", "2024-01-05"),
        ("५ मार्च २०२४", "2024-03-05"),
        ("5 มีนาคม 2567", "2024-03-05"),
        ("2024. március 5.", "2024-03-05"),
        ("2024 m. kovo 5 d.", "2024-03-05"),
        ("5.6.2021 12:30", "2021-06-05"),
        ("05/06/2021", "2021-06-05"),
        ("13/06/2021", "2021-06-13"),
    ],
)
def test_days(raw: str, day: str) -> None:
    found = parse(raw)
    assert found is not None
    assert found.at.date().isoformat() == day


def test_month_first_only_where_the_numbers_leave_it_open() -> None:
    dates = [parse(raw, month_first=True) for raw in ("05/06/2021", "13/06/2021", "05.06.2021")]
    assert [found.at.month for found in dates if found] == [5, 6, 6]


@pytest.mark.parametrize(
    "raw", ["", "hello", "1712312312", "99.99.2020", "2020-13-45", "May", "31 February 2020", "1/2"]
)
def test_what_is_no_date(raw: str) -> None:
    assert parse(raw) is None


def test_precision_and_zone_are_kept() -> None:
    zoned, timed, day = parse("2024-05-06T07:08:09+02:00"), parse("2024-05-06 07:08"), parse("2024-05-06")
    assert zoned is not None
    assert zoned.at.utcoffset() == timedelta(hours=2)
    assert [found.precision for found in (zoned, timed, day) if found] == list(DatePrecision)[::-1]


def test_the_future_and_the_time_before_the_web_are_not_believed() -> None:
    now = datetime(2024, 5, 6, tzinfo=UTC)
    assert in_bounds(parse("2024-05-06T20:00:00Z"), now)
    assert not in_bounds(parse("2024-05-08"), now)
    assert not in_bounds(parse("1969-12-31"), now)


@given(st.text(max_size=80))
def test_never_raises(raw: str) -> None:
    parse(raw)
    parse(raw, month_first=True)


@given(st.integers(min_value=663_000_000, max_value=4_000_000_000))
def test_iso_survives(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    found = parse(moment.isoformat())
    assert found is not None
    assert found.at == moment
