"""Who dispatches when another worker has this second's tick."""

import time
from collections.abc import Iterable

from newsmill.ledger import Candidate, Frontier, Hints
from newsmill.ledger.stages import Stage
from newsmill.settings import FrontierSettings
from workers.runtime.ticker import tick
from workers.runtime.tools import Process, TickTools, Worker

ID = "0" * 16


def test_only_whose_alarm_went_off_or_who_asks_dispatches_beside_the_tick_of_another(frontier: Frontier) -> None:
    sent: list[str] = []

    def send(hints: Iterable[Hints]) -> int:
        sent.extend(id for hint in hints for id in (*hint.together, *hint.alone))
        return len(sent)

    worker = Worker(frontier, Process(), send, time.time)
    tools = TickTools(worker, FrontierSettings(), None)
    frontier.add([Candidate(ID, "http://a.example/", "a.example", "s")])
    assert frontier.try_lock("tick", 60)

    tick(tools, due=False)
    assert sent == []
    assert worker.process.server == "", "it has not asked which Redis this is"

    tick(tools, due=True)
    assert sent == [ID]
    (entry,) = frontier.claim(Stage.FETCH, [ID], "w")
    frontier.add([Candidate("1" * 16, "http://b.example/", "b.example", "s")])
    worker.process.held.began(Stage.FETCH, [entry], time.monotonic())
    tick(tools, due=False)
    assert sent == [ID, "1" * 16]
