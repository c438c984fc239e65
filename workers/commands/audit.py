"""`newsmill audit`: the ledger against itself and the search index, and what can be mended."""

from dataclasses import dataclass

from newsmill.ledger.audit import audit, repair, told
from newsmill.stores.errors import StoreError
from workers.commands.audit_stores import check_stores
from workers.desk.looks import lost_articles, search_trouble
from workers.runtime.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Findings:
    """A line for each thing that is wrong (still), and for each that was set right."""

    wrong: list[str]
    mended: list[str]


def check_all(wiring: Wiring, mend: bool, most: int | None = 0) -> Findings:
    """Looks at the whole ledger; mends what can be mended, if asked to.

    most: entries that are held against the stores, too; None for all of them.
    """
    lost = [line] if not search_trouble(wiring) and (line := lost_articles(wiring)) else []
    if most != 0:
        try:
            stores = check_stores(wiring, most, mend)
        except StoreError as error:
            stores, lost = [], [*lost, f"the stores cannot be looked at: {error}"]
    else:
        stores = []
    mended, left = repair(wiring.frontier) if mend else ([], audit(wiring.frontier))
    mended += [fault for fault in stores if fault.mended]
    left += [fault for fault in stores if not fault.mended]
    return Findings(told(left) + lost, told(mended))
