"""`newsmill run` and `newsmill up`: the whole mill on one machine, started, watched and stopped together."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import redis

from newsmill.doors import NotThere
from newsmill.download.chromium import no_browser
from newsmill.ledger import NORMAL, Added, Candidate
from newsmill.ledger.entries import GIVEN
from newsmill.settings import Settings, config_dir, use
from newsmill.sources.register import SourceState, register, states
from newsmill.urls.canonical import address_id, host_key
from workers.local.access import check_broker
from workers.local.beside import console
from workers.local.broker import LocalBroker
from workers.local.fleet import Fleet
from workers.local.fork_server import fork_server
from workers.local.plan import RunPlan
from workers.pipeline import RENDER, STAGES
from workers.runtime import logs
from workers.runtime.figures import Status, status_of
from workers.runtime.hints import send
from workers.runtime.ticker import free_mb, set_window
from workers.runtime.tools import worker_name
from workers.runtime.wiring import BrokerUnreachable, Wiring, not_installed

LOOK_S = 0.25  # how often the run looks at the ledger: one script of about 0.1 ms
IDLE_LOOK_S = 1.0  # while nothing waits and nothing will end the run: a worker that died is back within 2 s
BROKER_AWAY_S = 60.0  # an external broker may restart meanwhile; after this the run ends and says so
LOOPBACK = "127.0.0.0/8"


class Incomplete(Exception):
    """The run ended before everything was accounted for; the text says why."""


@dataclass
class Progress:
    """What a run shows while it works."""

    status: Status
    sources: list[SourceState]
    started: float = field(default_factory=time.monotonic)
    settled_before: int = 0
    told: str = ""  # how far a replay or a new index is

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started


def _environment(s: Settings, plan: RunPlan, url: str, *, stay: bool) -> dict[str, str]:
    """Variables for the workers, over our own."""
    variables = {
        "NEWSMILL_REDIS_URL": url,
        "NEWSMILL_DATA": str(s.data.resolve()),
        "NEWSMILL_CONFIG_DIR": str(config_dir().resolve()),
        "NEWSMILL_PARENT": str(os.getpid()),
    }
    if not stay:
        variables["NEWSMILL_FETCH__RETRY_CAP_S"] = str(min(s.fetch.retry_cap_s, s.run.retry_cap_s))
        variables["NEWSMILL_FETCH__DEAD_HOST_FAILS"] = str(min(s.fetch.dead_host_fails, s.run.dead_host_fails))
    if plan.demo:
        networks = [str(n) for n in s.fetch.allow_networks]
        variables["NEWSMILL_FETCH__ALLOW_NETWORKS"] = ",".join([*networks, LOOPBACK])
        if "delay_s" not in s.fetch.model_fields_set:
            variables["NEWSMILL_FETCH__DELAY_S"] = str(s.demo.delay_s)
            variables["NEWSMILL_FETCH__DELAY_FACTOR"] = "1"
    return variables


class Run:
    """One `newsmill run` (or `up`, with stay=True). Raises what its parts raise: see workers/commands/main.py.

    feed: called again and again, until it says that there is nothing more to do (see replay.py).
    sources: the file that a console beside it shows and changes; None: no console.
    """

    def __init__(
        self,
        s: Settings,
        plan: RunPlan,
        stay: bool,
        *,
        feed: Callable[[Wiring], Callable[[], bool]] | None = None,
        sources: Path | None = None,
    ) -> None:
        self.settings, self.plan, self.stay, self.feed, self.sources = s, plan, stay, feed, sources
        self.stopped = False

    def __call__(self, show: Callable[[Progress], None], say: Callable[[str], None]) -> Progress:
        """Ingests until every address has its outcome, or until it is stopped; returns the last figures."""
        s = self.settings
        if problems := not_installed(s):
            raise NotThere("\n".join(problems))
        logs.configure(s.log)  # to stderr: stdout is for results
        with ExitStack() as stack:
            stack.enter_context(_signals(self._stop))
            forks = stack.enter_context(fork_server())  # first: it imports while we prepare
            s.data.mkdir(parents=True, exist_ok=True)
            if self.plan.demo:
                from newsmill.demo import server as demo_server

                stack.enter_context(demo_server.serve("127.0.0.1", s.demo.port))
            broker = None
            url = s.redis_url
            if url:
                check_broker(url)
            else:
                broker = LocalBroker(s.data, s.broker.port)
                url = stack.enter_context(broker)
            used = s.model_copy(update={"redis_url": url})
            use(used)
            wiring = Wiring(used)
            if broker:
                wiring.frontier.sweep("*", killed=True)  # no worker of ours is alive: what they held is free
                stack.callback(_rest_in_order, wiring, broker)
            set_window(wiring.ticks)  # the last one may have been decided on a disk that was full then
            if (paused := wiring.frontier.paused()) and not self.stay:
                why = paused.get("why") or "by an operator"
                raise Incomplete(f"the mill is paused ({why}): `newsmill resume` goes on")
            before = _progress(wiring)
            names = register(wiring.frontier, self.plan.sources, self.plan.base)
            offered = _offer(wiring, self.plan.addresses)
            if offered.later:
                raise Incomplete(f"the frontier is full: {offered.later} addresses were not accepted")
            queues = [str(stage) for stage in STAGES]
            if s.render.enabled and not no_browser(s.render.chromium):
                queues.append(RENDER)
                wiring.frontier.note_browser()  # the first pages may be parsed before its worker has started
            environment = _environment(s, self.plan, url, stay=self.stay)
            fleet = Fleet(environment, s.data / "logs", s.data / "beat-schedule", queues=queues, forks=forks)
            stack.callback(fleet.stop)
            stack.callback(lambda: say("stopping the workers"))
            fleet.start()
            if self.sources:
                stack.enter_context(console(s, self.sources, environment, say=say))
            settled = sum(before.status.outcomes.values())
            return self._watch(wiring, fleet, broker, names=names, show=show, settled_before=settled)

    def _stop(self) -> None:
        self.stopped = True

    def _watch(
        self,
        wiring: Wiring,
        fleet: Fleet,
        broker: LocalBroker | None,
        *,
        names: Sequence[str],
        show: Callable[[Progress], None],
        settled_before: int,
    ) -> Progress:
        started, away_since = time.monotonic(), 0.0
        fed = self.feed(wiring) if self.feed else lambda: True
        began = time.time()
        progress = _progress(wiring, names)
        while not self.stopped:
            time.sleep(IDLE_LOOK_S if self.stay and progress.status.idle else LOOK_S)
            _tend(wiring, fleet, broker)
            try:
                all_fed = fed()
                progress = _progress(wiring, names)
                away_since = 0.0
            except redis.RedisError as error:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > BROKER_AWAY_S:
                    raise BrokerUnreachable(f"Redis has been away for {BROKER_AWAY_S:.0f} s: {error}") from error
                continue
            progress.started, progress.settled_before = started, settled_before
            show(progress)
            if self.stay:
                continue
            _check_disk(wiring)
            if all_fed and progress.status.idle and all(state.done_since(began) for state in progress.sources):
                break
        return progress


def _check_disk(wiring: Wiring) -> None:
    """Looked at here as well as by the workers: on a full disk their ledger cannot write that it is full."""
    least = max(wiring.settings.frontier.min_free_mb, 1)
    free = free_mb(wiring.disk)
    if free is not None and free < least:
        raise Incomplete(
            f"disk: {free:.0f} MB free in {wiring.settings.data}, less than frontier.min_free_mb = {least}: "
            "free some space and run the same command again"
        )


def _tend(wiring: Wiring, fleet: Fleet, broker: LocalBroker | None) -> None:
    """Restarts what has died, and takes back what it held."""
    if broker and not broker.alive:
        broker.restart()
    for lost in fleet.watch():
        with contextlib.suppress(redis.RedisError, OSError):  # if it cannot be told, the leases end by themselves
            name = worker_name(f"{lost.name}@{socket.gethostname()}", lost.pid)
            send(wiring.frontier.sweep(name, lost.killed)[1])


def _rest_in_order(wiring: Wiring, broker: LocalBroker) -> None:
    """When the workers have ended. A broker that was killed meanwhile cannot be told, and may have lost something."""
    if broker.alive:
        with contextlib.suppress(redis.RedisError):
            wiring.frontier.rest_in_order()


def _offer(wiring: Wiring, addresses: Sequence[str]) -> Added:
    return wiring.frontier.add(
        Candidate(address_id(url), url, host_key(url), GIVEN, NORMAL, asked=True) for url in addresses
    )


def _progress(wiring: Wiring, names: Sequence[str] = ()) -> Progress:
    status = status_of(wiring.frontier.snapshot(), wiring.settings.frontier.window)
    return Progress(status, states(wiring.frontier, names))


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask for an orderly end."""

    def handler(_number: int, _frame: FrameType | None) -> None:
        stop()

    old = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in old.items():
            signal.signal(number, previous)
