"""What `newsmill reparse`, `reindex`, `import`, `export`, `diff` and `compact` do, without their printing."""

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from workers.index.revisions import Change, changes
from workers.mill import Mill, revision_store, search_store
from workers.ops.access import open_mill
from workers.ops.broker import LocalBroker
from workers.ops.replay import Replay
from workers.ops.run import Plan, Progress, Run
from workers.settings import Settings
from workers.stores.search import Rebuild, SearchStore
from workers.urls import address_id, canonicalize

LOOK_S = 0.25
NOBODY_S = 120.0  # longer than the lease of a batch whose worker was killed
REINDEX_BATCH = 200


class NobodyWorks(Exception):
    """No worker takes what is offered."""


def replay(
    s: Settings, make: Callable[[Mill], Replay], show: Callable[[Progress], None], say: Callable[[str], None]
) -> Replay:
    """Runs a replay to its end: with the workers that are there, else with workers of its own."""
    made: list[Replay] = []

    def feed(mill: Mill) -> Callable[[], bool]:
        made.append(make(mill))
        if made[0].resumed:
            say("going on where it was stopped")
        return made[0].step

    if s.redis_url or LocalBroker(s.data, s.broker.port).running_url():
        with open_mill(s) as mill:
            _drive(feed(mill), made[0])
    else:
        running = Run(s, Plan(), stay=False, feed=feed)
        running(show, say)
        if running.stopped:
            raise KeyboardInterrupt
    return made[0]


def _drive(step: Callable[[], bool], working: Replay) -> None:
    before, since = -1, time.monotonic()
    while not step():
        done = sum(working.tally.values()) - working.at_work
        if done != before:
            before, since = done, time.monotonic()
        elif time.monotonic() - since > NOBODY_S:
            raise NobodyWorks(
                f"nothing was done for {NOBODY_S:.0f} s: start workers (newsmill up, or docker compose up); "
                "the same command goes on where it stopped"
            )
        time.sleep(LOOK_S)


def reindex(store: SearchStore, show: Callable[[int], None]) -> Rebuild:
    """Every document of the live index into a new one, which is then the live one.

    Interrupted, it begins again from the first document, and ends the same. Writes that come meanwhile reach both.
    """
    store.begin_rebuild()
    done = 0
    documents = store.scan()
    while batch := list(islice(documents, REINDEX_BATCH)):
        store.upsert(batch)
        done += len(batch)
        show(done)
    return store.commit_rebuild()


def changes_of(s: Settings, address: str) -> tuple[Change, ...] | None:
    """What changed in an article since it was first seen; None if it is not in the index. Raises BadAddress."""
    document_id = address_id(canonicalize(address))
    store = search_store(s)
    try:
        newest = store.get(document_id)
    finally:
        store.close()
    earlier = revision_store(s).of(document_id)
    if newest is None and not earlier:
        return None
    return changes([*earlier, newest] if newest else earlier)


def readable(files: list[Path]) -> list[Path]:
    """The files, if all can be read. Raises OSError for the first that cannot."""
    for path in files:
        with path.open("rb"):
            pass
    return files
