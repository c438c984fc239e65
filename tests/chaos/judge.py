"""What must hold after any chaos, looked at from outside: the ledger, the search index, the site's log, the machine."""

import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from newsmill.ledger import Frontier
from newsmill.outcomes import Outcome
from newsmill.search.sqlite.store import SqliteStore
from tests.chaos.mill import DELAY_S, Mill
from tests.chaos.site import MARK, Expected, marker
from tests.site.server import Log
from tests.system.newsmill import environment

CLOCKS_S = 0.02  # the client's end of a request and the server's are not quite the same


def outcomes(frontier: Frontier, pages: Sequence[Expected]) -> Iterator[str]:
    """One outcome an address, and the expected one."""
    for page in pages:
        entry = frontier.entry(page.id)
        if entry is None:
            yield f"{page.url} is unknown to the ledger: lost"
        elif entry["state"] != "settled" or entry["outcome"] != page.outcome:
            yield f"{page.url} {entry['state']} {entry['outcome']} {entry['reason']}, expected {page.outcome}"
    if (accepted := int(frontier.snapshot()["counters"]["accepted"])) != len(pages):
        yield f"{accepted} addresses accepted of {len(pages)}"


def documents(store: Path, pages: Sequence[Expected]) -> Iterator[str]:
    """Exactly the expected documents, each once and with its own text."""
    wanted = {page.url: page for page in pages if page.outcome is Outcome.INDEXED}
    found: Counter[str] = Counter()
    search = SqliteStore(store)
    try:
        for document in search.scan():
            found[document.url] += 1
            page = wanted.get(document.url)
            if page is None:
                yield f"a document that nobody expects: {document.url}"
            elif set(MARK.findall(document.text)) != {marker(page.number)}:
                yield f"{document.url} has the text of {sorted(set(MARK.findall(document.text)))}"
    finally:
        search.close()
    yield from (f"no document of {url}" for url in wanted if not found[url])
    yield from (f"{times} documents of {url}" for url, times in found.items() if times > 1)


def politeness(log: Log) -> Iterator[str]:
    """Never two requests at once at a host, never less than the pause between two."""
    for one, two in log.overlaps():
        yield f"overlap at {one.host}: {one.path} from {one.start:.2f} to {one.end:.2f}, {two.path} at {two.start:.2f}"
    for accesses in log.by_host().values():
        for one, two in itertools.pairwise(accesses):
            gap_s = two.start - one.end
            if one.end and 0 <= gap_s < DELAY_S - CLOCKS_S:
                yield f"only {gap_s:.3f} s at {one.host} between {one.path} and {two.path} at {two.start:.2f}"


def left_over(mill: Mill) -> Iterator[str]:
    """Processes that outlived an orderly stop, and temporary files."""
    for process in mill.processes():
        yield f"process {process.pid} ({process.role or 'another'}) is still there"
    for path in mill.data.rglob("*"):
        if path.is_file() and ("#" in path.name or ".tmp" in path.name):  # as object_store and others name them
            yield f"a temporary file: {path.relative_to(mill.data)}"


def audited(mill: Mill) -> Iterator[str]:
    """What `newsmill audit --whole` finds in the ledger and the stores."""
    done = subprocess.run(
        [sys.executable, "-m", "workers.commands.main", "audit", "--whole", "--json"],
        cwd=mill.folder,
        env=environment(**mill.variables),
        capture_output=True,
        text=True,
        timeout=240,
        stdin=subprocess.DEVNULL,
    )
    try:
        told = json.loads(done.stdout)["problems"]
    except ValueError:
        told = [done.stderr.strip()[-500:]]
    yield from (f"audit: {problem}" for problem in told)
    if done.returncode and not told:
        yield f"audit ended with {done.returncode}"
