"""The mill's own audit: a portion of the ledger with each tick, so that a fault is noticed without anybody asking.

It sees what one key and its neighbours tell: all but the sums, and tickets lost from long queues. `newsmill audit` sees
all.
"""

from typing import cast

from newsmill.ledger.audit import Fault, check_keys
from newsmill.ledger.frontier import Frontier

KEYS = 200  # a tick: some 4 ms of Redis; 300,000 addresses are looked at within half an hour


def look_on(frontier: Frontier) -> list[Fault]:
    """Checks the next portion, and returns its faults.

    Kept in `check`: how many were found in the round that is under way, or in the last whole one if those were more.
    """
    client, key = frontier.client, f"{frontier.prefix}check"
    kept = cast(dict[str, str], client.hgetall(key))
    after, keys = cast(tuple[int, list[str]], client.scan(int(kept.get("cursor", 0)), f"{frontier.prefix}*", KEYS))
    faults = check_keys(frontier, keys)
    found = int(kept.get("found", 0)) + len(faults)
    news: dict[str, str | int] = {"cursor": after, "found": found if after else 0}
    if faults:
        news["example"] = str(faults[0])[:200]
    if not after or found > int(kept.get("faults", 0)):
        news["faults"] = found
    client.hset(key, mapping=news)  # type: ignore[arg-type]
    return faults
