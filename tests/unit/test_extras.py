"""The base needs only what `extract` needs; what an extra brings is said in one line where it is missing."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from newsmill.extras import EXTRA_OF, needed
from tests.unit.test_architecture import ROOT, imports, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
BEFORE = ("local", "monitor", "render", "parquet", "bench")  # extras that came on top of everything
DISTRIBUTIONS = packages_distributions()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(requirements: list[str]) -> Iterator[str]:
    """The names of distributions, with those of our own extras among them."""
    for requirement in requirements:
        name, _, rest = re.split(r"(?=[\[<>=])|$", requirement, maxsplit=1)[0], "", requirement
        if name == "newsmill":
            for extra in rest.partition("[")[2].partition("]")[0].split(","):
                yield from brought(EXTRAS[extra])
        else:
            yield normal(name)


def foreign(module: str) -> set[str]:
    tops = {name.partition(".")[0] for name in imports(module)}
    return tops - set(sys.stdlib_module_names) - {"newsmill", "workers", "training"}


SHIPPED = sorted(m for m in modules() if not m.startswith("training"))
USED = sorted({name for module in SHIPPED for name in foreign(module)} - {"pydantic_core"})  # comes with pydantic


@pytest.mark.parametrize("name", USED)
def test_what_is_imported_is_declared_where_the_table_says(name: str) -> None:
    requirements = EXTRAS[EXTRA_OF[name]] if name in EXTRA_OF else PROJECT["dependencies"]
    ours = set(brought(requirements))
    assert ours & {normal(d) for d in DISTRIBUTIONS[name]} or (name, "celery" in ours) == ("billiard", True)


def test_every_dependency_is_imported_somewhere() -> None:
    run = {
        "h2",
        "flower",
        "playwright",
        "python-multipart",
        "packaging",
    }  # by httpx, celery, a function, starlette, kombu
    declared = {*brought(PROJECT["dependencies"]), *brought(EXTRAS["all"])} - run
    assert declared <= {normal(d) for name in USED for d in DISTRIBUTIONS[name]}


@pytest.mark.parametrize("extra", BEFORE)
def test_the_extras_of_before_bring_what_they_brought(extra: str) -> None:
    mine = {*brought(PROJECT["dependencies"]), *brought(EXTRAS[extra])}
    assert {"celery", "redis", "opensearch-py", "prometheus-client", "numpy"} <= mine


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModuleNotFoundError("x", name="redis.client"), "redis is not installed: pip install 'newsmill[workers]'"),
        (ModuleNotFoundError("x", name="opensearchpy"), "pip install 'newsmill[opensearch]'"),
        (ModuleNotFoundError("x", name="newsmill.gone"), ""),
        (ImportError("x", name="redis"), ""),
        (None, ""),
    ],
)
def test_what_is_missing_is_said(error: Exception | None, line: str) -> None:
    assert line in needed(error)
    assert bool(needed(error)) == bool(line)


def test_a_foreign_package_of_our_name_is_noticed(tmp_path: Path) -> None:
    other = tmp_path / "workers"
    other.mkdir()
    (other / "__init__.py").write_text("raise SystemExit('the foreign package ran')")
    code = "import sys; sys.path.insert(0, sys.argv[1]); from newsmill.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(other) in done.stderr
