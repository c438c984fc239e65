import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http.caching import http_date, max_age_s, retry_after_s

NOW = 1_794_982_400.0  # Wed, 18 Nov 2026 06:13:20 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("Wed, 18 Nov 2026 06:15:00 GMT", 100),
        ("Wednesday, 18-Nov-26 06:15:00 GMT", 100),
        ("Wed Nov 18 06:15:00 2026", 100),
        ("Wed, 18 Nov 2026 08:15:00 +0200", 100),
        ("2026-11-18T06:15:00Z", 100),
        ("Wed, 18 Nov 2020 06:15:00 GMT", 0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("inf", None),
        ("99999999999999999999", None),
        ("Wed, 99 Nov 2026 06:15:00 GMT", None),
        ("²", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "age"),
    [
        ("max-age=60", 60),
        ("public, Max-Age=60, s-maxage=9", 60),
        ('private,max-age="60"', 60),
        ("s-maxage=9", None),
        ("no-cache", 0),
        ("no-store, max-age=60", 0),
        ("max-age=-1", None),
        (None, None),
    ],
)
def test_max_age(value: str | None, age: int | None) -> None:
    assert max_age_s(value) == age


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    wait = retry_after_s(text, NOW)
    assert wait is None or wait >= 0
    http_date(text)
    max_age_s(text)
