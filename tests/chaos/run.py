"""One seeded run: a mill is started, offered pages, hit, left to finish, stopped, and judged from outside."""

import contextlib
import itertools
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis

from newsmill.ledger import Frontier
from tests.chaos import judge
from tests.chaos.blows import Blows, Recovery
from tests.chaos.clock import Clock
from tests.chaos.mill import Mill
from tests.chaos.plan import Kind, schedule
from tests.chaos.site import Expected, expected, poison, prepare
from tests.chaos.wire import Wire
from tests.site.server import Site
from tests.system.bare import Broker, wait
from workers.runtime.wiring import connect

HOSTS = 150  # those that a killed worker was asking may rest: the others keep the mill at work
PORTION = 40  # pages offered at once
LOAD = 160  # pages at least that wait or are under way while blows fall, so that each hits somebody at work
READY_S = 90.0  # for the first page to be settled; starting takes five to twenty seconds
DISK = "96m"  # of the data folder, where one can be mounted
LOOK_S = 0.1


@dataclass
class Result:
    """What came of a run. Times in seconds; slowest_*: until what a victim held could be taken up again."""

    seed: int
    mode: str
    pages: int = 0
    kills: int = 0
    blows: int = 0
    at_work: int = 0  # SIGKILLs and SIGSTOPs that fell on somebody with entries in hand
    asked_again: int = 0
    slowest_seen_s: float = 0.0
    slowest_unseen_s: float = 0.0
    took_s: float = 0.0
    recovery: str = "-"  # kind=number:median:worst of each kind of kill
    violations: list[str] = field(default_factory=list)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of its own for `folder`, where this may be done here. Whether it was."""
    folder.mkdir(parents=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(folder)]
    mounted = bool(shutil.which("mount")) and subprocess.run(words, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


class Run:
    """seed: of the schedule. kills: signals that are sent. settle_s: for the rest of the pages after the last blow.

    poisoned: some pages crash parse, eat its memory or never end, which takes minutes until they are quarantined.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        kills: int,
        *,
        supervised: bool,
        settle_s: float = 420.0,
        without: frozenset[Kind] = frozenset(),
        poisoned: bool = True,
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder, self.seed, self.kills, self.supervised = folder.resolve(), seed, kills, supervised
        self.settle_s, self.without, self.say = settle_s, without, say
        self.numbers = (number for number in itertools.count() if poisoned or not poison(number))
        self.offered: list[Expected] = []
        self.open: set[str] = set()

    def __call__(self) -> Result:
        result = Result(self.seed, "up" if self.supervised else "bare")
        began = time.monotonic()
        redis_folder = self.folder / "redis"
        redis_folder.mkdir(parents=True)
        with contextlib.ExitStack() as stack:
            self.site = stack.enter_context(Site(hosts=HOSTS))
            prepare(self.site)
            mounted = stack.enter_context(small_disk(self.folder / "data"))
            clock = Clock(self.folder, "redis")
            self.broker = Broker(redis_folder, **clock.variables)
            stack.callback(self._end_broker)
            self.frontier = Frontier(connect(self.broker.url))
            stack.callback(self.frontier.client.close)
            fetcher = Clock(self.folder, "fetch2")
            wire = Wire(self.broker.port)
            stack.callback(wire.end)
            self.mill = Mill(self.folder, self.folder / "data", wire.url, self.supervised, fetcher)
            stack.callback(self.mill.end_all)
            self._sources()
            self.mill.start()
            without = self.without | ({Kind.DISK} if not mounted else set())
            without |= {Kind.CLOCK, Kind.FETCHER} if not clock.library else set()
            blows = Blows(self.mill, self.broker, wire, clock, Recovery(self.frontier), self.seed)
            self._suffer(result, blows, without)
            self._judge(result)
        result.took_s = time.monotonic() - began
        return result

    def _end_broker(self) -> None:
        self.broker.process.kill()
        self.broker.process.wait()

    def _sources(self) -> None:
        """A supervisor wants a source: the first page, as a list."""
        self.offered.append(expected(self.site, next(self.numbers)))
        self.open.add(self.offered[0].id)
        (self.folder / "list.txt").write_text(self.offered[0].url + "\n")
        (self.folder / "sources.toml").write_text('[[source]]\nname = "list"\nkind = "list"\npath = "list.txt"\n')
        self.frontier.add([self.offered[0].candidate])  # for bare workers, too

    def _suffer(self, result: Result, blows: Blows, without: frozenset[Kind]) -> None:
        recovery = blows.recovery
        self._offer()
        wait(lambda: self._settled() > 0, READY_S)
        for blow in schedule(self.seed, self.kills, supervised=self.supervised, without=without):
            self._live(blows, blow.pause_s)
            self._offer()
            tried = time.monotonic()
            while not blows.deal(blow) and time.monotonic() - tried < 15:  # the victim is being started again
                self._live(blows, 0.5)
            if blow.kind is Kind.OLDER:
                self._offer_again()
            self.say(f"{time.monotonic():.1f} {blow.kind} {blow.stage}, {len(self.open)} of {len(self.offered)} open")
        end = time.monotonic() + self.settle_s
        while (self._left() or blows.later or recovery.watches) and time.monotonic() < end:
            self._live(blows, 0.5)
        result.pages, result.kills, result.blows = len(self.offered), blows.kills, blows.dealt
        result.at_work = len(recovery.done) + len(recovery.watches)
        result.slowest_seen_s, result.slowest_unseen_s = recovery.slowest(True), recovery.slowest(False)
        result.recovery = recovery.by_kind()
        result.violations += recovery.too_slow() + blows.slow_stops

    def _live(self, blows: Blows, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.mill.tend()
            blows.look()
            with contextlib.suppress(redis.RedisError):
                blows.recovery.look()
            time.sleep(LOOK_S)

    def _offer(self) -> None:
        """More pages; as many as it takes where few are left."""
        with contextlib.suppress(redis.RedisError):
            for _ in range(max(1, -(-(LOAD - self._left()) // PORTION))):
                portion = [expected(self.site, next(self.numbers)) for _ in range(PORTION)]
                self.frontier.add(page.candidate for page in portion)
                self.offered += portion
                self.open |= {page.id for page in portion}

    def _offer_again(self) -> None:
        """All that was ever offered, as a source would: Redis may have forgotten the last of it."""
        self.open = {page.id for page in self.offered}
        self.frontier.add(page.candidate for page in self.offered)

    def _left(self) -> int:
        """Addresses without an outcome, as far as Redis answers."""
        with contextlib.suppress(redis.RedisError):
            ids = sorted(self.open)
            states = self.frontier.fields_of(ids, ["state"])
            self.open -= {id for id, (state,) in zip(ids, states, strict=True) if state == "settled"}
        return len(self.open)

    def _settled(self) -> int:
        return len(self.offered) - self._left()

    def _judge(self, result: Result) -> None:
        mill = self.mill
        mill.stop()
        kinds = {
            "ended": mill.ended,
            "outcomes": judge.outcomes(self.frontier, self.offered),
            "documents": judge.documents(mill.data / "search.sqlite", self.offered),
            "politeness": judge.politeness(self.site.log),
            "left over": judge.left_over(mill),
            "audit": judge.audited(mill),
        }
        for name, found in kinds.items():
            result.violations += [f"{name}: {told}" for told in found]
        asked = [(a.host, a.path) for a in self.site.log.accesses if a.path.startswith("/story/")]
        result.asked_again = len(asked) - len(set(asked))
