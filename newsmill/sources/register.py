"""Sources in the ledger: each is a poll that rests between its times.

Ids: `poll:<name>`, and `poll:<name>:<address id>` for the parts of a source (the files of a sitemap index).
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from newsmill.ledger import Entry, Frontier
from newsmill.ledger.entry import POLL_PREFIX, PollEntry
from newsmill.sources.config import SourceConfig
from newsmill.sources.left_out import LeftOut
from newsmill.sources.schedule.poll_outcome import health_of, rhythm_of
from newsmill.sources.scope import refuse
from newsmill.urls.canonical import address_id, host_key, site_of

LEFT_SHOWN = 10  # sources that are asked about one address
GIVEN_UP_FAILS = 3  # a run does not wait for a source that failed so often in a row


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source does. polled: end of its last poll, seconds since the epoch. found: addresses in its last poll.

    health: see schedule.State; problem: what an operator should know, its silence too. left_out: items that its last
    poll listed and did not take, by reason.
    """

    name: str
    state: str
    polled: float
    fails: int
    problem: str
    found: int
    new: int
    health: str = ""
    per_day: float = 0.0
    left_out: Mapping[str, int] = field(default_factory=dict)
    paused: float = 0.0  # since when an operator has it paused
    next: float = 0.0  # when it is due

    def done_since(self, began: float) -> bool:
        """Polled since then, or failed too often for a run to wait for it."""
        at_rest = self.state == "idle"
        return at_rest and self.polled >= began and (not self.fails or self.fails >= GIVEN_UP_FAILS)


def poll_id(name: str) -> str:
    """The id of a source's poll."""
    return POLL_PREFIX + name


def poll_fields(source: SourceConfig, base: Path) -> dict[str, str]:
    """The ledger fields of a configured source. base: the folder that a relative path is seen from."""
    path = str((base / source.path).resolve()) if source.path else ""
    return {
        "url": source.url or path,
        "host": host_key(source.url) if source.url else "",
        "source": source.name,
        "stage": "produce",
        "priority": "0",
        "configured": source.url or path,
        "config": source.model_dump_json(exclude_defaults=True),
    }


def config_of(entry: PollEntry) -> SourceConfig:
    """The source that a poll belongs to."""
    return SourceConfig.stored(entry.config)


def register(frontier: Frontier, sources: Sequence[SourceConfig], base: Path, *, again: bool = True) -> list[str]:
    """Makes exactly these sources the scheduled ones; returns the ids of their polls, without the paused ones.

    New and changed ones are due at once. again: the others too; else they keep the time they have, or had when they
    were taken out. Sources that were known before and are not among them rest until they are configured again.
    """
    wanted = {poll_id(s.name): poll_fields(s, base) for s in sources if s.enabled}
    names = ["configured", "config", "state", "paused", "next"]
    known = dict(zip(wanted, frontier.fields_of(wanted, names), strict=True))
    at_work = [name for name in wanted if not known[name][3]]
    scheduled = set(frontier.scheduled())
    _let_rest(frontier, (scheduled | frontier.configured()) - set(at_work), () if again else at_work)
    due: dict[str, dict[str, str]] = {}
    waits: dict[str, float | None] = {}
    for name, fields in wanted.items():
        configured, config, state, paused, following = known[name]
        wait_s = 0.0
        if configured != fields["configured"]:
            if state and not paused:
                frontier.drop_poll(name)
        else:
            if not again and config == fields["config"]:
                if name in scheduled or state != "idle":
                    continue
                wait_s = max(float(following or 0) - time.time(), 0.0)
            if config != fields["config"]:  # what was out of scope may be inside now: read it anew
                frontier.read_anew(name)
            fields = {k: v for k, v in fields.items() if k not in ("url", "host")}  # it may have moved since
        due[name], waits[name] = fields, None if paused else wait_s
    frontier.put_polls(due, waits)
    frontier.configure(wanted.keys())
    return at_work


def _let_rest(frontier: Frontier, ids: Iterable[str], parts_of: Collection[str]) -> None:
    """Takes these polls off the schedule, but for parts of sources that go on as they are."""
    for id in ids:
        if ":".join(id.split(":")[:2]) not in parts_of:
            frontier.poll_in(id, None)


def forget(frontier: Frontier, name: str) -> None:
    """Forgets a source and its parts, as if it had never been configured. What it brought stays."""
    for part in list(frontier.scheduled(f"{poll_id(name)}:*")):
        frontier.drop_poll(part)
    frontier.drop_poll(poll_id(name))
    frontier.configure(frontier.configured() - {poll_id(name)})


def states(frontier: Frontier, ids: Sequence[str]) -> list[SourceState]:
    """How these polls do, in their order."""
    found = []
    for id in ids:
        entry = frontier.poll(id)
        if entry:
            found.append(state_of(entry))
    return found


def state_of(entry: PollEntry) -> SourceState:
    """What an operator is told of a source."""
    health = health_of(entry.fields, datetime.now(UTC))
    return SourceState(
        name=entry.source,
        state=entry.state,
        polled=entry.polled or 0.0,
        fails=entry.fails,
        problem=entry.retired or entry.problem or health.reason,
        found=entry.found,
        new=entry.new,
        health=str(health.state),
        per_day=rhythm_of(entry.fields).per_day,
        left_out=LeftOut.load(entry.left).counts,
        paused=entry.paused or 0.0,
        next=entry.next or 0.0,
    )


@dataclass(frozen=True, slots=True)
class Left:
    """What the polls of a source say of an address that is not known. reason: why it is left out, or empty.

    remembered: it stood in the last document, and this is what became of it; else the source's rules say so.
    """

    source: str
    polled: float
    reason: str
    remembered: bool
    left_out: Mapping[str, int]


def left_by(frontier: Frontier, url: str) -> list[Left]:
    """Who listed an address (canonical) and left it out; where nobody remembers, what the sources of its site say.

    Costs a few fields of every poll that rests.
    """
    id, site, now = address_id(url), site_of(url), datetime.now(UTC)
    remembered, others = [], []
    for fields in frontier.fields_of(frontier.scheduled(), ["source", "polled", "left", "root", "config"]):
        source, polled, text, root, config = fields
        left = LeftOut.load(text)
        if reason := left.why(id):
            remembered.append(Left(source, float(polled or 0), reason, True, left.counts))
        elif not root and site in config:
            configured = SourceConfig.stored(config)
            if configured.url and site_of(configured.url) == site:
                reason = refuse(configured.scope, url, now) or ""
                others.append(Left(source, float(polled or 0), reason, False, left.counts))
    return remembered or sorted(others, key=lambda left: left.source)[:LEFT_SHOWN]


def left_in_parts(frontier: Frontier, source: str) -> LeftOut:
    """What the files of a sitemap index list and was not taken."""
    whole = LeftOut()
    for (text,) in frontier.fields_of(frontier.scheduled(f"{poll_id(source)}:*"), ["left"]):
        whole.counts.update(LeftOut.load(text).counts)
    return whole


def is_local(entry: Entry) -> bool:
    """A list in a file: no host to wait for."""
    return not urlsplit(entry.at).scheme.startswith("http")


def polled_now() -> str:
    """This moment as the ledger keeps it, seconds since the epoch."""
    return f"{time.time():.6f}"
