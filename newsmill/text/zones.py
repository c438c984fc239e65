"""Time zones as dates name them: offsets, abbreviations, names of the IANA database (pure)."""

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

WEST, EAST = timedelta(hours=-12), timedelta(hours=14)  # Baker Island and Kiribati: nothing lies beyond

# Hours east of UTC. Where zones share a name, the one that feeds mean: IST is India's, BST Britain's, CST and AST
# America's, GST the Gulf's.
_HOURS = {
    -10: "hst",
    -9: "akst",
    -8: "pst akdt",
    -7: "mst pdt",
    -6: "cst mdt",
    -5: "est cdt pet cot",
    -4: "ast edt clt bot",
    -3.5: "nst",
    -3: "adt brt art clst uyt",
    -2.5: "ndt",
    -2: "brst",
    0: "z ut utc gmt wet",
    1: "cet met mez bst west wat",
    2: "cest mest mesz eet sast cat",
    3: "eest msk мск eat trt idt",
    3.5: "irst",
    4: "gst samt msd",
    4.5: "aft",
    5: "pkt uzt yekt",
    5.5: "ist",
    5.75: "npt",
    6: "omst bdt",
    6.5: "mmt",
    7: "ict wib krat",
    8: "hkt sgt pht myt awst wita irkt",
    9: "jst kst wit yakt",
    9.5: "acst",
    10: "aest vlat",
    10.5: "acdt",
    11: "aedt magt",
    12: "nzst pett",
    13: "nzdt",
}
_NAMED = {name: timezone(timedelta(hours=hours)) for hours, names in _HOURS.items() for name in names.split()}
# What newspapers write for whichever of the two is in force, in capitals only: "at" is a word.
_CIVIL = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "AT": "America/Halifax",
}
# Names as Java, browsers and Windows write them out.
_WRITTEN_OUT = {
    f"{place} {season} time": f"{place[0]}{season[0]}t"
    for place in ("eastern", "central", "mountain", "pacific", "atlantic")
    for season in ("standard", "daylight")
} | {
    "greenwich mean time": "gmt",
    "coordinated universal time": "utc",
    "british summer time": "bst",
    "western european time": "wet",
    "western european summer time": "west",
    "central european time": "cet",
    "central european standard time": "cet",
    "central european summer time": "cest",
    "eastern european time": "eet",
    "eastern european standard time": "eet",
    "eastern european summer time": "eest",
    "moscow standard time": "msk",
    "india standard time": "ist",
    "china standard time": "hkt",
    "japan standard time": "jst",
    "korea standard time": "kst",
    "australian eastern standard time": "aest",
    "australian eastern daylight time": "aedt",
}
_WRITTEN = re.compile(rf"\b(?:{'|'.join(sorted(_WRITTEN_OUT, key=len, reverse=True))})\b", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:\b(?:utc?|gmt))?\s?[+\-\u2013\u2212]{1,2}(\d{1,2})(?:[:.]?([0-5]\d)(?::?00)?)?z?(?!\w|:\w)", re.IGNORECASE
)
_WHOLE_OFFSET = re.compile(r"[+\-\u2212]\d{2}:?\d{2}")
_PLACE = re.compile(r"[A-Z][A-Za-z_]{1,30}/[A-Z][A-Za-z_]{1,30}(?:/[A-Z][A-Za-z_]{1,30})?")
_WORD = re.compile(r"(?<![a-z])(?:[a-z]{1,5}|мск)(?![a-z])", re.IGNORECASE)


def take_zone(text: str, *, timed: bool) -> tuple[tzinfo | None, str]:
    """The zone that stands in `text`, and `text` without it.

    A number counts before a name ("+0200 EET", "GMT+0200"). timed: behind a time of day; behind a mere day "-01" is
    no zone. An unknown abbreviation says nothing (RFC 5322 §4.3), and so does an offset that no place has.
    """
    if (found := _OFFSET.search(text)) and (timed or _WHOLE_OFFSET.search(found[0])):
        shift = timedelta(hours=int(found[1]), minutes=int(found[2] or 0))
        shift = shift if "+" in found[0] else -shift
        return timezone(shift) if WEST <= shift <= EAST else None, _without(text, found)
    if found := _PLACE.search(text):
        return _place(found[0]), _without(text, found)
    if found := _WRITTEN.search(text):
        return _NAMED[_WRITTEN_OUT[found[0].lower()]], _without(text, found)
    for word in _WORD.finditer(text):
        known: tzinfo | None = _NAMED.get(word[0].lower())
        if known is None and word[0] in _CIVIL:
            known = _place(_CIVIL[word[0]])
        if known:
            return known, _without(text, word)
    return None, text


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _place(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # the first where there is no such place
        return None
