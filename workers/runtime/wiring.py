"""The one place where settings become what a process works with: connections, stores, and each stage's tools.

Made lazily, so that a prefork child makes its own after the fork.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from newsmill import doors
from newsmill.confined import CHILDREN_MAX, SLOW_MAX
from newsmill.http.ports import port_of
from newsmill.ledger import Frontier, Limits
from newsmill.ledger.stages import REQUEST_S
from newsmill.policy.politeness import PolitenessOptions
from newsmill.policy.recrawl import RecrawlOptions
from newsmill.policy.robots import RobotsOptions
from newsmill.search.store import SearchStore
from newsmill.settings import Settings, settings
from newsmill.stores.documents import DocumentStore
from newsmill.stores.raw import RawStore
from newsmill.stores.revisions import RevisionStore
from workers.runtime.health import WorkerHealth
from workers.runtime.hints import send
from workers.runtime.retention import Retention
from workers.runtime.stores import document_store, raw_store, revision_store, search_store
from workers.runtime.tools import (
    Clock,
    FetchTools,
    IndexTools,
    ParseTools,
    Process,
    ProduceTools,
    RetentionTools,
    TickTools,
    Web,
    Worker,
)

if TYPE_CHECKING:  # a command or another stage's worker needs no HTTP client
    from newsmill.download.pool import Downloads
    from newsmill.http.client import ClientOptions
    from newsmill.sources.address_filters import AddressFilters

REDIS_TIMEOUT_S = 15.0  # a frozen server must not freeze us for ever
REDIS_CONNECT_S = 5.0
RENDER_ALL_S = 70.0  # for a page that is rendered, in all
RENDER_FETCH_S = 20.0  # for a page before it is rendered: with its scripts' 50 s it ends within fetch's 75 s


class BrokerUnreachable(Exception):
    """Redis cannot be reached at the configured address: start it, or mend NEWSMILL_REDIS_URL."""


def connect(url: str) -> "redis.Redis":
    """A client for the ledger. It connects on first use."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_CONNECT_S,
        socket_keepalive=True,
        health_check_interval=25,
    )


def limits(s: Settings) -> Limits:
    """The frontier's limits from the settings."""
    return Limits(
        window=s.frontier.window,
        max_waiting=s.frontier.max_waiting,
        per_day=s.frontier.per_day,
        hint_s=s.frontier.hint_s,
        max_crashes=s.frontier.max_crashes,
        retention_s=s.frontier.retention_days * 86400,
        polls=s.produce.window,
        per_ip=s.frontier.per_ip,
        events=s.events.most,
        events_s=s.events.days * 86400,
    )


def not_installed(s: Settings) -> list[str]:
    """A line for each name in the settings behind which nothing is installed."""
    named = [(doors.EXTRACTORS, "parse.extractor", s.parse.extractor)]
    named += [(doors.ADDRESS_FILTERS, "produce.address_filters", name) for name in s.produce.address_filters]
    named += [(doors.DOCUMENT_FILTERS, "parse.document_filters", name) for name in s.parse.document_filters]
    return [f"{where}: {problem}" for door, where, name in named if (problem := door.known(name))]


def own_ports(s: Settings) -> frozenset[int]:
    """Ports of the mill itself, which no page may lead to: its console's, its Redis', its broker's."""
    urls = [url for url in (s.redis_url, s.broker.url) if url]
    return frozenset({s.web.port, *(port for port in map(port_of, urls) if port > 0)} - {0})


@dataclass
class Wiring:
    """Makes what each stage works with (tools.py), and alone opens stores, on first use.

    ledger, index_store: other ones than the settings name. clock: seconds since the epoch.
    """

    settings: Settings
    ledger: Frontier | None = None
    index_store: SearchStore | None = None
    clock: Clock = time.time
    process: Process = field(default_factory=Process)
    at_rest: bool = False  # the broker was started for one command, so that nobody works

    @cached_property
    def frontier(self) -> Frontier:
        """The ledger."""
        if self.ledger:
            return self.ledger
        client = connect(self.settings.redis_url or "redis://127.0.0.1:6379/0")
        return Frontier(client, limits(self.settings), self.settings.redis_prefix)

    @cached_property
    def health(self) -> WorkerHealth:
        """How this process says that it takes what its queues have."""
        return WorkerHealth(Path(self.settings.health_file) if self.settings.health_file else None)

    @cached_property
    def worker(self) -> Worker:
        """What every step claims and finishes with."""
        return Worker(self.frontier, self.process, send, self.clock)

    @cached_property
    def produce(self) -> ProduceTools:
        """What produce works with. Raises NotThere."""
        return ProduceTools(
            self.worker,
            self.web,
            ThreadPoolExecutor(CHILDREN_MAX + SLOW_MAX, "reader"),
            ThreadPoolExecutor(1, "suspicious-reader"),
            self._address_filters,
            self.settings.produce,
        )

    @cached_property
    def fetch(self) -> FetchTools:
        """What fetch works with. Raises StoreError."""
        return FetchTools(self.worker, self.web, self.raw, self._recrawl, self.settings.fetch)

    @cached_property
    def parse(self) -> ParseTools:
        """What parse works with. Raises NotThere, StoreError."""
        named = self.settings.parse
        return ParseTools(
            self.worker,
            self.raw,
            self.documents,
            doors.EXTRACTORS.load(named.extractor),
            self._address_filters,
            {name: doors.DOCUMENT_FILTERS.load(name) for name in named.document_filters},
            self._recrawl,
            self.settings.fetch.robots_token,
        )

    @cached_property
    def index(self) -> IndexTools:
        """What index works with. Raises StoreError."""
        return IndexTools(self.worker, self.documents, self.search, self.revisions, self._recrawl)

    @property
    def ticks(self) -> TickTools:
        """What a tick works with."""
        return TickTools(self.worker, self.settings.frontier, self.disk)

    @cached_property
    def retention(self) -> RetentionTools:
        """What removal by age works with. Raises StoreError."""
        kept = Retention(self.settings.stores.raw_days, self.settings.stores.documents_days)
        return RetentionTools(self.raw, self.documents, self.search, kept, self.settings.search)

    @property
    def client_options(self) -> "ClientOptions":
        """How one request is made."""
        from newsmill.http.client import ClientOptions

        fetch = self.settings.fetch
        return ClientOptions(
            user_agent=fetch.user_agent,
            connect_s=fetch.connect_s,
            read_s=fetch.read_s,
            total_s=fetch.total_s,
            max_body_bytes=int(fetch.max_body_mb * 1e6),
            allow_networks=fetch.allow_networks,
            own_ports=own_ports(self.settings),
        )

    @cached_property
    def web(self) -> Web:
        """How hosts are asked, by one pool of connections a process."""
        fetch, renders = self.settings.fetch, self.process.renders
        politeness = PolitenessOptions(
            factor=fetch.delay_factor if fetch.delay_s else 0.0,
            delay_min_s=fetch.delay_s,
            backoff_max_s=min(PolitenessOptions().backoff_max_s, fetch.retry_cap_s),
        )
        longest_s = RENDER_ALL_S if renders else fetch.total_s
        return Web(
            self._downloads(politeness),
            politeness,
            self.robots,
            begin_s=max(REQUEST_S - longest_s, 1.0),  # so that a request has ended when its host is let go
            retry_cap_s=fetch.retry_cap_s,
        )

    def _downloads(self, politeness: PolitenessOptions) -> "Downloads":
        from newsmill.download.pool import Downloads

        options = self.client_options
        if not self.process.renders:
            return Downloads(options, self.process.stopping)
        from newsmill.download.browser import Browser, RenderOptions

        s = self.settings.render
        rendering = RenderOptions(chromium=s.chromium, sandbox=s.sandbox and os.geteuid() != 0, pages=s.pages)
        options = replace(options, total_s=min(options.total_s, RENDER_FETCH_S))
        return Downloads(options, self.process.stopping, Browser(rendering, politeness, self.robots))

    @property
    def robots(self) -> RobotsOptions:
        """How robots.txt is read."""
        return RobotsOptions(token=self.settings.fetch.robots_token)

    @property
    def _recrawl(self) -> RecrawlOptions | None:
        fetch = self.settings.fetch
        options = RecrawlOptions(first_s=fetch.recrawl_first_s, stop_age_s=fetch.recrawl_days * 86400)
        return options if fetch.recrawl else None

    @property
    def _address_filters(self) -> "AddressFilters":
        return {name: doors.ADDRESS_FILTERS.load(name) for name in self.settings.produce.address_filters}

    @cached_property
    def raw(self) -> RawStore:
        """Where raw pages are kept. Raises StoreError."""
        return raw_store(self.settings)

    @cached_property
    def documents(self) -> DocumentStore:
        """Where documents travel from parse to index. Raises StoreError."""
        return document_store(self.settings)

    @cached_property
    def revisions(self) -> RevisionStore:
        """Where earlier texts are kept. Raises StoreError."""
        return revision_store(self.settings)

    @cached_property
    def search(self) -> SearchStore:
        """The search store. Raises StoreError."""
        return self.index_store or search_store(self.settings)

    @property
    def disk(self) -> Path | None:
        """The folder whose free space bounds the pipeline; None when raw pages go to an object store."""
        return None if "://" in self.settings.raw_url else Path(self.settings.raw_url)


@lru_cache(maxsize=1)
def wiring() -> Wiring:
    """This process's wiring. Raises BadSettings."""
    return Wiring(settings())
