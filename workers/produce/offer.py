"""What a polled document lists, offered to the frontier in chunks: scope, traps, priorities, further parts."""

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

import structlog

from newsmill.ledger import Added, Candidate, PollEntry
from newsmill.model import Said
from newsmill.sources.address_filters import AddressFilters, Found, left_out
from newsmill.sources.bookmark import bookmark, resume_at
from newsmill.sources.config import Priority, SourceConfig, SourceKind
from newsmill.sources.kinds import Item, Polled, Reading
from newsmill.sources.left_out import LeftOut
from newsmill.sources.priority import NEWS_AGE, priority_of
from newsmill.sources.register import polled_now
from newsmill.sources.schedule.poll_outcome import MAX_DATES
from newsmill.sources.scope import refuse
from newsmill.urls.canonical import BadAddress, address_id, canonicalize, host_key, same_site
from workers.runtime.tools import ProduceTools

OFFER = 500  # items of a document that are offered at once
PARTS_MAX = 50_000  # further parts of one source (the sitemap protocol's bound for an index)
OFFER_S = 60.0  # for one document; what is left then is read on in the next poll, before this one's lease ends

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Offered:
    """What one document brought. left: what it lists and was not taken. dates: of its dated items.

    cut: where reading was cut off, since the frontier is full or the worker stops; empty if it came to the end.
    """

    added: Added
    found: int
    left: LeftOut
    problem: str
    dates: tuple[datetime, ...] = ()
    undated: int = 0
    ttl_s: int = 0
    period_s: int = 0
    cut: str = ""


@dataclass(slots=True)
class _Seen:
    """What was met in a document so far."""

    found: int = 0
    undated: int = 0
    further: int = 0
    dates: list[datetime] = field(default_factory=list)

    def pages(self, batch: Sequence[Item | None]) -> list[Item]:
        """The pages of a batch; what it holds is counted."""
        inside = [item for item in batch if item]
        self.found += len(inside)
        pages = [item for item in inside if not item.part]
        moments = [item.modified if item.part else item.published or item.modified for item in inside]
        self.dates += [moment for moment in moments if moment]
        self.undated += sum(not (page.published or page.modified) for page in pages)
        return pages

    def parts(self, batch: Sequence[Item | None], left: LeftOut) -> list[Item]:
        """The further parts of a batch, as far as they are taken."""
        listed = [item for item in batch if item and item.part]
        parts = listed[: PARTS_MAX - self.further]
        self.further += len(parts)
        left.note(f"more than {PARTS_MAX:,} files", items=len(listed) - len(parts))
        return parts


def offer(tools: ProduceTools, entry: PollEntry, source: SourceConfig, *, polled: Polled, reading: Reading) -> Offered:
    """Offers what the document lists to the frontier, in chunks; from where it was cut off the last time."""
    done = resume_at(entry.cut, polled.body) if entry.cut else 0
    left = LeftOut.load(entry.left) if done else LeftOut()
    items = _inside(source, islice(reading.items, done, None), polled.now, left=left, filters=tools.address_filters)
    added, seen, cut, ends = Added(), _Seen(), "", time.monotonic() + OFFER_S
    while batch := list(islice(items, OFFER)):
        pages = [_candidate(source, entry, item, now=polled.now) for item in seen.pages(batch)]
        each = {page.id: page for page in pages}
        left.note("repeat others", items=len(pages) - len(each))
        now_added = tools.worker.ledger.add(each.values())
        added += now_added
        for part in seen.parts(batch, left):
            _add_part(tools, entry, part, now=polled.now)
        done += 0 if now_added.later else len(batch)
        stops = tools.worker.process.stopping.is_set() or time.monotonic() > ends
        if now_added.later or (stops and len(batch) == OFFER):
            cut = bookmark(done, polled.body)
            break
    if not cut:
        for reason, not_items in reading.left_out().items():
            left.note(reason, items=not_items)
    log.info("polled", source=source.name, found=seen.found, new=added.accepted, left_out=left.total, cut=bool(cut))
    return Offered(
        added,
        seen.found,
        left,
        reading.problem(),
        tuple(heapq.nlargest(MAX_DATES, seen.dates)),
        seen.undated,
        reading.ttl_s,
        reading.period_s,
        cut,
    )


def _inside(
    source: SourceConfig, items: Iterator[Item], now: datetime, *, left: LeftOut, filters: AddressFilters
) -> Iterator[Item | None]:
    """Each item with its canonical address; None for what is no address or outside the scope, which `left` notes."""
    for item in items:
        try:
            url = canonicalize(item.url, rules=source.rules)
        except BadAddress:
            left.note("not an address that can be fetched")
            yield None
            continue
        if item.part:  # a file of an index belongs to the source's own site, whatever it lists (sitemaps.org)
            reason = None if same_site(url, source.url) else "another site"
        else:
            reason = refuse(source.scope, url, now, published=item.published, language=item.language)
            reason = reason or left_out(filters, Found(url, source, now))
        if reason:
            left.note(reason, url)
        yield None if reason else replace(item, url=url)


def _candidate(source: SourceConfig, entry: PollEntry, item: Item, *, now: datetime) -> Candidate:
    priority = priority_of(
        source.kind,
        now,
        published=item.published,
        modified=item.modified,
        first_poll=not entry.polled,
        override=source.priority,
    )
    published, modified = (t.timestamp() if t else None for t in (item.published, item.modified))
    return Candidate(
        *(address_id(item.url), item.url, host_key(item.url), source.name, priority, 0, published, modified),
        render=source.render,
        timely=bool(entry.read) and priority == Priority.FRESH,
        follow=source.follow,
        own=source.kind is SourceKind.LIST or same_site(item.url, source.url),
        asked=source.kind is SourceKind.LIST,
        said=_said(source.kind, item),
    )


def _said(kind: str, item: Item) -> str | None:
    """What parse may use of the item where the page shows nothing."""
    if not (item.published or item.title or item.author):
        return None
    return Said(origin=kind, published=item.published, title=item.title, author=item.author).dump()


def _add_part(tools: ProduceTools, parent: PollEntry, item: Item, *, now: datetime) -> None:
    """A file of a sitemap index: polled once for each time that the index shows it as new."""
    root = parent.root or parent.id
    id = f"{root}:{address_id(item.url)}"
    known = tools.worker.ledger.poll(id)
    if known and known.seen == parent.seen and parent.seen:
        return  # shown twice in one round, or an index that contains itself
    polled = known.polled if known else None
    if polled and item.modified and item.modified.timestamp() <= polled:
        return
    fields = {"url": item.url, "host": host_key(item.url), "root": root, "seen": parent.seen or polled_now()}
    shared = {name: parent[name] for name in ("source", "stage", "config")}
    # Behind the polls and articles of its host, unless it is one that news is added to.
    young = item.modified is not None and now - item.modified <= NEWS_AGE
    priority = Priority.FRESH if young else Priority.BACKFILL
    tools.worker.ledger.put_poll(id, fields | shared | {"priority": str(int(priority))}, 0.0)
