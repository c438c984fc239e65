"""The Celery application of this process, made from the settings in force.

The settings rest on measurements: see docs/decisions/celery.md. In short: a message is a hint, the ledger
is the truth, so messages may be lost or doubled; what matters here is that workers come back by themselves, cheaply.
"""

import sys
from datetime import timedelta
from functools import lru_cache
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue

from newsmill.ledger.stages import Stage
from newsmill.settings import Settings, settings
from workers.pipeline import QUEUES, REINDEX_TASK, RENDER_TASK, STAGES, TICK_TASK
from workers.runtime import transport
from workers.runtime.pools import pool_for, queues_of

# Beat: a changed sources file is taken up, what is old is removed. The seconds between are the workers' own
# (workers/runtime/ticker.py): a message costs beat and produce 15 ms of CPU, a tick of a worker 1.
TICK_EVERY_S = 5.0

TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # longer than any task's time limit, else it runs twice while it runs
    "polling_interval": 5,  # how long a worker waits for a message before it asks again; kombu's own is a second
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 30,  # its lock lives 300 s by default: longer than an operator waits
    "socket_timeout": 15,  # a frozen broker blocks publishers for ever without it
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
}


def _configuration(s: Settings) -> dict[str, Any]:
    url = s.broker.url or s.redis_url
    on_redis = not url or url.startswith("redis")
    return {
        "broker_url": url or "redis://127.0.0.1:6379/0",
        "broker_transport_options": TRANSPORT_OPTIONS | {"global_keyprefix": s.queue_prefix} if on_redis else {},
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # the default of 100 ends the worker
        "task_queues": [Queue(queue, Exchange(queue), routing_key=queue) for queue in QUEUES],
        "task_default_queue": Stage.PRODUCE,
        "task_routes": {f"{queue}.*": {"queue": queue} for queue in QUEUES},
        "task_create_missing_queues": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,  # results double the cost of a task
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,  # the cap on attempts lives in the ledger
        "task_annotations": {
            task: {"time_limit": spec.time_limit_s, "soft_time_limit": spec.time_limit_s - 10}
            for task, spec in [
                *((s.task, s) for s in STAGES.values()),
                (RENDER_TASK, STAGES[Stage.FETCH]),
                (REINDEX_TASK, STAGES[Stage.INDEX]),
            ]
        },
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 4,
        "worker_max_tasks_per_child": 2000,  # a leak in a parser's C code stays small: a child costs 0.1 s to start
        "worker_hijack_root_logger": False,
        "beat_scheduler": "workers.runtime.beat:TickScheduler",
        "beat_schedule": {"tick": {"task": TICK_TASK, "schedule": timedelta(seconds=TICK_EVERY_S)}},
        **({} if "-P" in sys.argv else pool_for(queues_of(sys.argv), s)),
        "imports": [f"workers.{stage}.tasks" for stage in STAGES],
        "timezone": "UTC",
    }


def make_app(s: Settings) -> Celery:
    """A Celery application for these settings."""
    transport.install()
    made = Celery("newsmill")
    made.conf.update(_configuration(s))
    return made


@lru_cache(maxsize=1)
def celery_app() -> Celery:
    """This process's application. Raises BadSettings."""
    return make_app(settings())
