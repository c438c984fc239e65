"""What the ledger promises, as plain Python: what may become of each address, and who may be asked when (pure).

Times are seconds of the world's clock, which never jumps. The ledger's own clock, the broker's, may say anything.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from newsmill.ledger.stages import LEASE_S, REQUEST_S, Stage
from newsmill.outcomes import Outcome

MAX_CRASHES, ALONE_LEAST = 3, 2
QUIET_S = 5.0  # after a restart, or a jump of the broker's clock
JUMP_LEASE_S = QUIET_S + 2.0  # so long a lease lasts at least after a jump
LOOK_S = 1.0  # the broker's clock is moved by whole seconds
READING_S = 0.05  # between the broker's reading of its clock and ours
REST_MOST_S = 60.0  # pauses up to this outlast a jump of the clock ahead; longer ones are known to workers only


class Broken(AssertionError):
    """A promise that was not kept."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen of an entry from outside."""

    state: str = ""  # "" for an address that is not known; "shrunk" where only its outcome is
    stage: str = ""
    owner: str = ""
    host: str = ""
    outcome: str = ""


@dataclass(slots=True)
class Known:
    """What the model knows of an address. due: it does not come back by itself before that; 0 for never."""

    seen: Seen
    holder: int = 0  # number of the process that holds it; two of them may have one name
    renewed: tuple[float, float] = (0.0, 0.0)  # between these two moments
    due: float = 0.0
    crashes: int = 0
    alone: int = 0
    company: bool = False
    sure: bool = True  # False: counters of crashes may have been lost with an older state


@dataclass(slots=True)
class Request:
    """A server is being asked. until: when it has ended at the latest, whoever sees it."""

    process: int
    id: str
    host: str
    began: float
    until: float


@dataclass(slots=True)
class Pause:
    """What a host is owed after a request, and which process knows of it."""

    process: int
    host: str
    ended: float
    until: float


@dataclass
class World:
    """What happens outside of the ledger, and is never undone: requests, and the pauses that hosts are owed."""

    requests: list[Request] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    def begin(self, process: int, id: str, host: str, before: float, after: float) -> None:
        """A request, asked for between two moments."""
        for other in self.requests:
            if other.host == host and other.until > after:
                raise Broken(f"{host} is asked for {id} by {process} while {other.process} is asking it for {other.id}")
        self.pauses = [p for p in self.pauses if p.until - READING_S > after]
        for pause in self.pauses:
            if pause.host == host:
                raise Broken(f"{host} is asked {pause.until - after:.2f} s before its pause has ended")
        self.requests.append(Request(process, id, host, before, before + REQUEST_S))

    def end(self, process: int, ids: Iterable[str], now: float, wait_s: float | None = None) -> None:
        """Requests of a process have ended; the host rests so long, where anybody lives to say so."""
        gone = set(ids)
        for request in [r for r in self.requests if r.process == process and r.id in gone]:
            self.requests.remove(request)
            if wait_s is not None:
                self.pauses.append(Pause(process, request.host, now, now + min(wait_s, REST_MOST_S)))

    def forget(self, since: float, tell: Iterable[int]) -> None:
        """The broker has lost what happened since; of that only these processes can tell."""
        can = set(tell)
        self.requests = [r for r in self.requests if r.began < since or r.process in can]
        self.pauses = [p for p in self.pauses if p.ended < since or p.process in can]


@dataclass
class Model:
    """The ledger as it should be. What changes is said by `expect`, and what it is held against by `look`."""

    known: dict[str, Known] = field(default_factory=dict)
    accepted: int = 0
    quiet_until: float = 0.0  # nobody is asked before; only a bound: a jump is noticed with the next look
    jumped: float = -1.0  # when the broker's clock jumped last
    shaken: float = 0.0  # when it jumped, or the broker was started over an older state

    def copy(self) -> "Model":
        return copy.deepcopy(self)

    def of(self, id: str) -> Known:
        return self.known.setdefault(id, Known(Seen()))

    def same(self, observed: Mapping[str, Seen], but: Iterable[str] = ()) -> None:
        """Nothing has changed but these."""
        spared = set(but)
        for id, seen in observed.items():
            if id not in spared and seen != self.of(id).seen:
                raise Broken(f"{id} was {self.of(id).seen} and is {seen}")

    def become(self, id: str, seen: Seen, *allowed: Seen) -> None:
        """It is one of what is allowed."""
        if seen not in allowed:
            raise Broken(f"{id} was {self.of(id).seen}, is {seen}, expected {' or '.join(map(str, allowed))}")
        self.of(id).seen = seen

    def added(self, id: str, host: str, seen: Seen) -> int:
        """An address was offered; returns 1 if it had to be accepted."""
        if self.of(id).seen.state:
            self.become(id, seen, self.of(id).seen)
            return 0
        self.become(id, seen, Seen("queued", "fetch", "", host))
        self.known[id] = Known(seen)
        self.accepted += 1
        return 1

    def dispatched(self, id: str, seen: Seen) -> None:
        """It was sent to fetch: it waited there, and nobody else is in flight at its host."""
        was = self.of(id).seen
        if was.state != "queued":
            raise Broken(f"{id} was sent to fetch, and was {was}")
        for other, known in self.known.items():
            if known.seen.host == was.host and known.seen.stage == "fetch" and known.seen.state in ("ready", "leased"):
                raise Broken(f"{id} was sent to {was.host}, where {other} is in flight")
        self.become(id, seen, Seen("ready", "fetch", "", was.host))

    def claimed(
        self, id: str, stage: Stage, process: int, owner: str, seen: Seen, renewed: tuple[float, float], company: bool
    ) -> None:
        """It was won."""
        known = self.of(id)
        self.become(id, seen, replace(known.seen, state="leased", owner=owner))
        known.holder, known.renewed, known.company = process, renewed, company

    def may_win(self, id: str, stage: Stage, alone: bool) -> bool:
        """Whether a claim has to win it, where it is not quiet."""
        known = self.of(id)
        ready = known.seen.state == "ready" and known.seen.stage == stage
        return ready and (alone or known.crashes < MAX_CRASHES)

    def holds(self, id: str, stage: Stage, process: int) -> bool:
        """Whether this process is the one that holds it."""
        known = self.of(id)
        return known.seen.state == "leased" and known.seen.stage == stage and known.holder == process

    def finished(self, id: str, seen: Seen, expected: Seen, due: float = 0.0) -> None:
        """It left its stage in order."""
        self.become(id, seen, expected)
        self.known[id] = Known(seen, due=due)

    def given_up(self, id: str, seen: Seen, *, killed: bool) -> None:
        """Its lease was ended for its holder: tried again, or quarantined for ending its workers."""
        known = self.of(id)
        was, stage = known.seen, known.seen.stage
        known.crashes += not (killed and known.company)
        known.alone += not known.company
        known.company, known.holder = False, 0
        guilty = known.crashes >= MAX_CRASHES and known.alone >= ALONE_LEAST
        again = Seen("queued" if stage == "fetch" else "ready", stage, "", was.host)
        quarantined = Seen("settled", stage, "", was.host, Outcome.QUARANTINED)
        if known.sure:
            self.become(id, seen, quarantined if guilty else again)
        else:
            self.become(id, seen, quarantined, again)
        if seen.state == "settled":
            self.known[id] = Known(seen)

    def swept(self, id: str, seen: Seen, now: tuple[float, float], dead: str = "", *, killed: bool = False) -> None:
        """A sweep has looked at it, between two moments; dead: a name whose leases end with it, "*" for all."""
        known, was = self.of(id), self.of(id).seen
        if was.state == "leased":
            over = bool(dead) and (dead in ("*", was.owner) or was.owner.startswith(f"{dead}/"))
            if seen == was:
                if over:
                    raise Broken(f"{id} is leased to {was.owner}, who is gone")
                if now[0] > max(known.renewed[1] + LEASE_S, self.shaken + JUMP_LEASE_S) + LOOK_S:
                    raise Broken(f"{id} is leased, and its holder was silent for {now[0] - known.renewed[1]:.1f} s")
                return
            recent = now[1] < known.renewed[0] + LEASE_S - READING_S
            just_jumped = now[1] < max(self.jumped, known.renewed[0]) + JUMP_LEASE_S - READING_S
            if not over and recent and (self.jumped < known.renewed[0] or just_jumped):
                silent_s = now[1] - known.renewed[0]
                raise Broken(f"{id} was taken from {was.owner}, heard of {silent_s:.1f} s before: {seen}")
            self.given_up(id, seen, killed=over and killed)
        elif seen == was:
            return
        elif was.state == "delayed":
            self._not_before(id, now[1])
            self.become(id, seen, replace(was, state="queued"))
        elif was.state == "settled" and seen.state == "queued":
            if not known.due:
                raise Broken(f"{id} was to be left alone, and is looked at again")
            self._not_before(id, now[1])
            self.become(id, seen, Seen("queued", "fetch", "", seen.host))
            self.known[id] = Known(seen)
        elif was.state == "settled" and self.jumped >= 0:  # days may have passed
            self.become(id, seen, Seen("shrunk", "", "", "", was.outcome))
        else:
            raise Broken(f"a sweep has made {seen} of {id}, which was {was}")

    def _not_before(self, id: str, now: float) -> None:
        known = self.of(id)
        if now < known.due - READING_S and self.jumped < 0:
            raise Broken(f"{id} came back {known.due - now:.1f} s before its time")

    def held(self, id: str, seen: Seen, process: int, owner: str, renewed: tuple[float, float]) -> None:
        """Its process has said that it asks for it, or did: it is that process', or waits to be asked for again."""
        known, was = self.of(id), self.of(id).seen
        if seen == was:
            return
        waits = was.state == "queued" or (was.state == "ready" and was.stage == "fetch")
        if waits and seen == Seen("leased", "fetch", owner, was.host):
            known.seen, known.holder, known.renewed, known.sure = seen, process, renewed, False
        elif was.state in ("ready", "leased") and seen == Seen("queued", "fetch", "", was.host):
            self.known[id] = Known(seen, sure=False)
        else:
            raise Broken(f"what {owner} said of {id} has made {seen} of {was}")

    def outcomes(self) -> dict[str, int]:
        """How many have ended in which way."""
        counts: dict[str, int] = {}
        for known in self.known.values():
            if known.seen.state in ("settled", "shrunk"):
                counts[known.seen.outcome] = counts.get(known.seen.outcome, 0) + 1
        return counts
