"""A robots.txt is read in a confined process (workers/confined), like all that is parsed where threads wait."""

import json

from newsmill.confined import ProcessEnded, ProcessLimits, confined
from newsmill.policy.robots_rules import TEXT_MAX, Reduced

LIMITS = ProcessLimits(
    step_cpu_s=2, document_cpu_s=2, step_wall_s=10
)  # 500 KiB take half a second; a batch of pages waits


def read_confined(body: bytes, token: str) -> Reduced:
    """As robots_rules.reduced. Raises Stopping."""
    head = json.dumps([token, TEXT_MAX]).encode()
    try:
        frame = confined(LIMITS).only("newsmill.policy.robots_rules:reduced_frames", head, body)
    except ProcessEnded as error:
        return Reduced(problem=str(error))
    text, cut = json.loads(frame)
    return Reduced(text, cut)
