"""The day in a text: year, month and day in numbers, or the month by its name in seventy languages (pure)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from newsmill.text.months import abbreviated_month, month_of

BUDDHIST_YEARS = 543  # the Thai calendar is ahead by

# Combining marks that stand inside words of some scripts: of India, Thailand, Laos, Myanmar and Cambodia.
_MARKED = ((0x0300, 0x036F), (0x0900, 0x0DFF), (0x0E31, 0x0E4E), (0x0EB1, 0x0ECE), (0x102B, 0x103E), (0x17B4, 0x17D3))
_MARKS = "".join(
    chr(code) for first, last in _MARKED for code in range(first, last + 1) if unicodedata.category(chr(code))[0] == "M"
)
_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}'’])*\.?")
_YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})\s?([./-])\s?0?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d|[/-]\d(?!\d?:))")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?:[Tt]?(\d\d)(\d\d)(\d\d)?)?(?!\d)")
_NUMBERS = re.compile(r"(?<![\d./-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/-])")
_SPACED = re.compile(r"(?<!\d)(\d{1,2}) (\d{1,2}) (\d{4})(?!\d)")
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]")
_DAY_BEFORE = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|°|-?[ае]|-?го)?[.,]?\s*+(?:[-/]\s*+)?(?:(?:de|d['’]|of|di|ta'|tháng)\s*+)?$",
    re.I,
)
_YEAR_AFTER = re.compile(r"^\s*+(?:[,.]\s*+)?(?:[-/]\s*+)?(?:(?:del?|of)\s++)?(\d{4})(?!\d)", re.I)
_SHORT_YEAR_AFTER = re.compile(r"^\s*+(?:[-/,.]\s*+)?(\d{2})(?![\d:.])")
_DAY_YEAR_AFTER = re.compile(r"^\s*-?(\d{1,2})(?:st|nd|rd|th|er|\.)?(?:\s*[,.\-]\s*|\s+)(?:de\s+)?(\d{4})(?!\d)", re.I)
# Between a year and what follows it: "2026 m. lapkričio", "2026. gada", "2026-yil", "2026ko azaroaren".
_AFTER_A_YEAR = r"(?:\s?[.,\-])?\s*+(?:(?:m\.|metų|gada?|yil(?:ning)?|жыл(?:ғы|ы)?|йил|оны|e?ko|\(e\)ko)\s*+)?"
_YEAR_BEFORE = re.compile(rf"(?<!\d)(\d{{4}}){_AFTER_A_YEAR}$", re.I)
_DAY_AFTER = re.compile(r"^\s*-?(\d{1,2})(?!\d|:\d)")


class Order(Enum):
    """How 03/04/2020 is read, where the numbers leave it open."""

    DAY_FIRST = auto()
    MONTH_FIRST = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and what stands before and behind it. clock: digits of a time written without colons, or empty."""

    year: int
    month: int
    day: int
    before: str
    behind: str

    def date(self) -> date:
        """Raises ValueError for a day that no calendar has."""
        year = self.year - BUDDHIST_YEARS if 2440 < self.year < 2640 else self.year
        return date(year, self.month, self.day)


def take_day(text: str, order: Order, weekday: int | None = None, *, language: str = "") -> Day | None:
    """The first day in `text` that is written in one of the ways known.

    Order.REFUSED is for fields that hold nothing but a date: abbreviations and years of two digits count there, and a
    day that may be read in two ways is none, unless its weekday (Monday is 0) tells them apart. language: of the page,
    where months of two languages share a name.
    """
    if found := _YEAR_FIRST.search(text):
        return _day(text, found, found[1], month=found[3], day=found[4])
    if found := _COMPACT.search(text):
        clock = ":".join(part for part in found.groups()[3:] if part)
        day = _day(text, found, found[1], month=found[2], day=found[3])
        return Day(day.year, day.month, day.day, day.before, f" {clock} {day.behind}") if clock else day
    if not text.isascii() and (found := _CJK.search(text)):
        return _day(text, found, found[1], month=found[2], day=found[3])
    strict = order is Order.REFUSED
    return _worded(text, strict, language) or _numbers(text, order, weekday)


def _day(text: str, found: re.Match[str], year: str, *, month: str, day: str) -> Day:
    return Day(int(year), int(month), int(day), text[: found.start()], text[found.end() :])


def _worded(text: str, strict: bool, language: str) -> Day | None:
    for word in _WORD.finditer(text):
        name = word[0].rstrip(".").lower()
        month = abbreviated_month(name) if strict else month_of(name, language)
        if not month:
            continue
        before, after = text[: word.start()], text[word.end() :]
        if day := _DAY_BEFORE.search(before):
            if year := _YEAR_AFTER.match(after):
                return Day(int(year[1]), month, int(day[1]), before[: day.start()], after[year.end() :])
            if strict and (year := _SHORT_YEAR_AFTER.match(after)):
                return Day(_century(year[1]), month, int(day[1]), before[: day.start()], after[year.end() :])
            if year := _YEAR_BEFORE.search(before[: day.start()]):
                return Day(int(year[1]), month, int(day[1]), before[: year.start()], after)
        if both := _DAY_YEAR_AFTER.match(after):
            return Day(int(both[2]), month, int(both[1]), before, after[both.end() :])
        if (year := _YEAR_BEFORE.search(before)) and (day := _DAY_AFTER.match(after)):
            return Day(int(year[1]), month, int(day[1]), before[: year.start()], after[day.end() :])
    return None


def _century(year: str) -> int:
    return int(year) + (2000 if int(year) < 70 else 1900)  # POSIX, and email.utils


def _numbers(text: str, order: Order, weekday: int | None) -> Day | None:
    found = _NUMBERS.search(text) or (_SPACED.search(text) if order is Order.REFUSED else None)
    if not found:
        return None
    separator, year = (found[2], found[4]) if found.re is _NUMBERS else ("", found[3])
    first, second = int(found[1]), int(found[3] if found.re is _NUMBERS else found[2])
    full = int(year) if len(year) == 4 else 2000 + int(year)
    ways = {
        (day, month)
        for day, month in ((first, second), (second, first))
        if month <= 12 and not (separator == "." and (day, month) != (first, second))
    }
    if order is Order.REFUSED:
        if len(year) == 2 and separator != "." and first > 12:
            return None  # the year may come first
        if len(ways) > 1 and weekday is not None:
            ways = {way for way in ways if _weekday(full, way[1], way[0]) == weekday}
        if len(ways) != 1:
            return None
        ((day, month),) = ways
    else:
        month_first = order is Order.MONTH_FIRST and separator == "/"
        preferred = [(second, first), (first, second)] if month_first else [(first, second), (second, first)]
        day, month = next((way for way in preferred if way[1] <= 12), (first, second))
    return Day(full, month, day, text[: found.start()], text[found.end() :])


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None
