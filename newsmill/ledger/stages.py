"""The names of the stages that an entry passes, and how long it may be in the hands of one (pure)."""

from enum import StrEnum


class Stage(StrEnum):
    """The four stages, in the order an address meets them."""

    PRODUCE = "produce"
    FETCH = "fetch"
    PARSE = "parse"
    INDEX = "index"


# Seconds after which a claimed entry counts as abandoned: longer than its task may take (workers/pipeline.py),
# so that a worker that is still alive never works on an entry that another one may claim.
LEASE_S = {Stage.PRODUCE: 180, Stage.FETCH: 90, Stage.PARSE: 90, Stage.INDEX: 120}
