"""Times of day as dates have them (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_CLOCK = re.compile(
    r"(?<![\d:.,+\-\u2212])(?:t\s?)?(\d{1,2})(?:(?::(\d{1,2})|[.h](\d\d)(?!\.))(?:[:.](\d{1,2})(?:[.,](\d{1,9})\d*)?)?"
    r"(?![\d:]*\d|\.\d)\s*(?:([ap])\.?\s?m\b\.?)?|\s?([ap])\.?\s?m\b\.?|\s?(?:h|uhr)\b"
    r"|\s?[時时시点點](?:\s?(\d{1,2})\s?[分분])?)",
    re.IGNORECASE,
)
# Half days as they are written out, before the time or behind it.
_AFTERNOON = re.compile(
    r"오후|午後|下午|晚上|\bμ\.?μ\b|مساء|بعد ?از ?ظهر|ب\.ظ|\d\s?م\b|अपराह्न|दोपहर|शाम|அபராஹ்ன|பிற்பகல்|PM|\bÖS\b|\bCH\b|"
    r"אחה[״\"]צ|\bdu\.|\bpasdite\b|\bnh\b|\be\.h"
)
_FORENOON = re.compile(
    r"오전|午前|上午|早上|凌晨|\bπ\.?μ\b|صباح|قبل ?از ?ظهر|ق\.ظ|\d\s?ص\b|पूर्वाह्न|सुबह|முற்பகல்|\bÖÖ\b|\bSA\b|"
    r"לפנה[״\"]צ|\bde\.|\bparadite\b|\bf\.h"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; hour 24 is the end of the day, second 60 a leap second."""

    hour: int
    minute: int = 0
    second: int = 0
    microsecond: int = 0

    def on(self, day: datetime) -> datetime:
        """That time of `day`. Raises ValueError for 25:00 and the like."""
        if self.hour == 24 and not (self.minute or self.second or self.microsecond):
            return day + timedelta(days=1)
        if self.second == 60:  # RFC 3339 §5.7
            return day.replace(hour=self.hour, minute=self.minute) + timedelta(minutes=1)
        return day.replace(hour=self.hour, minute=self.minute, second=self.second, microsecond=self.microsecond)


def take_clock(text: str) -> tuple[Clock | None, str, str]:
    """The first time of day in `text`, and what stands before and behind it."""
    found = _CLOCK.search(text)
    if found is None:
        return None, text, ""
    hour, minute, dotted, second, fraction, half, whole, signed = found.groups()
    before, behind = text[: found.start()], text[found.end() :]
    half = (half or whole or "").lower()
    for said, other in (("p", _AFTERNOON), ("a", _FORENOON)):
        if not half and not text.isascii() and other.search(text):
            half = said
    clock = Clock(
        _hour(int(hour), half),
        int(minute or dotted or signed or 0),
        int(second or 0),
        int((fraction or "0")[:6].ljust(6, "0")),
    )
    return clock, before, behind


def _hour(hour: int, half: str) -> int:
    return hour % 12 + 12 * (half == "p") if half and hour <= 12 else hour
