"""What `newsmill status` shows: the verdict, what is beside it, figures, sources; once, as JSON, or again and again."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsmill.ledger.new_index import Phase
from newsmill.ledger.presence import BEAT
from newsmill.ledger.stages import Stage
from newsmill.sources.durations import in_words
from newsmill.sources.register import SourceState
from workers.commands.terminal import Screen, add, cell, columns, fold, headline, say, show, tell
from workers.desk.looks import StatusLook, status_json
from workers.pipeline import STAGES
from workers.runtime.figures import Status
from workers.runtime.verdict import StatusWord, living

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

COLOURS = {StatusWord.OK: "green", StatusWord.PAUSED: "yellow", StatusWord.DEGRADED: "red"}
MOST_SHARES = 5  # lines of each kind: who is held most
WATCH_S = 2.0
SOURCES_WATCHED = 15  # what a screen has room for


def left_s(status: Status) -> float | None:
    """Seconds until all that waits has its outcome at the rate of now; None if nobody can know (pure)."""
    left = status.waiting + status.in_progress
    if not left:
        return None if status.polls.waiting + status.polls.active else 0.0
    return max(math.ceil(left / status.rate), 1.0) if status.rate > 0.01 else None


def ago(moment: float, now: float) -> str:
    """A moment as people say it: "3m ago", "in 12m", "never"."""
    if not moment:
        return "never"
    if moment > now + 10 * 365 * 86400:
        return "not again"
    return f"in {in_words(moment - now)}" if moment > now else f"{in_words(max(now - moment, 0.0))} ago"


def print_look(looked: StatusLook) -> None:
    """For people, once."""
    v, now = looked.verdict, looked.status.now
    headline(v.word, COLOURS[v.word], [remark.line(now) for remark in v.why] or [_fine(looked.status)])
    for remark in v.remarks:
        say("\n".join(fold(remark.line(now), "  note  ")))
    say()
    for part in figures(looked.status):
        show(part)
    say()
    for line in _more(looked.status):
        say("\n".join(fold(line)))
    if looked.sources:
        say()
        show(source_table(looked.sources, now))
        for line in source_notes(looked.sources):
            say("\n".join(fold(line, "  ")))


def tell_look(looked: StatusLook) -> None:
    """For scripts."""
    v = looked.verdict
    told = {
        "verdict": str(v.word),
        "why": [remark.model_dump() for remark in v.why],
        "remarks": [remark.model_dump() for remark in v.remarks],
        **status_json(looked.status, looked.sources),
        "left_s": left_s(looked.status),
        "search_trouble": looked.search_trouble,
        "another_index": looked.another_index,
    }
    tell(told)


def watch(look: Callable[[], StatusLook], turns: int | None = None) -> None:
    """On a screen of its own until Ctrl-C (or so many times)."""
    with Screen() as screen:
        while turns is None or turns > 0:
            looked = look()
            v, now = looked.verdict, looked.status.now
            lines = [remark.line(now) for remark in v.why] or [_fine(looked.status)]
            lines += [f"note: {remark.line(now)}" for remark in v.remarks[:5]]
            head = cell("\n".join(line for text in lines for line in fold(text)))
            word = cell(f"{v.word}   {datetime.now(UTC):%H:%M:%S} UTC")
            word.stylize(f"bold {COLOURS[v.word]}", 0, len(v.word))
            parts: list[Table | Text] = [
                word,
                head,
                cell(""),
                *figures(looked.status),
                cell("\n".join(_more(looked.status))),
            ]
            if looked.sources:
                first = sorted(looked.sources, key=lambda source: (source.health in ("ok", "new"), -source.polled))
                parts += [cell(""), source_table(first[:SOURCES_WATCHED], now)]
            screen.draw(parts)
            turns = None if turns is None else turns - 1
            time.sleep(WATCH_S)


def _fine(status: Status) -> str:
    if status.idle:
        return "nothing waits" + (f", {status.sources:,} sources rest until their time" if status.sources else "")
    return "it works"


def figures(status: Status) -> Iterator["Table"]:
    """Stages, and how addresses ended."""
    alive = living(status.workers, status.now)
    stages = columns("stage", "waiting", "at work", "workers", right=("waiting", "at work", "workers"))
    for name in STAGES:
        depth = status.polls if name is Stage.PRODUCE else status.stages[name]
        add(stages, str(name), f"{depth.waiting:,}", f"{depth.active:,}", alive.get(name, 0))
    add(stages, BEAT, "", "", alive.get(BEAT, 0))
    add(stages, "")
    yield stages
    counts = columns("addresses", "", right=("",))
    add(counts, "accepted", f"{status.accepted:,}")
    add(counts, "waiting", f"{status.waiting:,}")
    add(counts, "in progress", f"{status.in_progress:,}")
    for outcome, n in status.outcomes.items():
        add(counts, f"  {outcome}", f"{n:,}")
    yield counts


def _more(s: Status) -> Iterator[str]:
    left = left_s(s)
    if left:
        yield f"{s.rate:.1f} addresses a second, about {in_words(left)} left"
    elif left is None:
        yield "time left: unknown, nothing has ended for a while"
    disk = f", {s.free_mb / 1000:.1f} GB free on the disk" if s.free_mb is not None else ""
    yield f"window {s.window:,}{f' ({s.window_reason})' if s.window_reason else ''}{disk}"
    yield from shares(s)
    if s.new_index and s.new_index.phase is not Phase.DONE:
        yield f"{s.new_index.kind}: {s.new_index}"
    if s.freshness.articles:
        yield f"from publication to search: {s.freshness}"


def shares(s: Status) -> Iterator[str]:
    """Who is held to a share, so that the others have theirs; the most first."""
    for name, hosts in sorted(s.aside.items(), key=lambda pair: -pair[1])[:MOST_SHARES]:
        yield f"{name} has all its turns: {hosts} hosts wait for one"
    for name, times in sorted(s.over.items(), key=lambda pair: -pair[1])[:MOST_SHARES]:
        kind, _, source = name.partition(":")
        if kind == "links":
            yield f"source {source}: {times:,} links of its pages found no room today; later looks offer them again"
        else:
            yield f"{name} is over its share: put off {times} times today, and offered again later"


def source_table(sources: Sequence[SourceState], now: float) -> "Table":
    """A line for each source; what is wrong with one stands below (`source_notes`), where there is room."""
    table = columns("source", "state", "last poll", "next", "found", "new", right=("found", "new"))
    for source in sources:
        health = "paused" if source.paused else source.health or source.state
        state = health if source.state == "idle" else f"{health}, {source.state}"
        following = "" if source.paused or source.state != "idle" else ago(source.next, now)
        add(table, source.name, state, ago(source.polled, now), following, f"{source.found:,}", f"{source.new:,}")
    return table


def source_notes(sources: Sequence[SourceState]) -> Iterator[str]:
    """What is wrong with them, and what they left out."""
    for source in sources:
        if source.problem:
            yield f"{source.name}: {source.problem}"
        if source.left_out:
            counts = ", ".join(f"{items:,} {reason}" for reason, items in source.left_out.items())
            yield f"{source.name} left out: {counts}"


def by_table(name: str, counted: dict[str, dict[str, int]], most: int, *, as_json: bool) -> None:
    """Addresses by host, source, reason or day; the most first."""
    rows = (
        sorted(counted.items(), key=lambda row: row[0], reverse=True)
        if name == "day"
        else sorted(counted.items(), key=lambda row: -sum(row[1].values()))
    )
    if as_json:
        return tell([{name: key, **states} for key, states in rows])
    for key, states in rows[:most]:
        how = ", ".join(f"{n:,} {state}" for state, n in sorted(states.items(), key=lambda pair: -pair[1]))
        say("\n".join(fold(f"{key}: {how}", f"{sum(states.values()):>9,}  ")))
    if len(rows) > most:
        say(f"and {len(rows) - most:,} more: --json has all")
    return None
