"""Which addresses inside a source's scope are left out all the same (pure): what stands behind their door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.traps import trap


@dataclass(frozen=True, slots=True)
class Found:
    """An address that a source brings, or a link that is followed for it. url: canonical. now: aware.

    depth: links followed to it; 0 for what the source itself lists.
    """

    url: str
    source: SourceConfig
    now: datetime
    depth: int = 0


AddressFilter = Callable[[Found], str]  # why it is left out, in a few words that are the same for many; "" if it is not
AddressFilters = Mapping[str, AddressFilter]  # by name, in the order in which they are asked


def left_out(filters: AddressFilters, found: Found) -> str:
    """Why an address is left out: the first filter's word; empty if it is not. A filter that fails leaves it out."""
    for name, filter_ in filters.items():
        try:
            reason = filter_(found)
        except Exception as error:  # noqa: BLE001  another's code: it costs its own addresses, and says so, but no poll
            return f"address filter {name} failed: {type(error).__name__}"
        if reason:
            return reason
    return ""


def traps(found: Found) -> str:
    """Addresses that lead nowhere new. What an operator lists is not judged."""
    listed = found.source.kind is SourceKind.LIST and not found.depth
    return "" if listed else trap(found.url, found.now) or ""
