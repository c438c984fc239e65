"""`newsmill upgrade`: brings a ledger on that this version cannot go on with as it is."""

import time
from collections.abc import Callable

from newsmill.ledger.schema import SCHEMA
from newsmill.ledger.upgrade import Upgrade
from newsmill.settings import Settings
from workers.local.access import open_wiring

SAY_EVERY_S = 10.0


class NotAgreed(Exception):
    """The changes were told, and nobody has said yet that there is a backup."""


def bring_on(s: Settings, agreed: bool, say: Callable[[str], None]) -> int:
    """Does what is to be done, or goes on with what was begun; returns the schema then.

    agreed: the operator has a backup, and all workers are stopped. Raises NotAgreed, WrongSchema.
    """
    with open_wiring(s, any_schema=True) as wiring:
        upgrade = Upgrade.of(wiring.frontier)
        pending = upgrade.pending()
        if not pending:
            wiring.frontier.join()
            return upgrade.schema.number
        before = upgrade.schema
        if not (agreed or before.upgrading):
            told = "\n".join(f"  to schema {change.to}: {change.what}" for change in pending)
            raise NotAgreed(
                f"the ledger is of schema {before.number}, this version needs {SCHEMA}:\n{told}\n"
                "Older versions cannot work on it then, and the only way back is the backup: stop all workers, make "
                "one, and run `newsmill upgrade --yes`"
            )
        told_at = 0.0
        while upgrade.turn():
            if time.monotonic() - told_at > SAY_EVERY_S:
                told_at = time.monotonic()
                say(f"to schema {pending[-1].to}: at work; if it is stopped, the same command goes on")
        return upgrade.schema.number
