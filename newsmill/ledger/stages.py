"""The names of the stages that an entry passes, and how long it may be in the hands of one (pure)."""

from enum import StrEnum


class Stage(StrEnum):
    """The four stages, in the order an address meets them."""

    PRODUCE = "produce"
    FETCH = "fetch"
    PARSE = "parse"
    INDEX = "index"


LEASE_S = 20.0  # a claimed entry counts as abandoned so long after its worker was heard of last
RENEW_S = 5.0  # so often a worker is heard of: three beats may be late or lost

# Seconds that a task may take (enforced by prefork; elsewhere by the step itself). Leases are renewed for as long, and
# RENEW_S: what hangs in a thread is given up as well.
TASK_S = {Stage.PRODUCE: 150, Stage.FETCH: 75, Stage.PARSE: 75, Stage.INDEX: 100}

# Seconds after its claim in which a request has ended: as long its host stays busy when nobody saw its worker end. It
# begins so soon that it can (tools.Web.begin_s), also in a worker that was stopped meanwhile.
REQUEST_S = 75.0
