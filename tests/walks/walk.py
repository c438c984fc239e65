"""A seeded walk over the real ledger: workers, sweeps, operators, hints, clocks and old states, in any order.

What is done is what workers do (workers/runtime): they claim what they do not hold, renew, tell what they know after a
restart. What comes of it is held against the model after each step.
"""

import json
import math
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import redis

from newsmill.ledger import Candidate, Frontier, Limits, Turn, entries
from newsmill.ledger.audit import problems
from newsmill.ledger.entries import Move
from newsmill.ledger.frontier import Hints
from newsmill.ledger.held import Held
from newsmill.ledger.stages import Stage
from newsmill.ledger.under_way import Beside
from newsmill.outcomes import Outcome
from tests.chaos.clock import Clock
from tests.walks.model import QUIET_S, Broken, Model, Seen, World

HOSTS = ("a.example", "b.example", "c.example")
PAGES = tuple(f"page{i:012d}" for i in range(12))
HOST_OF = {id: HOSTS[i % len(HOSTS)] for i, id in enumerate(PAGES)}
NEXT = {Stage.FETCH: Stage.PARSE, Stage.PARSE: Stage.INDEX}
STEPS = 120
HOP_S = 2  # the clock goes on by so much at once: hearts beat at least so often
AUDITED = 20  # steps between two audits
OLD = "old:"  # prefix of a state that may come back
OLD_S = 2.0  # what an append-only file may lose
JUMPS_S = (-86400, -3600, -60, 60, 3600, 86400)
ENDS_S = 400  # within that all that is left has ended, when nothing happens any more
ENDED = ("", "settled", "shrunk")
FIELDS = ("state", "stage", "owner", "host", "outcome")
OBSERVE = """local rows = {}
for i, key in ipairs(KEYS) do
  rows[i] = redis.call('HMGET', key, unpack(ARGV))
  for j = 1, #ARGV do rows[i][j] = rows[i][j] or '' end
end
return cjson.encode(rows)"""
LIMITS = Limits(window=6, retention_s=40_000, hint_s=30, per_ip=2)


@dataclass
class Process:
    """A worker's process. frozen: it does nothing, and what it asked for goes on. sole: what it took alone."""

    number: int
    name: str
    held: Held = field(default_factory=Held)
    under_way: dict[str, tuple[Stage, float]] = field(default_factory=dict)
    server: str = ""
    frozen: bool = False
    sole: bool = False

    @property
    def owner(self) -> str:
        """As tools.worker_owner: two of one name have marks of their own."""
        return f"{self.name}/{self.number}"


class Walk:
    """seed: of all that is drawn. clock: the broker's."""

    def __init__(self, client: "redis.Redis", clock: Clock, seed: int) -> None:
        self.clock, self.dice = clock, random.Random(seed)
        self.frontier = Frontier(client, LIMITS, f"walk:{uuid.uuid4().hex}:")
        self.client, self._observe = client, client.register_script(OBSERVE)
        self.model, self.world = Model(), World()
        self.passed, self.ahead = 0, 0  # seconds that the world's clock, and the broker's, have been moved on
        self.number = 0
        self.processes = [self._process(name) for name in ("x", "x", "y", "z")]  # two of one name
        self.hints: list[tuple[Stage, tuple[str, ...]]] = []
        self.old: tuple[float, Model] | None = None
        self.done: Counter[str] = Counter()
        self._set_clock()
        self.frontier.dispatch()  # the mill has been at work before

    @property
    def now(self) -> float:
        """The world's clock."""
        return time.monotonic() + self.passed

    def _process(self, name: str) -> Process:
        self.number += 1
        return Process(self.number, name)

    def observe(self) -> dict[str, Seen]:
        """Every address as it can be seen from outside."""
        rows = json.loads(self._observe(keys=[f"{self.frontier.prefix}e:{id}" for id in PAGES], args=FIELDS))
        seen = {id: Seen(*row) if row[0] else Seen() for id, row in zip(PAGES, rows, strict=True)}
        for id in PAGES:
            if not seen[id].state and self.model.of(id).seen.outcome and (outcome := self.frontier.shrunk(id)):
                seen[id] = Seen("shrunk", "", "", "", outcome)
        return seen

    # What workers do

    def _awake(self) -> Process | None:
        awake = [p for p in self.processes if not p.frozen]
        return self.dice.choice(awake) if awake else None

    def add(self) -> None:
        ids = self.dice.sample(PAGES, self.dice.randint(1, 5))
        offered = [Candidate(i, f"http://{HOST_OF[i]}/{i}", HOST_OF[i], "s", self.dice.randint(0, 2)) for i in ids]
        accepted = self.frontier.add(offered).accepted
        seen = self.observe()
        if accepted != sum(self.model.added(id, HOST_OF[id], seen[id]) for id in ids):
            raise Broken(f"{accepted} of {ids} were accepted")
        self.model.same(seen)

    def _send(self, hints: Iterable[Hints]) -> None:
        """Some are lost, some come twice, all come in any order."""
        for hint in hints:
            messages = [hint.together] if hint.together else []
            messages += [(id,) for id in (*hint.alone, *hint.rendered)]
            for message in messages:
                self.hints += [(hint.stage, message)] * self.dice.choice([0, 1, 1, 1, 2])

    def dispatch(self) -> None:
        if process := self._awake():
            self._dispatch(process)

    def _dispatch(self, process: Process) -> None:
        """As ticker.dispatch: a server that is another than the last time is told what it may have lost."""
        before = self.now
        dispatched = self.frontier.dispatch()
        ids = [id for hint in dispatched.hints for id in (*hint.together, *hint.alone, *hint.rendered)]
        seen = self.observe()
        if ids and before < self.model.quiet_until:
            raise Broken(f"{ids} were sent while it has to be quiet")
        for id in ids:
            self.model.dispatched(id, seen[id])
        self.model.same(seen)
        if process.server and process.server != dispatched.server:
            self._hold(process, *process.held.known(self.now))
        process.server = dispatched.server
        self._send(dispatched.hints)

    def _hold(self, process: Process, asking: list[Any], asked: list[Any]) -> None:
        before = self.now
        self.frontier.hold(process.owner, asking, asked)
        told = {a["id"] for a in (*asking, *asked)}
        seen = self.observe()
        for id in told:
            self.model.held(id, seen[id], process.number, process.owner, (before, self.now))
        self.model.same(seen)
        self.done["held"] += bool(told)

    def claim(self) -> None:
        process = self._awake()
        if not process or process.sole:
            return
        if self.hints and self.dice.random() < 0.8:
            stage, ids = self.hints.pop(self.dice.randrange(len(self.hints)))
        else:  # a stale message, or somebody else's
            stage, ids = self.dice.choice(list(NEXT)), tuple(self.dice.sample(PAGES, 3))
        alone = not process.under_way and self.dice.random() < 0.3
        self._claim(process, stage, ids, alone)

    def _claim(self, process: Process, stage: Stage, ids: tuple[str, ...], alone: bool) -> None:
        free = [id for id in dict.fromkeys(ids) if id not in process.under_way]
        if alone:
            free = free[:1]
        if not free:
            return
        before = self.now
        quiet = stage is Stage.FETCH and before < self.model.quiet_until
        beside = Beside(tuple(process.under_way) if len(process.under_way) == 1 else (), len(process.under_way))
        taken = self.frontier.take(stage, free, process.owner, beside=beside, alone=alone)
        won = {entry.id for entry in taken.won}
        after = self.now
        owed = {id for id in free if self.model.may_win(id, stage, alone)}
        if won and quiet:
            raise Broken(f"{won} were won while it has to be quiet")
        if won - owed or (not quiet and after > self.model.quiet_until + HOP_S and won != owed):
            raise Broken(f"{process.owner} won {won} of {stage}, expected {owed}")
        self.done["won"] += len(won)
        process.sole = alone and bool(won)
        seen = self.observe()
        company = len(process.under_way) + len(won) > 1
        for id in won:
            if stage is Stage.FETCH:
                self.world.begin(process.number, id, seen[id].host, before, after)
            self.model.claimed(id, stage, process.number, process.owner, seen[id], (before, after), company)
        for id in process.under_way if company and won else ():
            if self.model.of(id).holder == process.number:
                self.model.of(id).company = True
        process.under_way |= dict.fromkeys(won, (stage, before))
        process.held.began(stage, list(taken.won), before)
        self.model.same(seen)

    def finish(self) -> None:
        busy = [p for p in self.processes if p.under_way and not p.frozen]
        if busy:
            process = self.dice.choice(busy)
            self._finish(process, self.dice.choice(sorted(process.under_way)), plain=False)

    def _finish(self, process: Process, id: str, *, plain: bool) -> None:
        stage = process.under_way.pop(id)[0]
        process.sole = False
        turn = Turn(1.0 if plain else self.dice.choice([0.0, 1.0, 50.0])) if stage is Stage.FETCH else None
        move, after, due_s = self._move(stage, id, turn, plain)
        process.held.ended([move], self.now)
        self.world.end(process.number, [id], self.now, turn.wait_s if turn else 0.0)
        holds = self.model.holds(id, stage, process.number)
        moved = self.frontier.finish(stage, process.owner, [move])
        seen = self.observe()
        if holds != bool(moved):
            raise Broken(f"{process.owner} held {id}: {holds}, and moved it: {moved}")
        if moved:
            self.model.finished(id, seen[id], after, self.now + due_s if due_s else 0.0)
            self.done[move.op] += 1
            if move.op == "advance":
                self._send([Hints(NEXT[stage], (id,))])
        self.model.same(seen)

    def _move(self, stage: Stage, id: str, turn: Turn | None, plain: bool) -> tuple[Move, Seen, float]:
        """A move, what must come of it, and the seconds after which the entry may come back by itself."""
        host = self.model.of(id).seen.host
        here = Seen("", stage, "", host)
        options: list[tuple[Move, Seen, float]] = []
        if stage in NEXT:
            options += [(entries.advance(id, NEXT[stage], turn=turn), Seen("ready", NEXT[stage], "", host), 0.0)] * 4
        else:
            settled = replace(here, state="settled", outcome=Outcome.INDEXED)
            options += [(entries.settle(id, Outcome.INDEXED, turn=turn), settled, 0.0)] * 2
        if not plain:
            outcome = self.dice.choice(list(Outcome))
            settled = replace(here, state="settled", outcome=outcome)
            options.append((entries.settle(id, outcome, "why", turn=turn, again_s=100.0), settled, 100.0))
            wait_s = self.dice.choice([1.0, 40.0])
            options.append((entries.delay(id, wait_s, "later", turn=turn), replace(here, state="delayed"), wait_s))
            if turn:
                to = self.dice.choice(HOSTS)
                move = entries.requeue(id, {"at": f"http://{to}/x"}, turn, host=to)
                options.append((move, Seen("queued", stage, "", to), 0.0))
            if stage is not Stage.FETCH:
                options.append((entries.give_back(id), replace(here, state="ready"), 0.0))
        return self.dice.choice(options)

    def error(self) -> None:
        """A step ends with an error that it did not expect: what it held of one message is given up."""
        busy = [p for p in self.processes if p.under_way and not p.frozen]
        if not busy:
            return
        process = self.dice.choice(busy)
        stage = process.under_way[self.dice.choice(sorted(process.under_way))][0]
        ids = [id for id, (at, _) in process.under_way.items() if at is stage]
        ids = self.dice.sample(sorted(ids), self.dice.randint(1, len(ids)))
        mine = [id for id in ids if self.model.holds(id, stage, process.number)]
        for id in ids:
            del process.under_way[id]
        process.sole = False
        process.held.dropped(ids, self.now)
        self.world.end(process.number, ids, self.now, 0.0)
        taken = self.frontier.abandon(stage, process.owner, ids)
        seen = self.observe()
        if taken != len(mine):
            raise Broken(f"{process.owner} gave up {taken} of {ids}, and held {mine}")
        for id in mine:
            self.model.of(id).company = len(ids) > 1
            self.model.given_up(id, seen[id], killed=False)
        self.model.same(seen)
        self.done["error"] += bool(mine)

    # What befalls them

    def kill(self) -> None:
        """A process ends, and another takes its place, of the same name at times. Nobody may have seen it."""
        process = self.dice.choice(self.processes)
        self.world.end(process.number, list(process.under_way), self.now)
        self.processes.remove(process)
        if not any(p.name == process.name for p in self.processes) and self.dice.random() < 0.6:
            self._sweep(process.name, killed=self.dice.random() < 0.5)
        self.processes.append(self._process(process.name))
        self.done["killed"] += 1

    def freeze(self) -> None:
        process = self.dice.choice(self.processes)
        process.frozen = not process.frozen
        self.done["frozen"] += process.frozen

    def jump(self) -> None:
        """The clock of the broker's machine."""
        self.ahead += self.dice.choice(JUMPS_S)
        self._set_clock()
        self.model.jumped = self.now
        self.done["jumped"] += 1
        self._all_tell()

    def _set_clock(self) -> None:
        self.clock.set(self.passed + self.ahead)

    def _all_tell(self) -> None:
        """Who lives beats within its two seconds, and renews."""
        self.model.shaken = self.now
        self.model.quiet_until = self.now + QUIET_S - 1.0
        self._sweep()
        for process in self.processes:
            if not process.frozen:
                self._dispatch(process)
                self._renew(process)

    def remember(self) -> None:
        """A state that may come back."""
        self._copy(self.frontier.prefix, OLD)
        self.old = self.now, self.model.copy()

    def _copy(self, here: str, there: str) -> None:
        """All keys, under another prefix; what was there is gone."""
        pipe = self.client.pipeline(transaction=True)
        pipe.delete("", *self.client.scan_iter(match=f"{there}*", count=1000))
        for key in self.client.scan_iter(match=f"{here}*", count=1000):
            pipe.copy(key, there + str(key).removeprefix(here))
        pipe.execute()

    def restore(self) -> None:
        """Redis was killed, and starts over a file that has not the last moments."""
        if not self.old or self.now - self.old[0] > OLD_S:
            self.remember()
        assert self.old
        self.world.forget(self.old[0], [p.number for p in self.processes if not p.frozen])
        self._copy(OLD, self.frontier.prefix)
        self.client.set(f"{self.frontier.prefix}server", "another", xx=True)
        jumped, (_, self.model), self.old = self.model.jumped, self.old, None
        self.model.jumped = jumped
        for known in self.model.known.values():
            known.sure = known.sure and known.seen.state != "leased"
        self.done["restored"] += 1
        self._all_tell()

    def _sweep(self, dead: str = "", killed: bool = False) -> None:
        before = self.now
        _, hints = self.frontier.sweep(dead, killed)
        seen, now = self.observe(), (before, self.now)
        for id in PAGES:
            self.model.swept(id, seen[id], now, dead, killed=killed)
        self._send(hints)

    def sweep(self) -> None:
        self._sweep()

    def _renew(self, process: Process) -> None:
        """As pulse.renew: what was lost is told like after a restart."""
        if not process.under_way:
            return
        before = self.now
        lost = set(self.frontier.renew(process.owner, [(stage, id) for id, (stage, _) in process.under_way.items()]))
        for id, (stage, _) in process.under_way.items():
            if self.model.holds(id, stage, process.number):
                if id in lost:
                    raise Broken(f"{process.owner} was told that it lost {id}, which it holds")
                self.model.of(id).renewed = (before, self.now)
        if lost:
            asking, _ = process.held.known(self.now)
            self._hold(process, [a for a in asking if a["id"] in lost], [])

    def time_passes(self) -> None:
        self._pass(self.dice.choice([2, 2, 2, 4, 4, 20, 90]))

    def _pass(self, seconds: int) -> None:
        for _ in range(math.ceil(seconds / HOP_S)):
            self.passed += HOP_S
            self._set_clock()
            self._sweep()
            due = self.passed % (2 * HOP_S) == 0  # each four seconds, which RENEW_S allows
            for process in self.processes:
                if not process.frozen:
                    if self.now < self.model.quiet_until or process is self.processes[0]:
                        self._dispatch(process)
                    if due:
                        self._renew(process)

    def operate(self) -> None:
        if self.dice.random() < 0.7:
            self._reopen()
        else:
            host = self.dice.choice(HOSTS)
            self.frontier.drain(host, Outcome.FAILED, "dead")
            seen = self.observe()
            for id in PAGES:
                was = self.model.of(id).seen
                if was.state == "queued" and was.host == host:
                    self.model.finished(id, seen[id], Seen("settled", was.stage, "", host, Outcome.FAILED))
            self.model.same(seen)

    def _reopen(self) -> None:
        id, stage = self.dice.choice(PAGES), self.dice.choice(list(NEXT))
        back = self.frontier.reopen([id], 1, stage)
        seen = self.observe()
        settled = self.model.of(id).seen.state == "settled"
        if settled != bool(back):
            raise Broken(f"{id} was {self.model.of(id).seen}, and was reopened: {back}")
        if back:
            state = "queued" if stage is Stage.FETCH else "ready"
            self.model.finished(id, seen[id], Seen(state, stage, "", seen[id].host))
        self.model.same(seen)

    # The walk

    def step(self) -> None:
        steps: dict[Callable[[], None], int] = {
            self.add: 3,
            self.dispatch: 6,
            self.claim: 14,
            self.finish: 12,
            self.time_passes: 6,
            self.sweep: 2,
            self.error: 2,
            self.kill: 2,
            self.freeze: 2,
            self.jump: 1,
            self.remember: 2,
            self.restore: 1,
            self.operate: 1,
        }
        self.dice.choices(list(steps), weights=list(steps.values()))[0]()

    def check(self) -> None:
        """The ledger is whole, and its sums are the model's."""
        if found := list(problems(self.frontier)):
            raise Broken(f"audit: {found[:3]}")
        counters = {name: int(n) for name, n in self.frontier.snapshot()["counters"].items()}
        if counters.get("accepted", 0) != self.model.accepted:
            raise Broken(f"{counters.get('accepted')} accepted, expected {self.model.accepted}")
        found_outcomes = {o: n for o in Outcome if (n := counters.get(f"outcome:{o}", 0))}
        if found_outcomes != self.model.outcomes():
            raise Broken(f"outcomes {found_outcomes}, expected {self.model.outcomes()}")

    def run_out(self) -> None:
        """Nothing happens any more but work: all that was accepted has ended soon."""
        for process in self.processes:
            process.frozen = False
        end = self.now + ENDS_S
        while left := {id: k.seen for id, k in self.model.known.items() if k.seen.state not in ENDED or k.due}:
            if self.now > end:
                raise Broken(f"not ended after {ENDS_S} s: {left}")
            self._pass(HOP_S)
            while self.hints:
                stage, ids = self.hints.pop()
                for id in ids:
                    for process in self.processes:
                        if not process.under_way:
                            self._claim(process, stage, (id,), alone=True)
                            break
            for process in self.processes:
                for id in list(process.under_way):
                    self._finish(process, id, plain=True)

    def __call__(self, steps: int = STEPS) -> Counter[str]:
        """Walks; raises Broken with the step at which it was."""
        for number in range(steps):
            try:
                self.step()
                if number % AUDITED == 0:
                    self.check()
            except Broken as broken:
                raise Broken(f"step {number}: {broken}") from None
        self.run_out()
        self.check()
        return self.done
