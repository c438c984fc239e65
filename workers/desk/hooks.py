"""How webhooks do, in words (pure)."""

import time
from datetime import UTC, datetime

from newsmill.ledger.hooks import Hook


def state_of(hook: Hook, head: str) -> str:
    """One line. head: the cursor of the newest event."""
    if hook.disabled:
        return f"disabled: {hook.disabled}"
    if hook.fails:
        again = datetime.fromtimestamp(max(hook.next_at, time.time()), UTC).isoformat(timespec="seconds")
        return f"failed {hook.fails} times in a row ({hook.problem}), again at {again}"
    return "has all there is" if hook.cursor == head else "on its way"
