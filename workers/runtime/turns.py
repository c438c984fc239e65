"""A host's turn, for pages and for polls alike: robots.txt first, one request, and what the host is owed afterwards.

Every request that leaves is one turn of one host: robots.txt and each redirect take a turn of their own.
"""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import structlog

from newsmill.confined import Stopping
from newsmill.download.pool import Answer, Cancelled, Request
from newsmill.download.robots_confined import read_confined
from newsmill.http.answer import Fetched, FetchError
from newsmill.http.client import Stop
from newsmill.http.conditional import Validators
from newsmill.http.cookies import Jar
from newsmill.http.ports import check_port
from newsmill.ledger import Entry, Move, PollEntry, Turn, entries
from newsmill.ledger.entries import GIVEN
from newsmill.ledger.entry import POLL_PREFIX
from newsmill.policy.politeness import HostState, PolitenessOptions, after, delay_s, event_of
from newsmill.policy.robots import RobotsFile, RobotsOptions, RobotsRedirect, robots_from_response
from newsmill.policy.verdict import Redirect
from newsmill.urls.canonical import host_key
from workers.runtime import robots_kept
from workers.runtime.tools import Web, Worker

ROBOTS_BODY_MAX = 512 * 1024  # bytes read; 500 KiB of them count (RFC 9309 §2.5)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry's own request came to its end. turn: what its host is owed. unanswered: its requests in a row."""

    entry: Entry
    answer: Fetched | FetchError
    turn: Turn
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Denied:
    """robots.txt, or its port, stands before the entry. wait_s: None if it is forbidden; else it cannot be had now.

    The wait is what the server asked for, or 0. unanswered: requests in a row that the host did not answer.
    """

    entry: Entry
    reason: str
    turn: Turn
    wait_s: float | None = None
    unanswered: int = 0


Result = Move | Asked | Denied


def ask(
    worker: Worker, web: Web, claimed: Sequence[Entry], *, limit: int | None = None, stop: Stop | None = None
) -> Generator[list[Result], None, None]:
    """Asks for every claimed entry, all at once; yields what came of them, in groups.

    A Move is an entry that goes back to its queue: robots.txt had its turn first, or the worker stops.
    limit: bytes of body, decoded. stop: ends a download after its first bytes (`Client.get`).
    Close it (contextlib.closing): only then is nothing under way any more, whatever error ended the step.
    """
    by_id = {entry.id: entry for entry in claimed}
    files = robots_kept.known(worker.ledger, list({_authority(entry.at) for entry in claimed}))
    requests: list[Request] = []
    at_once: list[Result] = []
    for entry in claimed:
        named = _named(worker, entry)
        if refusal := check_port(entry.at, named):
            at_once.append(Denied(entry, f"forbidden-address: {refusal}", Turn(0.0)))
            continue
        step = _first_step(entry, files.get(_authority(entry.at)), worker.clock(), limit=limit, stop=stop)
        if isinstance(step, Request):
            begin_by = worker.process.under_way.since(entry.id, time.monotonic()) + web.begin_s
            requests.append(replace(step, named=named, begin_by=begin_by))
        else:
            at_once.append(step)
    if at_once:
        yield at_once
    with closing(web.downloads.answers(requests)) as groups:
        for group in groups:
            yield [_result(worker, web, by_id[request.id], request=request, answer=answer) for request, answer in group]


def _named(worker: Worker, entry: Entry) -> tuple[str, ...]:
    """What an operator wrote to bring the entry in; looked up only where its port needs that."""
    if check_port(entry.at) is None:
        return ()
    if entry.source == GIVEN:
        return (entry.url,)
    poll = worker.ledger.poll(POLL_PREFIX + entry.source)
    return (poll.configured,) if poll else ()


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _first_step(
    entry: Entry, file: RobotsFile | None, now: float, *, limit: int | None, stop: Stop | None
) -> Request | Denied:
    """What to do for an entry whose host has its turn now."""
    if entry.robots_at:
        return Request(entry.id, entry.robots_at, max_body_bytes=ROBOTS_BODY_MAX)
    if file is None or file.expires_at <= now:
        return Request(entry.id, _authority(entry.at) + "/robots.txt", max_body_bytes=ROBOTS_BODY_MAX)
    if file.state == "wait":
        return Denied(entry, file.reason, Turn(0.0), file.expires_at - now)
    decision = file.allowed(entry.at)
    if not decision.allowed:
        return Denied(entry, f"robots.txt: {decision.rule}", Turn(0.0))
    headers = conditional(entry)
    if cookies := Jar.load(entry.cookies).header(entry.at):
        headers["cookie"] = cookies
    return Request(entry.id, entry.at, headers, limit, stop, render=entry.render)


def conditional(entry: Entry) -> dict[str, str]:
    """The headers that ask for the entry only if it has changed: validators hold for the address that gave them.

    A page of which the index has nothing is asked for as a whole: "not modified" would leave it without a document.
    So is one that scripts make: the validators are those of the empty page.
    """
    ours = isinstance(entry, PollEntry) or entry.indexed
    if not ours or entry.render or entry.at != (entry.validated or entry.url):
        return {}
    return dict(Validators(entry.etag, entry.last_modified).request_headers())


def hop_fields(entry: Entry, hop: Redirect) -> dict[str, str]:
    """What the ledger keeps of a redirect until the entry's next turn."""
    return {"at": hop.to, "chain": " ".join((*entry.chain, entry.at)), "cookies": hop.jar.dump()}


def _result(worker: Worker, web: Web, entry: Entry, *, request: Request, answer: Answer) -> Result:
    state = HostState.load(entry.host_fields)
    if isinstance(answer, Cancelled):
        return entries.requeue(entry.id, turn=Turn(delay_s(state, web.politeness), state.dump()))
    asks_robots = request.url != entry.at or bool(entry.robots_at)
    state, turn = _owed(web.politeness, state, answer)
    if not asks_robots:
        return Asked(entry, answer, turn, state.unanswered)
    return _robots_answered(worker, web, entry, answer=answer, state=state, turn=turn)


def _owed(politeness: PolitenessOptions, state: HostState, answer: Fetched | FetchError) -> tuple[HostState, Turn]:
    """How long the host rests after this answer, and what is remembered of it."""
    owed = after(state, event_of(answer, answer.ended_at), politeness)
    fields = owed.state.dump() | {"parked": "1" if owed.parked else "0"}
    if answer.ip:
        fields["ip"] = answer.ip
    return owed.state, Turn(owed.wait_s, fields)


def _robots_answered(
    worker: Worker, web: Web, entry: Entry, *, answer: Fetched | FetchError, state: HostState, turn: Turn
) -> Move | Denied:
    """robots.txt took this turn; the entry itself takes the next one, at the front of the queue."""
    now = worker.clock()
    hops = entry.robots_hops
    authority = _authority(entry.at)
    previous = robots_kept.known(worker.ledger, [authority]).get(authority)
    try:
        file = robots_from_response(answer, now, web.robots, hops=hops, previous=previous, reduce=read_confined)
    except Stopping:
        return entries.requeue(entry.id, turn=turn)
    home = host_key(entry.at)
    if isinstance(file, RobotsRedirect):
        there = {"robots_at": file.to, "robots_hops": str(hops + 1)}
        return entries.requeue(entry.id, there, turn, host=host_key(file.to))
    asked_for_time = isinstance(answer, Fetched) and answer.header("retry-after")
    if file.state == "wait" and not asked_for_time:
        file = file.model_copy(update={"expires_at": min(file.expires_at, now + web.retry_cap_s)})
    file = robots_kept.keep(worker.ledger, authority, file, now=now)
    done = {"robots_at": "", "robots_hops": ""}
    if file.state == "wait":
        return Denied(entry, file.reason, turn, file.expires_at - now if asked_for_time else 0.0, state.unanswered)
    wish = _crawl_delay(web.robots, file, home)
    if home == entry.host:
        kept = replace(state, crawl_delay_s=float(wish["crawl_delay_s"]))
        turn = Turn(max(turn.wait_s, delay_s(kept, web.politeness)), {**turn.host, **kept.dump(), **wish})
    else:
        worker.ledger.note_host(home, wish)
    return entries.requeue(entry.id, done, turn, host=home)


def _crawl_delay(robots: RobotsOptions, file: RobotsFile, host: str) -> dict[str, str]:
    """The host's fields for what its robots.txt asks for. A longer delay than we honour is told, not ignored."""
    honoured, wish = file.crawl_delay_s(robots) or 0.0, file.crawl_delay_wish_s() or 0.0
    if wish > honoured:
        log.warning("robots.crawl_delay_capped", host=host, wish_s=wish, honoured_s=honoured)
    return {"crawl_delay_s": f"{honoured:.3f}", "crawl_delay_wish_s": f"{wish:.3f}"}
