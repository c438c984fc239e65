"""Cookies along one chain of redirects (pure): some sites send a page to itself until their cookie comes back.

They travel in the ledger's entry beside the chain, and end with it: nothing of them outlives it, no other address
sees them. RFC 6265 §5.2 without Domain and Path: a cookie goes back to the very host that set it, and what came by
https only by https.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from newsmill.http.caching import http_date

COOKIES_MAX = 30  # of one host; browsers keep 50 to 180, a redirect needs one or two
COOKIE_MAX = 4096  # bytes of a Set-Cookie line, name and value: RFC 6265 §6.1
JAR_MAX = 8192  # bytes of all names and values; servers refuse longer headers
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Jar:
    """The cookies of a chain, by scheme and host. changed: place in the chain of the answer that changed them last."""

    cookies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    changed: int = -1

    def __bool__(self) -> bool:
        return any(self.cookies.values())

    def header(self, url: str) -> str:
        """The Cookie header for a request to `url`; empty if there are none for it."""
        host = urlsplit(url).hostname or ""
        ours = dict(self.cookies.get(f"http://{host}", {}))
        if url.startswith("https:"):
            ours |= self.cookies.get(f"https://{host}", {})
        return "; ".join(f"{name}={value}" for name, value in ours.items())

    def after(self, url: str, headers: tuple[tuple[str, str], ...], place: int, *, now: float) -> "Jar":
        """The jar after the answer of `url`, the one at `place` in the chain. now: seconds since the epoch."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.hostname or ''}"
        kept = dict(self.cookies.get(origin, {}))
        for line in (value for name, value in headers if name.lower() == "set-cookie"):
            if cookie := _parse(line, now):
                name, value, ended = cookie
                kept.pop(name, None)
                if not ended and len(kept) < COOKIES_MAX:
                    kept[name] = value
        if kept == dict(self.cookies.get(origin, {})) or sum(len(n) + len(v) for n, v in kept.items()) > JAR_MAX:
            return self
        return Jar({**self.cookies, origin: kept}, place)

    def dump(self) -> str:
        """A text for the ledger; empty for an empty jar."""
        return json.dumps([self.changed, self.cookies], separators=(",", ":")) if self.cookies else ""

    @classmethod
    def load(cls, text: str) -> "Jar":
        """The jar in a text that `dump` made."""
        if not text:
            return cls()
        changed, cookies = json.loads(text)
        return cls(cookies, changed)


def _parse(line: str, now: float) -> tuple[str, str, bool] | None:
    """Name, value, and whether it has ended; None for what is no cookie (RFC 6265bis §5.6)."""
    pair, *attributes = line.split(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(" \t"), value.strip(" \t")
    if not equals or not name or len(pair) > COOKIE_MAX or _FORBIDDEN.search(name + value):
        return None
    given = {n.strip().lower(): v.strip() for n, _, v in (part.partition("=") for part in attributes)}
    if age := given.get("max-age", ""):
        return name, value, age.startswith("-") or age.strip("0") == ""
    expires = http_date(given.get("expires", "")[:100])
    return name, value, expires is not None and expires <= now
