"""Foreign bytes are read in a process that ends at its limits, and never outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newsmill.confined import Confined, ProcessEnded, ProcessLimits, Stopping

HERE = "tests.contract.confined_work"
QUICK = ProcessLimits(step_cpu_s=1, document_cpu_s=2, step_wall_s=30, memory_mb=400, grown_mb=200)
HASTY = replace(QUICK, step_wall_s=3)


@pytest.fixture
def readers() -> Iterator[Confined]:
    made = Confined(QUICK, most=2)
    yield made
    made.stop()


@pytest.fixture
def hasty() -> Iterator[Confined]:
    """As `readers`; its wall clock is short."""
    made = Confined(HASTY, most=2)
    yield made
    made.stop()


def said(readers: Confined, work: str, head: bytes = b"", document: bytes = b"") -> list[bytes]:
    with readers.answer(f"{HERE}:{work}", head, document) as frames:
        return list(frames)


def pid(readers: Confined) -> int:
    return int(readers.only(f"{HERE}:process", b"", b""))


def test_an_answer_comes_back_whole(readers: Confined) -> None:
    document = bytes(range(256)) * 100_000
    assert said(readers, "echo", b"head\nwith lines ", document) == [b"head\nwith lines " + document]
    assert said(readers, "nothing") == []
    assert said(readers, "numbers", b"3") == [b"0", b"1", b"2"]


def test_a_child_is_kept_for_the_next_document(readers: Confined) -> None:
    assert pid(readers) == pid(readers)


def test_an_answer_that_is_not_read_to_its_end_does_not_meet_the_next_one(readers: Confined) -> None:
    first = pid(readers)
    with readers.answer(f"{HERE}:numbers", b"1000", b"") as frames:
        assert next(frames) == b"0"
    assert pid(readers) == first
    assert said(readers, "numbers", b"2") == [b"0", b"1"]


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        ("endless_loop", "more than 1 s of CPU"),
        ("endless_pattern", "more than 1 s of CPU"),  # holds the interpreter's lock: no thread could end it
        ("endless_frames", "2 s for all of it"),
        ("endless_memory", "needs more than 400 MB"),
        ("crash", f"exit code {-signal.SIGSEGV}"),
        ("error", "it cannot be read: KeyError: 'no such key'"),
        ("no_such_function", "it cannot be read: AttributeError"),
    ],
)
def test_what_cannot_be_read_has_its_reason_and_harms_no_other(readers: Confined, work: str, reason: str) -> None:
    with pytest.raises(ProcessEnded, match=reason):
        said(readers, work)
    assert said(readers, "echo", b"still here") == [b"still here"]


def test_what_waits_for_ever_is_ended_too(hasty: Confined) -> None:
    with pytest.raises(ProcessEnded, match="took more than 3 s"):
        said(hasty, "endless_sleep")
    assert said(hasty, "echo", b"still here") == [b"still here"]


def test_a_child_that_grew_is_replaced(readers: Confined) -> None:
    (grown,) = said(readers, "grown")
    assert int(grown) != pid(readers)


def test_a_child_that_died_while_idle_is_replaced(readers: Confined) -> None:
    first = pid(readers)
    os.kill(first, signal.SIGKILL)
    gone(first)
    assert pid(readers) != first


def test_a_child_has_none_of_our_environment(readers: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://:secret@127.0.0.1/0")
    (names,) = said(readers, "environment")
    assert set(names.decode().split()) <= {"PYTHONPATH", "LC_CTYPE"}


def test_others_are_read_while_one_is_endless(hasty: Confined) -> None:
    reasons: list[str] = []

    def endless() -> None:
        try:
            said(hasty, "endless_sleep")
        except (ProcessEnded, Stopping) as error:
            reasons.append(str(error))

    thread = threading.Thread(target=endless)
    thread.start()
    while not reasons:
        assert said(hasty, "echo", b"meanwhile") == [b"meanwhile"]
    thread.join()
    assert reasons == ["reading it took more than 3 s"]


def test_a_worker_that_stops_waits_for_no_document(readers: Confined) -> None:
    threading.Timer(0.5, readers.stop).start()
    with pytest.raises(Stopping):
        said(readers, "endless_sleep")
    with pytest.raises(Stopping):
        said(readers, "echo")


PARENT = """
import os, sys, threading
from newsmill.confined import Confined
readers = Confined(most=4)
idle, busy = readers.answer("{here}:process", b"", b""), readers.answer("{here}:process", b"", b"")
with idle as a, busy as b:
    print(int(next(a)), int(next(b)), flush=True)
    list(a)
    threading.Thread(target=lambda: list(readers.answer("{here}:{work}", b"", b"").__enter__()), daemon=True).start()
    sys.stdin.read()
"""


@pytest.mark.parametrize("work", ["endless_loop", "endless_pattern", "endless_sleep", "endless_frames"])
def test_no_child_outlives_a_parent_that_was_killed(work: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(here=HERE, work=work)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdin
    assert parent.stdout
    with parent:
        known = parent.stdout.readline().split()
        time.sleep(1)  # the third has begun
        children = descendants(parent.pid)
        assert len(children) == len(known) + 1
        parent.kill()
    for child in children:
        gone(child)


def descendants(parent: int) -> list[int]:
    threads = Path(f"/proc/{parent}/task").iterdir()
    return [int(word) for thread in threads for word in (thread / "children").read_text().split()]


def gone(process: int) -> None:
    """Waits until a process has ended (a zombie has)."""
    until = time.monotonic() + 8  # below every limit of time that would end it anyway
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.05)
    raise AssertionError(f"process {process} is still there")
