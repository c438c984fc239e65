"""Two versions over one ledger at once, and the older after the newer: nothing is lost, nobody asked twice at once.

The older one is a commit of this repository's history, run as it was.
"""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from newsmill.ledger import Candidate, Frontier
from newsmill.ledger.audit import repair
from newsmill.urls.canonical import address_id, host_key
from tests.site.server import Site
from tests.system.bare import Broker, wait, worker
from workers.runtime.figures import status_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
HOSTS, PAGES_A_HOST = 20, 6
OLDER = ["076dd06"]  # with schema 1: it knows no numbers, and must not need any


@pytest.fixture(params=OLDER)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tree of that version."""
    packed = subprocess.run(["git", "archive", request.param, "workers"], cwd=ROOT, capture_output=True)
    if packed.returncode:
        pytest.skip(f"the history here does not go back to {request.param}")
    tree = tmp_path / "older"
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tar:
        tar.extractall(tree, filter="data")
    return tree


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.kill()


def offer(frontier: Frontier, site: Site, round_: int) -> list[str]:
    urls = [site.url(f"/page/{round_}-{number}", host) for host in range(HOSTS) for number in range(PAGES_A_HOST)]
    frontier.add(Candidate(address_id(u), u, host_key(u), "test") for u in urls)
    return urls


def settled(frontier: Frontier, urls: list[str]) -> int:
    return sum(outcome != "" for (outcome,) in frontier.fields_of([address_id(u) for u in urls], ["outcome"]))


def test_an_older_version_beside_this_one_and_after_it(tmp_path: Path, broker: Broker, older: Path) -> None:
    def mill(name: str, tree: Path, queues: str) -> AbstractContextManager[object]:
        agent = f"{name}/1.0 (+https://newsmill.example)"
        said = {"NEWSMILL_FETCH__DELAY_S": "0.2", "NEWSMILL_FETCH__USER_AGENT": agent}
        return worker(broker, tmp_path, name, queues=queues, tree=tree, **said)

    frontier = Frontier(broker.client)
    with Site(hosts=HOSTS) as site, mill("stages", ROOT, "parse,index"):
        with mill("older", older, "fetch"):
            with mill("newer", ROOT, "fetch"):
                first = offer(frontier, site, 1)
                wait(lambda: settled(frontier, first) >= 20)
                second = offer(frontier, site, 2)
                wait(lambda: settled(frontier, first + second) == len(first + second), 120)
            third = offer(frontier, site, 3)
            wait(lambda: settled(frontier, third) == len(third), 120)
        urls = first + second + third
        assert status_of(frontier.snapshot(), 1000).outcomes["indexed"] == len(urls)
        mended, left = repair(frontier)  # schema 1 counts no shares
        assert left == []
        assert {fault.subject.replace(" ", ":").split(":")[0] for fault in mended} <= {"turns", "waiting"}
        asked = [access for access in site.log.accesses if access.path.startswith("/page/")]
        assert len(asked) == len(urls)
        agents = {
            name: sum(name in access.headers.get("user-agent", "") for access in asked) for name in ("older", "newer")
        }
        assert min(agents.values()) > 20, agents
        assert site.log.overlaps() == []
        assert min(gap for host in range(HOSTS) for gap in site.log.gaps(site.host(host))) > 0.2
