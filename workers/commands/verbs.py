"""What the smaller verbs do: each takes values and a mill, and returns a value to be shown."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from newsmill.demo.server import serve
from newsmill.http.client import Client
from newsmill.ledger import NORMAL, Added, Candidate, Entry
from newsmill.ledger.entries import GIVEN, POLL_PREFIX
from newsmill.outcomes import Outcome
from newsmill.search.store import Page, Sort
from newsmill.settings import Settings
from newsmill.sources.left_out import LeftOut
from newsmill.sources.register import SourceState, left_by, state_of
from newsmill.stores.errors import StoreError
from newsmill.urls.canonical import address_id, canonicalize, host_key
from workers.commands.plan import check_contact
from workers.commands.problems import BadInput
from workers.commands.robots_explained import Explanation, explain_robots
from workers.commands.terminal import say
from workers.local.access import NothingHere
from workers.runtime.figures import Status, status_of
from workers.runtime.ticker import dispatch
from workers.runtime.wiring import Mill, search_store

RETRY_CHUNK = 500


def offer(mill: Mill, urls: Sequence[str]) -> Added:
    """Puts canonical addresses into the frontier and dispatches what is due."""
    added = mill.frontier.add(Candidate(address_id(u), u, host_key(u), GIVEN, NORMAL, asked=True) for u in urls)
    dispatch(mill)
    return added


def find(
    s: Settings,
    query: str,
    limit: int,
    page: int,
    sort: str,
    *,
    facets: bool = False,
    collapse: bool = False,
    marks: tuple[str, str] = ("", ""),
) -> Page:
    """Raises BadInput for an unknown order, BadQuery, StoreError."""
    if sort not in list(Sort):
        raise BadInput(f"--sort {sort}: choose one of {', '.join(Sort)}")
    if not s.search.url and not (s.data / "search.sqlite").exists():
        raise NothingHere(f"there is no index in {s.data} yet: start with `newsmill run`, or name another --data")
    store = search_store(s)
    try:
        return store.search(
            query,
            limit,
            (page - 1) * limit,
            Sort(sort),
            marks=marks,
            facets=facets,
            collapse=collapse,
            prefer=s.search.prefer,
            half_life_days=s.search.half_life_days,
        )
    finally:
        store.close()


def look(mill: Mill) -> tuple[Status, list[SourceState]]:
    """The figures of the ledger, and of each source that is scheduled or at work."""
    status = status_of(mill.frontier.snapshot(), mill.settings.frontier.window)
    polls = list(mill.frontier.polls())
    in_parts: dict[str, LeftOut] = defaultdict(LeftOut)
    for part in polls:
        if part["root"] and part["left"]:
            in_parts[part.source].counts.update(LeftOut.load(part["left"]).counts)
    states = [state_of(e) for e in polls if not e["root"]]
    whole = [replace(s, left_out=in_parts[s.name].counts + Counter(s.left_out)) for s in states]
    return status, sorted(whole, key=lambda state: state.name)


def search_outdated(s: Settings) -> str:
    """What searches lack until a reindex; empty if nothing, or if that cannot be asked now."""
    if not s.search.url and not (s.data / "search.sqlite").exists():
        return ""
    try:
        store = search_store(s)
        try:
            return store.outdated()
        finally:
            store.close()
    except StoreError:
        return ""


def search_trouble(mill: Mill) -> str:
    """Why the search store takes no writes now, so that pages wait; empty if it does."""
    if not mill.settings.search.url and not (mill.settings.data / "search.sqlite").exists():
        return ""
    try:
        return mill.search.trouble()
    except StoreError as error:
        return str(error)


def lost_articles(mill: Mill) -> str:
    """Whether the search index lacks what the ledger counts as indexed, and what to do about it; empty if not.

    Counts are compared where nothing is at work, and nothing is removed by age.
    """
    if search_trouble(mill) or not (known := mill.frontier.search_index()):
        return ""
    remedy = "`newsmill reparse` brings them back from the raw pages"
    seen = mill.frontier.snapshot()
    counted = sum(
        int(seen["counters"].get(f"outcome:{outcome}", 0)) for outcome in (Outcome.INDEXED, Outcome.UNCHANGED)
    )
    try:
        now, there = mill.search.identity(), mill.search.count()
    except StoreError as error:
        return str(error)
    if now and now != known:
        return f"the search index is not the one that {counted:,} articles were written to, and has {there:,}: {remedy}"
    at_work = any(stage[state] for stage in seen["stages"].values() for state in ("ready", "leased"))
    if there < counted and not at_work and not mill.settings.search.days:
        return f"{counted:,} articles are counted as indexed, and the search index has {there:,}: {remedy}"
    return ""


def story(mill: Mill, address: str) -> dict[str, Any]:
    """What the ledger knows of an address. Raises BadAddress."""
    url = canonicalize(address)
    id = address_id(url)
    entry = mill.frontier.entry(id)
    if entry is None:
        shrunk = mill.frontier.shrunk(id)
        return {
            "id": id,
            "url": url,
            "known": shrunk is not None,
            "state": "settled" if shrunk else "unknown",
            "outcome": shrunk or "",
            "left_out": [] if shrunk else [asdict(left) for left in left_by(mill.frontier, url)],
        }
    fields = {name: value for name, value in entry.fields.items() if name != "cookies"}
    told = {"id": id, "known": True, **fields, "host_state": dict(entry.host_fields)}
    told["next_look"] = mill.frontier.next_look(id)
    told["story"] = [_step(line) for line in entry["story"].splitlines()]
    return told


def _step(line: str) -> dict[str, Any]:
    at, _, rest = line.partition(" ")
    stage, _, what = rest.partition(" ")
    return {"at": float(at) if at.replace(".", "").isdigit() else None, "stage": stage, "what": what}


def put_back(mill: Mill, outcome: str, host: str, reason: str, newer_s: float) -> int:
    """Opens settled entries again; returns how many. Raises BadInput for an unknown outcome."""
    if outcome not in list(Outcome):
        raise BadInput(f"--outcome {outcome}: choose one of {', '.join(Outcome)}")
    since = time.time() - newer_s if newer_s else 0.0

    def fits(entry: Entry) -> bool:
        return (
            entry["outcome"] == outcome
            and (not host or entry.host == host)
            and reason.lower() in entry["reason"].lower()
            and (entry.seconds("settled") or 0.0) >= since
            and not entry.id.startswith(POLL_PREFIX)
        )

    ids = [entry.id for entry in mill.frontier.entries() if fits(entry)]
    chunks = [ids[i : i + RETRY_CHUNK] for i in range(0, len(ids), RETRY_CHUNK)]
    back = sum(len(mill.frontier.reopen(chunk, NORMAL)) for chunk in chunks)
    dispatch(mill)
    return back


def why_robots(s: Settings, address: str) -> Explanation:
    """What the robots.txt of an address's host says of it now. Raises BadAddress, BadInput."""
    url = canonicalize(address)
    check_contact(s, [url])

    async def ask() -> Explanation:
        mill = Mill(s)
        async with Client(mill.client_options) as client:
            return await explain_robots(client, url, mill.robots, time.time(), named=(url,))

    return asyncio.run(ask())


def serve_demo(port: int) -> None:
    """Serves the demo site until Ctrl-C. Raises PortInUse."""
    with serve("127.0.0.1", port) as server:
        say(f"demo news site: {server.base}/")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return
