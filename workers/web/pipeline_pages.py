"""The pages Pipeline, Hosts and Failures."""

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from newsmill.ledger import NORMAL
from newsmill.ledger.overview import SettledRow
from newsmill.outcomes import Outcome
from newsmill.policy.politeness import HostState, PolitenessOptions
from newsmill.policy.robots import RobotsFile
from newsmill.urls.canonical import BadAddress, address_id, canonicalize
from workers.desk.verbs import put_back
from workers.runtime.ticker import dispatch
from workers.web.console import Board, Call
from workers.web.rendering import page

HOSTS_SHOWN = 200
WAITING_SHOWN = 50
FAILURES = (Outcome.FAILED, Outcome.QUARANTINED, Outcome.EXCLUDED, Outcome.GONE, Outcome.EMPTY, Outcome.DUPLICATE)
LOOKED_S = 2.0  # for failures: 100,000 addresses; the page says when it did not see all
SAMPLES = 5  # of a reason
REASON = 120  # characters of a reason by which it is told from others
REASONS_SHOWN = 50


def pipeline(console: Board, asked: Call) -> Response:
    """The four stages and what they do."""
    return page(console, asked, "pipeline.html", **stages(console))


def stages(console: Board) -> dict[str, Any]:
    """What the living part of the page shows."""
    shown = console.picture()
    return {"picture": shown, "ended": [(name, n) for name, n in shown.ended.items() if n]}


def hosts(console: Board, asked: Call) -> Response:
    """Who waits, who is put aside, who has trouble."""
    wanted = asked.query.get("host", "").strip()
    if wanted:
        name = urlsplit(wanted if "://" in wanted else f"//{wanted}").hostname or wanted
        return RedirectResponse(f"/hosts/{name}", 303)
    now = time.time()
    found = console.wiring.frontier.overview.hosts(HOSTS_SHOWN)
    rows = [
        {"host": h.host, "waiting": h.waiting, "at": h.at, "told": _told(h, now), "trouble": _trouble(h)} for h in found
    ]
    return page(console, asked, "hosts.html", rows=rows, most=HOSTS_SHOWN)


def _told(host: Any, now: float) -> str:
    if host.group:
        return f"put aside: {host.group.removeprefix('page:')} has all its turns"
    if host.fields.get("busy"):
        return "is being asked"
    if host.at is None:
        return "nothing waits"
    return "may be asked now" if host.at <= now else f"may be asked in {host.at - now:.0f} s"


def _trouble(host: Any) -> str:
    state = HostState.load(host.fields)
    said = []
    if state.fails >= PolitenessOptions().park_after:
        said.append(f"{state.fails} failures in a row: it counts as down")
    elif state.fails:
        said.append(f"{state.fails} failures in a row")
    if state.unanswered:
        said.append(f"{state.unanswered} requests without an answer")
    if state.penalty > 1.05:
        said.append(f"it asked us to slow down: its pause is {state.penalty:.1f} times as long")
    return "; ".join(said)


def host(console: Board, asked: Call) -> Response:
    """One host: its pause, its trouble, its robots.txt and what it says of an address."""
    name = asked.path["host"]
    found = console.wiring.frontier.overview.host(name)
    state = HostState.load(found.fields)
    asked_of = asked.query.get("url", "").strip()
    waiting = console.wiring.frontier.overview.waiting_at(name, WAITING_SHOWN)
    files = console.wiring.frontier.robots.get(_authorities(name, [asked_of, *waiting]))
    decisions = []
    for authority, text in files.items():
        file = RobotsFile.load(text)
        decision, problem = None, ""
        if asked_of:
            try:
                decision = file.allowed(canonicalize(asked_of if "://" in asked_of else f"{authority}{asked_of}"))
            except BadAddress as error:
                problem = str(error)
        decisions.append({"authority": authority, "file": file, "decision": decision, "problem": problem})
    return page(
        console,
        asked,
        "host.html",
        host=found,
        state=state,
        told=_told(found, time.time()),
        trouble=_trouble(found),
        waiting=waiting,
        robots=decisions,
        asked_of=asked_of,
    )


def _authorities(host: str, urls: Sequence[str]) -> list[str]:
    """Where the host's robots.txt may have been found: the usual two, and other ports of addresses there."""
    found = [f"https://{host}", f"http://{host}"]
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname == host:
            found.append(f"{parts.scheme}://{parts.netloc}")
    return list(dict.fromkeys(found))


def failures(console: Board, asked: Call) -> Response:
    """What did not become an article, by reason, with samples."""
    chosen = asked.query.get("outcome", "")
    outcomes = (chosen,) if chosen in list(map(str, FAILURES)) else ("failed", "quarantined")
    groups: dict[tuple[str, str], list[SettledRow]] = defaultdict(list)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for ended in console.wiring.frontier.overview.ends(outcomes, LOOKED_S):
        key = (ended.outcome, kind_of_reason(ended.reason))
        counts[key] += 1
        if len(groups) <= 10 * REASONS_SHOWN and len(groups[key]) < SAMPLES:
            groups[key].append(ended)
    ranked = sorted(counts, key=lambda key: -counts[key])[:REASONS_SHOWN]
    shown = [{"outcome": o, "reason": r, "count": counts[o, r], "samples": groups[o, r]} for o, r in ranked]
    totals = console.picture().status.outcomes
    seen = sum(counts.values())
    return page(
        console,
        asked,
        "failures.html",
        groups=shown,
        outcomes=[(str(o), totals.get(str(o), 0)) for o in FAILURES],
        chosen=chosen,
        seen=seen,
        all=sum(totals.get(name, 0) for name in outcomes),
        done=asked.query.get("done", ""),
    )


def kind_of_reason(reason: str) -> str:
    """A reason without what is of one address alone, so that equal ones stand together."""
    words = (
        "…" if "://" in word or (len(word) > 3 and any(c.isdigit() for c in word)) else word for word in reason.split()
    )
    return " ".join(words)[:REASON]


def retry(console: Board, asked: Call) -> Response:
    """Puts what was chosen back: one address, or all of a reason."""
    outcome, reason, url = (asked.fields.get(name, "") for name in ("outcome", "reason", "url"))
    if url:
        back = len(console.wiring.frontier.reopen([address_id(canonicalize(url))], NORMAL))
        dispatch(console.wiring.worker)
    else:
        host = asked.fields.get("host", "")
        back = put_back(
            console.wiring, outcome, host, reason="", newer_s=0.0, fitting=lambda told: kind_of_reason(told) == reason
        )
    return RedirectResponse(f"/failures?outcome={outcome}&done={back}", 303)
