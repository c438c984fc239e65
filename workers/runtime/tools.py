"""What each stage is given to work with: a few values, made in one place (wiring.py). No stage sees another's."""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsmill.ledger import Frontier, Hints
from newsmill.ledger.held import Held
from newsmill.ledger.under_way import UnderWay
from newsmill.policy.politeness import PolitenessOptions
from newsmill.policy.recrawl import RecrawlOptions
from newsmill.policy.robots import RobotsOptions
from newsmill.search.store import SearchStore
from newsmill.settings import FetchSettings, FrontierSettings, ProduceSettings, SearchSettings
from newsmill.stores.documents import DocumentStore
from newsmill.stores.raw import RawStore
from newsmill.stores.revisions import RevisionStore
from workers.runtime.alarm import Alarm
from workers.runtime.gate import Gate
from workers.runtime.retention import Retention

if TYPE_CHECKING:  # a fetch worker needs no extractor, and a parse worker no HTTP client
    from newsmill.download.pool import Downloads
    from newsmill.extraction.own import Extractor
    from newsmill.sources.address_filters import AddressFilters

Clock = Callable[[], float]  # seconds since the epoch
MARK_BYTES = 3  # of a worker's own mark: two of one name have one mark once in 16 million


def worker_name(node: str, pid: int) -> str:
    """A worker as its supervisor knows it: the name of its node, and its process."""
    return f"{node}:{pid}"


def worker_owner(node: str, pid: int) -> str:
    """In whose name it leases. Two containers may have one name and process id, and do not end each other's leases."""
    return f"{worker_name(node, pid)}/{secrets.token_hex(MARK_BYTES)}"


def child_name(parent: str, pid: int) -> str:
    """In whose name a child of a prefork worker leases: the ledger takes it for a part of its parent."""
    return f"{parent}/{pid}"


@dataclass
class Process:
    """Who this process is, and what it has under way.

    name: in which it leases, given when its worker starts. renders: it fetches with a browser.
    stopping: set when it is asked to end. server: the Redis that it dispatched with last (its run id).
    """

    name: str = ""
    renders: bool = False
    server: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    alarm: Alarm = field(default_factory=Alarm)
    held: Held = field(default_factory=Held)
    under_way: UnderWay = field(default_factory=UnderWay)
    gate: Gate = field(default_factory=Gate)

    @property
    def owner(self) -> str:
        """In whose name it leases. That of a worker's child begins with its parent's, and ends with it."""
        return self.name or f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Worker:
    """What every step needs to claim and to finish. send: publishes hints; returns how many messages went out."""

    ledger: Frontier
    process: Process
    send: Callable[[Iterable[Hints]], int]
    clock: Clock

    @property
    def owner(self) -> str:
        """In whose name it leases."""
        return self.process.owner

    @property
    def now(self) -> datetime:
        """What its clock says, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)


@dataclass(frozen=True, slots=True)
class Web:
    """How hosts are asked. begin_s: seconds after its claim until which a request may begin.

    retry_cap_s: the longest wait for another try, unless the server asks for more.
    """

    downloads: "Downloads"
    politeness: PolitenessOptions
    robots: RobotsOptions
    begin_s: float
    retry_cap_s: float


@dataclass(frozen=True, slots=True)
class ProduceTools:
    """readers: threads that read documents, so that a slow one holds up no poll. suspicious_reader: one, for those
    of sources that were slow beyond all limits the last time."""

    worker: Worker
    web: Web
    readers: ThreadPoolExecutor
    suspicious_reader: ThreadPoolExecutor
    address_filters: "AddressFilters"
    options: ProduceSettings


@dataclass(frozen=True, slots=True)
class FetchTools:
    """recrawl: when articles are looked at again; None for never."""

    worker: Worker
    web: Web
    raw: RawStore
    recrawl: RecrawlOptions | None
    options: FetchSettings


@dataclass(frozen=True, slots=True)
class ParseTools:
    """address_filters: for links that are followed. document_filters: see workers/parse/filters.py."""

    worker: Worker
    raw: RawStore
    documents: DocumentStore
    extractor: "Extractor"
    address_filters: "AddressFilters"
    document_filters: Mapping[str, Any]
    recrawl: RecrawlOptions | None
    robots_token: str


@dataclass(frozen=True, slots=True)
class IndexTools:
    worker: Worker
    documents: DocumentStore
    search: SearchStore
    revisions: RevisionStore
    recrawl: RecrawlOptions | None


@dataclass(frozen=True, slots=True)
class TickTools:
    """disk: the folder whose free space bounds the pipeline; None when raw pages go to an object store."""

    worker: Worker
    options: FrontierSettings
    disk: Path | None


@dataclass(frozen=True, slots=True)
class RetentionTools:
    """What is removed by age, and how long it is kept."""

    raw: RawStore
    documents: DocumentStore
    search: SearchStore
    kept: Retention
    options: SearchSettings
