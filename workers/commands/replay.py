"""Pages that are kept already, once more through parse and index, at the pace of the workers.

`newsmill reparse` takes them from the raw store, `newsmill import` from WARC files. What is taken stands in the
ledger like any other page; how far a replay is, is kept in Redis (replay: hash, name of the replay -> position),
so that the same command goes on where it was stopped.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from newsmill.ledger import Hints, Kept
from newsmill.ledger.stages import Stage
from newsmill.model import RawRecord
from newsmill.stores.archive import read_archive
from newsmill.stores.errors import ObjectDamaged, ObjectMissing
from newsmill.stores.raw import fetched_micros, to_micros
from newsmill.urls.canonical import host_key, site_of
from workers.pipeline import BATCH
from workers.runtime.hints import send
from workers.runtime.wiring import Wiring

SHARE = 0.75  # of the window, so that there is always room for what is fetched
CHUNK = 4 * BATCH  # pages offered to the ledger at a time
REASONS_MAX = 100  # told apart; archives can name any number of content types
LOOKED_UP = 200  # ledger entries read in one round trip
VERSION = re.compile(r"\s*(<=|>=|<|>|=|!=)?\s*(\d+)\s*")
COMPARED: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


class BadVersion(ValueError):
    """Not a condition on the extractor's version: write '<3', '<=3', '=3' or '3'."""


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One page of a replay, or why it is passed over. position: where to go on after it. claimed: see Found."""

    position: str
    page: Kept | None
    reason: str = ""
    claimed: bool = False


@dataclass
class Replay:
    """One replay. pages: the steps after a position. force: also what was done with this very record.

    anew: from the beginning, wherever an earlier one of this name was stopped.
    """

    wiring: Wiring
    name: str
    pages: Callable[[str], Iterator[ReplayStep]]
    force: bool
    anew: bool = False
    announce: bool = False  # what comes of the pages is told in the change log
    tally: Counter[str] = field(default_factory=Counter)
    claimed: int = 0  # records with headers of a Newsmill that were not believed

    def __post_init__(self) -> None:
        self._replays = self.wiring.frontier.replays
        if self.anew:
            self._replays.go_on_at(self.name, "")
        self._done = self._replays.position(self.name)
        self.resumed = bool(self._done)
        self._last = self._done
        self._steps: Iterator[ReplayStep] | None = self.pages(self._done)
        self._offered: list[ReplayStep] = []
        self._working: dict[str, str] = {}  # id -> position before it, of what was taken and has not ended

    def step(self) -> bool:
        """Offers as much as there is room for; True when all was taken and has ended. Call it again and again."""
        self._forget_ended()
        most = int(self.wiring.frontier.window().size * SHARE)
        if self._steps and len(self._offered) < CHUNK:
            wanted = CHUNK - len(self._offered)
            got = list(islice(self._steps, wanted))
            if len(got) < wanted:
                self._steps = None
            self._offered += got
            self.claimed += sum(step.claimed for step in got)
        self._offer(most)
        finished = not (self._steps or self._offered or self._working)
        self._remember(finished)
        return finished

    @property
    def done(self) -> int:
        """How many pages have ended, or were passed over."""
        return sum(self.tally.values()) - len(self._working)

    @property
    def told(self) -> str:
        """How far it is."""
        return ", ".join(f"{count:,} {name}" for name, count in self.tally.items())

    def _offer(self, most: int) -> None:
        pages = [step.page for step in self._offered if step.page]
        answer = self.wiring.frontier.adopt(pages, most, self.force, announce=self.announce)
        refused = set(answer.refused)
        taken = set(answer.taken)
        left: list[ReplayStep] = []
        for step in self._offered:
            if step.page and step.page.id in refused:
                left.append(step)
                continue
            if not left:
                if step.page and step.page.id in taken:
                    self._working[step.page.id] = self._last
                self._last = step.position
            elif step.page and step.page.id in taken:
                self._working[step.page.id] = self._last
            if not step.page:
                known = step.reason in self.tally or len(self.tally) < REASONS_MAX
                self.tally[step.reason if known else "passed over for other reasons"] += 1
        self._offered = left
        self.tally["taken"] += len(answer.taken)
        self.tally["known"] += len(answer.known)
        self.tally["at work already"] += len(answer.busy)
        if answer.taken:
            send([Hints(Stage.PARSE, answer.taken)])

    def _forget_ended(self) -> None:
        if not self._working:
            return
        ids = list(self._working)
        for entry_id, (state,) in zip(ids, self.wiring.frontier.fields_of(ids, ["state"]), strict=True):
            if state in ("", "settled"):
                del self._working[entry_id]

    def _remember(self, finished: bool) -> None:
        """The position before the first page that has not ended: nothing is passed over after a stop."""
        position = next(iter(self._working.values()), self._last)
        if finished:
            self._replays.go_on_at(self.name, "")
        elif position != self._done:
            self._done = position
            self._replays.go_on_at(self.name, position)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which raw pages are parsed again. version: a condition on the extractor that parsed them last; see BadVersion."""

    since: datetime | None = None
    site: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        if self.version and not VERSION.fullmatch(self.version):
            raise BadVersion(f"--version {self.version!r}: write '<3', '<=3', '=3' or '3'")

    def wants(self, url: str, extractor: int) -> str:
        """Empty if a page is wanted, else why not."""
        site = site_of(url)
        if self.site and site != self.site and not site.endswith(f".{self.site}"):
            return "another site"
        if self.version:
            sign, number = VERSION.fullmatch(self.version).groups()  # type: ignore[union-attr]
            if not COMPARED[sign or "="](extractor, int(number)):
                return "another version"
        return ""


def reparse(wiring: Wiring, chosen: Chosen, into: str = "", *, anew: bool = False) -> Replay:
    """The raw pages that are chosen, each address's newest; unknown and forgotten addresses become known again.

    into: told apart from a replay into the live index, which may have been stopped at another page. anew: see Replay.
    """
    since = chosen.since.isoformat() if chosen.since else ""

    def pages(after: str) -> Iterator[ReplayStep]:
        start = datetime.fromtimestamp(fetched_micros(after) // 3_600_000_000 * 3600, UTC) if after else None
        first = max((time for time in (start, chosen.since) if time), default=None)
        keys = (key for key in wiring.raw.keys(since=first) if key > after)
        while chunk := list(islice(keys, LOOKED_UP)):
            yield from _looked_up(wiring, chosen, chunk)

    name = f"reparse:{since}:{chosen.site}:{chosen.version}"
    return Replay(wiring, f"{name}:{into}" if into else name, pages, force=True, anew=anew)


def _looked_up(wiring: Wiring, chosen: Chosen, keys: Sequence[str]) -> Iterator[ReplayStep]:
    ids = [_id_in(key) for key in keys]
    names = ["url", "host", "source", "raw", "extractor"]
    for key, known in zip(keys, wiring.frontier.fields_of(ids, names), strict=True):
        yield _step(wiring, chosen, key, known=known)


def _id_in(key: str) -> str:
    return key.rpartition("/")[2].rpartition("-")[0]


def _step(wiring: Wiring, chosen: Chosen, key: str, *, known: Sequence[str]) -> ReplayStep:
    entry_id = _id_in(key)
    micros = fetched_micros(key)
    url, host, source, newest, extractor = known
    if newest and fetched_micros(newest) > micros:
        return ReplayStep(key, None, "an older record of the page")
    if not url:
        try:
            record = wiring.raw.get(key)
        except (ObjectMissing, ObjectDamaged) as error:
            return ReplayStep(key, None, f"not readable: {type(error).__name__}")
        url, host, source = record.url, host_key(record.url), record.source
    reason = chosen.wants(url, int(extractor or 0))
    return ReplayStep(key, None if reason else Kept(entry_id, url, host, source, key, micros / 1_000_000), reason)


def import_archives(wiring: Wiring, files: Sequence[Path], source: str, *, own: bool = False) -> Replay:
    """The pages of WARC files, put into the raw store first. source: for pages of other crawlers. own: see archive."""
    name = ":".join(f"{path.resolve()}:{path.stat().st_size}" for path in files)

    def pages(after: str) -> Iterator[ReplayStep]:
        number, _, offset = after.partition(":")
        first = int(number or 0)
        for i in range(first, len(files)):
            start = int(offset or 0) if i == first else 0
            for found in read_archive(files[i], datetime.now(UTC), start, own=own):
                if i == first and offset and found.offset == start:
                    continue
                kept = _imported(wiring, found.page, source) if found.page else None
                yield ReplayStep(f"{i}:{found.offset}", kept, found.reason.partition(":")[0], found.claimed)

    return Replay(wiring, f"import:{'own:' if own else ''}{name}", pages, force=False)


def _imported(wiring: Wiring, page: RawRecord, source: str) -> Kept:
    page = page if page.source else page.model_copy(update={"source": source})
    key = wiring.raw.put(page)
    fetched = to_micros(page.fetched_at) / 1_000_000
    return Kept(page.id, page.url, host_key(page.url), page.source, key, fetched)
