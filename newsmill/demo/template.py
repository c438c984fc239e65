"""A mustache-like renderer, small enough to read: {{name}}, {{{raw}}}, {{#list}}…{{/list}} with {{.}} (pure).

A section is repeated for a list, rendered once for a true value and left out for a false one.
Both HTML and XML templates use it: `{{name}}` is escaped for either.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

_TAG = re.compile(
    r"\{\{#(?P<section>\w+)\}\}(?P<inner>.*?)\{\{/(?P=section)\}\}|\{\{\{(?P<raw>\w+)\}\}\}|\{\{(?P<name>[\w.]+)\}\}",
    re.S,
)


class UnknownName(KeyError):
    """A template uses a name that its page does not give."""


@cache
def source(name: str) -> str:
    """The text of a template file of this package."""
    return (files("newsmill.demo") / "templates" / name).read_text(encoding="utf-8")


def render(template: str, values: Mapping[str, object]) -> str:
    """`template` with `values` filled in. Raises UnknownName."""

    def fill(match: re.Match[str]) -> str:
        if section := match["section"]:
            return "".join(render(match["inner"], scope) for scope in _scopes(_get(values, section), values))
        if raw := match["raw"]:
            return str(_get(values, raw))
        return escape(str(_get(values, match["name"])))

    return _TAG.sub(fill, template)


def _get(values: Mapping[str, object], name: str) -> object:
    try:
        return values[name]
    except KeyError:
        raise UnknownName(name) from None


def _scopes(value: object, outer: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The scopes in which a section is rendered: one per item of a list, the outer one for a true value."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [{**outer, **item} if isinstance(item, Mapping) else {**outer, ".": item} for item in value]
    return [outer] if value else []
