"""Bad input at full size, in a child process that is killed beyond the stated bounds; and through a run."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.routes import article
from tests.site.server import Page, Site
from tests.system.newsmill import as_json, newsmill
from tests.unit.text.test_markup_bounds import CASES

CPU_S, MEMORY_BYTES = 15, 1_500_000_000
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_of_it(name: str) -> None:
    code = (
        "from tests.unit.text.test_markup_bounds import CASES; from newsmill.extraction import extract; "
        f"size, make = CASES[{name!r}]; extract(make(size), 'https://a.example/x')"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))

    command = [sys.executable, "-c", code]
    done = subprocess.run(command, preexec_fn=limit, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_a_page_that_takes_all_memory_is_empty_and_its_neighbours_are_read(tmp_path: Path) -> None:
    size, make = CASES["formatting that every paragraph repeats"]
    with Site(hosts=8) as site:
        for host in range(8):
            site.pages[site.host(host), "/page"] = Page(make(size) if host == 3 else article(f"Story of host {host}"))
        (tmp_path / "list").write_text("\n".join(site.url("/page", host=host) for host in range(8)))
        (tmp_path / "s.toml").write_text('[[source]]\nname = "s"\nkind = "list"\npath = "list"\n')
        allowed = {"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}
        outcomes = as_json(newsmill("run", "--json", "--sources", "s.toml", cwd=tmp_path, **allowed))["outcomes"]
        assert (outcomes["indexed"], outcomes["empty"]) == (7, 1), outcomes
        told = as_json(newsmill("trace", site.url("/page", host=3), "--json", cwd=tmp_path, **allowed))
        assert "memory" in told["reason"]
