"""How results look to people (rich tables, on stderr while work goes on) and to scripts (JSON on stdout)."""

import time
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from newsmill.ledger import Added
from newsmill.settings import Settings
from newsmill.sources.durations import in_words
from newsmill.sources.register import GIVEN_UP_FAILS
from workers.commands.show_status import left_s, shares
from workers.commands.terminal import add, cell, columns, errors, fold, in_line, say, tell
from workers.commands.terminal import show as print_table
from workers.desk.looks import iso, status_json
from workers.runtime.figures import Status
from workers.runtime.stores import search_store

if TYPE_CHECKING:  # what is shown is made elsewhere, with much that another command need not import
    from rich.table import Table

    from workers.commands.audit import Findings
    from workers.desk.robots_explained import Explanation
    from workers.local.run import Progress

RATE_S = 15.0  # of the past that a rate is taken from
PLAIN_EVERY_S = 5.0  # a line of progress where there is no terminal


class Live:
    """Progress while the mill works: a table on a terminal, a line now and then elsewhere, nothing beside JSON."""

    def __init__(self, as_json: bool) -> None:
        from rich import live

        self.table = live.Live(console=errors(), refresh_per_second=4, transient=True) if errors().is_terminal else None
        self.quiet = as_json
        self.pace = _Pace()
        self.last_line = time.monotonic()

    def __enter__(self) -> Self:
        if self.table:
            self.table.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.table:
            self.table.stop()

    def update(self, progress: "Progress") -> None:
        """Shows how far the run is."""
        left = self.pace.left(progress.status)
        if self.table:
            self.table.update(_progress_table(progress, left))
        elif not self.quiet and time.monotonic() - self.last_line > PLAIN_EVERY_S:
            self.last_line = time.monotonic()
            self.say(_line(progress, left))

    def say(self, text: str) -> None:
        """Says a line above what is shown."""
        if self.table or not self.quiet:
            say(text, error=True)


class _Pace:
    """How fast addresses end now: over the last RATE_S, not since the beginning, where nothing could end yet."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def left(self, status: Status) -> str:
        """How long it takes until nothing waits."""
        now, done = time.monotonic(), sum(status.outcomes.values())
        self._seen.append((now, done))
        while now - self._seen[0][0] > RATE_S:
            self._seen.popleft()
        since, before = self._seen[0]
        rate = (done - before) / (now - since) if now - since > 1 else 0.0
        left = left_s(status.model_copy(update={"rate": rate}))
        return "unknown" if left is None else in_words(left)


def _line(progress: "Progress", left: str) -> str:
    s = progress.status
    outcomes = ", ".join(f"{name} {n}" for name, n in s.outcomes.items() if n)
    told = f"{progress.told}; " if progress.told else ""
    return f"{told}waiting {s.waiting}, in progress {s.in_progress}; {outcomes or 'no outcome yet'}; time left {left}"


def _progress_table(progress: "Progress", left: str) -> "Table":
    s = progress.status
    from rich.table import Table

    table = Table(title=f"newsmill  {progress.elapsed_s:.0f} s, {left} left", expand=False)
    for column in ("stage", "waiting", "active", "done", "per second"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    done = sum(s.outcomes.values())
    polled = sum(1 for state in progress.sources if state.polled)
    add(table, "produce", s.polls.waiting, s.polls.active, f"{polled}/{len(progress.sources)} sources", "")
    passed = {"fetch": done + s.stages["parse"].waiting + s.stages["parse"].active, "parse": done, "index": done}
    passed["fetch"] += s.stages["index"].waiting + s.stages["index"].active
    passed["parse"] += s.stages["index"].waiting + s.stages["index"].active
    for name, figures in s.stages.items():
        speed = (passed[name] - progress.settled_before) / progress.elapsed_s if progress.elapsed_s else 0.0
        add(table, name, figures.waiting, figures.active, passed[name], f"{speed:.1f}")
    below = [", ".join(f"{name} {n}" for name, n in s.outcomes.items() if n) or "no outcome yet"]
    below += [progress.told] if progress.told else []
    below += [f"window {s.window}: {s.window_reason}"] if s.window_reason else []
    table.caption = cell("\n".join(below))
    return table


def _print_outcome(s: Status) -> None:
    """What came of a run, in figures."""
    table = columns("addresses", "", right=[""])
    for name, n in {"accepted": s.accepted, "waiting": s.waiting, "in progress": s.in_progress, **s.outcomes}.items():
        add(table, name if name not in s.outcomes else f"  {name}", n)
    print_table(table)
    if not s.balanced:
        say("these figures do not add up: run `newsmill audit`")
    for line in [*(f"it stalls: {stall}" for stall in s.stalls), *shares(s)]:
        say(line)
    if s.freshness.articles:
        say(f"from publication to search: {s.freshness}")


def summary(s: Settings, progress: "Progress", as_json: bool, *, stopped: bool) -> int:
    """Prints what came of a run; returns its exit code."""
    figures = progress.status
    failing = [state for state in progress.sources if state.fails >= GIVEN_UP_FAILS]
    complete = figures.balanced and figures.idle and not stopped
    store = search_store(s)
    documents = store.count()
    store.close()
    if as_json:
        told = status_json(figures, progress.sources)
        tell(told | {"complete": complete, "documents": documents, "elapsed_s": round(progress.elapsed_s, 1)})
    else:
        _print_outcome(figures)
        say(f"{documents} documents are searchable; {progress.elapsed_s:.0f} s")
        if complete and documents:
            say("try: newsmill search WORDS" + ("" if str(s.data) == "data" else f" --data {s.data}"))
    for state in failing:
        say(f"newsmill: source {state.name}: {in_line(state.problem)}", error=True)
    if stopped:
        say("newsmill: stopped; nothing is lost, the same command goes on", error=True)
        return 130
    return 0 if complete and not failing else 1


def added(a: Added, as_json: bool, nobody_works: str) -> None:
    """nobody_works: why nothing of it is taken up now; empty if it is."""
    if as_json:
        told = {"accepted": a.accepted, "known": a.known, "reopened": a.reopened, "refused": a.later}
        tell(told | {"waits": nobody_works})
        return
    say(f"accepted {a.accepted}, known already {a.known}" + (f", refused {a.later}: full" if a.later else ""))
    if nobody_works:
        say("\n".join(fold(nobody_works, "  ")))


def story(told: dict[str, Any], as_json: bool) -> int:
    """Prints an address's story; returns the exit code: 1 if it is unknown."""
    if as_json:
        tell(told)
    elif not told["known"]:
        _print_left(told["url"], told["left_out"])
    else:
        state = f"{told['state']} {told.get('outcome') or told.get('stage', '')}".strip()
        say(
            f"{in_line(told.get('url', ''))}\n  id {told['id']}, {state}"
            + (f": {in_line(told['reason'])}" if told.get("reason") else "")
        )
        if told.get("added"):
            say(f"  {iso(float(told['added']))} accepted from source {told.get('source', '?')}")
        for step in told.get("story", []):
            say(f"  {iso(step['at']) if step['at'] else ''} {step['stage']}: {in_line(step['what'])}")
        for line in told.get("waits", []):
            say("\n".join(fold(line, "  waits: ")))
        if told.get("next_look"):
            say(f"  {iso(told['next_look'])} it is looked at again")
        if told.get("moved"):
            say(f"  moved for good to {told['moved']}")
        host = told.get("host_state", {})
        if float(host.get("crawl_delay_wish_s", 0)) > float(host.get("crawl_delay_s", 0)):
            wish, honoured = float(host["crawl_delay_wish_s"]), float(host["crawl_delay_s"])
            say(f"  its host asks for a crawl delay of {wish:g} s, honoured as {honoured:g} s")
        for name in ("raw", "documents", "doc_url"):
            if told.get(name):
                say(f"  {name} {told[name]}")
    return 0 if told["known"] else 1


def _print_left(url: str, found: list[dict[str, Any]]) -> None:
    """An address that is not known: what the sources say of it."""
    known = any(left["remembered"] for left in found)
    say(f"{url or 'that id'} was listed and left out" if known else f"{url or 'that id'} is not known here")
    for left in found:
        polled = f"polled {iso(left['polled'])}" if left["polled"] else "not polled yet"
        if left["remembered"]:
            said = f"listed it, and left it out: {left['reason']}"
        elif left["reason"]:
            said = f"would leave it out: {left['reason']}"
        else:
            said = "would take it"
        counts = f"; it left out {_counts(left['left_out'])}" if left["left_out"] and not left["remembered"] else ""
        say(f"  source {left['source']} ({polled}) {said}{counts}")


def _counts(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{items:,} {reason}" for reason, items in reasons.items())


def robots(told: "Explanation", as_json: bool) -> None:
    """Shows what a robots.txt says of an address."""
    if not as_json:
        say("\n".join(told.lines()))
        return
    tell(
        {
            "url": told.url,
            "allowed": told.decision.allowed,
            "rule": told.decision.rule,
            "asked": list(told.asked),
            "state": told.file.state,
            "reason": told.file.reason,
            "crawl_delay_wish_s": told.crawl_delay_wish_s,
            "crawl_delay_s": told.crawl_delay_s,
            "rules": told.file.text.splitlines()[1:],
        }
    )


def put_back(n: int, as_json: bool) -> None:
    """Says how many were put back."""
    if as_json:
        tell({"reopened": n})
    else:
        say(f"{n} addresses go back to the frontier")


def audit(found: "Findings", as_json: bool) -> int:
    """Shows an audit; returns the exit code."""
    if as_json:
        tell({"problems": found.wrong, "mended": found.mended})
    else:
        say("\n".join([f"mended: {line}" for line in found.mended] + (found.wrong or ["the ledger is whole"])))
    return 1 if found.wrong else 0
