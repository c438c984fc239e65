"""Bad input at full size, in a child process that is killed beyond the stated bounds."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.parse.test_hostile import CASES

CPU_S, MEMORY_BYTES = 15, 1_500_000_000
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_of_it(name: str) -> None:
    code = (
        "from tests.unit.parse.test_hostile import CASES; from workers.parse import extract; "
        f"size, make = CASES[{name!r}]; extract(make(size), 'https://a.example/x')"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))

    command = [sys.executable, "-c", code]
    done = subprocess.run(command, preexec_fn=limit, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
