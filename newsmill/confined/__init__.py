"""Work on foreign bytes, done in a process of its own that a deadline really ends, and that has a limit of memory.

A thread cannot be stopped, and a regular expression or a parser in C that never returns keeps the interpreter's lock.
So produce and fetch, which run in threads, hand documents to a child that is kept for the next one. A child is
asked for one frame after the other, so a large answer is never held as a whole, on neither side.

What may be asked for is a generator function, named "module:function", that takes a small JSON text and the document
and yields bytes. It gets neither our environment (secrets) nor our connections.
"""

import atexit
import os
import select
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import cache
from typing import IO

CHILDREN_MAX = min(4, os.cpu_count() or 1)  # at work at once for one worker, 60 MB each when idle; started when needed
START_S = 20.0  # until the first answer of a new one, which imports what it needs (1 s of CPU) beside other work
SLOW_S = 2.0  # a frame that takes longer makes its document a slow one: it gives its place to others, and computes last
SLOW_MAX = 8  # slow ones at once, beside the others
NICE = 10  # of slow ones
HEADER = struct.Struct("!cI")  # kind and length of what follows


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What a child may use.

    step_cpu_s: CPU for one frame; the largest feed takes 1.3 s, a sitemap of 97 MB 5 in all, a list of 64 MB 20.
    document_cpu_s: for all its frames. step_wall_s: for a frame on a machine that does other things as well.
    memory_mb: of data (RLIMIT_DATA); the largest honest document takes 350. grown_mb: a child with more is replaced.
    """

    step_cpu_s: int = 5
    document_cpu_s: int = 60
    step_wall_s: int = 30
    memory_mb: int = 1000
    grown_mb: int = 200

    def meaning(self, code: int) -> str:
        """What a child's exit code says of the document."""
        return {
            -signal.SIGXCPU: f"reading it took more than {self.step_cpu_s} s of CPU for a part, "
            f"or {self.document_cpu_s} s for all of it",
            -signal.SIGALRM: f"reading it took more than {self.step_wall_s} s",
            -signal.SIGKILL: "the process that read it was killed, perhaps for want of memory",
        }.get(code, f"reading it ended the process that did (exit code {code})")


class ProcessEnded(Exception):
    """Reading this document was ended, or failed: its server sends what cannot be read within the limits."""


class Stopping(Exception):
    """This worker stops: the document is read by another one."""


def put(pipe: IO[bytes], kind: bytes, payload: bytes) -> None:
    """Writes a frame: O opens, then D the document; N asks for the next. I: of the answer, E: its end, X: an error."""
    pipe.write(HEADER.pack(kind, len(payload)))
    pipe.write(payload)
    pipe.flush()


def take(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """The next frame. Raises EOFError where the other side is gone."""
    head = pipe.read(HEADER.size)
    if len(head) < HEADER.size:
        raise EOFError
    kind, length = HEADER.unpack(head)
    payload = pipe.read(length)
    if len(payload) < length:
        raise EOFError
    return kind, payload


class _Child:
    """One process. spent: it is not for another document."""

    def __init__(self, limits: ProcessLimits) -> None:
        self.spent = False
        self._slow_s = START_S
        self._limits = limits
        path = os.pathsep.join(part or os.getcwd() for part in sys.path)
        theirs, self._line = os.pipe()  # nothing is ever written to it: it closes with us
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs), *map(str, astuple(limits))],
            pass_fds=(theirs,),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": path},
        )
        os.close(theirs)
        assert self._process.stdin
        assert self._process.stdout
        self._to, self._from = self._process.stdin, self._process.stdout

    def exchange(self, on_slow: Callable[[], None], *frames: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        """The child's answer. Raises ProcessEnded."""
        try:
            for kind, payload in frames:
                put(self._to, kind, payload)
            if not self.answers_within(self._slow_s):
                self.yield_to_others()
                on_slow()
            self._slow_s = SLOW_S
            return take(self._from)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise ProcessEnded(self._why()) from None

    def answers_within(self, seconds: float) -> bool:
        """Whether an answer to what was asked, or an end, comes in that time."""
        poll = select.poll()
        poll.register(self._from.fileno(), select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def yield_to_others(self) -> None:
        """Computes only when nobody else wants to, from now on; it is not for another document."""
        self.spent = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)

    def _why(self) -> str:
        self.end()
        return self._limits.meaning(self._process.returncode)

    @property
    def usable(self) -> bool:
        return not self.spent and self._process.poll() is None

    def kill(self) -> None:
        """Ends it from another thread than the one that waits for it."""
        self._process.kill()

    def end(self) -> None:
        """Ends it; it has nothing that could be lost."""
        if self._line >= 0:
            os.close(self._line)
            self._line = -1
        for pipe in (self._to, self._from):
            with suppress(OSError):
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # one that ended by itself says why
        self._process.kill()
        self._process.wait()


class Confined:
    """The children of this process. Safe from several threads."""

    def __init__(self, limits: ProcessLimits = ProcessLimits(), most: int = CHILDREN_MAX) -> None:
        self._limits = limits
        self._free, self._free_slow = threading.Semaphore(most), threading.Semaphore(SLOW_MAX)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: list[_Child] = []
        self._stopping = False

    @contextmanager
    def answer(self, work: str, head: bytes, document: bytes) -> Iterator[Iterator[bytes]]:
        """What `work` ("module:function") yields for this document.

        Raises ProcessEnded and Stopping, here or on the way.
        """
        with _Place(self._free, self._free_slow) as place:
            child = self._take()
            try:
                yield self._frames(child, place, f"{work}\n".encode() + head, document=document)
            finally:
                self._give_back(child)

    def only(self, work: str, head: bytes, document: bytes) -> bytes:
        """As `answer`, for work that yields once."""
        with self.answer(work, head, document) as frames:
            return next(frames)

    def _frames(self, child: _Child, place: "_Place", head: bytes, *, document: bytes) -> Iterator[bytes]:
        try:
            kind, payload = child.exchange(place.is_slow, (b"O", head), (b"D", document))
            while kind == b"I":
                yield payload
                kind, payload = child.exchange(place.is_slow, (b"N", b""))
        except ProcessEnded:
            if self._stopping:
                raise Stopping from None
            raise
        child.spent = child.spent or bool(payload)
        if kind == b"X":
            raise ProcessEnded(payload.decode("utf-8", "replace"))

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.usable:
                    break
                child.end()
            else:
                child = _Child(self._limits)
            self._busy.append(child)
            if self._stopping:
                child.kill()
        return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._busy.remove(child)
            if child.usable and not self._stopping:
                self._idle.append(child)
                return
        child.end()

    def stop(self) -> None:
        """Ends all children: the worker stops. Who waits for one gets Stopping."""
        with self._lock:
            self._stopping = True
            idle, self._idle = self._idle, []
            for child in self._busy:
                child.kill()
        for child in idle:
            child.end()


class _Place:
    """The right to have a child at work. A slow document swaps its place for one of the slow ones, if one is free."""

    def __init__(self, free: threading.Semaphore, free_slow: threading.Semaphore) -> None:
        self._held, self._free_slow = free, free_slow

    def is_slow(self) -> None:
        if self._held is not self._free_slow and self._free_slow.acquire(blocking=False):
            self._held.release()
            self._held = self._free_slow

    def __enter__(self) -> "_Place":
        self._held.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.release()


@cache
def confined(limits: ProcessLimits = ProcessLimits()) -> Confined:
    """The children of this process with these limits, shared by all that it reads."""
    made = Confined(limits)
    _made.append(made)
    atexit.register(made.stop)
    return made


_made: list[Confined] = []


def stop() -> None:
    """This worker stops: ends all children."""
    for made in _made:
        made.stop()


def _forget() -> None:
    confined.cache_clear()
    _made.clear()


os.register_at_fork(after_in_child=_forget)  # the parent's children answer the parent
