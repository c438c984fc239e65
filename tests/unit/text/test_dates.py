"""Dates as found in the wild."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.text.dates import FUTURE_SLACK, not_future, parse_date

NOON = "2026-11-22T12:00:00+00:00"
DAY = "2026-11-22T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", NOON),
        ("Sun, 22 Nov 2026 14:00:00 +0200", NOON),
        ("Sun, 22 Nov 2026 07:00 EST", NOON),
        ("22 Nov 2026 12:00:00 Z", NOON),
        ("Sun,22 Nov 2026 12:00:00 +0000", NOON),
        ("  Sun, 22 Nov 2026\n 12:00:00 GMT ", NOON),
        ("2026-11-22T12:00:00Z", NOON),
        ("2026-11-22T14:00:00+02:00", NOON),
        ("2026-11-22T14:00:00.000+0200", NOON),
        ("2026-11-22T12:00:00.123456789Z", "2026-11-22T12:00:00.123456+00:00"),
        ("2026-11-22T14:00+02:00", NOON),
        ("2026-11-22 12:00:00", NOON),
        ("2026-11-22 14:00:00 +0200", NOON),
        ("2026-11-22 12:00:00 UTC", NOON),
        ("Sun, 22 Nov 2026 12.00.00 GMT", NOON),
        ("Sun, 22 Nov 2026 17:30:00 +05.30", NOON),
        ("Sun, 22 Nov 2026 07:00:00 Eastern Standard Time", NOON),
        ("Sun, 22 Nov 2026 05:00:00 (Pacific Daylight Time)", NOON),
        ("2026-11-22 13:00 Central European Time", NOON),
        ("2026-11-22T07:00:00\u201305:00", NOON),
        ("2026-11-22T1200Z", NOON),
        ("2026-11-22T140000+0200", NOON),
        ("2026-W47-7T12:00:00Z", NOON),
        ("2026W477", DAY),
        ("2026-326T12:00Z", NOON),
        ("/Date(1795348800000)/", NOON),
        ("2026-11-22 12:00 No/Such_Place", NOON),
        ("2026-11-22 No/Such_Place", DAY),
        ("/Date(1795348800000+0200)/", NOON),
        ("1795348800000000000", NOON),
        ("2026-11-22", DAY),
        ("20261122", DAY),
        ("2026-11", "2026-11-01T00:00:00+00:00"),
        ("2026", "2026-01-01T00:00:00+00:00"),
        ("22 листопада 2026, 12:00", NOON),
        ("Нд, 22 лист. 2026 14:00:00 +0200", NOON),
        ("вс, 22 ноября 2026 12:00", NOON),
        ("22. November 2026 12:00", NOON),
        ("22 de novembro de 2026", DAY),
        ("22 novembre 2026 à 12:00", NOON),
        ("Sonntag, 22. Dezember 2025", "2025-12-22T00:00:00+00:00"),
        ("22 июня 2026", "2026-06-22T00:00:00+00:00"),
        ("22 травня 2026", "2026-05-22T00:00:00+00:00"),
        ("22 czerwca 2026", "2026-06-22T00:00:00+00:00"),
        ("22 lipca 2026", "2026-07-22T00:00:00+00:00"),
        ("22 listopada 2026", DAY),
        ("November 22, 2026 12:00", NOON),
        ("November 22, 2026 12:00 pm", NOON),
        ("22.11.2026 12:00", NOON),
    ],
)
def test_read(text: str, moment: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0000-00-00 00:00:00",
        "1970-01-01T00:00:00Z",
        "32 Nov 2026",
        "22 Foobar 2026",
        "x" * 10_000,
        "-",
    ],
)
def test_no_date(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(max_size=120))
def test_any_text_is_a_date_or_not(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.tzinfo is UTC


@given(st.integers(0, 3_000_000_000).map(lambda s: datetime(1990, 1, 2, tzinfo=UTC) + timedelta(seconds=s)))
def test_iso_comes_back(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment


def test_the_future() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert not_future(now - timedelta(days=1), now) == now - timedelta(days=1)
    assert not_future(now + timedelta(hours=2), now) == now
    assert not_future(now + FUTURE_SLACK + timedelta(seconds=1), now) is None
    assert not_future(None, now) is None
