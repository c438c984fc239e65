"""Every public function says what it does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("newsmill", "workers") for path in (ROOT / folder).rglob("*.py"))


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods that others may call; a contract's tests say it with their names."""
    for inner in node.body:
        if isinstance(inner, ast.ClassDef) and not inner.name.startswith("_"):
            yield from public(inner)
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith(("_", "test_")):
            yield inner


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_have_a_docstring(path: Path) -> None:
    functions = public(ast.parse(path.read_text("utf-8")))
    assert [function.name for function in functions if not ast.get_docstring(function)] == []
