"""A robots.txt is read in a confined process (workers/confined), like all that is parsed where threads wait."""

import json

from workers.confined import Ended, confined
from workers.fetch.robots_rules import TEXT_MAX, Reduced


def read_confined(body: bytes, token: str) -> Reduced:
    """As robots_rules.reduced. Raises Stopping."""
    head = json.dumps([token, TEXT_MAX]).encode()
    try:
        text, cut = json.loads(confined().only("workers.fetch.robots_rules:reduced_frames", head, body))
    except Ended as error:
        return Reduced(problem=str(error))
    return Reduced(text, cut)
