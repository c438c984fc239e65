"""When a server wants to be asked again: Retry-After (RFC 9110 §10.2.3), and max-age of Cache-Control (pure)."""

import re

from newsmill.text.dates import parse_moment

_SECONDS = re.compile(r"\d{1,12}(\.\d{0,6})?")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def retry_after_s(value: str | None, now: float) -> float | None:
    """Seconds from `now` (epoch) until the time that `value` names: a number of seconds or a date; None if neither.

    All three date forms of RFC 9110 §5.6.7 are read, and ISO 8601, which is not allowed but is sent.
    A date in the past gives 0.
    """
    if value is None or not (text := value.strip()):
        return None
    if _SECONDS.fullmatch(text):
        return float(text)
    when = http_date(text)
    return None if when is None else max(0.0, when - now)


def http_date(value: str | None) -> float | None:
    """The time an HTTP date names, in seconds since the epoch; None if it names none."""
    when = parse_moment(value) if value else None
    return when.timestamp() if when else None


def max_age_s(cache_control: str | None) -> int | None:
    """The max-age of a Cache-Control header in seconds; 0 for no-store and no-cache; None if it says nothing."""
    if not cache_control:
        return None
    lowered = cache_control[:1000].lower()
    if "no-store" in lowered or "no-cache" in lowered:
        return 0
    found = _MAX_AGE.search(lowered)
    return int(found.group(1)) if found else None
