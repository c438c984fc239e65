"""What `newsmill reparse`, `reindex`, `import`, `export`, `diff` and `compact` do, without their printing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from newsmill.ledger.new_index import Kind, Making, Phase
from newsmill.settings import Settings
from newsmill.stores.revision_changes import RevisionChange, changes
from newsmill.urls.canonical import address_id, canonicalize
from workers.commands.replay import Chosen, Replay, reparse
from workers.local.access import open_wiring
from workers.local.broker import LocalBroker
from workers.local.plan import RunPlan
from workers.local.run import Progress, Run
from workers.runtime.figures import status_of
from workers.runtime.hints import send_reindex
from workers.runtime.stores import revision_store, search_store
from workers.runtime.wiring import Wiring

LOOK_S = 0.25
KINDS: tuple[Kind, ...] = ("reindex", "reparse")
Say = Callable[[str], None]
NOBODY_S = 120.0  # longer than the lease of a batch whose worker was killed


W = TypeVar("W", bound="Work")


class NobodyWorks(Exception):
    """No worker takes what is offered."""


class WorkFailed(Exception):
    """What was asked for could not be done; the text says why."""


class Work(Protocol):
    """What a command waits for while workers do it: a replay, or the making of a new index."""

    @property
    def resumed(self) -> bool:
        """Whether it goes on where an earlier command left it."""

    @property
    def done(self) -> int:
        """Grows while it goes on."""

    @property
    def told(self) -> str:
        """How far it is, in some words."""

    def step(self) -> bool:
        """Does what is this command's part of it; True when all has ended. Call it again and again."""


@dataclass
class Reindexing:
    """A new index from the documents of the live one. Workers make it, whether anybody waits for it or not."""

    wiring: Wiring

    def __post_init__(self) -> None:
        self.resumed = not self.wiring.frontier.new_index.begin("reindex")
        self.made = self._look()
        send_reindex(1)

    def step(self) -> bool:
        """See Work."""
        self.made = self._look()
        return self.made.phase is not Phase.COPYING

    @property
    def done(self) -> int:
        """See Work."""
        return self.made.done

    @property
    def told(self) -> str:
        """See Work."""
        return str(self.made)

    def _look(self) -> Making:
        made = self.wiring.frontier.new_index.making()
        if made is None:
            raise WorkFailed("it was dropped by another command")
        return made


def work(s: Settings, make: Callable[[Wiring], W], show: Callable[[Progress], None], *, say: Say) -> W:
    """Waits for the end of it: with the workers that are there, else with workers of its own. show: progress."""
    made: list[W] = []

    def feed(wiring: Wiring) -> Callable[[], bool]:
        made.append(make(wiring))
        if made[0].resumed:
            say("going on where it was stopped")
        return made[0].step

    def shown(progress: Progress) -> None:
        progress.told = made[0].told if made else ""
        show(progress)

    if s.redis_url or LocalBroker(s.data, s.broker.port).running_url():
        with open_wiring(s) as wiring:
            _drive(wiring, feed(wiring), made[0], show=shown)
    else:
        running = Run(s, RunPlan(), stay=False, feed=feed)
        running(shown, say)
        if running.stopped:
            raise KeyboardInterrupt
    return made[0]


def _drive(wiring: Wiring, step: Callable[[], bool], working: Work, *, show: Callable[[Progress], None]) -> None:
    before, since = -1, time.monotonic()
    progress = Progress(status_of(wiring.frontier.snapshot(), wiring.settings.frontier.window), [])
    while not step():
        if working.done != before:
            before, since = working.done, time.monotonic()
        elif time.monotonic() - since > NOBODY_S:
            raise NobodyWorks(
                f"nothing was done for {NOBODY_S:.0f} s ({working.told}): are there workers? (newsmill up, or docker "
                "compose up); the same command goes on where it stopped"
            )
        progress.status = status_of(wiring.frontier.snapshot(), wiring.settings.frontier.window)
        show(progress)
        time.sleep(LOOK_S)


def reindex(s: Settings, show: Callable[[Progress], None], say: Say) -> Making:
    """A new index, swapped in. Raises IndexUnderWay, WorkFailed, NobodyWorks."""
    made = work(s, Reindexing, show, say=say).made
    if made.phase is Phase.FAILED:
        raise WorkFailed(f"the index is as it was: {made.problem}")
    return made


def drop_new_index(s: Settings) -> bool:
    """Ends the making of a new index, whoever makes it; the live one stays. False if there was none."""
    with open_wiring(s) as wiring:
        ended = [wiring.frontier.new_index.finish(kind, None, "dropped") for kind in KINDS]
        there = wiring.search.rebuild() is not None
        wiring.search.abort_rebuild()
        wiring.search.close()
    return any(ended) or there


def rebuilding(wiring: Wiring, chosen: Chosen) -> Replay:
    """A reparse into a new index. Raises UnderWay."""
    begun = wiring.frontier.new_index.begin("reparse")
    new = wiring.search.rebuild() is None  # also if somebody has deleted what was begun
    wiring.search.begin_rebuild()
    return reparse(wiring, chosen, into="new index", anew=begun or new)


def swap_in(s: Settings) -> dict[str, int]:
    """Makes the index of a reparse the live one; returns the articles of both. Raises NotBuilding if it was dropped."""
    with open_wiring(s) as wiring:
        done = wiring.search.commit_rebuild()
        wiring.frontier.note_search_index(wiring.search.identity(), anew=True)
        wiring.frontier.new_index.finish("reparse", done)
        wiring.search.close()
    return {"documents before": done.live, "documents now": done.built}


def all_are_there(s: Settings) -> None:
    """Every raw page was parsed and indexed again: the index that there is now has the ledger's articles."""
    with open_wiring(s) as wiring:
        wiring.frontier.note_search_index(wiring.search.identity(), anew=True)
        wiring.search.close()


def changes_of(s: Settings, address: str) -> tuple[RevisionChange, ...] | None:
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
