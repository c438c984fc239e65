"""The one reader of dates: fields that hold one (feeds, sitemaps, headers), and lines of pages that mention one (pure).

What is read: RFC 822 and 5322, RFC 3339 and the W3C profile of ISO 8601, asctime, seconds and milliseconds since the
epoch, and days in numbers or by the month's name in seventy languages, with times of day of 12 or 24 hours and zones by
offset, abbreviation or place. A date without a zone is taken as UTC.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from newsmill.text.calendars import in_one_calendar
from newsmill.text.clocks import take_clock
from newsmill.text.days import Day, Order, take_day
from newsmill.text.months import MONTHS, abbreviated_month
from newsmill.text.zones import EAST, WEST, take_zone

MAX_FIELD = 100  # characters; a longer text is no date
MAX_LINE = 300  # characters of a line that are looked at
FUTURE_SLACK = timedelta(hours=26)  # a local time marked as UTC is at most 14 h ahead; some day-only dates 24
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: epoch zeros and year 0001 placeholders

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})[a-z]*\b[.,]*", re.IGNORECASE)
_EPOCH = re.compile(r"\+?(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.\d{1,9})?")
_IN_JSON = re.compile(r"/?Date\((\d{9,16})(?:[+\-]\d{4})?\)/?")  # as ASP.NET writes them; the offset is for show
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d\d)\.(\d\d)(?![\d.])")  # a time of day, once the day is found
_BARE_CLOCK = re.compile(r"([Tt]\d\d)(\d\d)(\d\d|)(?=[Zz+\- ]|$)")  # behind a day with dashes
_MONTH_ONLY = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?")
_NAMED_MONTH_ONLY = re.compile(r"([^\W\d_]{3,20})\.?,?\s(\d{4})")
_ORDINAL = re.compile(r"(\d{4})-(\d{3})(?=$|[Tt ])")
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?(\d)(?=$|[Tt ])")
# asctime: Jan 4 16:29:06 2004
_YEAR_LAST = re.compile(r"(.*\d) ((?:\d{1,2}:){1,2}\d{1,2}.*?) (\d{4})((?: [A-Za-z]+)?)")
_ZONE_BEHIND = re.compile(
    r"\s*(?:(?i:uhr|hrs?|h|น)\b\.?\s*)?\(?((?:[A-Z]{1,5}\b|z|мск|МСК|[A-Z]\w+/\w+)?\s?(?:[+\-]\d{1,2}(?::?\d\d)?)?)(?!\w)"
)
# The same in a line: Java's "Fri Apr 24 19:20:36 CEST 2026".
_YEAR_BEHIND = re.compile(
    r"([A-Za-z]{3,9}\.? \d{1,2}),? (\d{1,2}:\d\d(?::\d\d)?)((?: [A-Z]{1,5})?(?: ?[+\-]\d\d:?\d\d)?) (\d{4})(?!\d)"
)
_YEAR_IN = re.compile(r"\d{4}|\d[./-]\s?\d{1,2}[./-]\s?\d\d")  # without one of these, a line has no day
MAX_DATES = 3  # of a line: first published, changed, and one more
# What stands between a date and the time of a later change.
_CHANGED = re.compile(
    r"updat|modif|edited|revis|aktuali|geändert|оновлен|обновл|mis à jour|actualiz|atualiz|aggiornat|bijgewerkt|"
    r"uppdater|opdater|oppdater|更新|수정|تحديث|עודכן|güncell|frissítve|päivitetty|cập nhật|แก้ไข|ažurir|promijenjeno",
    re.I,
)
_PLAIN_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|([+\-])(\d\d)([0-5]\d))"
)
_HANGUL = re.compile("[가-힣]")
KOREA = timezone(timedelta(hours=9))  # Korean is written in one zone, and its feeds leave it out


class DatePrecision(StrEnum):
    """How much of a date is stated; what is not is zero in the datetime, in UTC."""

    DAY = "day"
    TIME = "time"  # a time of day without zone, read as UTC
    ZONED = "zoned"  # a time of day with its zone


@dataclass(frozen=True, slots=True)
class Stamp:
    """A point in time with what was stated of it. `at` is aware."""

    at: datetime
    precision: DatePrecision


def parse_date(text: str) -> datetime | None:
    """The moment that a field names, aware and in UTC; None when it names none that news can have."""
    found = parse_moment(text)
    return found if found and found >= EARLIEST else None


def parse_moment(text: str) -> datetime | None:
    """The moment that a field names, in whatever year; None for what is no date, or can be read in two ways."""
    text = " ".join(text[: MAX_FIELD + 1].split())
    if not text or len(text) > MAX_FIELD:
        return None
    try:
        return (_plain_iso(text) or _plain_rfc_822(text) or _field(text)).astimezone(UTC)
    except (ValueError, OverflowError):  # not written in any of these ways, or no such day
        return None


def not_future(moment: datetime | None, now: datetime) -> datetime | None:
    """`moment`, no later than `now`; None where it is so far ahead that it says nothing."""
    if moment is None or moment > now + FUTURE_SLACK:
        return None
    return min(moment, now)


def find_date(line: str, *, month_first: bool = False, language: str = "") -> Stamp | None:
    """The first date in a line of a page, or None. See `find_dates`."""
    return next((stamp for stamp, _ in find_dates(line, month_first=month_first, language=language)), None)


def find_dates(line: str, *, month_first: bool = False, language: str = "") -> Iterator[tuple[Stamp, str]]:
    """The dates in a line of a page, each with what stands before it, up to the date before.

    month_first: how to read 03/04/2020, where the numbers leave it open. language: ISO 639-1, whose months go before
    those of others. The year must be written in full, or, in numeric dates, be two digits of this century.
    """
    text = in_one_calendar(line[:MAX_LINE].strip(), language)
    if ":" in text:
        text = _YEAR_BEHIND.sub(r"\1 \4 \2\3", text)
    days, between = _days(text, Order.MONTH_FIRST if month_first else Order.DAY_FIRST, language, most=MAX_DATES)
    for at, day in enumerate(days):
        stamp = _stamped(day, _CHANGED.split(between[at + 1], maxsplit=1)[0], "" if at else between[0])
        if stamp:
            yield stamp, between[at]


def _days(text: str, order: Order, language: str, *, most: int) -> tuple[list[Day], list[str]]:
    """The days in a text, and the texts before, between and behind them."""
    day = take_day(text, order, language=language) if most and _YEAR_IN.search(text) else None
    if day is None:
        return [], [text]
    before, ahead = _days(day.before, order, language, most=most - 1)
    behind, rest = _days(day.behind, order, language, most=most - 1 - len(before))
    return [*before, day, *behind], [*ahead, *rest]


def _stamped(day: Day, behind: str, before: str) -> Stamp | None:
    """A day with the time and the zone that stand behind it, or else before it."""
    try:
        named_day = day.date()
        at = datetime(named_day.year, named_day.month, named_day.day, tzinfo=UTC)
    except ValueError:
        return None
    clock, _, rest = take_clock(behind)
    if clock is None:
        clock, _, rest = take_clock(before)
    if clock is None:
        return Stamp(at, DatePrecision.DAY)
    named = _ZONE_BEHIND.match(rest)
    zone = take_zone(named[1], timed=True)[0] if named and named[1] else None
    try:
        at = clock.on(at).replace(microsecond=0)  # news has seconds
        return Stamp(at.replace(tzinfo=zone), DatePrecision.ZONED) if zone else Stamp(at, DatePrecision.TIME)
    except (ValueError, OverflowError):
        return Stamp(at, DatePrecision.DAY)


def field_date(text: str, *, month_first: bool = False, language: str = "") -> Stamp | None:
    """The date of a field that holds nothing else: as `find_date`, and seconds or milliseconds since the epoch."""
    if found := _EPOCH.fullmatch(text.strip()[:MAX_FIELD]):
        moment = parse_date(found[0])
        return Stamp(moment, DatePrecision.ZONED) if moment and len(found[1]) != 9 else None
    return find_date(text, month_first=month_first, language=language)


def _plain_iso(text: str) -> datetime | None:
    """The common form at the speed of C; None for any other."""
    if len(text) < 19 or text[10] not in "Tt " or text[4] != "-":
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    shift = found.utcoffset()
    return found if shift is not None and WEST <= shift <= EAST else found.replace(tzinfo=UTC)


def _plain_rfc_822(text: str) -> datetime | None:
    """What nearly every RSS feed writes, without the detours that others need; None for any other form."""
    found = _PLAIN_RFC_822.fullmatch(text)
    month = MONTHS.get(found[2].lower()) if found else None
    if not found or not month or (found[7] and int(found[8]) > 11):
        return None
    day, year, hour, minute, second = (int(found[n]) for n in (1, 3, 4, 5, 6))
    shift = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    if hour > 23 or second > 59:
        return None
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - (-shift if found[7] == "-" else shift)


def _field(text: str) -> datetime:
    """Raises ValueError for what is no date."""
    text = in_one_calendar(text)
    if found := _IN_JSON.fullmatch(text):
        text = found[1]
    if found := _EPOCH.fullmatch(text):
        digits = found[1]
        return datetime.fromtimestamp(float(text) / 1000 ** ((len(digits) - 9) // 3), UTC)
    if coarse := _coarse(text):
        return coarse
    named = _WEEKDAY.search(text)
    weekday = _WEEKDAYS.index(named[1].lower()) if named else None
    text = _by_month(_WEEKDAY.sub(" ", text).replace("(", " ").replace(")", " ").strip())
    if found := _YEAR_LAST.fullmatch(text):
        text = f"{found[1]} {found[3]} {found[2]}{found[4]}"
    day = take_day(text, Order.REFUSED, weekday)
    if day is None:
        raise ValueError(f"no day in it: {text!r}")
    found_day = day.date()
    behind = _BARE_CLOCK.sub(r"\1:\2:\3", _DOTTED.sub(r"\1:\2:\3", day.behind))
    at, zone, left = _time(datetime(found_day.year, found_day.month, found_day.day, tzinfo=UTC), behind, day.before)
    if any(character.isdigit() for character in left):
        raise ValueError(f"not understood: {left!r}")
    return at.replace(tzinfo=zone or (KOREA if _HANGUL.search(text) else UTC))


def _time(day: datetime, behind: str, before: str) -> tuple[datetime, tzinfo | None, str]:
    """`day` with its time of day, the zone, and what is left of the text around it."""
    clock, ahead, rest = take_clock(behind)
    left = before
    if clock is None:
        clock, left, found = take_clock(before)
        rest = f"{found} {behind}"
    else:
        left = f"{before} {ahead}"
    if clock is None:
        zone, rest = take_zone(behind, timed=False)
        return day, zone, f"{before} {rest}"
    zone, rest = take_zone(rest, timed=True)
    return clock.on(day), zone, f"{left} {rest}"


def _coarse(text: str) -> datetime | None:
    """A year or a month."""
    if found := _MONTH_ONLY.fullmatch(text):
        return datetime(int(found[1]), int(found[2] or 1), 1, tzinfo=UTC)
    if found := _NAMED_MONTH_ONLY.fullmatch(text):
        month = abbreviated_month(found[1].lower())
        return datetime(int(found[2]), month, 1, tzinfo=UTC) if month else None
    return None


def _by_month(text: str) -> str:
    """A day by its number in the year, or by week, as ISO 8601 has them, as one of a month; other text as it is."""
    if found := _ORDINAL.match(text):
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
    elif found := _WEEK.match(text):
        day = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
    else:
        return text
    return f"{day.isoformat()}{text[found.end() :]}"
