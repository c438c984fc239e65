"""The values of a query's fields: sites, languages and times, as people write them (pure)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from newsmill.search.tree import Any, BadQuery, Dated, Field, Filter, Query
from newsmill.text.language import primary

FIELDS = ("site", "lang", "source", "author", "title", "url", "section", "after", "before", "date")
# What other engines call them.
OTHER_NAMES: Mapping[str, str] = {
    "intitle": "title",
    "allintitle": "title",
    "headline": "title",
    "inurl": "url",
    "allinurl": "url",
    "link": "url",
    "language": "lang",
    "since": "after",
    "from": "after",
    "newer": "after",
    "until": "before",
    "older": "before",
    "to": "before",
    "published": "date",
    "day": "date",
    "domain": "site",
    "host": "site",
    "by": "author",
    "byline": "author",
    "category": "section",
    "topic": "section",
    "feed": "source",
}
_ALIKE = 0.75  # of difflib's ratio: langage, aftre
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_PORT = re.compile(r":[0-9]*\Z")
_AGO = re.compile(r"(\d{1,4})(h|d|w|mo|m|y)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "mo": 30 * 24, "y": 365 * 24}
_LANGUAGES = (  # ISO 639-1, and what the language is called in English and by itself, without diacritics where typed so
    "ar:arabic,العربية bg:bulgarian,български bn:bengali,বাংলা ca:catalan,català,catala cs:czech,čeština,cestina"
    " da:danish,dansk de:german,deutsch el:greek,ελληνικά en:english es:spanish,español,espanol et:estonian,eesti"
    " fa:persian,farsi,فارسی fi:finnish,suomi fr:french,français,francais he:hebrew,עברית hi:hindi,हिन्दी"
    " hr:croatian,hrvatski hu:hungarian,magyar hy:armenian id:indonesian is:icelandic,íslenska it:italian,italiano"
    " ja:japanese,日本語 ka:georgian kk:kazakh ko:korean,한국어 lt:lithuanian,lietuvių lv:latvian,latviešu"
    " mk:macedonian ms:malay ne:nepali nl:dutch,nederlands no:norwegian,norsk,bokmål,nynorsk pl:polish,polski"
    " pt:portuguese,português,portugues ro:romanian,română,romana ru:russian,русский"
    " sk:slovak,slovenčina sl:slovenian,slovenščina sq:albanian sr:serbian"
    ",српски sv:swedish,svenska sw:swahili ta:tamil te:telugu th:thai,ไทย tr:turkish,türkçe,turkce uk:ukrainian"
    ",українська ur:urdu,اردو uz:uzbek vi:vietnamese,tiếng-việt zh:chinese,mandarin,中文 be:belarusian az:azerbaijani"
)
_CODES = {
    name: entry.partition(":")[0] for entry in _LANGUAGES.split() for name in entry.partition(":")[2].split(",") if name
}
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}


def nearest(name: str) -> str:
    """The field that this name may mean; empty if it is like none."""
    if name in OTHER_NAMES:
        return OTHER_NAMES[name]
    alike = get_close_matches(name, FIELDS, 1, _ALIKE) if len(name) > 2 else []
    return alike[0] if alike else ""


def site(value: str) -> tuple[Query, str]:
    """The filter of a host, and what is to be said of the value."""
    bare = value.lower().partition("://")[2] or value.lower()
    host, _, path = bare.partition("/")
    host = _PORT.sub("", host.removeprefix("*.").strip(".")).removeprefix("www.")
    told = f"site: compares hosts; for /{path} write url:{path}" if path else ""
    try:
        coded = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        coded = host
    ways = tuple(Filter(Field.SITE, name) for name in dict.fromkeys((coded, host)))
    return (ways[0] if len(ways) == 1 else Any(ways)), told


def language(value: str) -> Filter:
    """The filter of a language: its code, also with a region, or its name. Raises BadQuery."""
    name = value.strip().lower()
    code = _CODES.get(name) or primary(name)
    if not code or (len(name) > 3 and name.isalpha() and name not in _CODES):
        codes = ", ".join(sorted(set(_CODES.values())))
        raise BadQuery(f"lang:{value[:40]}: no language that is known by this name; codes are {codes}")
    return Filter(Field.LANGUAGE, _SAME.get(code, code))


def dated(name: str, value: str, now: datetime) -> Dated:
    """The span of after:, before: or date:. Raises BadQuery."""
    since, until = _span(value.strip(), now)
    match name:
        case "after":
            return Dated(since=since)
        case "before":
            return Dated(until=since)
        case _:
            return Dated(since=since, until=until)


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    """When a time begins, and when it is over."""
    try:
        if text.lower() in ("today", "yesterday", "now"):
            if text.lower() == "now":
                return now, now
            day = now.replace(hour=0, minute=0, second=0, microsecond=0)
            day -= timedelta(days=text.lower() == "yesterday")
            return day, day + timedelta(days=1)
        if ago := _AGO.fullmatch(text.lower()):
            return now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]]), now
        if days := _DAY_FIRST.fullmatch(text):
            day = datetime(int(days[3]), int(days[2]), int(days[1]), tzinfo=UTC)
            return day, day + timedelta(days=1)
        if parts := _DAY.fullmatch(text):
            year, month, number = (int(part) if part else None for part in parts.groups())
            return _calendar(year or 0, month, number)
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC), moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQuery(
            f"not a day: {text[:40]!r}; write 2026-11-22, 2026-11, 2026, 2026-11-22T10:00+02:00, today or 3d"
        ) from error


def _calendar(year: int, month: int | None, day: int | None) -> tuple[datetime, datetime]:
    begin = datetime(year, month or 1, day or 1, tzinfo=UTC)
    if day:
        return begin, begin + timedelta(days=1)
    if month:
        return begin, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return begin, datetime(year + 1, 1, 1, tzinfo=UTC)
