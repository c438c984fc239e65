"""Doors: what other distributions may bring along, by entry points (packaging.python.org, "Entry points").

What comes with Newsmill is declared in its pyproject.toml and found in the same way. docs/extending.md shows how to
write a source kind and a document filter.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from newsmill.extras import needed


@dataclass(frozen=True, slots=True)
class Door:
    """A group of entry points. what: how one of them is called in a message."""

    group: str
    what: str

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that are installed, in order."""
        return tuple(sorted(_installed(self.group)))

    def known(self, name: str) -> str:
        """Why there is no such one, in one line; empty if there is. Loads nothing."""
        found = _installed(self.group)
        if name not in found:
            near = difflib.get_close_matches(name, found, n=1)
            known = f"did you mean {near[0]!r}?" if near else f"installed: {', '.join(map(repr, self.names)) or 'none'}"
            return f"there is no {self.what} {name!r} here ({known})"
        if len(found[name]) > 1:
            whose = " and ".join(sorted(_whose(point) for point in found[name]))
            return f"{whose} both bring a {self.what} {name!r}: uninstall one"
        return ""

    def load(self, name: str) -> Any:
        """What stands behind a name.

        Raises NotThere if nothing does, or if it cannot be imported; ModuleNotFoundError if an extra is missing.
        """
        if problem := self.known(name):
            raise NotThere(problem)
        (point,) = _installed(self.group)[name]
        try:
            return point.load()
        except ModuleNotFoundError as error:
            if needed(error):
                raise
            raise NotThere(f"the {self.what} {name!r} of {_whose(point)} cannot be loaded: {error}") from error
        except Exception as error:  # another's module: it may do anything
            raise NotThere(f"the {self.what} {name!r} of {_whose(point)} cannot be loaded: {error!r}") from error


class NotThere(Exception):
    """Something that is named in the configuration is not installed, or cannot be imported; the text says which."""


SOURCE_KINDS = Door("newsmill.source_kinds", "kind of source")  # (Polled) -> Reading, see sources/kinds.py
SEARCH_STORES = Door("newsmill.search_stores", "search store")  # by scheme: (url, data, options) -> SearchStore
EXTRACTORS = Door("newsmill.extractors", "extractor")  # see extraction/own.py
ADDRESS_FILTERS = Door("newsmill.address_filters", "address filter")  # see sources/address_filters.py
DOCUMENT_FILTERS = Door("newsmill.document_filters", "document filter")  # see workers/parse/filters.py
DOORS = (SOURCE_KINDS, SEARCH_STORES, EXTRACTORS, ADDRESS_FILTERS, DOCUMENT_FILTERS)


@cache
def _installed(group: str) -> Mapping[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=group):
        others = found.setdefault(point.name, [])
        if all(point.value != other.value for other in others):  # one that stands twice on the path is one
            others.append(point)
    return found


def _whose(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
