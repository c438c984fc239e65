"""Dates in the languages and calendars of the world, with times and zones; several in a line; fields of numbers."""

import pytest

from newsmill.text.dates import DatePrecision, field_date, find_date, find_dates


@pytest.mark.parametrize(
    ("raw", "language", "moment"),
    [
        ("22. listopada 2026.", "hr", "2026-10-22"),
        ("22 listopada 2026", "pl", "2026-11-22"),
        ("22. nóvember 2026", "is", "2026-11-22"),
        ("22 Nëntor 2026", "sq", "2026-11-22"),
        ("22 ноември 2026", "mk", "2026-11-22"),
        ("22 նոյեմբերի 2026, 10:30", "hy", "2026-11-22T10:30"),
        ("22 نومبر 2026", "ur", "2026-11-22"),
        ("22 நவம்பர் 2026", "ta", "2026-11-22"),
        ("22 నవంబర్ 2026", "te", "2026-11-22"),
        ("૨૨ નવેમ્બર ૨૦૨૬", "gu", "2026-11-22"),
        ("२२ नोव्हेंबर २०२६", "mr", "2026-11-22"),
        ("22 Novemba 2026", "sw", "2026-11-22"),
        ("2026ko azaroaren 22a", "eu", "2026-11-22"),
        ("22 Tachwedd 2026", "cy", "2026-11-22"),
        ("2026-yil 22-noyabr", "uz", "2026-11-22"),
        ("22 Noy 2026", "az", "2026-11-22"),
        ("22 tháng 11 năm 2026", "vi", "2026-11-22"),
        ("22 Tháng Mười Một, 2026", "vi", "2026-11-22"),
        ("22 Th11, 2026", "vi", "2026-11-22"),
        ("2026. gada 22. novembris", "lv", "2026-11-22"),
        ("2026 жылғы 22 қараша", "kk", "2026-11-22"),
        ("22 تشرين الثاني 2026 10:30", "ar", "2026-11-22T10:30"),
        ("22 نونبر 2026", "ar", "2026-11-22"),
        ("22 พ.ย. 2569 10:30 น.", "th", "2026-11-22T10:30"),
        ("22 พ.ย. 69 10.30 น.", "th", "2026-11-22T10:30"),
        ("令和8年11月22日 15時05分", "ja", "2026-11-22T15:05"),
        ("平成元年2月3日", "ja", ""),
        ("民國115年11月22日", "zh", "2026-11-22"),
        ("۱ آذر ۱۴۰۵ - ۱۰:۳۰", "fa", "2026-11-22T10:30"),
        ("1405/09/01", "fa", "2026-11-22"),
        ("1405/13/01", "fa", ""),
        ("2026.11.22 오후 3:05", "ko", "2026-11-22T15:05"),
        ("22/11/2026, 10:30 (GMT+7)", "vi", "2026-11-22T10:30+07:00"),
        ("Nov 22, 2026 10:30 AM EDT", "en", "2026-11-22T10:30-04:00"),
        ("22 November 2026 10:30 IST", "en", "2026-11-22T10:30+05:30"),
        ("22.11.2026, 10:30 Uhr MEZ", "de", "2026-11-22T10:30+01:00"),
        ("22 ноября 2026, 10:30 (мск)", "ru", "2026-11-22T10:30+03:00"),
        ("Fri Apr 24 19:20:36 CEST 2026", "", "2026-04-24T19:20:36+02:00"),
        ("22.11.2026 – Aktualisiert: 23.11.", "de", "2026-11-22"),
        ("22.11.2026, aktualisiert 10:30", "de", "2026-11-22"),
        ("22/11/2026 18.10", "it", "2026-11-22T18:10"),
    ],
)
def test_day_time_and_zone(raw: str, language: str, moment: str) -> None:
    found = find_date(raw, language=language)
    if not moment:
        assert found is None or found.at.year < 1990
        return
    assert found is not None
    day, _, clock = moment.partition("T")
    assert found.at.isoformat().startswith(f"{day}T{clock[:5] or '00:00'}")
    zoned = clock[5:].lstrip(":0123456789")
    assert found.precision == (DatePrecision.ZONED if zoned else DatePrecision.TIME if clock else DatePrecision.DAY)
    assert not zoned or found.at.isoformat().endswith(zoned)


def test_a_line_may_hold_the_day_of_a_change_too() -> None:
    found = list(find_dates("Erstellt: 22.11.2026, 10:30 Aktualisiert: 23.11.2026, 11:15"))
    assert [(stamp.at.isoformat(), label.strip(" ,")) for stamp, label in found] == [
        ("2026-11-22T10:30:00+00:00", "Erstellt:"),
        ("2026-11-23T11:15:00+00:00", "10:30 Aktualisiert:"),
    ]


@pytest.mark.parametrize("raw", ["1795343400", "1795343400000", " 1795343400 "])
def test_a_field_may_count_seconds(raw: str) -> None:
    found = field_date(raw)
    assert found is not None
    assert found.at.isoformat() == "2026-11-22T10:30:00+00:00"
    assert find_date(raw) is None
