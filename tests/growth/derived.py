"""What reads foreign input, derived from the code: modules by import from the edges, their patterns and functions."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import newsmill
import workers

# Where foreign bytes come in: what these import, directly or not, may be given some of them.
EDGES = frozenset(
    {"client", "head", "robots_rules", "confined_documents", "opml", "archive", "extractor", "query", "snippets"}
)
# Packages whose modules see no foreign input though one of those may import them.
NOT_FOREIGN = frozenset({"demo", "ledger", "settings", "model"})
TEXTS = ("str", "bytes")


def names() -> list[str]:
    """All modules of the application."""
    packages = [m for top in (newsmill, workers) for m in pkgutil.walk_packages(top.__path__, f"{top.__name__}.")]
    found = [m.name for m in packages if not m.name.endswith("__main__")]
    return [name for name in found if not set(name.split(".")) & NOT_FOREIGN]


def imported(name: str) -> set[str]:
    """What a module imports of the application."""
    spec = importlib.util.find_spec(name)
    assert spec
    assert spec.origin
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {n.module or "" for n in froms} | {f"{n.module}.{alias.name}" for n in froms for alias in n.names}


def modules() -> list[ModuleType]:
    """The modules that may be given foreign input: the edges, and the pure modules that they import."""
    every = set(names())
    todo = [name for name in every if name.rpartition(".")[2] in EDGES]
    assert len(todo) >= len(EDGES), "an edge has been renamed"
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in every and name not in found:
            found.add(name)
            todo += imported(name)
    return [importlib.import_module(name) for name in sorted(found)]


def patterns(module: ModuleType) -> Iterator[tuple[str, "re.Pattern[str] | re.Pattern[bytes]"]]:
    """Its compiled patterns, also those in its tables."""
    for name, value in vars(module).items():
        values = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else (value,)
        for one in values:
            if isinstance(one, re.Pattern):
                yield f"{module.__name__}.{name}", one


def functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """Its functions and methods that take a text."""
    owners = [module, *(v for v in vars(module).values() if inspect.isclass(v) and v.__module__ == module.__name__)]
    for owner in owners:
        for value in vars(owner).values():
            function = (
                inspect.unwrap(getattr(value, "__func__", value))
                if callable(getattr(value, "__func__", value))
                else None
            )
            if isinstance(function, FunctionType) and function.__module__ == module.__name__ and _takes_text(function):
                yield f"{module.__name__}.{function.__qualname__}", function


def _takes_text(function: FunctionType) -> bool:
    annotations = {name: str(hint) for name, hint in function.__annotations__.items() if name != "return"}
    return any(re.search(rf"\b(?:{'|'.join(TEXTS)})\b", hint) for hint in annotations.values())
