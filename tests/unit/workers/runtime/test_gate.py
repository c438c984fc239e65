"""Steps run beside each other; one that has to be alone comes to it, and nobody beside it."""

import threading
import time

from workers.runtime.gate import Gate


def test_many_together_and_one_alone() -> None:
    gate, inside, seen = Gate(), [], []
    lock = threading.Lock()

    def work(name: str, alone: bool) -> None:
        with gate.alone() if alone else gate.together():
            with lock:
                inside.append(name)
                seen.append((name, len(inside)))
            assert gate.only_one == alone
            time.sleep(0.02)
            with lock:
                inside.remove(name)

    threads = [threading.Thread(target=work, args=(f"{i}", i % 5 == 2)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 20
    assert {beside for name, beside in seen if int(name) % 5 == 2} == {1}
    assert max(beside for _, beside in seen) > 1


def test_who_waits_to_be_alone_goes_before_those_who_come_later() -> None:
    gate, order = Gate(), []
    begun, release = threading.Event(), threading.Event()

    def first() -> None:
        with gate.together():
            begun.set()
            release.wait(10)

    def then(name: str, alone: bool) -> None:
        with gate.alone() if alone else gate.together():
            order.append(name)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    begun.wait(10)
    for name, alone in (("alone", True), ("later", False)):
        threads.append(threading.Thread(target=then, args=(name, alone)))
        threads[-1].start()
        time.sleep(0.1)
    release.set()
    for thread in threads:
        thread.join(10)
    assert order == ["alone", "later"]
