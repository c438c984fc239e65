"""How a cluster is reached, and what its errors mean."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any as Json

from opensearchpy import OpenSearch, OpenSearchException, TransportError

from newsmill.redaction import without_users
from newsmill.search.opensearch.bulk import is_full
from newsmill.stores.errors import StoreError, StoreFull, StoreUnavailable

LONG_S = 3600.0  # of work on a whole index; removing a fifth of 100,000 articles took 9 s on two slow cores
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class OpenSearchOptions:
    """How to reach and use a cluster.

    template: file of an index template of one's own; None for the one that comes with us. refresh: "false"
    (searchable within a second), "wait_for" or "true". timeout_s: of a request. tries, backoff_s, backoff_max_s: for
    what the cluster cannot take now, before it is given back; together well below the time limit of the index stage.
    bulk_bytes: of a request; the cluster refuses above 100 MB. rollover_days: age at which an index is
    followed by a new one; 0: never.
    """

    template: Path | None = None
    alias: str = "newsmill"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    verify: bool = True
    refresh: str = "false"
    timeout_s: float = 20.0
    tries: int = 4
    backoff_s: float = 0.5
    backoff_max_s: float = 5.0
    bulk_bytes: int = 8 << 20
    rollover_days: float = 0.0


def connect(url: str, options: OpenSearchOptions) -> OpenSearch:
    """A client of the hosts in `url`, between commas. It connects on first use."""
    secure = url.startswith("https://")
    return OpenSearch(
        [host.strip() for host in url.split(",")],
        http_auth=(options.username, options.password) if options.username else None,
        use_ssl=secure,
        verify_certs=options.verify,
        ssl_show_warn=False,
        ca_certs=options.ca_file or None,
        timeout=options.timeout_s,
        max_retries=2,  # on another node, where there are several
        http_compress=False,
    )


def finished(client: OpenSearch, started: Mapping[str, Json]) -> dict[str, Json]:
    """What came of work that the cluster does by itself, however long a request may take. Raises StoreUnavailable."""
    until = time.monotonic() + LONG_S
    while time.monotonic() < until:
        task = client.tasks.get(task_id=started["task"])
        if task["completed"]:
            if error := task.get("error"):
                raise StoreUnavailable(f"{error.get('type')}: {error.get('reason')}"[:500])
            found: dict[str, Json] = task["response"]
            return found
        time.sleep(LOOK_S)
    raise StoreUnavailable(f"the cluster is still at work after {LONG_S:.0f} s ({started['task']})")


def named(error: OpenSearchException, url: str) -> StoreError:
    """The StoreError that an error of the client stands for."""
    url = without_users(url)
    if not isinstance(error, TransportError):
        return StoreError(f"{url}: {error}")
    if not isinstance(error.status_code, int):
        return StoreUnavailable(f"{url}: OpenSearch cannot be reached: {error.error}"[:500])
    reason = f"{url}: {error}"
    if error.status_code in (401, 403, 429) or error.status_code >= 500:
        return (StoreFull if is_full(str(error)) else StoreUnavailable)(reason)
    return StoreError(reason)
