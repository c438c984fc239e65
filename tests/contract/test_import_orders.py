"""The public names of the library are the same whether its modules are imported before or after them."""

import subprocess
import sys

import pytest

NAMES = "found = {name: getattr(newsmill, name) for name in newsmill.__all__}"
MODULES = """
for module in pkgutil.walk_packages(newsmill.__path__, "newsmill."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


@pytest.mark.parametrize("order", [(NAMES, MODULES), (MODULES, NAMES)], ids=["names first", "modules first"])
def test_names_and_modules_in_both_orders(order: tuple[str, str]) -> None:
    check = "assert all(getattr(newsmill, n) is f and type(f).__name__ != 'module' for n, f in found.items())"
    code = "\n".join(("import importlib, pkgutil, newsmill", *order, check))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
