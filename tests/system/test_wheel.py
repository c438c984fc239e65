"""The wheel in an environment of its own, outside the repository, with the base's dependencies only."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.system.newsmill import environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TEXT = "The harbour has opened again after the long repairs. " * 8
PAGE = f"<html><title>Harbour reopens</title><h1>Harbour reopens</h1><p>{TEXT}</p>"
CODE = """
import json, sys, newsmill
article = newsmill.extract(sys.stdin.buffer.read(), "https://news.example/harbour")
print(json.dumps([newsmill.__version__, newsmill.__file__, article.title, article.text]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation")
    subprocess.run([*pip, "-w", str(out), str(ROOT)], check=True)
    return next(out.glob("newsmill-*.whl"))


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of an environment are in which only the wheel and the base's dependencies are installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"))
    subprocess.run([*pip, str(wheel)], check=True)
    return folder / "bin"


def run(*command: str | Path, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment(), input=PAGE.encode(), capture_output=True
    )
    assert done.returncode == code, done.stderr.decode()
    return done


def test_the_wheel_has_all_files_of_its_packages_and_no_others(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "newsmill", "workers"], cwd=ROOT, capture_output=True, check=True)
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == set(tracked.stdout.decode().split())


def test_a_page_is_extracted_by_the_library(binaries: Path, tmp_path: Path) -> None:
    version, file, title, text = json.loads(run(binaries / "python", "-c", CODE, cwd=tmp_path).stdout)
    assert version
    assert Path(file).is_relative_to(binaries.parent)
    assert (title, text) == ("Harbour reopens", TEXT.strip())


@pytest.mark.parametrize("page", ["page.html", "-"])
def test_a_page_is_extracted_by_the_command(binaries: Path, tmp_path: Path, page: str) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    told = json.loads(run(binaries / "newsmill", "extract", page, "--json", cwd=tmp_path).stdout)
    assert (told["title"], told["text"]) == ("Harbour reopens", TEXT.strip())


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("run",),
        ("add", "https://news.example/a"),
        ("extract", "https://news.example/a"),
        ("search", "harbour"),
        ("sources", "list"),
        ("config", "check"),
        ("audit",),
        ("metrics",),
        ("export", "--jsonl", "x"),
        ("reindex",),
    ],
    ids=" ".join,
)
def test_what_needs_an_extra_says_so_in_one_line(binaries: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = run(binaries / "newsmill", *words, cwd=tmp_path, code=2).stderr.decode()
    assert told.count("\n") == 1
    assert "pip install 'newsmill[workers]'" in told


def test_a_file_that_is_not_there_is_said_without_an_extra(binaries: Path, tmp_path: Path) -> None:
    told = run(binaries / "newsmill", "extract", "gone.html", cwd=tmp_path, code=2).stderr.decode()
    assert told == "newsmill: cannot read gone.html: No such file or directory\n"
