"""Dates as pages write them: ISO 8601, RFC 5322, numbers, and month names of thirty languages (pure)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from workers.parse.article import DatePrecision
from workers.parse.metadata.months import MONTHS

EARLIEST_YEAR = 1990  # before the web; an earlier date is the story's, not the page's
CLOCK_SKEW = timedelta(days=1)  # a page dated a little after `now` comes from a time zone ahead, or a wrong clock


@dataclass(frozen=True, slots=True)
class Stamp:
    """A point in time with what the page stated of it. `at` is aware."""

    at: datetime
    precision: DatePrecision


_ISO = re.compile(
    r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?:(?:T|t|\s+|\s*,\s*)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?(?!\d)"
)
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.](\d{2})(?::(\d{2}))?\s*([ap]\.?\s?m\b\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?", re.I
)
_NUMBERS = re.compile(r"(?<![\d./-])(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{2,4})(?![\d/-])")
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]")
# Combining marks that stand inside words of some scripts.
_MARKS = "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0e31\u0e34-\u0e4e"
_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}'’])*\.?")
_DAY_BEFORE = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|°|\.|-?[ае]|-?го)?\s*(?:de|d['’]|of|di|ta'|tháng)?\s*$", re.I
)
_YEAR_AFTER = re.compile(r"^\s*[,.]?\s*(?:de\s+|del\s+|of\s+)?(\d{4})(?!\d)", re.I)
_DAY_YEAR_AFTER = re.compile(r"^\s*(\d{1,2})(?:st|nd|rd|th|er|\.)?(?:\s*[,.]\s*|\s+)(?:de\s+)?(\d{4})(?!\d)", re.I)
_YEAR_BEFORE = re.compile(r"(?<!\d)(\d{4})\s*(?:[.,]|m\.|metų|gada?)?\s*$", re.I)
_DAY_AFTER = re.compile(r"^\s*(\d{1,2})(?!\d)")
BUDDHIST_YEARS = 543  # the Thai calendar is ahead by
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९", "0123456789" * 3)
MAX_DATE_CHARS = 300


def parse(raw: str, *, month_first: bool = False) -> Stamp | None:
    """The date in a short text, or None. `month_first`: how to read 03/04/2020, where the numbers leave it open.

    The year must be written in full (or, in numeric dates, be two digits of this century). Times of day without a
    zone are read as UTC.
    """
    text = raw[:MAX_DATE_CHARS].strip()
    if not text.isascii():
        text = text.translate(_DIGITS)
    if iso := _ISO.search(text):
        return _from_iso(iso)
    day = _cjk(text) or _worded(text) or _numeric(text, month_first=month_first)
    if day is None:
        return None
    year, month, date, rest = day
    return _stamp(year, month, date, _TIME.search(rest))


def in_bounds(stamp: Stamp | None, now: datetime | None) -> bool:
    """Whether a page can have been published then: since the web began, and not after it was fetched."""
    if stamp is None or stamp.at.year < EARLIEST_YEAR:
        return False
    return now is None or stamp.at <= now + CLOCK_SKEW


def _from_iso(found: re.Match[str]) -> Stamp | None:
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
        if hour is None:
            return Stamp(at, DatePrecision.DAY)
        if not zone:
            return Stamp(at, DatePrecision.TIME)
        return Stamp(at.replace(tzinfo=_zone(zone)), DatePrecision.ZONED)
    except ValueError:
        return None


def _zone(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes else UTC


_Day = tuple[int, int, int, str]  # year, month, day, and the text where a time may stand


def _cjk(text: str) -> _Day | None:
    found = _CJK.search(text)
    return (int(found[1]), int(found[2]), int(found[3]), text[found.end() :]) if found else None


def _worded(text: str) -> _Day | None:
    for word in _WORD.finditer(text):
        month = MONTHS.get(word[0].rstrip(".").lower())
        if month is None:
            continue
        before, after = text[: word.start()], text[word.end() :]
        if (day := _DAY_BEFORE.search(before)) and (year := _YEAR_AFTER.match(after)):
            return int(year[1]), month, int(day[1]), after[year.end() :] or before[: day.start()]
        if both := _DAY_YEAR_AFTER.match(after):
            return int(both[2]), month, int(both[1]), after[both.end() :] or before
        if (year := _YEAR_BEFORE.search(before)) and (day := _DAY_AFTER.match(after)):
            return int(year[1]), month, int(day[1]), after[day.end() :]
    return None


def _numeric(text: str, *, month_first: bool) -> _Day | None:
    found = _NUMBERS.search(text)
    if not found:
        return None
    first, separator, second, third = found.groups()
    a, b, c = int(first), int(second), int(third)
    rest = text[found.end() :]
    if len(first) == 4:
        return a, b, c, rest
    if len(first) == 3 or len(third) == 3:
        return None
    year = c if len(third) == 4 else 2000 + c
    if b > 12 or (a <= 12 and month_first and separator == "/"):
        return year, a, b, rest
    return year, b, a, rest


def _stamp(year: int, month: int, day: int, time: re.Match[str] | None) -> Stamp | None:
    if 2440 < year < 2640:
        year -= BUDDHIST_YEARS
    try:
        at = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    if time is None:
        return Stamp(at, DatePrecision.DAY)
    hour, minute, second, half, zone = time.groups()
    hours = int(hour)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half.lower().startswith("p") else 0)
    try:
        at = at.replace(hour=hours, minute=int(minute), second=int(second or 0))
        return Stamp(at.replace(tzinfo=_zone(zone)), DatePrecision.ZONED) if zone else Stamp(at, DatePrecision.TIME)
    except ValueError:
        return Stamp(at, DatePrecision.DAY)
