"""What an operator has the mill do: each verb takes values and a mill, and returns a value to be shown."""

import time
from collections.abc import Callable, Sequence

from newsmill.ledger import NORMAL, Added, Candidate, Entry
from newsmill.ledger.entries import GIVEN
from newsmill.ledger.entry import POLL_PREFIX
from newsmill.outcomes import Outcome
from newsmill.urls.canonical import address_id, host_key
from workers.desk.problems import BadInput
from workers.runtime.ticker import dispatch
from workers.runtime.wiring import Wiring

RETRY_CHUNK = 500


def offer(wiring: Wiring, urls: Sequence[str]) -> Added:
    """Puts canonical addresses into the frontier and dispatches what is due."""
    added = wiring.frontier.add(Candidate(address_id(u), u, host_key(u), GIVEN, NORMAL, asked=True) for u in urls)
    dispatch(wiring.worker)
    return added


def pause_mill(wiring: Wiring, why: str) -> None:
    """Nobody is asked any more until `resume_mill`."""
    wiring.frontier.pause(why[:200], time.time())


def resume_mill(wiring: Wiring) -> bool:
    """Ends the pause, and dispatches what is due; False if there was none."""
    was = wiring.frontier.resume()
    dispatch(wiring.worker)
    return was


def put_back(
    wiring: Wiring,
    outcome: str,
    host: str,
    *,
    reason: str,
    newer_s: float,
    fitting: Callable[[str], bool] = lambda reason: True,
) -> int:
    """Opens settled entries again; returns how many. Raises BadInput for an unknown outcome.

    reason: what theirs contains. fitting: says of a reason whether it is meant.
    """
    if outcome not in list(Outcome):
        raise BadInput(f"--outcome {outcome}: choose one of {', '.join(Outcome)}")
    since = time.time() - newer_s if newer_s else 0.0

    def fits(entry: Entry) -> bool:
        return (
            entry["outcome"] == outcome
            and (not host or entry.host == host)
            and reason.lower() in entry["reason"].lower()
            and fitting(entry["reason"])
            and (entry.seconds("settled") or 0.0) >= since
            and not entry.id.startswith(POLL_PREFIX)
        )

    ids = [entry.id for entry in wiring.frontier.entries() if fits(entry)]
    chunks = [ids[i : i + RETRY_CHUNK] for i in range(0, len(ids), RETRY_CHUNK)]
    back = sum(len(wiring.frontier.reopen(chunk, NORMAL)) for chunk in chunks)
    dispatch(wiring.worker)
    return back
