"""What is installed: the pinned files are whole, fit pyproject.toml and constraints.txt, and name no index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = {"run": ("local", "web"), "dev": ("all", "dev")}


def pinned(file: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\\n]+)", file.read_text("utf-8"), re.M)
    return {canonicalize_name(name): version for name, version in found}


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    """What these extras ask for, with those that they name in turn."""
    found = [Requirement(text) for text in PROJECT["dependencies"]]
    left, seen = list(extras), set[str]()
    while left:
        extra = left.pop()
        if extra in seen:
            continue
        seen.add(extra)
        for text in PROJECT["optional-dependencies"][extra]:
            requirement = Requirement(text)
            if canonicalize_name(requirement.name) == "newsmill":
                left += requirement.extras
            else:
                found.append(requirement)
    return found


@pytest.mark.parametrize("which", EXTRAS)
def test_all_that_is_asked_for_is_pinned(which: str) -> None:
    """Else: `make requirements`."""
    there = pinned(ROOT / "requirements" / f"{which}.txt")
    for requirement in wanted(EXTRAS[which]):
        version = there.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in requirements/{which}.txt"
        assert requirement.specifier.contains(version), requirement
    constrained = pinned(ROOT / "constraints.txt")
    assert {name: version for name, version in there.items() if constrained.get(name, version) != version} == {}


@pytest.mark.parametrize("which", EXTRAS)
def test_every_file_has_its_hash_and_no_address(which: str) -> None:
    text = (ROOT / "requirements" / f"{which}.txt").read_text("utf-8")
    packages = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(packages) > 50
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"://|--(?:index|extra-index|find-links|trusted)|^/|file:|@ ", text, re.M)


def test_running_needs_no_tool_of_the_tests() -> None:
    assert (
        not {"pytest", "mypy", "ruff", "pyarrow", "playwright", "flower"}
        & pinned(ROOT / "requirements" / "run.txt").keys()
    )
