"""Addresses that lead nowhere new (pure): loops of paths, parameters without end, calendars without an end.

Rules are of form, not of sites: what they refuse no news site gives an article. Addresses that an operator lists are
not judged. Where a trap has another form, the shares of its site bound it (lua/add.lua).
"""

import re
from collections import Counter
from datetime import datetime
from urllib.parse import urlsplit

SEGMENTS_MOST = 16  # of a path; the deepest of 2,550 addresses in WCXB's and news-dev's halves has 8
PARAMETERS_MOST = 16  # of a query, tracking parameters left out; the most in those sets is 11
REPEATS = 3  # of one segment, or of a run of them: /a/b/a/b/a/b
SEGMENT_REPEATS = 4  # of one segment anywhere in a path
YEARS_AHEAD = 1  # a calendar goes on for ever; announcements are for this year and the next
YEARS_BACK = 30  # and back for ever; the web has no events before that
ARCHIVE_YEARS = 430  # what is dated without a calendar may be an archive: the oldest newspapers are of 1605

_CALENDAR = {"agenda", "calendar", "calendario", "calendrier", "events", "eventos", "kalendar", "kalender", "termine"}
_DATE_NAMES = {
    "cal_date", "caldate", "date", "day", "from", "mo", "month", "start", "startdate", "tribe-bar-date", "week", "year",
}  # fmt: skip
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def trap(url: str, now: datetime) -> str | None:
    """Why the canonical address `url` looks like one of endlessly many, or None. now: aware. Linear in its length."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.lower().split("/") if segment]
    parameters = [part.partition("=")[::2] for part in parts.query.lower().split("&") if part]
    if len(segments) > SEGMENTS_MOST:
        return f"a path of {len(segments)} parts"
    if loop := _loop(segments):
        return f"a path that repeats itself: {loop}"
    if len(parameters) > PARAMETERS_MOST:
        return f"{len(parameters)} parameters"
    names = Counter(name for name, _ in parameters)
    if names and (most := max(names.values())) >= SEGMENT_REPEATS:
        return f"a parameter that is given {most} times"
    return _calendar(segments, parameters, now)


def _loop(segments: list[str]) -> str | None:
    """A run of segments that follows on itself, or a segment that comes again and again."""
    for length in range(1, len(segments) // REPEATS + 1):
        for start in range(len(segments) - length * REPEATS + 1):
            run = segments[start : start + length]
            if segments[start : start + length * REPEATS] == run * REPEATS:
                return "/".join(run)[:60]
    segment, times = Counter(segments).most_common(1)[0] if segments else ("", 0)
    return segment[:60] if times >= SEGMENT_REPEATS else None


def _calendar(segments: list[str], parameters: list[tuple[str, str]], now: datetime) -> str | None:
    """A page of a calendar that is further away than anybody announces or archives."""
    dated, back = [value for name, value in parameters if name in _DATE_NAMES], ARCHIVE_YEARS
    if not _CALENDAR.isdisjoint(segments):
        dated, back = [*segments, *(value for _, value in parameters)], YEARS_BACK
    for text in dated:
        for match in _YEAR.finditer(text):
            year = int(match[1])
            if not now.year - back <= year <= now.year + YEARS_AHEAD:
                return f"a calendar's page of {year}"
    return None
