"""The library's public face: each name is there in whatever order it is imported, and costs only what it needs."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import newsmill

PACKAGE = Path(newsmill.__file__).parent
FOREIGN = ("celery", "kombu", "redis", "httpx", "opensearchpy", "obstore", "prometheus_client", "typer", "rich")


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after `code`."""
    told = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", newsmill.__all__)
def test_a_public_name_is_there_and_no_module_has_it(name: str) -> None:
    assert getattr(newsmill, name) is getattr(newsmill, name)
    assert name in dir(newsmill)
    assert not (PACKAGE / name).exists()
    assert not (PACKAGE / f"{name}.py").exists()
    if name in newsmill._HOMES:
        assert getattr(newsmill, name) is getattr(import_module(newsmill._HOMES[name]), name)


def test_every_home_is_of_a_public_name() -> None:
    assert set(newsmill.__all__) - {"__version__", "extract"} == newsmill._HOMES.keys()
    assert (PACKAGE / "py.typed").exists()


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'extrakt'"):
        newsmill.extrakt  # type: ignore[attr-defined]  # noqa: B018


def test_extract_is_imported_without_what_only_a_mill_needs() -> None:
    assert loaded_by("from newsmill import extract").isdisjoint({*FOREIGN, "numpy", "pydantic"})


def test_a_page_is_extracted_without_what_only_a_mill_needs() -> None:
    page = b"<h1>Harbour reopens</h1>" + b"<p>" + b"The harbour has opened again after the long repairs. " * 8
    code = f"from newsmill import extract\nassert 'opened again' in extract({page!r}).text"
    assert loaded_by(code).isdisjoint(FOREIGN)
