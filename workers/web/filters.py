"""How values look in a page (pure). Whatever is foreign stays text: only marks around found words become elements."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from markupsafe import Markup, escape

from newsmill.sources.durations import in_words

FOUND = ("\x02", "\x03")  # around found words in a snippet; no text that was read has them
RTL = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ckb", "dv", "ug"})


def marked(text: str) -> Markup:
    """A snippet with what was found in <mark>."""
    return Markup(str(escape(text)).replace(FOUND[0], "<mark>").replace(FOUND[1], "</mark>"))


def moment(value: datetime | float | str | None) -> str:
    """A time to the minute, in UTC; a dash for none."""
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC) if value else None
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if value.year > 1 else "–"
    return value[:16].replace("T", " ") if value else "–"


def machine(value: datetime | float) -> str:
    """The same for <time datetime>."""
    made = datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else value
    return made.isoformat(timespec="seconds")


def number(value: float | None) -> str:
    """With thousands apart; a dash for none."""
    return "–" if value is None else f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:,.1f}"


def size(count: float | None) -> str:
    """Bytes in words."""
    if count is None:
        return "–"
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:,.0f} {unit}" if unit in ("B", "kB") or count >= 100 else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def web_link(url: str) -> str:
    """An address that may stand in href: http and https only."""
    return url if urlsplit(url).scheme in ("http", "https") else ""


def with_query(path: str, **values: Any) -> str:
    """An address of ours with these parameters; empty ones are left out."""
    kept = {name: str(value) for name, value in values.items() if value not in ("", None, 0, False)}
    return f"{path}?{urlencode(kept)}" if kept else path


def direction(language: str) -> str:
    """For the attribute dir."""
    return "rtl" if language in RTL else "ltr" if language else "auto"


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "marked": marked,
    "moment": moment,
    "machine": machine,
    "number": number,
    "size": size,
    "web_link": web_link,
    "direction": direction,
    "segment": segment,
    "words": in_words,
}
