"""Changes to a sources file that keep its comments, order and layout (pure: text in, text out)."""

import difflib
import re
from collections.abc import Iterable, Mapping

import tomlkit

from newsmill.sources.config import NAME, BadSources, SourceConfig, SourceKind, parse_file
from newsmill.urls.canonical import host_key

Value = str | bool | int | list[str]


class NoSuchSource(BadSources):
    """There is no source of that name in the sources file."""


def add_sources(text: str, where: str, new: Iterable[Mapping[str, Value]]) -> str:
    """`text` with these sources at its end; a comment key "#" of a source becomes the comment above it.

    Raises BadSources when the result would not be a good sources file.
    """
    parts = [text.rstrip("\n")] if text.strip() else []
    for table in new:
        document = tomlkit.document()
        entry = tomlkit.table()
        for key, value in table.items():
            if key != "#":
                entry.add(key, value)
        tables = tomlkit.aot()
        tables.append(entry)
        document.add("source", tables)
        comment = str(table.get("#", ""))
        parts.append((f"# {comment}\n" if comment else "") + tomlkit.dumps(document).strip("\n"))
    changed = "\n\n".join(parts) + "\n"
    parse_file(changed, where)
    return changed


def change_source(text: str, where: str, name: str, *, changes: Mapping[str, Value | None]) -> str:
    """`text` with keys of one source set, or taken out where the value is None. Raises NoSuchSource, BadSources."""
    lines, begin, end = _span(text, where, name)
    table = tomlkit.parse("\n".join(lines[begin + 1 : end]))
    for key, value in changes.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    changed = "\n".join([*lines[: begin + 1], *tomlkit.dumps(table).strip("\n").split("\n"), *lines[end:]])
    parse_file(changed, where)
    return changed


def remove_source(text: str, where: str, name: str) -> str:
    """`text` without that source and the comment right above it. Raises NoSuchSource, BadSources."""
    lines, begin, end = _span(text, where, name)
    while begin and lines[begin - 1].lstrip().startswith("#"):
        begin -= 1
    if begin and not lines[begin - 1].strip() and end < len(lines) and not lines[end].strip():
        end += 1  # the empty line after it goes too
    changed = "\n".join([*lines[:begin], *lines[end:]])
    parse_file(changed, where)
    return changed


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A source's name made of `wanted`, other than those taken."""
    base = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:50].strip("-") or "source"
    names = set(taken)
    name, number = base, 1
    while name in names or not NAME.fullmatch(name):
        number += 1
        name = f"{base}-{number}"
    return name


def name_for(url: str, kind: SourceKind, title: str, *, taken: Iterable[str]) -> str:
    """A name for a source found at `url`: its host, and what tells it from the others of that host."""
    names = set(taken)
    host = host_key(url).removeprefix("www.")
    first = free_name(host, ())
    if kind is SourceKind.FEED and first not in names:
        return first
    more = f"{host} {title}" if title and title.isascii() else f"{host} {kind}"
    return free_name(more, names)


def as_table(source: SourceConfig) -> dict[str, Value]:
    """The keys of a source that are not at their defaults, as the file has them."""
    return source.model_dump(mode="json", exclude_defaults=True, exclude={"site_rules"})


def _span(text: str, where: str, name: str) -> tuple[list[str], int, int]:
    """The lines of `text`; the one where the source's table begins; the one after its last that is no comment."""
    sources = parse_file(text, where).sources
    lines = text.split("\n")
    headers = [number for number, line in enumerate(lines) if line.replace(" ", "").startswith("[[")]
    tables = [number for number in headers if "source" in lines[number].split("#")[0]]
    names = [source.name for source in sources]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        raise NoSuchSource([f"{where}: there is no source {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")])
    if len(tables) != len(names):
        raise BadSources([f"{where}: too unusual to be changed by a command; change it by hand"])
    begin = tables[names.index(name)]
    end = next((number for number in headers if number > begin), len(lines))
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return lines, begin, end
