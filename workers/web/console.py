"""What the console holds while it runs, and what a view is given."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from newsmill.ledger.access import Session, Token
from newsmill.ledger.stages import Stage
from newsmill.redaction import without_users
from newsmill.settings import Settings
from workers.desk.hooks import state_of
from workers.desk.looks import StatusLook, judged, search_trouble
from workers.runtime.figures import Status, status_of
from workers.runtime.stores import has_index
from workers.runtime.ticker import free_mb
from workers.runtime.verdict import StatusVerdict, living
from workers.runtime.wiring import Wiring
from workers.web import filters
from workers.web.advice import Flow, Sample, advice, rates
from workers.web.guarding import LOOPBACK
from workers.web.limits import Limiter

FRESH_S = 1.0  # a picture of the mill is shown to whoever asks in this time
SAMPLE_S = 5.0  # between two samples that rates are taken from
RATE_S = 60.0  # over which rates are taken
HOUR_S = 3600.0
TROUBLE_S = 15.0  # between two questions to the search store
JUDGED_S = 30.0  # a verdict looks at every source
COUNTED_S = 60.0  # counting the articles of a large index takes its time
LOGINS_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a view sees it. client: an address. fields, file: of a form. session or token: who asks."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    client: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""
    session: Session | None = None
    token: Token | None = None
    target: str = ""  # path and query
    base: str = ""  # scheme and host
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    counted: bool = False  # this client's request has been counted

    def number(self, name: str, default: int, least: int = 1, *, most: int = 1000) -> int:
        """A whole number of the query, within bounds; the default where it is none."""
        text = self.query.get(name, "")
        return min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 10 else default


@dataclass(frozen=True, slots=True)
class Picture:
    """The mill at a moment: what the page Pipeline shows."""

    status: Status
    flows: tuple[Flow, ...]
    advice: str
    since: float
    ended: Mapping[str, int]  # in the last hour, or since `since`
    workers: Mapping[str, int]
    free_mb: float | None
    memory: tuple[int, int]
    documents: int | None
    trouble: str
    verdict: StatusVerdict | None
    hooks: tuple[tuple[str, str], ...]  # address and state
    at: float


@dataclass
class Board:
    """One process of the console. sources: the file with the sources. once: opens the address printed at the start."""

    wiring: Wiring
    sources: Path
    once: str
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.searches = Limiter(self.settings.web.searches_per_minute)
        self.logins = Limiter(LOGINS_PER_MINUTE)
        self.calls = Limiter(self.settings.web.searches_per_minute * 10)
        self._lock = threading.Lock()
        self._samples: deque[Sample] = deque(maxlen=int(HOUR_S / SAMPLE_S))
        self._picture: Picture | None = None
        self._kept: dict[str, tuple[float, Any]] = {}

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.wiring.settings

    @property
    def open_reading(self) -> bool:
        """Whether who is at this machine may read without logging in."""
        return not self.settings.web.password

    @cached_property
    def templates(self) -> Environment:
        """The pages' templates; all text in them is escaped."""
        made = Environment(
            loader=PackageLoader("workers.web"),
            autoescape=select_autoescape(default=True),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters.update(filters.FILTERS)
        return made

    def picture(self) -> Picture:
        """The mill now, or at most FRESH_S ago: a hundred viewers cost no more than one."""
        with self._lock:
            now = time.time()
            if self._picture is None or now - self._picture.at > FRESH_S:
                self._picture = self._look(now)
            return self._picture

    def _look(self, now: float) -> Picture:
        snapshot = self.wiring.frontier.snapshot()
        status = status_of(snapshot, self.settings.frontier.window)
        sample = sample_of(snapshot, now)
        if not self._samples or now - self._samples[-1].at >= SAMPLE_S:
            self._samples.append(sample)
        older = next((s for s in self._samples if now - s.at <= RATE_S), self._samples[-1])
        workers = living(status.workers, status.now)
        flows = tuple(_flow(name, older, sample, status=status, workers=workers) for name in map(str, Stage))
        trouble = self._cached("trouble", TROUBLE_S, lambda: search_trouble(self.wiring), first="")
        looked: StatusLook | None = self._cached("judged", JUDGED_S, lambda: judged(self.wiring), first=None)
        hour = next((s for s in self._samples if now - s.at <= HOUR_S), sample)
        return Picture(
            status=status,
            flows=flows,
            advice=advice(
                flows[1:],
                stalls=status.stalls,
                window_reason=status.window_reason,
                hosts_due=sum(snapshot["hosts"]),
                trouble=trouble,
            ),
            since=hour.at,
            ended={name: n - hour.settled.get(name, 0) for name, n in sample.settled.items()},
            workers=workers,
            free_mb=free_mb(self.wiring.disk),
            memory=self.wiring.frontier.overview.memory(),
            documents=self._cached("documents", COUNTED_S, self._count, first=None),
            trouble=trouble,
            verdict=looked.verdict if looked else None,
            hooks=self._hooks(),
            at=now,
        )

    def _hooks(self) -> tuple[tuple[str, str], ...]:
        head = self.wiring.frontier.changes.head()
        return tuple((without_users(hook.url), state_of(hook, head)) for hook in self.wiring.frontier.hooks.all())

    def _count(self) -> int | None:
        return self.wiring.search.count() if has_index(self.settings) else None

    def _cached(self, name: str, kept_s: float, make: Any, *, first: Any) -> Any:
        """What was made at most kept_s ago; `first` while the first is being made, so that nobody waits for it."""
        at, value = self._kept.get(name, (0.0, first))
        now = time.monotonic()
        if now - at > kept_s or not at:
            self._kept[name] = (now, value)
            threading.Thread(target=self._make, args=(name, make), name=f"console-{name}", daemon=True).start()
        return value

    def _make(self, name: str, make: Any) -> None:
        self._kept[name] = (time.monotonic(), make())


def sample_of(snapshot: Mapping[str, Any], now: float) -> Sample:
    """What rates are taken from."""
    counters = {name: int(n) for name, n in snapshot["counters"].items()}
    backlog = {name: stage["ready"] + stage["leased"] for name, stage in snapshot["stages"].items()}
    backlog["fetch"] += counters.get("queued", 0) + snapshot["delayed"]
    return Sample(
        at=now,
        moved=_named(counters, "moved:"),
        backlog=backlog,
        settled=_named(counters, "settled:"),
    )


def _named(counters: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): n for name, n in counters.items() if name.startswith(prefix)}


def _flow(name: str, older: Sample, newer: Sample, *, status: Status, workers: Mapping[str, int]) -> Flow:
    figures = status.polls if name == Stage.PRODUCE else status.stages[name]
    into, out = rates(older, newer, name)
    return Flow(name, figures.waiting, figures.active, into, out, workers.get(name, 0))


def can_stay(s: Settings) -> str:
    """Why the console must not start with these settings, or empty."""
    if s.web.host not in LOOPBACK and not s.web.password:
        return (
            f"web.host = {s.web.host} can be reached by others: give the first user a password, best in a file that "
            "NEWSMILL_WEB__PASSWORD_FILE names"
        )
    return ""
