"""What reads foreign input, derived from the code: all modules but those named here, their patterns and functions."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import newsmill
import workers

# Folders and modules that see no foreign text, or only what others have bounded, with the reason.
NOT_FOREIGN = {
    "newsmill.demo": "makes the demo's pages",
    "newsmill.ledger": "ids, numbers and reasons that fetch and produce have cut",
    "newsmill.settings": "the operator's",
    "newsmill.doors": "names that the operator writes",
    "newsmill.testing": "reads with the readers of others",
    "newsmill.model": "values without patterns",
    "newsmill.outcomes": "a table",
    "newsmill.sources.register": "sources of the operator, by name",
    "newsmill.sources.edit": "the operator's file",
    "newsmill.sources.taking_up": "hashes of the operator's file, and what is kept of it",
    "newsmill.sources.schedule": "numbers and the texts of items, cut by the formats",
    "newsmill.search.opensearch": "sends documents that parse has bounded, and parsed queries",
    "newsmill.search.sqlite": "stores documents that parse has bounded, and parsed queries",
    "newsmill.search.store": "as those",
    "newsmill.search.matching": "as those: looks for parsed words in documents",
    "newsmill.stores.objects": "keys and compressed bytes of our own",
    "newsmill.stores.errors": "messages of stores",
    "newsmill.sources.config": "the operator's file; web_address is reached by discovery",
    "newsmill.sources.contact": "the operator's addresses",
    "newsmill.stores.documents": "documents that parse has bounded",
    "newsmill.stores.raw": "keys of our own",
    "newsmill.stores.revisions": "documents that parse has bounded",
    "newsmill.stores.revision_changes": "documents that parse has bounded",
    "newsmill.stores.frames": "compressed bytes of our own",
    "newsmill.http.client": "waits on sockets, with limits (tests/contract); head, coding and answer read",
    "newsmill.http.network": "as client",
    "newsmill.http.transport": "as client",
    "newsmill.download": "drives a browser, which reads; needs_browser and the pool have limits of their own",
    "newsmill.confined": "the process around the readers",
    "workers": "the stages hand on what the library reads; they have no patterns",
}
TEXTS = ("str", "bytes")
ANCHORED = frozenset({"match", "fullmatch"})  # methods of a pattern that begin in one place only


@cache
def modules() -> tuple[ModuleType, ...]:
    """The modules that may be given foreign input."""
    return tuple(importlib.import_module(name) for name in names() if not left_out(name))


def names() -> list[str]:
    """All modules of the application."""
    found = [m.name for top in (newsmill, workers) for m in pkgutil.walk_packages(top.__path__, f"{top.__name__}.")]
    return sorted(name for name in found if not name.endswith("__main__"))


def left_out(name: str) -> str:
    """The entry of NOT_FOREIGN that a module falls under, or nothing."""
    return next((prefix for prefix in NOT_FOREIGN if f"{name}.".startswith(f"{prefix}.")), "")


@cache
def tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__ or "").read_text("utf-8"))


def patterns() -> Iterator[tuple[str, "re.Pattern[str] | re.Pattern[bytes]", bool]]:
    """Every compiled pattern once, also those in tables, and whether it only ever begins where it is told to."""
    seen: set[int] = set()
    for module in modules():
        for name, value in vars(module).items():
            several = value.values() if isinstance(value, dict) else value
            values = several if isinstance(value, (dict, tuple, list)) else (value,)
            for one in values:
                if isinstance(one, re.Pattern) and id(one) not in seen:
                    seen.add(id(one))
                    yield f"{module.__name__}.{name}", one, one is value and _methods(name, module) <= ANCHORED


def _methods(name: str, module: ModuleType) -> set[str]:
    """The methods that are called on what a module has under a name; "passed on" where something else is done."""
    found = {"passed on"} if not name.startswith("_") else set()
    owned = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            found.add(node.attr)
            owned.add(id(node.value))
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in owned:
            found.add("passed on")
    return found


def inline_patterns() -> Iterator[str]:
    """Calls of `re` inside functions: their patterns are measured by nobody."""
    for module in modules():
        for function in ast.walk(tree(module)):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
                used = {c.attr for c in calls if isinstance(c, ast.Attribute) and ast.unparse(c.value) == "re"}
                if used - {"escape"}:
                    yield f"{module.__name__}.{function.name}"


@cache
def functions() -> dict[str, FunctionType]:
    """The functions and methods that take a text, by their full names."""
    found = {}
    for module in modules():
        classes = [v for v in vars(module).values() if inspect.isclass(v) and v.__module__ == module.__name__]
        for owner in (module, *classes):
            for value in vars(owner).values():
                function = inspect.unwrap(getattr(value, "__func__", value)) if callable(value) or hasattr(
                    value, "__func__"
                ) else None  # fmt: skip
                if isinstance(function, FunctionType) and _written_in(module, function) and takes_text(function):
                    found[f"{module.__name__}.{function.__qualname__}"] = function
    return found


def _written_in(module: ModuleType, function: FunctionType) -> bool:
    """Not made by @dataclass or a model, whose functions have no file."""
    return function.__module__ == module.__name__ and function.__code__.co_filename == module.__file__


def takes_text(function: FunctionType) -> bool:
    annotations = {name: str(hint) for name, hint in function.__annotations__.items() if name != "return"}
    return any(re.search(rf"\b(?:{'|'.join(TEXTS)})\b", hint) for hint in annotations.values())
