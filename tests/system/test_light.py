"""What a command does not import: nobody waits for a library that only workers need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.newsmill import environment

HEAVY = {"celery", "httpx", "kombu", "numpy", "opensearchpy", "playwright", "redis", "selectolax"}
MOST = {False: 480, True: 620}  # modules: of a command that opens no ledger, and of one that does
CODE = """
import json, sys
sys.argv = ["newsmill", *sys.argv[1:]]
from newsmill.__main__ import main
try:
    main()
except SystemExit:
    pass
finally:
    print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (["--help"], set()),
        (["search", "harbour"], set()),
        (["status"], {"redis"}),
        (["config", "check"], {"redis"}),
    ],
)
def test_a_command_imports_what_it_needs(words: list[str], needs: set[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded & HEAVY <= needs
    assert len(loaded) < MOST[bool(needs)], "it was 934 once, and each costs every call"
