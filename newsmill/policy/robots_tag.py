"""What a page's X-Robots-Tag headers (and meta elements of the same form) forbid us (pure).

The form is Google's, which all follow: directives with commas between them, after the name of a robot or for
all of them; the header may come several times, and what any of them forbids is forbidden.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from newsmill.http.caching import http_date

_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_HEADER_MAX = 2000  # characters of a header that are read


@dataclass(frozen=True, slots=True)
class RobotsTag:
    """noindex: the page is not for the index. nofollow: its links are not to be followed."""

    noindex: bool = False
    nofollow: bool = False

    def __or__(self, other: "RobotsTag") -> "RobotsTag":
        return RobotsTag(self.noindex or other.noindex, self.nofollow or other.nofollow)


def x_robots_tag(headers: Iterable[tuple[str, str]], token: str, now: float) -> RobotsTag:
    """What the X-Robots-Tag headers say to the robot `token`. `now`: epoch seconds, for unavailable_after."""
    found = RobotsTag()
    for name, value in headers:
        if name.lower() == "x-robots-tag":
            found |= robots_tag(value, token, now)
    return found


def robots_tag(value: str, token: str, now: float) -> RobotsTag:
    """What one header says to `token`: "noindex", "none", "otherbot: noindex", "unavailable_after: DATE"."""
    found = RobotsTag()
    robot = ""
    date_parts = ""
    for part in value[:_HEADER_MAX].split(","):
        if date_parts:  # a date has a comma of its own
            found |= RobotsTag(noindex=_passed(date_parts + "," + part, now))
            date_parts = ""
            continue
        name, colon, rest = part.strip().partition(":")
        name = name.strip().lower()
        if colon and name not in _VALUED:
            robot, name = name, rest.strip().lower()
            name, _, rest = name.partition(":")
            name = name.strip()
        if robot not in ("", "robots", "*", token.lower()):
            continue
        if name == "unavailable_after":
            found |= RobotsTag(noindex=_passed(rest, now))
            date_parts = rest
        found |= RobotsTag(name in ("noindex", "none"), name in ("nofollow", "none"))
    return found


def _passed(text: str, now: float) -> bool:
    when = http_date(text.strip())
    return when is not None and when <= now
