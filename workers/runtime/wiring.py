"""What a process of the mill holds: settings, connections and stores, each made on first use.

Made lazily, so that a prefork child makes its own after the fork.
"""

import os
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import redis

from newsmill import doors
from newsmill.confined import CHILDREN_MAX, SLOW_MAX
from newsmill.http.ports import port_of
from newsmill.ledger import Frontier, Limits
from newsmill.ledger.held import Held
from newsmill.ledger.stages import REQUEST_S
from newsmill.ledger.under_way import UnderWay
from newsmill.policy.politeness import PolitenessOptions
from newsmill.policy.recrawl import RecrawlOptions
from newsmill.policy.robots import RobotsOptions
from newsmill.search.store import SearchStore
from newsmill.settings import Settings, settings
from newsmill.stores.documents import DocumentStore
from newsmill.stores.raw import RawStore
from newsmill.stores.revisions import RevisionStore
from workers.runtime.alarm import Alarm
from workers.runtime.gate import Gate
from workers.runtime.health import Health
from workers.runtime.stores import document_store, raw_store, revision_store, search_store

if TYPE_CHECKING:  # a fetch worker needs no extractor, and a command or another stage's worker no HTTP client
    from newsmill.download.browser import Browser
    from newsmill.download.pool import Downloads
    from newsmill.extraction.own import Extractor
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


def child_name(parent: str, pid: int) -> str:
    """In whose name a child of a prefork worker leases: the ledger takes it for a part of its parent."""
    return f"{parent}/{pid}"


@dataclass
class Mill:
    """One process of the mill. stopping: set when the worker is asked to end. renders: it fetches with a browser."""

    settings: Settings
    name: str = ""
    renders: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)
    alarm: Alarm = field(default_factory=Alarm)
    held: Held = field(default_factory=Held)
    under_way: UnderWay = field(default_factory=UnderWay)
    gate: Gate = field(default_factory=Gate)
    health: Health = field(init=False)
    at_rest: bool = False  # the broker was started for one command, so that nobody works
    server: str = ""  # the Redis server that this process dispatched with last (its run id)

    def __post_init__(self) -> None:
        self.health = Health(Path(self.settings.health_file) if self.settings.health_file else None)

    @cached_property
    def frontier(self) -> Frontier:
        client = connect(self.settings.redis_url or "redis://127.0.0.1:6379/0")
        return Frontier(client, limits(self.settings), self.settings.redis_prefix)

    @property
    def owner(self) -> str:
        """In whose name this process leases. That of a worker's child begins with its parent's, and ends with it."""
        return self.name or f"{socket.gethostname()}:{os.getpid()}"

    @property
    def client_options(self) -> "ClientOptions":
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

    @property
    def begin_s(self) -> float:
        """Seconds after its claim until which a request may begin, so that it has ended when its host is let go."""
        longest_s = RENDER_ALL_S if self.renders else self.client_options.total_s
        return max(REQUEST_S - longest_s, 1.0)

    @cached_property
    def downloads(self) -> "Downloads":
        from newsmill.download.pool import Downloads

        if not self.renders:
            return Downloads(self.client_options, self.stopping)
        options = replace(self.client_options, total_s=min(self.client_options.total_s, RENDER_FETCH_S))
        return Downloads(options, self.stopping, self.browser)

    @property
    def browser(self) -> "Browser":
        """How pages are rendered in this process."""
        from newsmill.download.browser import Browser, RenderOptions

        s = self.settings.render
        options = RenderOptions(chromium=s.chromium, sandbox=s.sandbox and os.geteuid() != 0, pages=s.pages)
        return Browser(options, self.politeness, self.robots)

    @cached_property
    def readers(self) -> ThreadPoolExecutor:
        """Threads that read documents of produce, so that a slow one holds up no poll."""
        return ThreadPoolExecutor(CHILDREN_MAX + SLOW_MAX, "reader")

    @cached_property
    def suspicious_reader(self) -> ThreadPoolExecutor:
        """One thread for documents of sources that were slow beyond all limits the last time."""
        return ThreadPoolExecutor(1, "suspicious-reader")

    @cached_property
    def politeness(self) -> PolitenessOptions:
        fetch = self.settings.fetch
        return PolitenessOptions(
            factor=fetch.delay_factor if fetch.delay_s else 0.0,
            delay_min_s=fetch.delay_s,
            backoff_max_s=min(PolitenessOptions().backoff_max_s, fetch.retry_cap_s),
        )

    @cached_property
    def robots(self) -> RobotsOptions:
        return RobotsOptions(token=self.settings.fetch.robots_token)

    @cached_property
    def recrawl(self) -> RecrawlOptions | None:
        """When articles are looked at again; None for never."""
        fetch = self.settings.fetch
        options = RecrawlOptions(first_s=fetch.recrawl_first_s, stop_age_s=fetch.recrawl_days * 86400)
        return options if fetch.recrawl else None

    @cached_property
    def extractor(self) -> "Extractor":
        """What makes articles of pages. Raises NotThere."""
        found: Extractor = doors.EXTRACTORS.load(self.settings.parse.extractor)
        return found

    @cached_property
    def address_filters(self) -> "AddressFilters":
        """What judges addresses inside the scope of their source. Raises NotThere."""
        return {name: doors.ADDRESS_FILTERS.load(name) for name in self.settings.produce.address_filters}

    @cached_property
    def document_filters(self) -> Mapping[str, Any]:
        """What drops, tags and enriches documents, see workers/parse/filters.py. Raises NotThere."""
        return {name: doors.DOCUMENT_FILTERS.load(name) for name in self.settings.parse.document_filters}

    @cached_property
    def raw(self) -> RawStore:
        return raw_store(self.settings)

    @cached_property
    def documents(self) -> DocumentStore:
        return document_store(self.settings)

    @cached_property
    def revisions(self) -> RevisionStore:
        return revision_store(self.settings)

    @cached_property
    def search(self) -> SearchStore:
        return search_store(self.settings)

    @property
    def disk(self) -> Path | None:
        """The folder whose free space bounds the pipeline; None when raw pages go to an object store."""
        return None if "://" in self.settings.raw_url else Path(self.settings.raw_url)


@lru_cache(maxsize=1)
def mill() -> Mill:
    """This process's mill. Raises BadSettings."""
    return Mill(settings())
