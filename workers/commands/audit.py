"""`newsmill audit`: the ledger against itself and the search index, and what can be mended."""

from dataclasses import dataclass

from newsmill.ledger.audit import audit, repair, told
from workers.commands.verbs import lost_articles
from workers.runtime.wiring import Mill


@dataclass(frozen=True, slots=True)
class Found:
    """A line for each thing that is wrong (still), and for each that was set right."""

    wrong: list[str]
    mended: list[str]


def check_all(mill: Mill, mend: bool) -> Found:
    """Looks at everything; mends what can be mended, if asked to."""
    lost = [line] if (line := lost_articles(mill)) else []
    if not mend:
        return Found(told(audit(mill.frontier)) + lost, [])
    mended, left = repair(mill.frontier)
    return Found(told(left) + lost, told(mended))
