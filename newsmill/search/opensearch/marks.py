"""Which indexes of a cluster are ours, which of them takes what is written, and what an operator has to mend (pure).

The alias (`newsmill`) names the live indexes; `newsmill-building` names one that a rebuild makes. Ours are called
`newsmill-<number>` and say so themselves, in `_meta` of their mapping; older ones have our fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Json

MARK = "newsmill"  # in _meta: {"id": of the index and all that follow it, "alias", "replaced_by"}
OWN_FIELDS = frozenset({"deleted", "rank", "document"})  # by which an index without a mark is known


@dataclass(frozen=True, slots=True)
class Names:
    """live: the indexes that searches see; the last one is written to. building: of a rebuild.

    wrong: why nothing may be written now, and what to do about it; empty if it may.
    """

    live: tuple[str, ...]
    building: str = ""
    wrong: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """The indexes that searches or a rebuild use."""
        return (*self.live, self.building) if self.building else self.live


def number_of(name: str, alias: str) -> int | None:
    """The number of an index that is called as ours are."""
    rest = name.removeprefix(f"{alias}-")
    return int(rest) if rest != name and rest.isascii() and rest.isdigit() else None


def names_of(found: Mapping[str, Mapping[str, Json]], alias: str) -> Names:
    """From the answer to a question for both aliases: index -> {"aliases": {name: {"is_write_index"}}}."""
    behind = {name: about["aliases"][alias] for name, about in found.items() if alias in about["aliases"]}
    building = sorted(name for name, about in found.items() if f"{alias}-building" in about["aliases"])
    writing = [name for name, about in behind.items() if about.get("is_write_index")]
    ours = _in_order(behind, alias)
    others = sorted(set(behind) - set(ours))
    wrong = ""
    if others:
        wrong = f"the alias {alias} names {', '.join(others)} as well, which Newsmill did not make: take it off there"
    elif not writing and len(ours) > 1:
        wrong = (
            f"the alias {alias} names {', '.join(ours)}, and none of them is its write index: "
            f'POST _aliases {{"actions":[{{"add":{{"index":"{ours[-1]}","alias":"{alias}","is_write_index":true}}}}]}}'
        )
    elif len(building) > 1:
        wrong = f"the alias {alias}-building names {', '.join(building)}: leave it on one of them"
    last = [name for name in ours if name in writing][-1:] or ours[-1:]
    return Names((*(name for name in ours if name not in last), *last), building[0] if building else "", wrong)


def _in_order(names: Iterable[str], alias: str) -> list[str]:
    numbers = {name: number_of(name, alias) for name in names}
    return [name for _, name in sorted((number, name) for name, number in numbers.items() if number is not None)]


def lost(there: Sequence[str], alias: str) -> str:
    """What to say where the alias has gone; empty where there is nothing of that name, and an index may be made."""
    ours = _in_order(there, alias)
    if alias in there:
        return f"{alias} is the name of an index, and has to be an alias: delete it, or choose another search.alias"
    if not ours:
        return ""
    return (
        f"the alias {alias} has gone, and {', '.join(ours)} is still there: put it back with "
        f'POST _aliases {{"actions":[{{"add":{{"index":"{ours[-1]}","alias":"{alias}","is_write_index":true}}}}]}}, '
        "or delete the index if it is not wanted"
    )


def mark_of(mapping: Mapping[str, Json]) -> Mapping[str, str]:
    """What an index says of itself; empty if it says nothing."""
    found: Mapping[str, str] = mapping.get("_meta", {}).get(MARK, {})
    return found


def marked(mapping: Mapping[str, Json], mark: Mapping[str, str]) -> dict[str, Json]:
    """A mapping with that mark in it."""
    return {**mapping, "_meta": {**mapping.get("_meta", {}), MARK: dict(mark)}}


def is_ours(mapping: Mapping[str, Json], alias: str) -> bool:
    """Whether an index with this mapping was made by us, for this alias."""
    mark = mark_of(mapping)
    return mark.get("alias") == alias if mark else mapping.get("properties", {}).keys() >= OWN_FIELDS


def missing(mapping: Mapping[str, Json], wanted: Mapping[str, Json], path: str = "") -> list[str]:
    """Fields of `wanted` that a mapping lacks, or has with another type; dotted, in order."""
    found = []
    properties = mapping.get("properties", {})
    for name, field in sorted(wanted.get("properties", {}).items()):
        there = properties.get(name)
        if there is None or there.get("type", "object") != field.get("type", "object"):
            found.append(path + name)
        else:
            found += missing(there, field, f"{path}{name}.")
    return found


def leftovers(
    mappings: Mapping[str, Json], aliases: Mapping[str, Json], alias: str, *, live: Sequence[str]
) -> list[str]:
    """Indexes that a swap has replaced and that are still there, since it was cut off before it had deleted them.

    Only what carries our mark with the name of an index that is live now; one that has lost its alias is none.
    """
    return sorted(
        name
        for name, mapping in mappings.items()
        if not aliases.get(name, {}).get("aliases")
        and mark_of(mapping).get("alias") == alias
        and mark_of(mapping).get("replaced_by") in live
    )
