"""How long to leave a host alone: one pure function from what happened to when it may be asked again.

The frontier keeps one `HostState` a host (a Redis hash), lets nobody ask the host while a request is
under way, and applies `after` to the end of every request. Times are waits in seconds from that end.

Rules: the delay is a multiple of the host's own response time, in bounds, and never less than its
Crawl-delay. An error never makes it shorter. 429 and 503 double the delay, which comes back by a tenth with
every good answer. Failures in a row pause the host exponentially: at once where it is the host that fails (no
connection, no answer, 429), from the third on where single pages do (5xx). From `park_after` on it counts
as parked; it is tried again by itself, with one request at a time, and one good answer brings it back.

`unanswered` counts what a host may be given up for: requests in a row that it did not answer at all. Pages that are
broken are answers: they neither count, nor slow anything down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from newsmill.http.answer import BadAnswer, BadRequest, Fetched, FetchError, ForbiddenAddress, NoResources
from newsmill.http.caching import retry_after_s


class Happened(StrEnum):
    """How a request to a host ended, as far as the host is concerned."""

    ANSWERED = "answered"  # any answer that shows the host well, a 404 included
    STRAINED = "strained"  # 5xx of one page, an answer that broke off: not faster, and slower when it goes on
    BROKEN = "broken"  # an answer that nobody can read: the page's own fault
    SLOW_DOWN = "slow_down"  # 429, 503
    NO_ANSWER = "no_answer"  # no connection, silence, reset
    NOT_ASKED = "not_asked"  # no request left for it: robots said no, the guard refused


@dataclass(frozen=True, slots=True)
class HostEvent:
    """The end of one request. elapsed_s: how long it took. wish_s: Retry-After, seconds, if there was one."""

    happened: Happened
    elapsed_s: float = 0.0
    wish_s: float | None = None


@dataclass(frozen=True, slots=True)
class PolitenessOptions:
    """Bounds of politeness, all in seconds but `factor` and the counts."""

    factor: float = 5.0  # the host works for us at most a sixth of the time
    delay_min_s: float = 1.0  # what webmasters take for granted of a polite crawler
    delay_max_s: float = 60.0  # of the adaptive delay; Retry-After and back-off may be longer
    crawl_delay_max_s: float = 60.0  # longer wishes of robots.txt are honoured as this, and reported
    retry_after_max_s: float = 86400.0  # a day
    backoff_first_s: float = 10.0  # pause after the first failure of the host; doubles with each
    backoff_max_s: float = 6 * 3600.0  # a dead host is tried four times a day
    park_after: int = 3  # failures in a row: one is chance, three are an outage


@dataclass(frozen=True, slots=True)
class HostState:
    """What is remembered of a host.

    latency_s: moving average of response times. penalty: what 429 and 503 multiply the delay by, 1 = nothing.
    fails: failures of the host in a row, unanswered: those of them at its end that it did not answer at all.
    crawl_delay_s: from its robots.txt, 0 = none.
    """

    latency_s: float = 0.0
    penalty: float = 1.0
    fails: int = 0
    unanswered: int = 0
    crawl_delay_s: float = 0.0

    def dump(self) -> dict[str, str]:
        """Flat strings for a Redis hash; `load` reads them back."""
        return {
            "latency_s": f"{self.latency_s:.4f}",
            "penalty": f"{self.penalty:.3f}",
            "fails": str(self.fails),
            "unanswered": str(self.unanswered),
            "crawl_delay_s": f"{self.crawl_delay_s:.3f}",
        }

    @classmethod
    def load(cls, fields: Mapping[str, str]) -> "HostState":
        """The state in a Redis hash; what is missing has its default. Raises ValueError for what is no number."""
        return cls(
            latency_s=float(fields.get("latency_s", 0.0)),
            penalty=float(fields.get("penalty", 1.0)),
            fails=int(fields.get("fails", 0)),
            unanswered=int(fields.get("unanswered", 0)),
            crawl_delay_s=float(fields.get("crawl_delay_s", 0.0)),
        )


@dataclass(frozen=True, slots=True)
class TurnOwed:
    """What follows: the state to keep, and how long to wait. parked: the host counts as down."""

    state: HostState
    wait_s: float
    parked: bool


LATENCY_WEIGHT = 0.3  # of the newest response time in the average: three slow answers show
PENALTY_MAX = 64.0
PENALTY_RECOVERY = 0.9  # a good answer takes a tenth off: back to normal speed in 7 answers after one 429


def event_of(answer: Fetched | FetchError, now: float) -> HostEvent:
    """What an answer, or its absence, says about the host. `now`: epoch seconds, for dates in Retry-After."""
    if isinstance(answer, ForbiddenAddress | BadRequest | NoResources):
        return HostEvent(Happened.NOT_ASKED)
    if isinstance(answer, FetchError):
        if isinstance(answer, BadAnswer):
            return HostEvent(Happened.BROKEN)
        return HostEvent(Happened.NO_ANSWER if answer.host_level else Happened.STRAINED)
    if answer.status in (429, 503):
        wish_s = retry_after_s(answer.header("retry-after"), now)
        return HostEvent(Happened.SLOW_DOWN, answer.elapsed_s, wish_s)
    happened = Happened.STRAINED if answer.status >= 500 else Happened.ANSWERED
    return HostEvent(happened, answer.elapsed_s)


def after(state: HostState, event: HostEvent, options: PolitenessOptions) -> TurnOwed:
    """The host's state after `event`, and the seconds from the end of this request until the next may start."""
    penalty, fails = state.penalty, state.fails
    if event.happened is Happened.NOT_ASKED:
        return TurnOwed(state, 0.0, fails >= options.park_after)
    if event.happened is Happened.ANSWERED:
        penalty, fails = max(1.0, penalty * PENALTY_RECOVERY), 0
    elif event.happened is Happened.SLOW_DOWN:
        penalty, fails = min(PENALTY_MAX, penalty * 2), fails + 1
    elif event.happened is not Happened.BROKEN:
        fails += 1
    unanswered = state.unanswered + 1 if event.happened is Happened.NO_ANSWER else 0
    latency_s = _latency(state, event)
    state = replace(state, latency_s=latency_s, penalty=penalty, fails=fails, unanswered=unanswered)
    wait_s = delay_s(state, options)
    the_host = event.happened in (Happened.SLOW_DOWN, Happened.NO_ANSWER)
    told = event.wish_s is not None  # then the host says itself how long
    in_a_row = fails >= options.park_after and event.happened is not Happened.BROKEN
    if (the_host and not told) or in_a_row:
        wait_s = max(wait_s, _backoff(fails, options))
    wait_s = max(wait_s, min(event.wish_s or 0.0, options.retry_after_max_s))
    return TurnOwed(state, wait_s, fails >= options.park_after)


def delay_s(state: HostState, options: PolitenessOptions) -> float:
    """The host's ordinary delay: bounds, response time, penalty and Crawl-delay together."""
    adaptive = max(options.delay_min_s, state.latency_s * options.factor) * state.penalty
    crawl_delay = min(state.crawl_delay_s, options.crawl_delay_max_s)
    return max(min(adaptive, options.delay_max_s), crawl_delay, options.delay_min_s)


def _latency(state: HostState, event: HostEvent) -> float:
    if not state.latency_s:
        return max(0.0, event.elapsed_s)
    average = state.latency_s + LATENCY_WEIGHT * (event.elapsed_s - state.latency_s)
    # An error page, or a refused connection, comes fast: it must not make us faster.
    return max(0.0, average if event.happened is Happened.ANSWERED else max(average, state.latency_s))


def _backoff(fails: int, options: PolitenessOptions) -> float:
    return min(options.backoff_max_s, options.backoff_first_s * 2.0 ** min(max(fails - 1, 0), 40))
