"""The produce step: polls sources on their host's turn, and offers what they list to the frontier."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

import structlog

from newsmill.confined import ProcessEnded, Stopping
from newsmill.doors import NotThere
from newsmill.http.answer import Fetched, FetchError
from newsmill.http.caching import max_age_s, retry_after_s
from newsmill.http.conditional import validators
from newsmill.http.cookies import Jar
from newsmill.ledger import Move, PollEntry, Turn, a_poll, entries
from newsmill.ledger.stages import Stage
from newsmill.policy.verdict import Facts, Redirect, Unchanged, judge, sent_on
from newsmill.sources import confined_documents as documents
from newsmill.sources.kinds import Polled
from newsmill.sources.register import GIVEN_UP_FAILS, config_of, is_local, polled_now
from newsmill.sources.schedule import poll_outcome as polls
from newsmill.sources.schedule.schedule import State
from newsmill.sources.schedule.schedule import Wishes as Wish
from newsmill.urls.canonical import host_key
from workers.produce.offer import Offered, offer
from workers.runtime.step import claim, finish
from workers.runtime.ticker import dispatch
from workers.runtime.tools import ProduceTools
from workers.runtime.turns import Asked, Denied, Result, ask, hop_fields

WAIT_S = 5.0  # for documents of a message: nearly all are read in some milliseconds
READ_S = 90.0  # for the documents of one message: what is unread then is asked for again, before its lease ends
FULL_PAUSE_S = 60.0  # the frontier is full: the poll goes on after this, where it was cut off
OVER_PAUSE_S = 600.0  # only this source's share is: it has enough waiting for a while

log = structlog.get_logger()


def poll_sources(tools: ProduceTools, ids: Sequence[str]) -> int:
    """Polls what of `ids` is still ready; returns how many polls ended."""
    claimed = claim(tools.worker, Stage.PRODUCE, ids)
    local = [a_poll(entry) for entry in claimed if is_local(entry)]
    moved = len(finish(tools.worker, Stage.PRODUCE, [_read_file(tools, entry) for entry in local]))
    limit = int(tools.options.max_body_mb * 1e6)
    until = time.monotonic() + READ_S
    reading: list[Future[int]] = []
    with closing(ask(tools.worker, tools.web, [e for e in claimed if not is_local(e)], limit=limit)) as groups:
        for group in groups:
            moves = [_move(tools, result, until) for result in group if not _is_document(result)]
            moved += len(finish(tools.worker, Stage.PRODUCE, moves))
            for result in group:
                if _is_document(result):
                    readers = tools.suspicious_reader if a_poll(result.entry).crashed else tools.readers
                    tools.worker.process.under_way.hand_over(result.entry.id)
                    reading.append(readers.submit(_finish_document, tools, result, until))
            dispatch(tools.worker)
    done = wait(reading, WAIT_S).done  # a slow one goes on without us: the ledger knows that we hold it
    return moved + sum(future.result() for future in done)


def _is_document(result: Result) -> TypeGuard[Asked]:
    return isinstance(result, Asked) and isinstance(result.answer, Fetched) and 200 <= result.answer.status < 300


def _finish_document(tools: ProduceTools, result: Asked, until: float) -> int:
    """The end of one poll; as `guarded`, for a thread that nobody may wait for."""
    try:
        moved = len(finish(tools.worker, Stage.PRODUCE, [_move(tools, result, until)]))
        dispatch(tools.worker)
    except Exception:
        tools.worker.process.held.dropped([result.entry.id], time.monotonic())
        tools.worker.ledger.abandon(Stage.PRODUCE, tools.worker.owner, [result.entry.id])
        tools.worker.process.under_way.ended([result.entry.id])
        log.exception("poll.crashed", source=result.entry.source)
        return 0
    return moved


def _move(tools: ProduceTools, result: Result, until: float) -> Move:
    if isinstance(result, Move):
        return result
    if isinstance(result, Denied):
        return _failed(tools, a_poll(result.entry), result.reason, turn=result.turn)
    answer, entry = result.answer, a_poll(result.entry)
    had_validators = bool(entry.etag or entry.last_modified)
    facts = Facts(had_validators=had_validators, chain=entry.chain, jar=Jar.load(entry.cookies))
    if isinstance(answer, Fetched) and 200 <= answer.status < 300:
        if isinstance(hop := sent_on(answer, facts), Redirect):
            return _redirected(result, hop)
        if time.monotonic() > until:
            return entries.rest(entry.id, 0.0, {}, turn=result.turn)
        return _polled(tools, result, answer)
    match judge(answer, facts, tools.worker.clock()):
        case Redirect() as hop:
            return _redirected(result, hop)
        case Unchanged():
            return _rest(tools, entry, {"found": "0", "new": "0"}, turn=result.turn, wish=_asked(tools, answer))
        case verdict:
            return _failed(tools, entry, getattr(verdict, "reason", str(verdict)), turn=result.turn, answer=answer)


def _asked(tools: ProduceTools, answer: Fetched | FetchError | None, offered: Offered | None = None) -> Wish:
    """How long the server, and the document it sent, ask to be left alone."""
    if not isinstance(answer, Fetched):
        return Wish()
    return Wish(
        ttl_s=offered.ttl_s if offered else 0,
        period_s=offered.period_s if offered else 0,
        fresh_s=max_age_s(answer.header("cache-control")) or 0,
        retry_after_s=retry_after_s(answer.header("retry-after"), tools.worker.clock()) or 0,
    )


def _redirected(asked: Asked, hop: Redirect) -> Move:
    entry, to = asked.entry, hop.to
    fields = hop_fields(entry, hop)
    if hop.permanent and not entry.chain and to != entry.url:  # it has moved: the next poll goes straight there
        fields |= {"url": to, "home": host_key(to)}
        log.info("source.moved", source=entry.source, to=to)
    return entries.requeue(entry.id, fields, asked.turn, host=host_key(to))


def _polled(tools: ProduceTools, asked: Asked, answer: Fetched) -> Move:
    entry, now = a_poll(asked.entry), tools.worker.now
    if answer.truncated:
        return _failed(tools, entry, f"larger than {tools.options.max_body_mb:g} MB", turn=asked.turn)
    offered = _read(
        tools, entry, Polled(answer.body, answer.header("content-type") or "", answer.url, now), turn=asked.turn
    )
    if isinstance(offered, Move):
        return offered
    if offered.cut:
        return _goes_on_later(entry, offered, asked.turn)
    if offered.problem and not offered.found:
        return _failed(tools, entry, offered.problem, turn=asked.turn, answer=answer)
    kept = validators(answer.headers)
    fields = _facts(offered) | {"etag": kept.etag, "last_modified": kept.last_modified}
    return _rest(tools, entry, fields, turn=asked.turn, wish=_asked(tools, answer, offered), offered=offered)


def _goes_on_later(entry: PollEntry, offered: Offered, turn: Turn | None) -> Move:
    wait_s, problem = 0.0, ""
    if offered.added.refused:
        wait_s, problem = FULL_PAUSE_S, "the frontier is full"
    elif offered.added.over:
        wait_s, problem = OVER_PAUSE_S, "it has its share of what may wait: the rest is offered again later"
    fields = {"problem": problem, "cut": offered.cut, "left": offered.left.dump()}
    return entries.rest(entry.id, wait_s, fields, turn=turn)


def _facts(offered: Offered) -> dict[str, str]:
    facts = {"found": str(offered.found), "new": str(offered.added.accepted), "problem": offered.problem, "cut": ""}
    facts["left"] = offered.left.dump()
    return facts if offered.problem else facts | {"read": polled_now()}


def _read_file(tools: ProduceTools, entry: PollEntry) -> Move:
    try:
        body = Path(entry.url).read_bytes()
    except OSError as error:
        return _failed(tools, entry, f"cannot read {entry.url}: {error.strerror}", turn=None)
    offered = _read(tools, entry, Polled(body, "", "", tools.worker.now), turn=None)
    if isinstance(offered, Move):
        return offered
    if offered.cut:
        return _goes_on_later(entry, offered, None)
    return _rest(tools, entry, _facts(offered), turn=None, wish=Wish(), offered=offered)


def _read(tools: ProduceTools, entry: PollEntry, polled: Polled, *, turn: Turn | None) -> Offered | Move:
    """What came of the document; a Move where reading it was ended."""
    source = config_of(entry)
    try:
        with documents.reading(source.kind, replace(polled, since=_read_before(entry))) as read:
            return offer(tools, entry, source, polled=polled, reading=read)
    except ProcessEnded as error:
        return _failed(tools, entry, str(error), turn=turn, crashed=True)
    except NotThere as error:
        return _failed(tools, entry, str(error), turn=turn)
    except Stopping:
        return entries.rest(entry.id, 0.0, {}, turn=turn)


def _read_before(entry: PollEntry) -> datetime | None:
    """When the document was last read to its end."""
    moment = entry.read
    return datetime.fromtimestamp(moment, UTC) if moment else None


def _rest(
    tools: ProduceTools,
    entry: PollEntry,
    fields: dict[str, str],
    *,
    turn: Turn | None,
    wish: Wish,
    offered: Offered | None = None,
) -> Move:
    """A poll that went well rests until its next time; a part of a source rests until it is shown again."""
    source, now = config_of(entry), tools.worker.now
    dates = offered.dates if offered else ()
    undated_new = min(offered.undated, offered.added.accepted) if offered else 0
    ended = polls.succeeded(
        entry.fields, source.name, source.bounds, now=now, asked=wish, dates=dates, undated_new=undated_new
    )
    wait_s = polls.NEVER_S if entry.root else ended.wait_s
    if ended.health.state is State.SILENT and entry.health != State.SILENT:
        log.warning("source.silent", source=source.name, reason=ended.health.reason)
    return entries.rest(entry.id, wait_s, {**ended.fields, **fields}, turn=turn)


def _failed(
    tools: ProduceTools,
    entry: PollEntry,
    reason: str,
    *,
    turn: Turn | None,
    answer: Fetched | FetchError | None = None,
    crashed: bool = False,
) -> Move:
    source, now = config_of(entry), tools.worker.now
    status = answer.status if isinstance(answer, Fetched) else 0
    ended = polls.failed(
        entry.fields,
        source.name,
        source.bounds,
        now=now,
        asked=_asked(tools, answer),
        reason=reason,
        status=status,
        crashed=crashed,
    )
    fails = int(ended.fields["fails"])
    log.warning(
        "poll.failed", source=entry.source, url=entry.at, reason=reason, fails=fails, given_up=fails >= GIVEN_UP_FAILS
    )
    if ended.health.state is State.DEAD:
        log.warning("source.retired", source=entry.source, reason=ended.health.reason)
    wait_s = min(ended.wait_s, tools.web.retry_cap_s) if ended.health.state is not State.DEAD else ended.wait_s
    return entries.rest(entry.id, wait_s, {**ended.fields, "robots_at": "", "robots_hops": ""}, turn=turn)
