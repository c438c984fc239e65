"""Dates as feeds, sitemaps and pages write them (pure).

RFC 822 (RSS), RFC 3339 and the W3C profile of ISO 8601 (Atom, sitemaps), then day, month by its name in the
languages of the table, year. A date without a zone is taken as UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_TEXT = 100  # characters; a longer text is no date
FUTURE_SLACK = timedelta(hours=26)  # a local time marked as UTC is at most 14 h ahead; some day-only dates 24
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: epoch zeros and year 0001 placeholders

# The first letters that tell a month's name from the others, in every form the language inflects it to.
_MONTHS = (
    "jan janv янв січ sty led ene gen jän ocak ιαν",
    "feb fév fev фев лют lut úno febb şub φεβ",
    "mar mär mrz бер мар březen mart μαρ maart",
    "apr avr abr апр кві kwi dub nis απρ",
    "may mai maj mag mayo мая май тра kvě mei μαι μάι",
    "jun juin июн чер giu cze červn cerv haz ιουν ιούν",
    "jul juil июл лип lug lip červen tem ιουλ ιούλ",
    "aug août aou ago авг сер sie srp ağu αυγ αύγ",
    "sep set сен вер wrz zář eyl σεπ",
    "oct okt out ott окт жов paź říj eki οκτ",
    "nov ноя лис lis kas νοε νοέ",
    "dec déc dez dic дек гру gru pro ara δεκ",
)
_MONTH_OF = {prefix: number for number, names in enumerate(_MONTHS, 1) for prefix in names.split()}
# Where one prefix begins another's, the longer one is tried first.
_PREFIXES = tuple(sorted(_MONTH_OF, key=len, reverse=True))
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[\s\-./]+(?:de\s+)?([^\W\d_]{3,})\.?,?[\s\-./]+(?:de\s+)?(\d{4})"
)
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m)?")
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})\s*$")
_COMPACT_ZONE = re.compile(r"(T.*[+-]\d{2})(\d{2})$")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def parse_date(text: str) -> datetime | None:
    """The moment `text` names, aware and in UTC; None when it names none that news can have."""
    text = " ".join(text[: MAX_TEXT + 1].split())
    if not text or len(text) > MAX_TEXT:
        return None
    for read in (datetime.fromisoformat, _iso, _rfc822, _named) if text[0].isdigit() else (_rfc822, _named):
        try:
            found = read(text)
            if found is not None:
                found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
                return found if found >= EARLIEST else None
        except (ValueError, TypeError, IndexError, OverflowError):
            continue  # not written this way
    return None


def not_future(moment: datetime | None, now: datetime) -> datetime | None:
    """`moment`, no later than `now`; None where it is so far ahead that it says nothing."""
    if moment is None or moment > now + FUTURE_SLACK:
        return None
    return min(moment, now)


def _iso(text: str) -> datetime | None:
    if partial := _PARTIAL.fullmatch(text):
        return datetime(int(partial[1]), int(partial[2] or 1), 1, tzinfo=UTC)
    text = _LONG_FRACTION.sub(r"\1", text.replace(" UTC", "Z").replace(" GMT", "Z"))
    text = re.sub(r" (?=[+-]\d)", "", text)
    return datetime.fromisoformat(_COMPACT_ZONE.sub(r"\1:\2", text))


def _rfc822(text: str) -> datetime | None:
    return parsedate_to_datetime(text)


def _named(text: str) -> datetime | None:
    lowered = text.lower()
    if match := _NAMED.search(lowered):
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    elif match := _NAMED_FIRST.search(lowered):
        day, month, year = int(match[2]), _month(match[1]), int(match[3])
    elif match := _DAY_FIRST.search(lowered):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
    else:
        return None
    rest = lowered[: match.start()] + " " + lowered[match.end() :]
    clock = _CLOCK.search(rest)
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3)) if clock else (0, 0, 0)
    if clock and clock[4]:
        hour = hour % 12 + (12 if clock[4] == "p" else 0)
    zone = _ZONE.search(rest)
    shift = timedelta(0)
    if zone:
        shift = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (1 if zone[1] == "+" else -1)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - shift


def _month(name: str) -> int:
    """Raises ValueError for a word that is no month."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return _MONTH_OF[prefix]
    raise ValueError(f"not a month: {name!r}")
