"""The steps of the pipeline one after the other in this process: a real ledger, real stores, real HTTP, and a clock
that is turned forward instead of waited for. What Celery and the processes add is tests/system's part."""

import time
from pathlib import Path
from typing import Any

from newsmill.ledger import Candidate, Entry, Frontier
from newsmill.ledger.stages import Stage
from newsmill.settings import FetchSettings, Settings
from newsmill.urls.canonical import address_id, canonicalize, host_key
from workers.app import app
from workers.fetch.step import fetch_pages
from workers.index.step import index_documents
from workers.parse.step import parse_pages
from workers.runtime.wiring import Wiring

STEPS: dict[Stage, Any] = {Stage.FETCH: fetch_pages, Stage.PARSE: parse_pages, Stage.INDEX: index_documents}


class Line:
    """A mill whose steps run when `work` is called."""

    def __init__(self, frontier: Frontier, redis_url: str, folder: Path, **fetch: Any) -> None:
        app.conf.broker_url = redis_url  # hints are sent as ever; nobody takes them
        options = {"allow_networks": "127.0.0.0/8", "delay_s": 0.01, "delay_factor": 0.0, **fetch}
        self.frontier = frontier
        self.wiring = Wiring(Settings(data=folder, fetch=FetchSettings.model_validate(options)), frontier)
        self.frontier.now = round(time.time(), 6)  # the ledger keeps microseconds: between two of them no wait ends

    def reopen(self, **changed: Any) -> None:
        """As if the process had ended, and another had begun. changed: of its settings."""
        self.close()
        self.wiring = Wiring(self.wiring.settings.model_copy(update=changed), self.frontier)

    def add(self, url: str, source: str = "test") -> None:
        url = canonicalize(url)
        self.frontier.add([Candidate(address_id(url), url, host_key(url), source)])

    def work(self) -> None:
        """Runs steps until no address is at work, nor waits for a host or a second try."""
        for _ in range(200):
            self.frontier.sweep()
            due_s = self.frontier.dispatch().next_due_s
            ready = {stage: self._ready(stage) for stage in STEPS}
            for stage, ids in ready.items():
                if ids:
                    STEPS[stage](getattr(self.wiring, stage), ids)
            if not any(ready.values()):
                delayed = self.frontier.client.zrange(f"{self.frontier.prefix}delayed", 0, 0, withscores=True)
                if due_s is None and not delayed:
                    return
                wait_s = due_s if due_s is not None else delayed[0][1] - self.frontier.now + 0.1  # type: ignore[operator,index]
                self.frontier.now = round(self.frontier.now + wait_s, 6)
        raise AssertionError("it does not come to an end")

    def _ready(self, stage: Stage) -> list[str]:
        return list(self.frontier.client.zrange(f"{self.frontier.prefix}ready:{stage}", 0, -1))  # type: ignore[arg-type]

    def entry(self, url: str) -> Entry:
        found = self.frontier.entry(address_id(canonicalize(url)))
        assert found is not None
        return found

    def fate(self, url: str) -> tuple[str, str]:
        entry = self.entry(url)
        return entry["outcome"] or entry["state"], entry["reason"]

    def next_look_s(self, url: str) -> float | None:
        """Seconds until the address is looked at again."""
        at = self.frontier.next_look(address_id(canonicalize(url)))
        return None if at is None else at - self.frontier.now

    def found(self, query: str) -> list[str]:
        """Addresses that a search finds."""
        return [hit.url for hit in self.wiring.search.search(query, 10, 0).hits]

    def close(self) -> None:
        self.wiring.web.downloads.close()
        self.wiring.search.close()
