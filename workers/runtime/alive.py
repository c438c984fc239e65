"""Which workers answer now: asked through the broker, as `celery inspect ping` does."""

from collections import Counter

import redis
from kombu.exceptions import OperationalError

from workers.runtime.celery_app import celery_app

ANSWER_S = 1.0  # a worker whose main loop turns answers within this


def workers_alive() -> dict[str, int]:
    """How many workers of each name before its @ answer; that is their queue, as we start them. Empty if none does."""
    try:
        answers = celery_app().control.ping(timeout=ANSWER_S)
    except (OperationalError, redis.RedisError, OSError):
        return {}
    return dict(Counter(str(name).partition("@")[0] for answer in answers or () for name in answer))
