"""The README keeps its word: every command it shows is run, in a copy of the project, in the order it shows them."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.demo.server import serve
from newsmill.demo.site import sources

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```sh ?(\w*)\n(.*?)^```$", README, re.M | re.S)
HERE = [line for kind, block in BLOCKS if not kind for line in block.splitlines()]
DOCKER = [line for kind, block in BLOCKS if kind == "docker" for line in block.splitlines()]
OWN_SOURCES_FROM = ".venv/bin/newsmill config check"  # from this command on, the reader has sources of their own


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy of the project as git has it, with this project's virtual environment."""
    if not (ROOT / ".venv").exists():
        pytest.skip("needs the virtual environment that `make install` makes")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_command_of_the_readme_works(checkout: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    environment |= {"NEWSMILL_DEMO__PORT": str(free_port())}
    with serve() as site:
        for command in HERE:
            if command == "make test":  # it is what runs this
                command = "make -n test"
            if command == OWN_SOURCES_FROM:
                (checkout / "config/sources.toml").write_text(sources(site.base), "utf-8")
                environment |= {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH__DELAY_S": "0.05"}
            said = run(command, checkout, environment)
            if " search " in command:
                assert "http://" in said, f"{command} finds nothing: {said}"
        assert site.log, "the sources of one's own were asked"


def test_the_own_sources_come_in_time() -> None:
    assert OWN_SOURCES_FROM in HERE
    assert HERE[0] == "make run"


def test_every_verb_is_told_and_every_verb_told_exists() -> None:
    told = set(re.findall(r"^\| `newsmill (\w+)", README, re.M))
    done = subprocess.run(["newsmill", "--help"], env=_with_venv(), capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^[│|]? ?(\w[\w-]*)  ", done.stdout, re.M)) - {"Usage", "Options", "Commands"}
    assert told == listed


def _with_venv() -> dict[str, str]:
    return {**os.environ, "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}", "TERM": "dumb", "COLUMNS": "200"}


def test_the_docker_commands_use_what_the_compose_file_has() -> None:
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    for command in DOCKER:
        for service in re.findall(r"(?:exec|--scale|--profile) (\w+)", command):
            assert f"\n  {service}:\n" in compose, command
    assert (ROOT / ".env.example").exists()


def test_files_that_are_linked_are_here() -> None:
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", file.read_text("utf-8")):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"
