"""Posts what a webhook has not taken yet, in order. Any process may do it; for one webhook one at a time does."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import structlog
from standardwebhooks import Webhook

from newsmill.http.answer import FetchError
from newsmill.http.caching import retry_after_s
from newsmill.http.client import Client
from newsmill.ledger.changes import Behind
from newsmill.ledger.hooks import Hook
from newsmill.search.tree import BadQuery
from workers.desk.following import Told, follow
from workers.notify.retries import Delivered, HookEnded, RetryLater, follows
from workers.runtime.stores import has_index
from workers.runtime.wiring import Wiring

PORTION = 20  # events a turn; then the others have theirs
TURN_S = 5.0  # nor does a turn begin another post after so long: a slow receiver holds nobody else up
POST_S = 15.0  # for a whole post, however slowly it answers; Standard Webhooks asks for 15 to 30 s
LOCK_S = 60.0  # longer than a turn with its last post; whoever dies with it holds a hook up for so long
TYPE = "article."  # what the type of an event begins with

log = structlog.get_logger()


def due(wiring: Wiring, now: float) -> Iterator[Hook]:
    """The webhooks for which there is something, and which may be tried."""
    head = wiring.frontier.changes.head()
    for hook in wiring.frontier.hooks.all():
        if not hook.disabled and hook.next_at <= now and hook.cursor != head:
            yield hook


def deliver(wiring: Wiring, id: str) -> int:
    """Posts a portion to one webhook, if nobody else does now; returns how many events it took."""
    lock = f"hook-{id}"
    if not wiring.frontier.try_lock(lock, LOCK_S):
        return 0
    try:
        hook = wiring.frontier.hooks.get(id)
        return asyncio.run(_deliver(wiring, hook)) if hook and not hook.disabled else 0
    finally:
        wiring.frontier.unlock(lock)


async def _deliver(wiring: Wiring, hook: Hook) -> int:
    hooks = wiring.frontier.hooks
    search = wiring.search if has_index(wiring.settings) else None
    try:
        portion = follow(wiring, search, hook.cursor, query=hook.query, most=PORTION)
    except Behind as error:  # it was away for longer than events are kept
        log.warning("hook.behind", hook=hook.id, why=str(error))
        hooks.taken(hook.id, wiring.frontier.changes.trimmed())
        return 0
    except BadQuery as error:
        hooks.disable(hook.id, str(error))
        return 0
    taken, fails, since = 0, hook.fails, hook.since
    until = time.monotonic() + TURN_S
    async with Client(wiring.client_options) as client:
        for told in portion.told:
            if time.monotonic() > until:
                return taken
            match await _post(client, hook, told, fails=fails, since=since):
                case Delivered():
                    hooks.taken(hook.id, told.change.cursor)
                    taken, fails, since = taken + 1, 0, 0.0
                case RetryLater(wait_s=wait_s, why=why):
                    now = time.time()
                    log.warning("hook.failed", hook=hook.id, why=why, wait_s=round(wait_s, 1))
                    hooks.failed(hook.id, why, fails=fails + 1, since=since or now, next_at=now + wait_s)
                    return taken
                case HookEnded(why=why):
                    log.error("hook.disabled", hook=hook.id, why=why)
                    hooks.disable(hook.id, why)
                    return taken
    hooks.taken(hook.id, portion.cursor)  # what its query does not find is passed over
    return taken


async def _post(
    client: Client, hook: Hook, told: Told, *, fails: int, since: float
) -> Delivered | RetryLater | HookEnded:
    body, headers = message(hook, told, datetime.now(UTC))
    status, why, wish_s = 0, "", None
    try:
        async with asyncio.timeout(POST_S):
            answer = await client.post(hook.url, body, headers, named=(hook.url,))
        status, why = answer.status, f"it answers with status {answer.status}"
        wish_s = retry_after_s(answer.header("retry-after"), time.time())
    except FetchError as error:
        why = str(error)
    except TimeoutError:
        why = f"it has not answered within {POST_S:.0f} s"
    failing_s = time.time() - since if since else 0.0
    return follows(status, why, fails=fails, failing_s=failing_s, wish_s=wish_s, chance=random.random())


def message(hook: Hook, told: Told, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one event. The id is the event's own, so that a repeat can be dropped."""
    change, document = told.change, told.document
    data = {
        "id": change.id,
        "url": change.url or (document.url if document else ""),
        "title": change.title,
        "story": change.story,
        "version": change.version,
        "article": document.model_dump(mode="json", exclude={"text"}) if document else None,
    }
    at = datetime.fromtimestamp(change.at, UTC).isoformat(timespec="milliseconds")
    body = json.dumps({"type": f"{TYPE}{change.kind}", "timestamp": at, "data": data}, ensure_ascii=False)
    id = f"evt_{change.cursor}"
    headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(hook.secret).sign(id, now, body),
    }
    return body.encode(), headers
