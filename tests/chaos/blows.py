"""What a blow does, and how soon what the victim held may be taken up again."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import redis

from newsmill.ledger import Frontier
from newsmill.ledger.stages import Stage
from tests.chaos.clock import Clock
from tests.chaos.mill import BEAT, SUPERVISOR, Mill, Process
from tests.chaos.plan import SIGNALS, Blow, Kind
from tests.chaos.wire import Wire
from tests.system.bare import Broker

UNSEEN_S, SEEN_S, ORDERLY_S = 25.0, 3.0, 10.0  # what is promised
GARBAGE = (
    "hello",
    "",
    "7",
    "[1, 2]",
    '{"body": "x"}',
    '{"body": "!!!", "headers": {}, "properties": {}}',
    '{"body": "e30=", "headers": {"task": "no.such"}, "properties": {"delivery_info": {}, "delivery_tag": "x"}}',
)
DEAF_S = 40.0  # a half-open connection is found by its use, and its time limit of 15 s, one after the other
DEAF_STOP_S = 25.0  # so a stop meanwhile may wait for one of them
AT_WORK_S = 3.0  # parse and index have something in hand for milliseconds
JUMPS_S = (-3600, -60, 60, 3600, 86400)
BLOCK = 1_000_000  # bytes a write, when a disk is filled


@dataclass
class Watch:
    """What a victim held, until nobody holds it in the victim's name."""

    what: str
    held: dict[str, str]  # id -> owner
    since: float
    most_s: float
    disturbed: bool = False  # Redis was away meanwhile, too: told, and not judged

    @property
    def seen(self) -> bool:
        return self.most_s == SEEN_S


@dataclass
class Recovery:
    """Watches under way, and what came of those that have ended: what, whether it was seen, seconds."""

    frontier: Frontier
    watches: list[Watch] = field(default_factory=list)
    done: list[tuple[Watch, float]] = field(default_factory=list)

    def look(self) -> None:
        for watch in list(self.watches):
            if not self._still(watch):
                self.watches.remove(watch)
                self.done.append((watch, time.monotonic() - watch.since))

    def _still(self, watch: Watch) -> bool:
        fields = self.frontier.fields_of(list(watch.held), ["state", "owner"])
        return any(
            state == "leased" and owner == was for (state, owner), was in zip(fields, watch.held.values(), strict=True)
        )

    def disturb(self) -> None:
        for watch in self.watches:
            watch.disturbed = True

    def by_kind(self) -> str:
        """For each kind of kill how many were timed, their median and their worst, in seconds."""
        took: dict[str, list[float]] = {}
        for watch, seconds in self.done:
            if not watch.disturbed:
                took.setdefault(f"{watch.what.split()[0]}-{'seen' if watch.seen else 'unseen'}", []).append(seconds)
        told = [f"{kind}={len(all_)}:{median(all_):.1f}:{max(all_):.1f}" for kind, all_ in sorted(took.items())]
        return ",".join(told) or "-"

    def slowest(self, seen: bool) -> float:
        """Seconds; 0 where there was none."""
        return max((s for w, s in self.done if w.seen is seen and not w.disturbed), default=0.0)

    def too_slow(self) -> list[str]:
        late = [f"{w.what}: {s:.1f} s until it was given up" for w, s in self.done if s > w.most_s and not w.disturbed]
        return late + [f"{w.what}: never given up" for w in self.watches]


@dataclass
class Blows:
    """Deals blows. later: what is to be undone, and when."""

    mill: Mill
    broker: Broker
    wire: Wire
    clock: Clock  # of the broker
    recovery: Recovery
    seed: int
    later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    kills: int = 0
    dealt: int = 0
    slow_stops: list[str] = field(default_factory=list)
    dice: random.Random = field(init=False)
    _stopping: dict[int, tuple[float, str]] = field(default_factory=dict)
    _frozen: set[int] = field(default_factory=set)
    _deaf_until: float = 0.0

    def __post_init__(self) -> None:
        self.dice = random.Random(f"victims of {self.seed}")

    def deal(self, blow: Blow) -> bool:
        """Whether there was somebody to hit."""
        match blow.kind:
            case Kind.KILL | Kind.TERM | Kind.STOP | Kind.CHILD | Kind.BEAT | Kind.SUPERVISOR:
                hit = self._process(blow)
            case Kind.ALL | Kind.STILL:
                hit = self._all(blow)
            case Kind.HALF:
                self.recovery.disturb()
                self.wire.silence()
                self._deaf_until = time.monotonic() + DEAF_S
                hit = True
            case Kind.GARBAGE:
                hit = self._garbage()
            case Kind.DISK:
                hit = self._disk(blow.lasts_s)
            case Kind.LOCKED:
                hit = self._locked(blow.lasts_s)
            case Kind.FETCHER:
                hit = self._fetcher(blow.lasts_s)
            case _:
                hit = self._server(blow)
        self.dealt += hit
        return hit

    def look(self) -> None:
        """What has become due: stopped ones are woken, orderly stops are timed."""
        now = time.monotonic()
        for due in [pair for pair in self.later if pair[0] <= now]:
            self.later.remove(due)
            due[1]()
        for pid, (since, what) in list(self._stopping.items()):
            if not _alive(pid):
                del self._stopping[pid]
                most_s = ORDERLY_S if since > self._deaf_until else DEAF_STOP_S
                if now - since > most_s + 1:  # a look takes a while, too
                    self.slow_stops.append(f"{what} took {now - since:.1f} s to stop in order")

    def _victim(self, blow: Blow) -> Process | None:
        alive = [p for p in self.mill.processes() if p.pid not in self._frozen and p.pid not in self._stopping]
        role = {Kind.BEAT: BEAT, Kind.SUPERVISOR: SUPERVISOR}.get(blow.kind, str(blow.stage))
        fit = [
            p for p in alive if p.role == role and p.child == (blow.kind is Kind.CHILD) and p.parent not in self._frozen
        ]
        return self.dice.choice(fit) if fit else None

    def _process(self, blow: Blow) -> bool:
        victim = self._victim(blow)
        if not victim:
            return False
        if victim.role in list(Stage):
            self._at_work(victim.role)
        self.mill.hit.add(victim.pid)
        what = f"{blow.kind} of {victim.role} {victim.pid}"
        held = self._held(victim)
        now = time.monotonic()
        match blow.kind:
            case Kind.TERM:
                os.kill(victim.pid, signal.SIGTERM)
                self._stopping[victim.pid] = now, what
            case Kind.STOP:
                os.killpg(victim.pid, signal.SIGSTOP)
                self._frozen.add(victim.pid)
                self.later.append((now + blow.lasts_s, lambda: self._wake(victim.pid)))
            case Kind.KILL:
                os.killpg(victim.pid, signal.SIGKILL)
            case _:
                os.kill(victim.pid, signal.SIGKILL)
        if held and blow.kind is not Kind.TERM:
            seen = blow.kind is Kind.CHILD or (self.mill.supervised and blow.kind is Kind.KILL)
            self.recovery.watches.append(Watch(what, held, now, SEEN_S if seen else UNSEEN_S))
        self.kills += 1
        return True

    def _all(self, blow: Blow) -> bool:
        """All workers at once, wherever they are."""
        now = time.monotonic()
        victims = [p for p in self.mill.processes() if p.role in list(Stage) and not p.child]
        victims = [p for p in victims if p.pid not in self._frozen and p.pid not in self._stopping]
        for victim in victims:
            with contextlib.suppress(ProcessLookupError):
                if blow.kind is Kind.ALL:
                    self.mill.hit.add(victim.pid)
                    os.kill(victim.pid, signal.SIGTERM)
                    self._stopping[victim.pid] = now, f"{blow.kind}: {victim.role} {victim.pid}"
                    continue
                held = self._held(victim)
                os.killpg(victim.pid, signal.SIGSTOP)
                self._frozen.add(victim.pid)
                self.later.append((now + blow.lasts_s, partial(self._wake, victim.pid)))
                if held:  # nobody is there to sweep until they wake
                    most_s = blow.lasts_s + UNSEEN_S
                    self.recovery.watches.append(Watch(f"{blow.kind} of {victim.role} {victim.pid}", held, now, most_s))
        self.kills += len(victims)
        return bool(victims)

    def _at_work(self, stage: str) -> None:
        """Waits a moment until the stage has something in hand, so that a blow falls on somebody at work."""
        end = time.monotonic() + AT_WORK_S
        with contextlib.suppress(redis.RedisError):
            while not self.broker.client.zcard(f"nm:leased:{stage}") and time.monotonic() < end:
                time.sleep(0.01)

    def _wake(self, pid: int) -> None:
        self._frozen.discard(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGCONT)

    def _held(self, victim: Process) -> dict[str, str]:
        """Entries leased in the victim's name; a supervisor's are nobody's."""
        if victim.role in (BEAT, SUPERVISOR):
            return {}
        try:
            ids = [str(i) for s in Stage for i in self.broker.client.zrange(f"nm:leased:{s}", 0, -1)]
            owners = self.recovery.frontier.fields_of(ids, ["owner"])
        except redis.RedisError:
            return {}
        ours = (f"/{victim.pid}",) if victim.child else (f":{victim.pid}",)
        return {
            id: owner
            for id, (owner,) in zip(ids, owners, strict=True)
            if owner.endswith(ours) or (not victim.child and f":{victim.pid}/" in owner)
        }

    def _garbage(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            for stage in Stage:
                self.broker.client.lpush(str(stage), *GARBAGE)
        return True

    def _server(self, blow: Blow) -> bool:
        self.recovery.disturb()
        try:
            match blow.kind:
                case Kind.BROKER:
                    self.broker.kill()
                    time.sleep(blow.lasts_s)
                    self.broker.start()
                case Kind.OLDER:
                    self._older(blow.lasts_s)
                case Kind.CLOCK:
                    self.clock.set(self.dice.choice(JUMPS_S))
                    time.sleep(blow.lasts_s)
                    self.clock.set(0)
                case Kind.FREEZE:
                    self.broker.process.send_signal(signal.SIGSTOP)
                    time.sleep(blow.lasts_s)
                    self.broker.process.send_signal(signal.SIGCONT)
                case Kind.REPLICA:
                    self.broker.client.execute_command("REPLICAOF", "127.0.0.1", "1")
                    time.sleep(blow.lasts_s)
                    self.broker.client.execute_command("REPLICAOF", "NO", "ONE")
                case Kind.FULL:
                    self.broker.client.config_set("maxmemory", "1")
                    time.sleep(blow.lasts_s)
                    self.broker.client.config_set("maxmemory", "0")
        finally:
            self.recovery.disturb()
        self.kills += blow.kind in SIGNALS
        return True

    def _older(self, seconds: float) -> None:
        """Starts Redis over a copy of its file that is so old: what an unsynced file may lose."""
        file, copy = self.broker.folder / "appendonlydir", self.broker.folder / "copy"
        shutil.copytree(file, copy)
        time.sleep(seconds)
        self.broker.kill()
        shutil.rmtree(file)
        copy.rename(file)
        self.broker.start()

    def _locked(self, lasts_s: float) -> bool:
        """Somebody else writes to the search index, and does not end."""
        other = sqlite3.connect(self.mill.data / "search.sqlite", timeout=5)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # our own writer was there all the time
            other.close()
            return False
        self.later.append((time.monotonic() + lasts_s, other.close))
        return True

    def _fetcher(self, lasts_s: float) -> bool:
        self.mill.clock.set(self.dice.choice(JUMPS_S))
        self.later.append((time.monotonic() + lasts_s, lambda: self.mill.clock.set(0)))
        return True

    def _disk(self, lasts_s: float) -> bool:
        """Fills the disk of the data folder, which is a small one of its own."""
        full = self.mill.data / "filler"
        fill(full)
        time.sleep(lasts_s)
        full.unlink()
        return True


def fill(path: Path) -> None:
    """Writes until there is no room left, to the last byte."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        size = BLOCK
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
