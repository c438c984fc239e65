"""Which errors are an operator's to mend, and with which exit code the command ends."""

from importlib import import_module

import pytest

from newsmill.stores.errors import StoreFull
from newsmill.urls.canonical import BadAddress
from workers.commands.export import NoParquet
from workers.desk.problems import PROBLEMS, REDIS_ERROR, WRONG_USAGE, BadInput, explain


@pytest.mark.parametrize("name", sorted(PROBLEMS | WRONG_USAGE | {REDIS_ERROR}))
def test_every_name_is_an_exception(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadInput("no such file"), ("no such file", 2)),
        (BadAddress("x"), ("x", 2)),
        (StoreFull("no room"), ("no room", 1)),
        (NoParquet("pip install it"), ("pip install it", 1)),
        (caused(NoParquet("pip install it"), ModuleNotFoundError("m", name="pyarrow")), ("pip install it", 2)),
        (caused(StoreFull("no room"), OSError(28, "No space")), ("no room", 1)),
        (KeyError("ours"), None),
        (ModuleNotFoundError("m", name="newsmill.gone"), None),
    ],
)
def test_the_line_and_the_exit_code(error: Exception, told: tuple[str, int] | None) -> None:
    assert explain(error) == told


def test_a_missing_package_is_wrong_usage() -> None:
    line, code = explain(ModuleNotFoundError("m", name="redis")) or ("", 0)
    assert "newsmill[workers]" in line
    assert code == 2
