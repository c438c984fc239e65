"""Lengths of time as an operator writes them: "90s", "15m", "2h", "7d", "4w" (pure)."""

import re
from typing import Annotated

from pydantic import BeforeValidator

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LENGTH = re.compile(r"(\d{1,9})\s*([smhdw])")


def seconds(value: object) -> object:
    """Seconds of a text such as "15m"; a number is taken as seconds. Raises ValueError."""
    if not isinstance(value, str):
        return value
    match = _LENGTH.fullmatch(value.strip().lower())
    if match is None:
        raise ValueError(f'{value!r} is no length of time: write "90s", "15m", "2h", "7d" or "4w"')
    return int(match[1]) * _UNITS_S[match[2]]


def in_words(length_s: float) -> str:
    """The length in the largest unit that does not round it away: "15m", "36h"."""
    for unit, size in reversed(_UNITS_S.items()):
        if length_s >= 2 * size or (length_s >= size and length_s % size == 0):
            return f"{length_s / size:.0f}{unit}"
    return f"{length_s:.0f}s"


Seconds = Annotated[int, BeforeValidator(seconds)]
