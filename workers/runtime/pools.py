"""Which queues a worker was asked for, and which pool it needs for them (pure)."""

import os
from collections.abc import Sequence
from typing import Any

from newsmill.ledger.stages import Stage
from newsmill.settings import Settings
from workers.pipeline import QUEUES, RENDER, STAGES


def queues_of(argv: Sequence[str]) -> tuple[str, ...]:
    """The queues that `celery worker` was asked for with -Q; those of all stages when it was not."""
    for i, word in enumerate(argv):
        if word in ("-Q", "--queues") and i + 1 < len(argv):
            named = argv[i + 1]
        elif word.startswith("--queues="):
            named = word.removeprefix("--queues=")
        elif word.startswith("-Q") and len(word) > 2:
            named = word.removeprefix("-Q")
        else:
            continue
        return tuple(queue for queue in QUEUES if queue in named.split(","))
    return tuple(map(str, STAGES))


def pool_for(queues: Sequence[str], s: Settings) -> dict[str, Any]:
    """Celery's pool settings for a worker of these queues: threads where work waits, prefork where it computes."""
    if any(STAGES[Stage(queue)].pool == "prefork" for queue in queues if queue != RENDER):
        return {"worker_pool": "prefork", "worker_concurrency": s.parse.processes or os.cpu_count() or 1}
    if tuple(queues) == (RENDER,):  # one more would wait for a place in the browser, and its lease would end
        return {"worker_pool": "threads", "worker_concurrency": s.render.pages}
    threads = {"produce": s.produce.polls, "fetch": s.fetch.batches, "index": s.index.writers, RENDER: s.render.pages}
    return {"worker_pool": "threads", "worker_concurrency": sum(threads[queue] for queue in queues) + 1}
