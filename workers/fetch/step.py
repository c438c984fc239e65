"""The fetch step: takes the turns of due hosts, judges the answers, keeps the raw pages."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from newsmill.http.answer import Fetched, FetchError
from newsmill.http.conditional import validators
from newsmill.http.content import unwanted
from newsmill.http.cookies import Jar
from newsmill.ledger import Ending, Move, PageEntry, Turn, a_page, entries
from newsmill.ledger.stages import Stage
from newsmill.model import RawRecord, Said
from newsmill.outcomes import Outcome
from newsmill.policy.verdict import (
    Excluded,
    Facts,
    Failed,
    Gone,
    Keep,
    Redirect,
    Retry,
    Unchanged,
    VerdictOptions,
    judge,
    withdrawn,
)
from newsmill.sources.register import config_of, poll_id
from newsmill.sources.scope import refuse
from newsmill.stores.errors import StoreUnavailable
from newsmill.urls.canonical import canonicalize, host_key
from workers.runtime.step import Seen, again, claim, finish
from workers.runtime.ticker import dispatch
from workers.runtime.tools import FetchTools
from workers.runtime.turns import Asked, Denied, Result, ask, conditional, hop_fields

STORE_PAUSE_S = 30.0  # a full or absent raw store: the page is asked for again after this, and no attempt is counted

AHEAD_S = 3600.0  # by which this machine's clock may be ahead of the ledger's: one that nobody keeps drifts by minutes
GIVEN_UP_LOOK_S = 86400.0  # a host that was given up may be back tomorrow: its articles are still searchable

log = structlog.get_logger()


def fetch_pages(tools: FetchTools, ids: Sequence[str]) -> int:
    """Fetches what of `ids` is still ready; returns how many entries moved on."""
    worker, moved = tools.worker, 0
    with closing(ask(worker, tools.web, claim(worker, Stage.FETCH, ids), stop=unwanted)) as groups:
        for group in groups:
            moves = [_move(tools, result) for result in group]
            moved += len(finish(worker, Stage.FETCH, moves, seen=_seen(group)))
            for result in group:
                _give_up_host(tools, result)
            dispatch(worker)
    return moved


def _move(tools: FetchTools, result: Result) -> Move:
    if isinstance(result, Move):
        return result
    if isinstance(result, Denied):
        entry = a_page(result.entry)
        if result.wait_s is None:
            return _away(entry, Outcome.EXCLUDED, result.reason, turn=result.turn)
        return _later(tools, entry, result.reason, wish_s=result.wait_s, turn=result.turn)
    return _judged(tools, result)


def _seen(results: Sequence[Result]) -> dict[str, Seen]:
    """What their lines in the log say of their requests, by id."""
    asked = ((r.entry.id, r.answer) for r in results if isinstance(r, Asked))
    return {id: Seen(a.status, len(a.body), a.elapsed_s) for id, a in asked if isinstance(a, Fetched)}


def _by_the_ledger(asked: Asked) -> Asked:
    """A time of fetch that is far ahead of the ledger's own is set to that: versions, and looks, are in its order."""
    claimed = asked.entry.claimed
    if not isinstance(asked.answer, Fetched) or claimed is None or asked.answer.started_at <= claimed + AHEAD_S:
        return asked
    log.warning("clock.ahead", seconds=round(asked.answer.started_at - claimed), id=asked.entry.id)
    return replace(asked, answer=replace(asked.answer, started_at=claimed))


def _judged(tools: FetchTools, asked: Asked) -> Move:
    asked = _by_the_ledger(asked)
    entry, turn = a_page(asked.entry), asked.turn
    facts = Facts(
        attempts=entry.tries + 1,
        had_validators=bool(conditional(entry)),
        chain=entry.chain,
        jar=Jar.load(entry.cookies),
        rendered=bool(entry.render and tools.worker.process.renders),
    )
    options = VerdictOptions(
        retry_delays_s=tuple(min(s, tools.options.retry_cap_s) for s in tools.options.retry_delays_s),
        redirects_max=tools.options.max_redirects,
    )
    match judge(asked.answer, facts, tools.worker.clock(), options=options):
        case Keep() if isinstance(asked.answer, Fetched):
            return _keep(tools, entry, asked.answer, turn=turn)
        case Redirect() as hop:
            return _redirected(tools, asked, hop)
        case Unchanged() if isinstance(asked.answer, Fetched):
            look = again(tools.recrawl, entry, tools.worker.clock(), changed=False)
            fields = {**look.fields, "looked": f"{asked.answer.started_at:.6f}"}
            return entries.settle(
                entry.id, Outcome.UNCHANGED, "not modified (304)", set=fields, turn=turn, again_s=look.wait_s
            )
        case Gone() if entry.moved and not entry.chain:
            return _ask_the_old_address(asked)
        case Gone(reason=reason):
            return _withdrawn(tools, asked, Outcome.GONE, reason=reason)
        case Excluded(reason=reason):
            return _withdrawn(tools, asked, Outcome.EXCLUDED, reason=reason)
        case Retry(reason=reason, after_s=after_s):
            return entries.delay(entry.id, after_s, reason, turn=turn)
        case Failed(reason=reason):
            return _failed(tools, entry, reason, turn=turn)
        case verdict:
            raise AssertionError(f"a verdict without an answer: {verdict}")


def _redirected(tools: FetchTools, asked: Asked, hop: Redirect) -> Move:
    entry, to = a_page(asked.entry), hop.to
    if refused := _out_of_scope(tools, entry, canonicalize(to)):
        return _away(entry, Outcome.EXCLUDED, f"redirect to {to[:200]}: {refused}", turn=asked.turn)
    fields = hop_fields(entry, hop)
    if hop.permanent and entry.at == entry.start:  # every hop so far was for good: the next look begins there
        fields |= {"moved": to if to != entry.url else "", "home": host_key(to)}
    return entries.requeue(entry.id, fields, asked.turn, host=host_key(to))


def _out_of_scope(tools: FetchTools, entry: PageEntry, to: str) -> str | None:
    """Why the source that found the entry may not bring in `to`; None if it may, or is no source of ours."""
    source = tools.worker.ledger.poll(poll_id(entry.source))
    if source is None or not source.config:
        return None
    return refuse(config_of(source).scope, to, tools.worker.now)


def _ask_the_old_address(asked: Asked) -> Move:
    """Where the page had moved to there is nothing any more: its own address may know better by now."""
    home = host_key(asked.entry.url)
    return entries.requeue(asked.entry.id, {"moved": "", "home": home}, asked.turn, host=home)


def _keep(tools: FetchTools, entry: PageEntry, answer: Fetched, *, turn: Turn) -> Move:
    try:
        key = tools.raw.put(_record(entry, answer))
    except StoreUnavailable as error:
        return _store_away(entry, turn, error)
    asked_again_with = validators(answer.headers)
    kept = {
        "raw": key,
        "status": str(answer.status),
        "size": str(len(answer.body)),
        "fetched": f"{answer.started_at:.6f}",
        "etag": asked_again_with.etag,
        "last_modified": asked_again_with.last_modified,
        "validated": answer.url if answer.url != entry.url else "",
        "adopted": "",
        "rendered": "1" if entry.render and tools.worker.process.renders else "",
    }
    return entries.advance(entry.id, Stage.PARSE, kept, turn=turn, kept_bytes=len(answer.body))


def _record(entry: PageEntry, answer: Fetched) -> RawRecord:
    return RawRecord(
        id=entry.id,
        url=entry.url,
        source=entry.source,
        final_url=answer.url,
        chain=entry.chain,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        fetched_at=datetime.fromtimestamp(answer.started_at, UTC),
        elapsed_s=answer.elapsed_s,
        ip=answer.ip,
        said=Said.load(entry.said),
    )


def _store_away(entry: PageEntry, turn: Turn, error: StoreUnavailable) -> Move:
    log.warning("raw.unavailable", id=entry.id, error=str(error))
    return entries.requeue(entry.id, turn=Turn(max(turn.wait_s, STORE_PAUSE_S), turn.host))


def _withdrawn(tools: FetchTools, asked: Asked, outcome: Outcome, *, reason: str) -> Move:
    """The answer that ends a page we have a raw record of is kept beside it: a reparse takes it out as well.

    A page that never was there leaves nothing: there is no end of addresses that answer 404.
    """
    entry, answer = a_page(asked.entry), asked.answer
    kept: dict[str, str] = {}
    if entry.raw and isinstance(answer, Fetched) and withdrawn(answer.status) and not answer.truncated:
        try:
            kept = {"raw": tools.raw.put(_record(entry, answer)), "fetched": f"{answer.started_at:.6f}"}
        except StoreUnavailable as error:
            return _store_away(entry, asked.turn, error)
    return _away(entry, outcome, reason, turn=asked.turn, fields=kept)


def _away(
    entry: PageEntry, outcome: Outcome, reason: str, *, turn: Turn, fields: Mapping[str, str] | None = None
) -> Move:
    """The end for a page that is not (any more) for the index; what the index has of it is taken out first."""
    if entry.indexed:
        return entries.advance(
            entry.id, Stage.INDEX, {"remove": Ending(outcome, reason).dump(), **(fields or {})}, turn=turn
        )
    return entries.settle(entry.id, outcome, reason, set=fields, turn=turn)


def _failed(
    tools: FetchTools, entry: PageEntry, reason: str, *, turn: Turn, fields: Mapping[str, str] | None = None
) -> Move:
    """Given up for now; what the index has of the page stays there, and is looked at again as if nothing changed."""
    if not entry.indexed:
        return entries.settle(entry.id, Outcome.FAILED, reason, set=fields, turn=turn)
    look = again(tools.recrawl, entry, tools.worker.clock(), changed=False)
    return entries.settle(
        entry.id, Outcome.FAILED, reason, set={**look.fields, **(fields or {})}, turn=turn, again_s=look.wait_s
    )


def _later(tools: FetchTools, entry: PageEntry, reason: str, *, wish_s: float, turn: Turn) -> Move:
    """Another try, or failure after the last one. wish_s: what the server asked for, honoured as it is."""
    pauses = tools.options.retry_delays_s
    done = {"robots_at": "", "robots_hops": "", "host": host_key(entry.at)}  # robots.txt may have led elsewhere
    if entry.tries >= len(pauses):
        reason = f"{reason} (after {entry.tries + 1} attempts)"
        return _failed(tools, entry, reason, turn=turn, fields=done)
    pause = min(pauses[entry.tries], tools.options.retry_cap_s)
    return entries.delay(entry.id, max(pause, wish_s), reason, set=done, turn=turn)


def _give_up_host(tools: FetchTools, result: Result) -> None:
    """A host that is silent too often in a row: what waits for it ends with the same reason, without asking again."""
    if isinstance(result, Move) or result.unanswered < tools.options.dead_host_fails:
        return
    if isinstance(result, Asked) and not (isinstance(result.answer, FetchError) and result.answer.host_level):
        return
    why = result.reason if isinstance(result, Denied) else str(result.answer)
    reason = f"host unreachable, {result.unanswered} requests in a row without an answer: {why}"
    again_s = GIVEN_UP_LOOK_S if tools.recrawl else 0.0
    given_up = tools.worker.ledger.drain(result.entry.host, Outcome.FAILED, reason, again_s=again_s)
    if given_up:
        log.warning("host.given_up", host=result.entry.host, entries=given_up, reason=reason)
